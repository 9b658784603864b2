import ArgumentParser
import Chapter03Pooling
import Engine
import Workbench

struct Maps: ChapterExperiment {
  static let name = "maps"
  static let summary = "What each pooling keeps of a digit and of a network's feature maps."
  static let details = """
    EXAMPLES
      pooling maps
      pooling maps --digit 4 --seed 2
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "The digit to look at, 0 to 9.")
  var digit = 5

  func validate() throws { try checkDigit(digit) }

  func run(_ experiment: inout Experiment) throws {
    try maps(seed: common.seed, quick: common.quick, digit: digit, &experiment)
  }
}

/// What one number is made of for each window.
enum Keeping: String, CaseIterable {
  case max, mean, corner

  func pooled(_ x: [Float], _ windows: Windows) -> [Float] {
    switch self {
    case .max: maxPool(x, rows: windows, columns: windows).values
    case .mean: averagePool(x, rows: windows, columns: windows)
    case .corner: corners(x, rows: windows, columns: windows)
    }
  }

  /// A square map, pooled to a smaller one.
  func pooled(_ map: Tensor, size k: Int) -> Tensor {
    let windows = Windows.sliding(over: map.shape[0], size: k)
    return Tensor(pooled(map.scalars, windows), shape: [windows.spans.count, windows.spans.count])
  }
}

/// A network with max pooling, trained for a moment, and the digits that it was trained on and is shown.
func trainedForMaps(seed: UInt64, quick: Bool) throws -> (model: ShrinkingCNN, data: ImageData) {
  let plan = Plan.of(quick)
  let data = plan.data(seed: seed)
  let model = withRandomSource(RandomSource(seed: seed)) { ShrinkingCNN(.max, head: .places) }
  let progress = Progress(
    "training a network", total: plan.epochs * plan.trainingImages, unit: "images")
  try train(
    model, on: data.training, epochs: plan.epochs, batchSize: plan.batchSize,
    learningRate: plan.learningRate(.places), seed: seed
  ) { progress.update($0) }
  progress.finish()
  return (model, data)
}

/// The first image of a digit.
func place(of digit: Int, in part: ImagePart) -> Int {
  // Of any ten images from a multiple of ten on, one shows it.
  part.indices.firstIndex { part.set.labels[$0] == digit }!
}

/// Pools digits and feature maps, and measures what can be told from what is left.
func maps(seed: UInt64, quick: Bool, digit: Int = 5, _ experiment: inout Experiment) throws {
  print("What each pooling keeps\n")
  let (model, data) = try trainedForMaps(seed: seed, quick: quick)
  let sizes = [2, 4, 7]

  let images = data.test.batch(0..<min(data.test.count, 500)).images
  let image = data.test.batch([place(of: digit, in: data.test)]).images
  let whole = image.reshaped([28, 28])
  try experiment.write(
    mapTable(
      Keeping.allCases.map { way in
        MapRow(
          way.rawValue, [whole] + (sizes + [14]).map { way.pooled(whole, size: $0) }, quantity: "ink",
          colorMap: .ink, range: 0...1)
      }, columns: ["the digit, 28×28"] + (sizes + [14]).map { "\($0)×\($0) → \(28 / $0)×\(28 / $0)" },
      title: "A digit, pooled", subtitle: "Windows side by side, larger from left to right.", cellSize: 140),
    to: "digit.png", "a digit after each pooling")

  let features = model.firstMaps(Variable(image)).selected(0, axis: 0)
  let channels = (0..<features.shape[0]).map { features.selected($0, axis: 0) }
  let top = features.extremes().max
  func row(_ label: String, _ maps: [Tensor]) -> MapRow {
    MapRow(label, maps, quantity: "activation", range: 0...top)
  }
  try experiment.write(
    mapTable(
      [row("28×28, after ReLU", channels)]
        + Keeping.allCases.map { way in
          row("\(way.rawValue) of 4×4", channels.map { way.pooled($0, size: 4) })
        },
      columns: channels.indices.map { "map \($0)" }, title: "Feature maps, pooled",
      subtitle:
        "All maps of a trained network's first convolution, as it sees a \(digit). One scale for all.",
      cellSize: 84),
    to: "feature-maps.png", "a trained network's feature maps after each pooling")

  experiment.show(
    likenessTable(&experiment.metrics, digits: images, features: model.firstMaps(Variable(images)), sizes),
    note: "share of the differences between pixels that the pooled numbers, spread out again, account for")
  experiment.show(
    try placeTable(&experiment.metrics, sizes, seed: seed, quick: quick),
    note:
      "how often a small network tells by how many columns, 0 to k − 1, a digit was moved before the pooling")
}

/// How like the original the pooled maps are, spread out again.
private func likenessTable(
  _ metrics: inout [String: Double], digits: Tensor, features: Tensor, _ sizes: [Int]
) -> Table {
  var table = Table(
    "How much of an image is left, as ρ²",
    columns: ["window", "numbers kept"]
      + ["digits", "feature maps"].flatMap { what in Keeping.allCases.map { "\(what), \($0.rawValue)" } })
  // Each channel by itself: they differ in brightness, which pooling keeps anyway.
  let channels = (0..<features.shape[1]).map { features.selected($0, axis: 1).scalars }
  for k in sizes {
    let windows = Windows.sliding(over: 28, size: k)
    func likeness(_ x: [Float], _ way: Keeping) -> Double {
      let guess = spreadOut(way.pooled(x, windows), rows: windows, columns: windows)
      return squaredCorrelation(x.map(Double.init), guess.map(Double.init))
    }
    let ofDigits = Keeping.allCases.map { likeness(digits.scalars, $0) }
    let ofFeatures = Keeping.allCases.map { way in
      channels.map { likeness($0, way) }.reduce(0, +) / Double(channels.count)
    }
    table.add(
      ["\(k)×\(k)", percent(1 / Double(k * k))] + (ofDigits + ofFeatures).map { fixed($0, 2) })
    for (i, way) in Keeping.allCases.enumerated() {
      metrics["digits_\(way.rawValue)_\(k)_likeness"] = ofDigits[i]
      metrics["features_\(way.rawValue)_\(k)_likeness"] = ofFeatures[i]
    }
  }
  return table
}
