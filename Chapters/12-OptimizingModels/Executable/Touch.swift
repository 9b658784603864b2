import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Foundation
import Workbench

struct Touch: ChapterExperiment {
  static let name = "touch"
  static let summary = "A digit on its way through the CNN in eight bits, and the figure of the book's site."
  static let details = """
    Trains the article's CNN as `quantize` does, rounds it to eight bits, and draws what each layer makes of a digit. \
    Beside the picture lies what the figure on the site calculates with: the weights, and ten digits that the network \
    has not learned from.

    EXAMPLES
      optimize-model touch
      optimize-model touch --full         with the longer training that the book's site has
    """

  /// The figure's name, and that of its script in `Book/Touch`.
  static let figure = "draw-a-digit"

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    let (cnn, digits, epochs) = try TrainedModels.cnn(common)
    let float = evaluate(cnn, on: digits.test).accuracy
    try cnn.roundWeights()
    let accuracy = evaluate(cnn, on: digits.test).accuracy
    let examples = examples(digits.test)
    try experiment.writeTouchData(
      Contents(
        layers: Dictionary(
          uniqueKeysWithValues: cnn.eightBitWeights.map { name, weight in
            let layer = String(name.split(separator: ".")[0])
            let bias = cnn.namedParameters.first { $0.name == "\(layer).bias" }!.parameter.value
            return (layer, Contents.Layer(weight.parameter.integers!.quantized, bias: bias))
          }),
        examples: examples.map { .init(digit: $0.digit, image: Data($0.bytes)) },
        colors: ColorMap.viridis.bytes), for: Self.figure)

    var table = Table("The article's CNN", columns: ["weights", "digits read"])
    table.add("32 bits", percent(float, 2))
    table.add("8 bits", percent(accuracy, 2))
    experiment.show(
      table,
      note: "\(counted(epochs, "epoch")) on \(grouped(digits.training.count)) digits; read: "
        + "\(grouped(digits.test.count)) others")
    try experiment.write(
      DigitThroughLayers(cnn, examples[3].bytes), to: "\(Self.figure).svg", "one digit, layer by layer")
    for (name, value) in [
      ("accuracy", accuracy), ("float32_accuracy", float), ("epochs", Double(epochs)),
      ("images", Double(digits.training.count)), ("test_images", Double(digits.test.count)),
    ] { experiment.metrics[name] = value }
  }

  /// The first of each digit in the test part, from 0 to 9, in bytes.
  private func examples(_ test: ImagePart) -> [(digit: Int, bytes: [UInt8])] {
    (0..<10).map { digit in
      let place = (0..<test.count).first { test.batch($0..<$0 + 1).labels.scalars[0] == digit }!
      let image = test.batch(place..<place + 1).images.scalars
      return (digit, image.map { UInt8(($0 * 255).rounded()) })
    }
  }

  /// What the figure's script reads.
  private struct Contents: Encodable {
    let layers: [String: Layer]
    let examples: [Example]
    let colors: Data

    struct Example: Encodable {
      let digit: Int
      let image: Data
    }

    struct Layer: Encodable {
      /// Whole numbers, `[O, …]`.
      let weight: Data
      /// One for each output, and so the bias.
      let scale, bias: Data

      init(_ rounded: QuantizedTensor, bias: Tensor) {
        weight = Data(rounded.integers.scalars.map { UInt8(bitPattern: Int8($0)) })
        scale = littleEndianBytes(rounded.quantization.scales)
        self.bias = littleEndianBytes(bias.scalars)
      }
    }
  }
}
