import ArgumentParser
import Chapter07TrainingACNN
import Chapter09TrendsAndChallenges
import Engine
import Workbench

struct Sanity: ChapterExperiment {
  static let name = "sanity"
  static let summary = "Do explanations change when the network forgets what it has learned?"
  static let details = """
    The randomisation test: draws the layers of a trained CNN anew, from the last to the first, and compares the maps \
    with those before by rank correlation, with signs and without. Then compares with a network that has learned \
    labels dealt out at random. A way to explain passes where the mean correlation is at most 0.2 away from 0.

    EXAMPLES
      trends sanity
      trends sanity --seed 2
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    let cnn = try ExplainedCNN(common)
    print("")
    let places = cnn.readCorrectly(common.scale.of(quick: 3, standard: 24, full: 200))
    let explainer = Explainer(network: cnn.network)
    let original = Maps(explainer, cnn, places)

    let layers = ["fc2", "fc1", "conv2", "conv1"]
    var cascade: [Maps] = []
    for count in 1...layers.count {
      let changed = Explainer(network: try forgetful(cnn.network, Array(layers.prefix(count)), common.seed))
      cascade.append(Maps(changed, cnn, places))
    }
    let alone = try layers.map { layer in
      Maps(Explainer(network: try forgetful(cnn.network, [layer], common.seed)), cnn, places)
    }
    let learnedByRote = try trainedOnRandomLabels(&experiment)
    let rote = Maps(Explainer(network: learnedByRote), cnn, places)

    for hasSigns in [true, false] {
      let kind = hasSigns ? "signed" : "absolute"
      var table = Table(
        "Rank correlation with the trained network's maps, \(hasSigns ? "with their signs" : "of their sizes")",
        columns: ["explanation"] + ["fc2", "+ fc1", "+ conv2", "+ conv1"] + ["passes"]
          + ["fc1 alone", "conv2 alone", "conv1 alone", "random labels"])
      var series: [Series] = []
      for way in Maps.ways {
        func mean(_ maps: Maps) -> Double { original.correlation(with: maps, way, hasSigns: hasSigns) }
        let (steps, single, learned) = (cascade.map(mean), alone.map(mean), mean(rote))
        table.add(
          [way.name] + steps.map { fixed($0, 2) } + [RandomisationTest.isPassed(steps[3]) ? "yes" : "no"]
            + (single.dropFirst() + [learned]).map { fixed($0, 2) })
        for (layer, step) in zip(layers, steps) {
          experiment.metrics["\(way.rawValue).\(kind)_\(layer)"] = step
        }
        for (layer, one) in zip(layers, single) {
          experiment.metrics["\(way.rawValue).\(kind)_\(layer)_alone"] = one
        }
        experiment.metrics["\(way.rawValue).\(kind)_labels"] = learned
        experiment.metrics["\(way.rawValue).\(kind)_passes"] = RandomisationTest.isPassed(steps[3]) ? 1 : 0
        series.append(Series(way.name, x: [0, 1, 2, 3, 4], y: [1] + steps))
      }
      experiment.show(
        table,
        note:
          "mean of \(places.count) digits; passes: at most \(RandomisationTest.threshold) with all layers drawn anew"
      )
      try experiment.write(
        LineChart(
          title: "What is left of a map when the network forgets",
          subtitle:
            "Rank correlation \(hasSigns ? "with signs" : "of sizes"), mean of \(places.count) digits.",
          x: Axis("layers drawn anew, from the last to the first"),
          y: Axis("rank correlation", range: -0.4...1),
          series: series), to: "\(kind).svg", "rank correlation by layers drawn anew, \(kind)")
    }
    experiment.metrics["threshold"] = RandomisationTest.threshold
    experiment.metrics["digits"] = Double(places.count)
    experiment.metrics["accuracy"] = cnn.test.accuracy
    try drawCascade(cnn, original, cascade, rote, &experiment)
  }

  /// A copy of the network whose layers of these names have forgotten everything.
  private func forgetful(_ network: CNN, _ layers: [String], _ seed: UInt64) throws -> CNN {
    let copy = CNN()
    try copy.load(network.state)
    withRandomSource(RandomSource(seed: seed &+ 1_000)) {
      for (name, layer) in copy.namedChildren where layers.contains(name) { layer.forget() }
    }
    return copy
  }

  /// The network trained to know by heart labels that have nothing to do with the images.
  private func trainedOnRandomLabels(_ experiment: inout Experiment) throws -> CNN {
    let count = common.scale.of(quick: 50, standard: 100, full: 500)
    let digits = GeneratedDigits(seed: common.seed &+ 77)
    var stream = RandomStream(seed: common.seed, stream: 11)
    let labels = (0..<count).map { _ in stream.integer(below: 10) }
    let set = ImageSet(labels: labels, height: 28, width: 28, classCount: 10) { digits.image(at: $0) }
    var settings = TrainingSettings.cnn
    settings.epochs = common.scale.of(quick: 2, standard: 120, full: 120)
    (settings.batchSize, settings.learningRate) = (20, 2e-3)
    settings.seed = common.seed &+ 77
    let part = ImagePart(set, 0..<count)
    let run = TrainingRun(ImageClassification<CNN>(training: part), settings) { CNN() }
    let progress = Progress("random labels", total: settings.epochs * count, unit: "images")
    try run.finish { progress.update($0) }
    let known = evaluate(run.model, on: part).accuracy
    progress.finish("\(percent(known)) of them known by heart")
    print("")
    experiment.metrics["random_labels_training_accuracy"] = known
    experiment.metrics["random_labels_images"] = Double(count)
    return run.model
  }

  private func drawCascade(
    _ cnn: ExplainedCNN, _ original: Maps, _ cascade: [Maps], _ rote: Maps, _ experiment: inout Experiment
  ) throws {
    // A three shows most; where none was read correctly, the first digit.
    let shown = original.digits.firstIndex(of: 3) ?? 0
    let rows = Maps.ways.map { way in
      let maps = ([original] + cascade + [rote]).map { maps -> Tensor in
        let map = way.isSigned ? maps.maps[way]![shown] : maps.maps[way]![shown].map { abs($0) }
        let largest = map.map { abs($0) }.max() ?? 0
        return Tensor(largest > 0 ? map.map { $0 / largest } : map, shape: [28, 28])
      }
      return MapRow(
        way.name, maps, quantity: "of the largest", colorMap: way.isSigned ? .blueWhiteRed : .viridis,
        range: way.isSigned ? -1...1 : 0...1)
    }
    try experiment.write(
      mapTable(
        rows,
        columns: ["trained", "fc2\ndrawn anew", "and fc1", "and conv2", "and conv1:\nall", "random\nlabels"],
        title: "Explanations of a network that forgets",
        subtitle:
          "A \(original.digits[shown]), and what is said to matter in it. Each map is divided by its largest number.",
        cellSize: 112), to: "cascade.png", "one digit's maps while layers are drawn anew")
  }
}

/// The maps of some digits in all ways to explain.
private struct Maps {
  static let ways: [Explanation] = [.gradient, .smooth, .input, .integrated, .cam, .guided]
  var maps: [Explanation: [[Float]]] = [:]
  let digits: [Int]

  init(_ explainer: Explainer, _ cnn: ExplainedCNN, _ places: [Int]) {
    digits = places.map { cnn.test.labels[$0] }
    for way in Self.ways {
      maps[way] = places.map { explainer.map(way, of: cnn.image($0), for: cnn.test.labels[$0]) }
    }
  }

  /// The mean rank correlation of the digits' maps.
  func correlation(with other: Maps, _ way: Explanation, hasSigns: Bool) -> Double {
    let all = zip(maps[way]!, other.maps[way]!).map { a, b in
      hasSigns ? rankCorrelation(a, b) : rankCorrelation(a.map { abs($0) }, b.map { abs($0) })
    }
    return all.reduce(0, +) / Double(max(all.count, 1))
  }
}
