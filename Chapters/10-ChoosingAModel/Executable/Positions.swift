import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Workbench

struct Positions: ChapterExperiment {
  static let name = "positions"
  static let summary =
    "Attention with and without knowing where its words stand, on sentences that hang on it."
  static let details = """
    The two sentences of a pair have the same words in another order, and opposite classes. Without positions attention \
    gives both the same answer, whatever it has learned.

    EXAMPLES
      choose-model positions
      choose-model positions --seed 3
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var learningRate = 1e-3

  @Option(parsing: .unconditional, help: "How often the sentences are read (default: 8; with --quick 1).")
  var epochs: Int?

  func validate() throws {
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0, given \(learningRate)")
    }
    if let epochs, epochs < 1 { throw ValidationError("--epochs must be at least 1, given \(epochs)") }
  }

  func run(_ experiment: inout Experiment) throws {
    let seedCount = common.scale.of(quick: 1, standard: 2, full: 5)
    let epochs = self.epochs ?? common.scale.of(quick: 1, standard: 8, full: 8)
    let data = SequenceData.sentences(
      .init(
        training: common.scale.of(quick: 200, standard: 1_500, full: 4_000),
        validation: common.scale.of(quick: 100, standard: 300, full: 1_000),
        test: common.scale.of(quick: 100, standard: 1_000, full: 2_000)), seed: common.seed)
    let kinds: [PositionKind] = [.none, .learned, .sinusoidal, .rotary]
    let jobs = kinds.flatMap { kind in
      (0..<UInt64(seedCount)).map {
        SequenceTraining(
          kind: .attention, data: data, width: 32, positions: kind, epochs: epochs,
          learningRate: learningRate,
          seed: common.seed &+ $0)
      }
    }
    let results = try sideBySide(
      "\(jobs.count) networks", jobs, steps: jobs[0].examples, unit: "sentences"
    ) { job, advance in
      let run = try job.finished(advance)
      return (
        run?.model.accuracy(on: data.test, classCount: data.classCount) ?? 0,
        run?.history.map { $0.validation!.accuracy } ?? []
      )
    }
    var table = Table("Sentences told correctly", columns: ["positions", "parameters", "right"])
    var series: [Series] = []
    for (i, kind) in kinds.enumerated() {
      let of = results[i * seedCount..<(i + 1) * seedCount]
      let accuracy = Spread(of.map(\.0))
      let name = kind == .none ? "none" : kind.rawValue
      table.add(
        name, grouped(jobs[i * seedCount].run().model.parameterCount), accuracy.percentText())
      experiment.metrics["\(kind.rawValue).accuracy"] = accuracy.mean
      let curves = of.map(\.1).filter { $0.count == epochs }
      if !curves.isEmpty {
        series.append(
          Series(name, x: (1...epochs).map(Double.init), runs: curves.map { $0.map { $0 * 100 } }))
      }
    }
    experiment.show(
      table,
      note: "Two blocks of width 32; mean ± deviation of \(seedCount) seeds, \(data.test.count) sentences.")
    try experiment.write(
      LineChart(
        title: "Attention on sentences, by how it knows places",
        subtitle: "Validation part; mean of the seeds, bands from the worst to the best.",
        x: Axis("epoch"), y: Axis("right", unit: "%", range: 0...100), series: series),
      to: "positions.svg", "right answers as training goes on, by kind of position")
    try experiment.write(
      heatMap(
        Tensor(sinusoidalPositions(24, width: 32).map { $0.map { Float($0 as Double) } }).transposed(),
        rowLabels: (0..<32).map { "\($0)" }, columnLabels: (0..<24).map { "\($0)" },
        rowTitle: "number of the vector", columnTitle: "place", title: "Sinusoidal positions, width 32",
        subtitle: "each pair of rows is a sine and a cosine, slower from pair to pair",
        quantity: "added", colorMap: .blueWhiteRed, range: -1...1),
      to: "waves.png", "the waves that are added, place by place")
    experiment.metrics["seeds"] = Double(seedCount)
    experiment.metrics["test_sentences"] = Double(data.test.count)
  }
}
