import ArgumentParser
import Chapter09TrendsAndChallenges
import Engine
import Workbench

struct DataFaults: ChapterExperiment {
  static let name = "data"
  static let summary = "What wrong labels, duplicates and a rare class do to the measured result."
  static let details = """
    Trains small networks on digits some of whose labels are wrong, on digits some of which are in the test part too, \
    and on digits one of which is rare. Then looks for texts that are nearly the same, by MinHash.

    EXAMPLES
      trends data
      trends data --seeds 5
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many networks of each kind (default: 3; with --quick 1).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...1_000)
  }

  func run(_ experiment: inout Experiment) throws {
    let count = seeds ?? common.scale.of(quick: 1, standard: 3, full: 10)
    let seeds = (0..<UInt64(count)).map { common.seed &+ $0 }
    experiment.metrics["seeds"] = Double(count)
    print("What is wrong with data, and what it does; \(counted(count, "network")) of each kind\n")
    try wrongLabels(seeds, &experiment)
    try duplicates(seeds, &experiment)
    try rareClass(seeds, &experiment)
    try showNearDuplicates(common, &experiment)
  }

  /// Some of the labels are wrong.
  private func wrongLabels(_ seeds: [UInt64], _ experiment: inout Experiment) throws {
    let images = common.scale.of(quick: 100, standard: 1_500, full: 6_000)
    let (short, long) = common.scale.of(quick: (1, 2), standard: (3, 30), full: (3, 40))
    let shares = common.scale.of(quick: [0.2], standard: [0, 0.1, 0.2, 0.4], full: [0, 0.1, 0.2, 0.4, 0.6])
    let jobs = shares.flatMap { share in seeds.map { (share: share, seed: $0) } }
    let outcomes = try sideBySide("wrong labels", jobs, steps: images * (short + long), unit: "images") {
      job, advance in
      let known = Self.spoiled(0..<images, share: job.share, seed: job.seed)
      let test = images..<images + 1_000
      let (clean, spoilt) = (
        digits(test, seed: job.seed), Self.spoiled(test, share: job.share, seed: job.seed)
      )
      let early = try trainedReader(on: known, epochs: short, seed: job.seed, advance: advance)
      let late = try trainedReader(on: known, epochs: long, seed: job.seed, advance: advance)
      return [
        evaluate(early, on: clean).accuracy, evaluate(late, on: known).accuracy,
        evaluate(late, on: clean).accuracy, evaluate(late, on: spoilt).accuracy,
      ]
    }
    var table = Table(
      "Wrong labels: \(grouped(images)) digits to learn from",
      columns: [
        "labels wrong", "read after \(short) epochs", "after \(long) epochs", "known by heart",
        "measured on wrong labels",
      ])
    var (early, late) = ([[Double]](), [[Double]]())
    for (i, share) in shares.enumerated() {
      let own = outcomes[i * seeds.count..<(i + 1) * seeds.count]
      let spreads = (0..<4).map { column in Spread(own.map { $0[column] }) }
      table.add(
        percent(share, 0), spreads[0].percentText(), spreads[2].percentText(), spreads[1].percentText(),
        spreads[3].percentText())
      let key = "labels_\(Int(share * 100))"
      for (name, spread) in zip(["early", "known", "late", "measured"], spreads) {
        experiment.metrics["\(key).\(name)"] = spread.mean
      }
      early.append(spreads[0].values.map { $0 * 100 })
      late.append(spreads[2].values.map { $0 * 100 })
    }
    experiment.show(
      table,
      note: """
        read: of 1,000 other digits with right labels; the last column: of the same digits, where as many of their labels
          are wrong too.
        """)
    func runs(_ values: [[Double]]) -> [[Double]] { seeds.indices.map { seed in values.map { $0[seed] } } }
    let x = shares.map { $0 * 100 }
    try experiment.write(
      LineChart(
        title: "What wrong labels cost",
        subtitle: "Mean of \(counted(seeds.count, "network")), and the range.",
        x: Axis("labels that are wrong", unit: "%"), y: Axis("other digits read", unit: "%"),
        series: [
          Series("after \(short) epochs", x: x, runs: runs(early)),
          Series("after \(long) epochs", x: x, runs: runs(late)),
        ]), to: "labels.svg", "accuracy against the share of wrong labels")
  }

  /// Digits of which a share has been given another label.
  private static func spoiled(_ range: Range<Int>, share: Double, seed: UInt64) -> ImagePart {
    let drawn = GeneratedDigits(seed: seed)
    var labels = drawn.labels(at: 0..<range.upperBound)
    var stream = RandomStream(seed: seed, stream: 14)
    for i in labels.indices where Double(stream.uniform()) < share {
      labels[i] = (labels[i] + 1 + stream.integer(below: 9)) % 10
    }
    let set = ImageSet(labels: labels, height: 28, width: 28, classCount: 10) { drawn.image(at: $0) }
    return ImagePart(set, range)
  }

  /// Some of the digits of the test part were learned from.
  private func duplicates(_ seeds: [UInt64], _ experiment: inout Experiment) throws {
    let images = common.scale.of(quick: 60, standard: 400, full: 1_000)
    let epochs = common.scale.of(quick: 5, standard: 40, full: 60)
    let shares = common.scale.of(
      quick: [0.5], standard: [0, 0.1, 0.25, 0.5], full: [0, 0.1, 0.25, 0.5, 0.75])
    let jobs = shares.flatMap { share in seeds.map { (share: share, seed: $0) } }
    let outcomes = try sideBySide("duplicates", jobs, steps: images * epochs, unit: "images") {
      job, advance in
      let set = ImageSet.generatedDigits(count: 3 * images + 1_000, seed: job.seed)
      let model = try trainedReader(
        on: ImagePart(set, 0..<images), epochs: epochs, seed: job.seed, advance: advance)
      // A test part of as many images, the first of which were learned from.
      let common = Int(job.share * Double(images))
      let test = ImagePart(set, Array(0..<common) + Array(images..<2 * images - common))
      let fresh = ImagePart(set, 2 * images..<3 * images + 1_000)
      return [evaluate(model, on: test).accuracy, evaluate(model, on: fresh).accuracy]
    }
    var table = Table(
      "Duplicates: \(grouped(images)) digits to learn from, and as many to test by",
      columns: ["test digits that were learned from", "measured", "on fresh digits", "too good by"])
    for (i, share) in shares.enumerated() {
      let own = outcomes[i * seeds.count..<(i + 1) * seeds.count]
      let (measured, fresh) = (Spread(own.map { $0[0] }), Spread(own.map { $0[1] }))
      let excess = Spread(own.map { $0[0] - $0[1] })
      table.add(
        percent(share, 0), measured.percentText(), fresh.percentText(),
        Spread(excess.values.map { $0 * 100 }).text(1) + " points")
      let key = "duplicates_\(Int(share * 100))"
      experiment.metrics["\(key).measured"] = measured.mean
      experiment.metrics["\(key).fresh"] = fresh.mean
      experiment.metrics["\(key).excess"] = excess.mean
    }
    experiment.show(table)
  }

  /// One class is rare.
  private func rareClass(_ seeds: [UInt64], _ experiment: inout Experiment) throws {
    let images = common.scale.of(quick: 200, standard: 2_000, full: 10_000)
    let epochs = common.scale.of(quick: 2, standard: 10, full: 10)
    let shares = common.scale.of(quick: [0.05], standard: [1, 0.2, 0.05, 0.01], full: [1, 0.2, 0.05, 0.01])
    let rare = 7
    let jobs = shares.flatMap { share in seeds.map { (share: share, seed: $0) } }
    let outcomes = try sideBySide("a rare class", jobs, steps: images * epochs, unit: "images") {
      job, advance in
      let set = ImageSet.generatedDigits(count: images + 2_000, seed: job.seed)
      var stream = RandomStream(seed: job.seed, stream: 15)
      func thinned(_ range: Range<Int>) -> [Int] {
        range.filter { set.labels[$0] != rare || Double(stream.uniform()) < job.share }
      }
      let known = ImagePart(set, thinned(0..<images))
      let model = try trainedReader(on: known, epochs: epochs, seed: job.seed, advance: advance)
      let all = evaluate(model, on: ImagePart(set, images..<images + 2_000))
      let alike = evaluate(model, on: ImagePart(set, thinned(images..<images + 2_000)))
      let recalls = all.confusion.enumerated().map { Double($1[$0]) / Double(max($1.reduce(0, +), 1)) }
      return [alike.accuracy, recalls[rare], recalls.reduce(0, +) / 10]
    }
    var table = Table(
      "A rare class: sevens left out of \(grouped(images)) digits",
      columns: [
        "sevens kept", "measured, as rare in the test part", "sevens read", "mean over the ten digits",
      ])
    for (i, share) in shares.enumerated() {
      let own = outcomes[i * seeds.count..<(i + 1) * seeds.count]
      let spreads = (0..<3).map { column in Spread(own.map { $0[column] }) }
      table.add([percent(share, 0)] + spreads.map { $0.percentText() })
      let key = "rare_\(Int(share * 100))"
      for (name, spread) in zip(["measured", "recall", "balanced"], spreads) {
        experiment.metrics["\(key).\(name)"] = spread.mean
      }
    }
    experiment.show(table)
  }
}
