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
    try predict(digit, image, model, weights: path, seed: common.seed, to: output)
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

/// Says what the network takes a digit for.
private func predict(
  _ digit: DigitPicture, _ name: String, _ model: CNN, weights: String, seed: UInt64, to output: OutputFolder
) throws {
  var experiment = Experiment("train-cnn predict", seed: seed, to: output)
  let logits = withoutGradients { model(Variable(digit.tensor)) }
  let probabilities = logits.value.softmax().scalars.map(Double.init)
  let ranked = probabilities.indices.sorted { (probabilities[$0], $1) > (probabilities[$1], $0) }
  print("\(name), \(digit.height)×\(digit.width), read with \(weights)\n")
  if digit.mayShowSeveral {
    Terminal.error(
      "note: there are strokes side by side that do not touch; this network reads one digit a picture.")
  }
  var table = Table("What the network takes it for", columns: ["digit", "probability"])
  for digit in ranked { table.add("\(digit)", percent(probabilities[digit], 2)) }
  experiment.show(table)
  print("It is \(article(ranked[0])) \(ranked[0]), by \(percent(probabilities[ranked[0]])).\n")

  try experiment.write(
    predictionPicture(digit, probabilities, title: "Read as \(article(ranked[0])) \(ranked[0])"),
    to: "prediction.png", "what the network saw, and what it makes of it")
  experiment.metrics["digit"] = Double(ranked[0])
  for (digit, probability) in probabilities.enumerated() {
    experiment.metrics["probability_\(digit)"] = probability
  }
  try experiment.finish()
}

private func article(_ digit: Int) -> String { digit == 8 ? "an" : "a" }

/// The image that the network saw, and a bar for each digit's probability.
private func predictionPicture(_ digit: DigitPicture, _ probabilities: [Double], title: String) -> Canvas {
  var chart = BarChart(
    title: "", quantity: "probability in %",
    bars: probabilities.enumerated().map { ("\($0.offset)", ($0.element * 1000).rounded() / 10) })
  chart.width = 500
  let bars = chart.canvas()
  var seen = Canvas(width: 28, height: 28)
  for (i, ink) in digit.image.enumerated() { seen[i % 28, i / 28] = Color(ink, ink, ink) }

  let top = 60
  var sheet = Canvas(width: 272 + bars.width, height: top + bars.height)
  sheet.text(title, x: 24, y: 38, font: .title)
  sheet.draw(seen.enlarged(8), x: 24, y: top + 30)
  sheet.text("what the network saw", x: 24, y: top + 30 + 224 + 20, color: .faintInk)
  sheet.draw(bars, x: 272, y: top)
  return sheet
}
