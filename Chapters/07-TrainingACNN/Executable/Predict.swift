import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Foundation
import Workbench

struct Predict: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Read a digit that you have drawn, or photographed.",
    discussion: """
      The picture is a PNG of any size with one digit: dark on light or light on dark, grey or in colour. It is made \
      to look as MNIST's digits do: fitted into 20×20 pixels, its centre of mass in the middle of 28×28. Several \
      digits in one picture are beyond this network: it was taught to read one.

      EXAMPLES
        train-cnn predict my-digit.png
        train-cnn predict my-digit.png --weights out/my-run
        train-cnn predict my-digit.png --output out/my-digit
      """)

  @OptionGroup var common: CommonOptions

  @Argument(help: ArgumentHelp("A PNG picture of one digit.", valueName: "image.png"))
  var image: String

  @Option(
    help: ArgumentHelp(
      "The weights, or the folder of the run that wrote them (default: the last run's under out/).",
      valueName: "file"))
  var weights: String?

  func run() throws {
    let path = try weights.map(Self.file) ?? lastWeights()
    let model = CNN()
    try model.readWeights(from: path)
    let digit = try DigitPicture(path: image)
    let output = try common.prepare(TrainCNN.chapter.folder + "/predict")
    var experiment = Experiment("train-cnn predict", seed: common.seed, to: output)
    print("\(image), \(digit.height)×\(digit.width), read with \(path)\n")
    try experiment.report(
      digit, from: image, logits: withoutGradients { model(Variable(digit.tensor)) }.value)
    try experiment.finish()
  }

  /// The weights' file, for a folder the one in it.
  private static func file(_ path: String) -> String {
    var isFolder: ObjCBool = false
    let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    return isThere && isFolder.boolValue
      ? path + (path.hasSuffix("/") ? "" : "/") + "weights.safetensors" : path
  }
}

/// The newest weights that a training left in its usual place.
private func lastWeights() throws -> String {
  let folder = TrainCNN.chapter.folder
  let places = [Scale.standard, .quick].flatMap { scale in
    ["", "/train"].map { CommonOptions.folder(folder + $0, scale) + "/weights.safetensors" }
  }
  func written(_ path: String) -> Date? {
    try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date
  }
  let found = places.filter { written($0) != nil }.max { written($0)! < written($1)! }
  guard let found else {
    throw CannotUse(
      """
      there are no weights yet: neither \(places[0]) nor \(places[1]) is there.
             Train the network first, with train-cnn, or say by --weights which file or folder has them.
      """)
  }
  return found
}
