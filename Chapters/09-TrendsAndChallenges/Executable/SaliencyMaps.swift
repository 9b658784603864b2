import ArgumentParser
import Chapter07TrainingACNN
import Chapter09TrendsAndChallenges
import Engine
import Formats
import Workbench

struct SaliencyMaps: ChapterExperiment {
  static let name = "saliency"
  static let summary = "What the article's CNN looked at, and which words decided for the RNN."
  static let details = """
    Trains the article's CNN on generated digits and explains its answers in five ways. Then takes the pixels away that \
    each of them calls important, and sees how fast the answer is lost. Then asks chapter 8's classifier which words \
    decided, and measures how many steps integrated gradients need.

    EXAMPLES
      trends saliency
      trends saliency --image my-digit.png     a PNG of 28×28 pixels, as the network sees it
    """

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp("A PNG of 28×28 pixels to explain, dark on light or light on dark.", valueName: "png"))
  var image: String?

  func validate() throws {
    try checkFileOption("--image", image)
  }

  func prepare() throws { _ = try image.map { try Self.read($0) } }

  func run(_ experiment: inout Experiment) throws {
    let cnn = try ExplainedCNN(common)
    print("")
    let explainer = Explainer(network: cnn.network)
    experiment.metrics["accuracy"] = cnn.test.accuracy
    experiment.metrics["training_images"] = Double(cnn.data.training.count)
    experiment.metrics["samples"] = Double(explainer.samples)
    experiment.metrics["steps"] = Double(explainer.steps)
    try drawMaps(cnn, explainer, &experiment)
    if let image { try explainOwn(Self.read(image), explainer, &experiment) }
    showDeletion(cnn, explainer, images: common.scale.of(quick: 10, standard: 100, full: 500), &experiment)
    let words = try explainWords(common, &experiment)
    try showCompleteness(
      cnn, words, images: common.scale.of(quick: 3, standard: 30, full: 200), seed: common.seed, &experiment)
  }

  /// The numbers of a picture of the network's own size: ink at 1, paper at 0.
  static func read(_ path: String) throws -> [Float] {
    let picture = try PNG(path: path, as: .gray)
    if picture.width != 28 || picture.height != 28 {
      throw FileError(
        path, "the picture is \(picture.width)×\(picture.height) pixels",
        expected: "28×28, what the network sees",
        advice: "Scale it down, or cut it out. `train-cnn predict` makes 28×28 of a picture of any size.")
    }
    let light = picture.bytes.map { Float($0) / 255 }
    // What most of it is, is paper.
    let isLight = light.reduce(0, +) / Float(light.count) > 0.5
    return isLight ? light.map { 1 - $0 } : light
  }
}

private let shown: [Explanation] = [.gradient, .smooth, .occlusion, .integrated, .cam]

/// The rows of a sheet: the images, and below them the maps, each divided by its largest number.
private func mapRows(_ images: [(pixels: [Float], digit: Int)], _ explainer: Explainer) -> [MapRow] {
  let square = { (x: [Float]) in Tensor(x, shape: [28, 28]) }
  let digits = MapRow(
    "what the network saw", images.map { square($0.pixels) }, quantity: "ink", colorMap: .ink, range: 0...1)
  return [digits]
    + shown.map { way in
      let maps = images.map { image in
        let map =
          way.isSigned
          ? explainer.map(way, of: image.pixels, for: image.digit)
          : explainer.importance(way, of: image.pixels, for: image.digit)
        let largest = map.map { abs($0) }.max() ?? 0
        return square(largest > 0 ? map.map { $0 / largest } : map)
      }
      return MapRow(
        way.name, maps, quantity: "of the largest", colorMap: way.isSigned ? .blueWhiteRed : .viridis,
        range: way.isSigned ? -1...1 : 0...1)
    }
}

private func drawMaps(_ cnn: ExplainedCNN, _ explainer: Explainer, _ experiment: inout Experiment) throws {
  let right = [2, 3, 5, 7, 8].compactMap { digit in
    cnn.test.labels.indices.first { cnn.test.labels[$0] == digit && cnn.test.predictions[$0] == digit }
  }
  var images = right.map { (pixels: cnn.image($0), digit: cnn.test.labels[$0]) }
  var names = images.map { "a \($0.digit)" }
  if let mistake = cnn.test.mistakes.first {
    let (label, guess) = (cnn.test.labels[mistake], cnn.test.predictions[mistake])
    images += [guess, label].map { (cnn.image(mistake), $0) }
    names += ["a \(label) read as \(guess):\nfor \(guess)", "the same:\nfor \(label)"]
  }
  try experiment.write(
    mapTable(
      mapRows(images, explainer), columns: names, title: "What the network looked at",
      subtitle:
        "For the score of the class above. Red speaks for it, blue against it; yellow is where it matters most.",
      cellSize: 112), to: "maps.png", "digits, and five explanations of what they were taken for")
}

private func explainOwn(_ pixels: [Float], _ explainer: Explainer, _ experiment: inout Experiment) throws {
  let chances = (0..<10).map { explainer.probabilities(of: [pixels], for: $0)[0] }
  let ranked = chances.indices.sorted { (chances[$0], $1) > (chances[$1], $0) }
  print("Your digit is taken for \(ranked[0]), by \(percent(Double(chances[ranked[0]]))).\n")
  try experiment.write(
    mapTable(
      mapRows(ranked.prefix(2).map { (pixels, $0) }, explainer),
      columns: ranked.prefix(2).map { "for \($0): \(percent(Double(chances[$0])))" },
      title: "What the network looked at in your digit", cellSize: 168),
    to: "own.png", "your digit, and five explanations")
  experiment.metrics["own_digit"] = Double(ranked[0])
}

