import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Workbench

struct Positions: ChapterExperiment {
  static let name = "positions"
  static let summary =
    "What attention makes of the same words in another order, and a GPT over words by how it knows places."
  static let details = """
    First one layer on a sequence and on the same steps in reverse: without positions and without a mask, every step gets \
    the same in both. Then a small GPT learns chapter 8's sentences with learned, sinusoidal and rotary positions, and with \
    none but what the causal mask tells.

    EXAMPLES
      choose-model positions
      choose-model positions --seed 3
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    order(&experiment)
    try losses(&experiment)
    try experiment.write(
      heatMap(
        Tensor(sinusoidalPositions(24, width: 32).map { $0.map { Float($0 as Double) } }).transposed(),
        rowLabels: (0..<32).map { "\($0)" }, columnLabels: (0..<24).map { "\($0)" },
        rowTitle: "number of the vector", columnTitle: "place", title: "Sinusoidal positions, width 32",
        subtitle: "each pair of rows is a sine and a cosine, slower from pair to pair",
        quantity: "added", colorMap: .blueWhiteRed, range: -1...1),
      to: "waves.png", "the waves that are added, place by place")
  }

  /// How far the outputs of a layer are from those of the reversed sequence, read backwards.
  private func order(_ experiment: inout Experiment) {
    let (steps, width) = (8, 16)
    let layer = withRandomSource(RandomSource(seed: common.seed)) {
      MultiHeadAttention(dimension: width, heads: 4)
    }
    let w = AttentionWeights<Double>(layer)
    var stream = RandomStream(seed: common.seed, stream: 10_500)
    let x = (0..<steps).map { _ in (0..<width).map { _ in Double(stream.normal()) } }
    let table = sinusoidalPositions(steps, width: width) as [[Double]]
    func difference(_ place: ([[Double]]) -> [[Double]], _ mask: [[Bool]]?) -> Double {
      let one = manyHeads(place(x), w, mask: mask).output
      let other = Array(manyHeads(place(x.reversed()), w, mask: mask).output.reversed())
      return zip(one, other).map { a, b in zip(a, b).map { abs($0 - $1) }.max()! }.max()!
    }
    let cases: [(name: String, key: String, value: Double)] = [
      ("neither", "neither", difference({ $0 }, nil)),
      ("a causal mask", "mask", difference({ $0 }, causalMask(steps))),
      ("sinusoidal positions", "waves", difference({ addingPositions($0, table) }, nil)),
    ]
    var shown = Table(
      "The same steps in reverse", columns: ["what tells places apart", "largest change of an output"])
    for one in cases {
      shown.add(one.name, one.value < 1e-12 ? "below 10⁻¹²" : fixed(one.value, 3))
      experiment.metrics["reversed.\(one.key)"] = one.value
    }
    experiment.show(shown, note: "One layer with random weights; each step is compared with itself.")
  }

  private func losses(_ experiment: inout Experiment) throws {
    let seedCount = common.scale.of(quick: 1, standard: 2, full: 3)
    let steps = common.scale.of(quick: 20, standard: 200, full: 600)
    let text = WordText(
      training: common.scale.of(quick: 300, standard: 2_000, full: 4_000),
      test: common.scale.of(quick: 50, standard: 200, full: 500), seed: common.seed)
    let kinds: [PositionKind] = [.none, .learned, .sinusoidal, .rotary]
    let jobs = kinds.flatMap { kind in (0..<UInt64(seedCount)).map { (kind, common.seed &+ $0) } }
    let perRun = steps * 16 * WordText.context
    let results = try sideBySide("\(jobs.count) models", jobs, steps: perRun, unit: "words") { job, advance in
      let run = text.run(steps: steps, positions: job.0, seed: job.1)
      var done = 0
      try run.finish { examples in
        advance(examples - done)
        done = examples
      }
      return run.history.map { $0.validation!.loss }
    }
    var table = Table(
      "A GPT over words, \(grouped(steps)) steps", columns: ["positions", "parameters", "nats a word"])
    var series: [Series] = []
    for (i, kind) in kinds.enumerated() {
      let curves = Array(results[i * seedCount..<(i + 1) * seedCount])
      let last = Spread(curves.map { $0.last! })
      let name = kind == .none ? "the mask alone" : kind.rawValue
      table.add(
        name, grouped(text.run(steps: 1, positions: kind, seed: 1).model.parameterCount), last.text(3))
      experiment.metrics["\(kind.rawValue).loss"] = last.mean
      experiment.metrics["\(kind.rawValue).deviation"] = last.deviation
      let x = curves[0].indices.map { Double(($0 + 1) * steps / curves[0].count) }
      series.append(Series(name, x: x, runs: curves))
    }
    let bigram = text.bigramLoss
    table.add("counting pairs of words", "", fixed(bigram, 3))
    experiment.metrics["bigram_loss"] = bigram
    experiment.metrics["seeds"] = Double(seedCount)
    experiment.metrics["steps"] = Double(steps)
    experiment.show(
      table,
      note: "Two blocks of width 48, four heads; on new sentences, mean ± deviation of \(seedCount) seeds.")
    try experiment.write(
      LineChart(
        title: "A GPT over words, by how it knows places",
        subtitle: "New sentences; mean of the seeds, bands from the lowest to the highest.",
        x: Axis("step"), y: Axis("nats a word"), series: series),
      to: "positions.svg", "the loss as training goes on, by kind of position")
  }
}
