import ArgumentParser
import Chapter12OptimizingModels
import Engine
import Foundation
import Workbench

struct Combine: ChapterExperiment {
  static let name = "combine"
  static let summary = "Pruned, taught and in eight bits: size, accuracy and time of many models."
  static let details = """
    Makes smaller models of the article's CNN in every way of this chapter, writes each into a file, reads digits with \
    it, and says which of them no other model beats.

    EXAMPLES
      optimize-model combine
      optimize-model combine --seeds 1
      optimize-model combine --full           about 3 minutes on two cores
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: SeedsOption

  /// One model in numbers.
  struct Row {
    let name, key, label: String
    let bytes: Int
    let accuracy: Spread
    /// Microseconds for one image alone, and for one of 64.
    var single, batched: Double
  }

  func run(_ experiment: inout Experiment) throws {
    let seeds = options.values(common)
    let images = common.scale.of(quick: 100, standard: 3_000, full: 8_000)
    let teacherEpochs = common.scale.of(quick: 1, standard: 4, full: 5)
    let epochs = common.scale.of(quick: 1, standard: 6, full: 10)
    if common.full { print("--full: five networks of each kind, about 3 minutes on two cores\n") }
    print(
      """
      Models made of the article's CNN, which learned from \(grouped(images)) digits. Those that learn from it have labels \
      for \(grouped(images / SmallerModels.digitsForEachLabel)) of them