/// Takes away the pixels that each map calls most important, and measures what is left of the answer.
private func showDeletion(
  _ cnn: ExplainedCNN, _ explainer: Explainer, images count: Int, _ experiment: inout Experiment
) {
  let places = cnn.readCorrectly(count)
  let counts = [10, 20, 40]
  var table = Table(
    "What is left of the right digit's probability when its most important pixels are made paper",
    columns: ["pixels chosen by", "passes"] + counts.map { "\($0) pixels" })
  func add(_ name: String, _ key: String, passes: String, _ importance: ([Float], Int) -> [Float]) {
    var left = [Double](repeating: 0, count: counts.count)
    for place in places {
      let (pixels, digit) = (cnn.image(place), cnn.test.labels[place])
      let map = importance(pixels, digit)
      let order = map.indices.sorted { (map[$0], $1) > (map[$1], $0) }
      let poorer = counts.map { count in
        var pixels = pixels
        for pixel in order.prefix(count) { pixels[pixel] = 0 }
        return pixels
      }
      for (i, chance) in explainer.probabilities(of: poorer, for: digit).enumerated() {
        left[i] += Double(chance)
      }
    }
    let shares = left.map { $0 / Double(max(places.count, 1)) }
    table.add([name, passes] + shares.map { percent($0) })
    for (count, share) in zip(counts, shares) { experiment.metrics["\(key).left_\(count)"] = share }
  }
  var stream = RandomStream(seed: 1, stream: 10)
  add("chance, among the inked ones", "chance", passes: "0") { pixels, _ in
    pixels.map { $0 > 0 ? stream.uniform() + 1 : 0 }
  }
  for way in shown {
    let passes =
      switch way {
      case .smooth: "\(explainer.samples) + back"
      case .occlusion: "170"
      case .integrated: "\(explainer.steps) + back"
      default: "1 + back"
      }
    add(way.name, way.rawValue, passes: passes) { explainer.importance(way, of: $0, for: $1) }
  }
  experiment.metrics["deletion_images"] = Double(places.count)
  experiment.show(table, note: "mean of \(places.count) digits that were read correctly")
}

/// The completeness gap of integrated gradients, by the number of steps.
private func showCompleteness(
  _ cnn: ExplainedCNN, _ words: ExplainedRNN, images count: Int, seed: UInt64, _ experiment: inout Experiment
) throws {
  let steps = [1, 2, 4, 8, 16, 32, 64, 128]
  let places = cnn.readCorrectly(count)
  let images = cnn.data.test.batch(places).images
  let digits = places.map { cnn.test.labels[$0] }
  let linear = withRandomSource(RandomSource(seed: seed)) { Linear(inFeatures: 784, outFeatures: 10) }

  /// The mean gap, as a share of the mean rise of the score.
  func gap(at x: Tensor, of classes: [Int], steps: Int, _ scores: (Variable) -> Variable) -> Double {
    let zeros = Tensor.zeros(x.shape)
    let (attributions, gaps) = integratedGradients(
      at: x, from: zeros, of: classes, steps: steps, scores: scores)
    let rises = classes.indices.map { n in
      attributions.rows(n..<n + 1).scalars.reduce(0.0) { $0 + Double($1) } - gaps[n]
    }
    return gaps.reduce(0) { $0 + abs($1) } / rises.reduce(0) { $0 + abs($1) }
  }
  func gapInWords(_ steps: Int) -> Double {
    let texts = words.correctPairs.prefix(max(1, count / 2)).flatMap { [$0, $0 + 1] }
    let all = texts.map { text in
      let (x, guess) = (words.embedded(text), words.data.test.labels[text])
      return gap(at: x, of: [guess], steps: steps) { words.margins($0) }
    }
    return all.isEmpty ? .nan : all.reduce(0, +) / Double(all.count)
  }
  let cases: [(name: String, key: String, gap: (Int) -> Double)] = [
    ("the article's CNN", "cnn", { gap(at: images, of: digits, steps: $0) { cnn.network($0) } }),
    ("chapter 8's classifier", "rnn", gapInWords),
    (
      "a linear network", "linear",
      { gap(at: images, of: digits, steps: $0) { linear($0.flattened(from: 1)) } }
    ),
  ]
  var table = Table(
    "What integrated gradients miss, as a share of the score's rise",
    columns: ["network"] + steps.map { "\($0) step\($0 == 1 ? "" : "s")" })
  var series: [Series] = []
  for (name, key, gap) in cases {
    let gaps = steps.map(gap)
    table.add(
      [name]
        + gaps.map { gap in
          gap.isNaN ? "" : key == "linear" ? "\(fixed(gap * 1e6, 2)) · 10⁻⁶" : percent(gap, 2)
        })
    for (count, gap) in zip(steps, gaps) { experiment.metrics["gap.\(key)_\(count)"] = gap }
    series.append(Series(name, x: steps.map(Double.init), y: gaps))
  }
  experiment.show(
    table, note: "mean |Σ a − (F(x) − F(x′))| over the mean rise; the linear network's is rounding")
  try experiment.write(
    LineChart(
      title: "The completeness gap of integrated gradients",
      subtitle: "As a share of the rise of the score from the baseline to the input.",
      x: Axis("steps", isLogarithmic: true), y: Axis("gap", isLogarithmic: true), series: series),
    to: "completeness.svg", "the gap against the number of steps")
}
