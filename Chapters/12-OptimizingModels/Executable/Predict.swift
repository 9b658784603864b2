import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Foundation
import Workbench

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Read a digit that you have drawn, or photographed, with the CNN in eight bits.",
    discussion: """
      The weights are those that `optimize-model quantize` left: a quarter of the size, whole numbers of eight bits, and \
      calculated with as such. The picture is treated as by `train-cnn predict`.

      EXAMPLES
        optimize-model predict my-digit.png
        optimize-model predict my-digit.png --weights out/12-OptimizingModels/quantize/cnn.safetensors
      """)

  static let weightsFile = "cnn.safetensors"

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("A PNG picture of one digit.", valueName: "image.png"))
  var image: String

  @Option(
    help: ArgumentHelp(
      "The weights in eight bits (default: those of the last `optimize-model quantize`).", valueName: "file"))
  var weights: String?

  /// The article's CNN with weights in eight bits, read from a file.
  static func smallCNN(_ path: String) throws -> CNN {
    let model = CNN()
    try model.roundWeights()
    try model.readWeights(from: path)
    model.evaluate()
    return model
  }

  func run() throws {
    let path = try weights ?? lastWeights()
    let model = try Self.smallCNN(path)
    let digit = try DigitPicture(path: image)
    let output = try common.prepare(OptimizeModel.chapter.folder + "/predict")
    var experiment = Experiment("optimize-model predict", seed: common.seed, to: output)
    print(
      "\(image), \(digit.height)×\(digit.width), read with \(path), \(grouped(model.parameterBytes)) bytes of weights\n"
    )
    try experiment.report(
      digit, from: image, logits: withoutGradients { model(Variable(digit.tensor)) }.value)
    try experiment.finish()
  }

  /// The newest that `quantize` left in its usual place, alone or among all experiments.
  private func lastWeights() throws -> String {
    let folder = OptimizeModel.chapter.folder + "/" + Quantize.name
    let places = [Scale.standard, .quick].map {
      CommonOptions.folder(folder, $0) + "/" + Self.weightsFile
    }
    func written(_ path: String) -> Date? {
      try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
    }
    let found = places.filter { written($0) != nil }.max { written($0)! < written($1)! }
    guard let found else {
      throw CannotUse(
        """
        there are no weights yet: neither \(places[0]) nor \(places[1]) is there.
               Make them first, with optimize-model quantize, or say by --weights which file has them.
        """)
    }
    return found
  }
}