      """)
    experiment.metrics["images"] = Double(images)
    let makers = seeds.map { seed in
      SmallerModels(
        data: .generatedDigits(
          training: images, validation: 0, test: images < 1_000 ? 200 : 2_000, seed: seed),
        seed: seed, teacherEpochs: teacherEpochs, epochs: epochs)
    }
    let teachers = try sideBySide(
      "training \(counted(seeds.count, "teacher"))", makers, steps: images * teacherEpochs, unit: "images"
    ) { maker, advance in try maker.teacher(advance) }
    let jobs = makers.indices.flatMap { seed in SmallerModels.Family.allCases.map { (seed, $0) } }
    let logits = zip(makers, teachers).map { maker, state in
      let teacher = SizedCNN(filters: (32, 64), hidden: 128)
      teacher.take(state)
      return Chapter12OptimizingModels.logits(of: teacher, on: maker.data.training)
    }
    let models = try sideBySide(
      "making smaller models", jobs, steps: 4 * images * epochs, unit: "images"
    ) { job, advance in
      try makers[job.0].models(job.1, teacher: teachers[job.0], logits: logits[job.0], advance)
    }
    print("")
    // Model by model, with one of each seed.
    let families = SmallerModels.Family.allCases.count
    let bySeed = seeds.indices.map { Array(models[$0 * families..<($0 + 1) * families].joined()) }
    var rows = try bySeed[0].indices.map { i in
      try row(bySeed.map { $0[i] }, makers.map(\.data.test), experiment.output)
    }
    try measureTimes(of: bySeed[0], makers[0].data.test, in: &rows)
    show(rows, seeds.count, &experiment)
    try draw(rows, &experiment)
  }

  private func row(_ models: [SmallerModel], _ tests: [ImagePart], _ output: OutputFolder) throws -> Row {
    let accuracies = try zip(models, tests).map { model, test in
      let network = try model.make()
      return evaluate(network, on: test).accuracy
    }
    // The size of the file: it is written, and only the smallest one is kept.
    let path = output.file(models[0].key + ".safetensors")
    try models[0].write(to: path)
    let bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    try FileManager.default.removeItem(atPath: path)
    return Row(
      name: models[0].name, key: models[0].key, label: models[0].label, bytes: bytes,
      accuracy: Spread(accuracies), single: .infinity, batched: .infinity)
  }

  /// The shortest times of all models, in turns: what slows the machine for a while slows all of them.
  private func measureTimes(of models: [SmallerModel], _ test: ImagePart, in rows: inout [Row]) throws {
    let networks = try models.map { try $0.make() }
    let batches = [1, 64].map { Variable(test.batch(0..<$0).images) }
    let seconds = common.scale.of(quick: 0.003, standard: 0.03, full: 0.06)
    for _ in 0..<common.scale.of(quick: 1, standard: 3, full: 5) {
      for (i, network) in networks.enumerated() {
        let times = batches.map { images in
          shortest(seconds: seconds) { _ = withoutGradients { network(images) }.value }
            / Double(images.shape[0]) * 1e6
        }
        rows[i].single = min(rows[i].single, times[0])
        rows[i].batched = min(rows[i].batched, times[1])
      }
    }
  }

  /// Whether no other is at least as good in size, accuracy and time, and better in one of them.
  private func isUnbeaten(_ row: Row, _ rows: [Row], time: (Row) -> Double = { $0.single }) -> Bool {
    !rows.contains { other in
      let asGood =
        other.bytes <= row.bytes && other.accuracy.mean >= row.accuracy.mean && time(other) <= time(row)
      return asGood
        && (other.bytes < row.bytes || other.accuracy.mean > row.accuracy.mean || time(other) < time(row))
    }
  }

  private func show(_ rows: [Row], _ seeds: Int, _ experiment: inout Experiment) {
    var table = Table(
      "Models made of the article's CNN",
      columns: [
        "model", "kB on disk", "times smaller", "digits read", "µs, 1 image", "µs, of 64", "unbeaten",
      ])
    let largest = Double(rows[0].bytes)
    for row in rows {
      table.add(
        row.name, fixed(Double(row.bytes) / 1_000, 1), fixed(largest / Double(row.bytes), 1),
        row.accuracy.percentText(), fixed(row.single, 0), fixed(row.batched, 1),
        isUnbeaten(row, rows) ? "yes" : "")
      experiment.metrics["\(row.key).bytes"] = Double(row.bytes)
      experiment.metrics["\(row.key).accuracy"] = row.accuracy.mean
      experiment.metrics["\(row.key).accuracy_deviation"] = row.accuracy.deviation
      experiment.metrics["\(row.key).microseconds"] = row.single
      experiment.metrics["\(row.key).microseconds_of_64"] = row.batched
    }
    experiment.metrics["models"] = Double(rows.count)
    experiment.metrics["seeds"] = Double(seeds)
    experiment.show(
      table,
      note: """
        mean ± deviation of \(counted(seeds, "network")). Alone: with the labels of a quarter of the digits. \
        Unbeaten: no other is
          at least as small, as good and as fast, and better in one of the three
        """)
  }

  private func draw(_ rows: [Row], _ experiment: inout Experiment) throws {
    func chart(_ title: String, _ axis: Axis, _ value: (Row) -> Double) -> ScatterChart {
      // By two of the three only: better is up and to the left.
      func isOnFront(_ row: Row) -> Bool {
        !rows.contains { other in
          value(other) <= value(row) && other.accuracy.mean >= row.accuracy.mean
            && (value(other) < value(row) || other.accuracy.mean > row.accuracy.mean)
        }
      }
      func series(_ name: String, _ own: [Row]) -> Series {
        Series(
          name, x: own.map(value), y: own.map { $0.accuracy.mean * 100 }, labels: own.map { $0.label })
      }
      return ScatterChart(
        title: title,
        subtitle:
          "Up and to the left is better. S student, XS small student, L LeNet-300-100; ½, ¼ of the filters; 8 bits.",
        x: axis, y: Axis("digits read", unit: "%"),
        series: [
          series("beaten by none", rows.filter(isOnFront)), series("others", rows.filter { !isOnFront($0) }),
        ].filter { !$0.x.isEmpty })
    }
    try experiment.write(
      chart("Size and accuracy", Axis("size on disk", unit: "kB", isLogarithmic: true)) {
        Double($0.bytes) / 1_000
      }, to: "size.svg", "accuracy against size")
    try experiment.write(
      chart("Time and accuracy", Axis("time for one image", unit: "µs", isLogarithmic: true)) { $0.single },
      to: "time.svg", "accuracy against time")
  }
}
