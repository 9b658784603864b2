import Chapter01BigAndSmall

/// What was published about a model's size, to stand beside what its description comes to.
struct PublishedFigure {
  let model: ModelDescription
  let parameters: Int
  /// The unit to which the figure was rounded; 1 where it is exact.
  var unit = 1
  /// Who published it.
  let source: String

  /// The share by which the count is larger.
  var difference: Double { Double(model.parameters - parameters) / Double(parameters) }
  var agrees: Bool { 2 * abs(model.parameters - parameters) <= (unit == 1 ? 0 : unit) }

  var agreement: String {
    if !agrees { return "\(model.parameters > parameters ? "+" : "−")\(abs(difference) * 100) %" }
    return unit == 1 ? "exact" : "to the rounding"
  }

  static let all = [
    PublishedFigure(model: .leNet5, parameters: 60_000, source: "paper"),
    PublishedFigure(model: .leNet5Today, parameters: 61_706, source: "usual count"),
    PublishedFigure(model: .alexNet, parameters: 60_965_224, source: "Caffe's model"),
    PublishedFigure(model: .alexNetOnePiece, parameters: 61_100_840, source: "torchvision"),
    PublishedFigure(model: .vgg16, parameters: 138_357_544, source: "torchvision"),
    PublishedFigure(
      model: .lstmLarge, parameters: 66_000_000, unit: 1_000_000, source: "Inan and others, 2017"),
    PublishedFigure(model: .resNet18, parameters: 11_689_512, source: "torchvision"),
    PublishedFigure(model: .resNet50, parameters: 25_557_032, source: "torchvision"),
    PublishedFigure(model: .mobileNetV2, parameters: 3_504_872, source: "torchvision"),
    PublishedFigure(model: .bertBase, parameters: 109_482_240, source: "Hugging Face"),
    PublishedFigure(model: .bertLarge, parameters: 335_141_888, source: "Hugging Face"),
    PublishedFigure(model: .gpt2, parameters: 124_439_808, source: "Hugging Face"),
    PublishedFigure(model: .gpt2XL, parameters: 1_557_611_200, source: "Hugging Face"),
    PublishedFigure(model: .t5Base, parameters: 222_903_552, source: "Hugging Face"),
    PublishedFigure(
      model: .gpt3, parameters: 174_600_000_000, unit: 100_000_000, source: "paper, table D.1"),
    PublishedFigure(model: .vitB16, parameters: 86_567_656, source: "torchvision"),
    PublishedFigure(model: .llama2_7B, parameters: 6_738_415_616, source: "Hugging Face"),
    PublishedFigure(model: .llama2_70B, parameters: 68_976_648_192, source: "Hugging Face"),
    PublishedFigure(model: .llama3_8B, parameters: 8_030_261_248, source: "Hugging Face"),
  ]
}
