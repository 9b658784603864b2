import ArgumentParser
import Chapter10ChoosingAModel
import Engine
import Foundation
import Workbench

struct Growth: ChapterExperiment {
  static let name = "growth"
  static let summary =
    "How the time of one layer grows with the length of the sequence, for attention and recurrence."
  static let details = """
    First in plain loops, where a product costs the same in both: one head of attention has n²·d of them, twice, and a \
    plain recurrent layer n·d², twice; they meet at n = d. Then the engine's layers, forward and backward on one thread, \
    where attention works on all steps at once.

    EXAMPLES
      choose-model growth
      choose-model growth --full      longer sequences, and two widths of each
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    let before = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = before }
    try plainLoops(&experiment)
    try layers(&experiment)
  }

  /// The least seconds of a few calls: what disturbs a measurement makes it longer.
  private func seconds(_ body: () -> Void) -> Double {
    let budget = common.scale.of(quick: 0.01, standard: 0.15, full: 0.6)
    var (least, all, calls) = (Double.infinity, 0.0, 0)
    while calls < 3 || (all < budget && calls < 200) {
      let before = threadSeconds()
      body()
      let one = threadSeconds() - before
      (least, all, calls) = (min(least, one), all + one, calls + 1)
    }
    return least
  }

  // MARK: Plain loops

  private func plainLoops(_ experiment: inout Experiment) throws {
    let widths = common.scale.of(quick: [16], standard: [32, 64], full: [32, 64, 128])
    var table = Table(
      "One layer in plain loops, milliseconds",
      columns: [
        "d", "n", "attention, n²·d twice", "recurrence, n·d² twice", "attention / recurrence", "n / d",
      ])
    var series: [Series] = []
    for width in widths {
      let lengths = [width / 4, width / 2, width, 2 * width, 4 * width]
      var stream = RandomStream(seed: common.seed, stream: UInt64(width))
      func numbers(_ count: Int) -> [Float] {
        (0..<count).map { _ in stream.normal() / Float(width).squareRoot() }
      }
      let (w, u) = (numbers(width * width), numbers(width * width))
      var ratios: [Double] = []
      for n in lengths {
        let (q, k, v) = (numbers(n * width), numbers(n * width), numbers(n * width))
        var sum: Float = 0
        let attention = seconds { sum += FlatLoops.attention(q, k, v, n: n, d: width)[0] }
        let recurrence = seconds { sum += FlatLoops.recurrence(q, w, u, n: n, d: width)[0] }
        if !sum.isFinite { fatalError("growth: the layers give no numbers") }
        ratios.append(attention / recurrence)
        table.add(
          "\(width)", "\(n)", fixed(attention * 1e3, 3), fixed(recurrence * 1e3, 3),
          fixed(attention / recurrence, 2), fixed(Double(n) / Double(width), 2))
        experiment.metrics["plain.attention_ms_\(width)_\(n)"] = attention * 1e3
        experiment.metrics["plain.recurrence_ms_\(width)_\(n)"] = recurrence * 1e3
      }
      let x = lengths.map { Double($0) / Double(width) }
      series.append(Series("d = \(width)", x: x, y: ratios))
      let meeting = crossing(x, ratios)
      if let meeting { experiment.metrics["plain.crossing_\(width)"] = meeting }
    }
    let x = [0.25, 0.5, 1, 2, 4]
    series.append(Series("n / d, as the products are counted", x: x, y: x, isDashed: true))
    experiment.show(table, note: "The products are equally many where n = d.")
    try experiment.write(
      LineChart(
        title: "Attention against recurrence, in plain loops",
        subtitle: "Time of one head of attention over that of a plain recurrent layer of the same width d.",
        x: Axis("n / d", isLogarithmic: true), y: Axis("attention / recurrence", isLogarithmic: true),
        series: series),
      to: "plain.svg", "time of attention over time of recurrence, by n / d")
  }

  /// Where a ratio first goes through 1, on the straight line between logarithms; nil when it does not.
  private func crossing(_ x: [Double], _ ratio: [Double]) -> Double? {
    for i in x.indices.dropFirst() where (ratio[i - 1] < 1) != (ratio[i] < 1) {
      let (a, b) = (log(ratio[i - 1]), log(ratio[i]))
      return exp(log(x[i - 1]) + (log(x[i]) - log(x[i - 1])) * a / (a - b))
    }
    return nil
  }

  // MARK: The engine's layers

  private enum Kind: String, CaseIterable {
    case attention, rnn, gru, lstm

    var name: String { self == .attention ? "attention" : rawValue.uppercased() }

    /// A layer of width d, forward and backward over a batch of sequences.
    func work(_ x: Variable, _ dy: Tensor, width: Int) -> () -> Void {
      let (layer, forward): (Module, (Variable) -> Variable)
      switch self {
      case .attention:
        let attention = MultiHeadAttention(dimension: width, heads: 4)
        (layer, forward) = (attention, { attention($0) })
      case .rnn:
        let rnn = RNN(inputSize: width, hiddenSize: width, batchFirst: true)
        (layer, forward) = (rnn, { rnn($0).output })
      case .gru:
        let gru = GRU(inputSize: width, hiddenSize: width, batchFirst: true)
        (layer, forward) = (gru, { gru($0).output })
      case .lstm:
        let lstm = LSTM(inputSize: width, hiddenSize: width, batchFirst: true)
        (layer, forward) = (lstm, { lstm($0).output })
      }
      return {
        x.clearGradient()
        for parameter in layer.parameters { parameter.clearGradient() }
        forward(x).backward(from: dy)
      }
    }
  }

  private func layers(_ experiment: inout Experiment) throws {
    let widths = common.scale.of(quick: [32], standard: [64], full: [64, 128])
    let lengths = common.scale.of(
      quick: [16, 32, 64], standard: [16, 64, 256, 1_024], full: [16, 32, 64, 128, 256, 512, 1_024, 2_048])
    let batch = 4
    for width in widths {
      var table = Table(
        "The engine's layers of width \(width), forward and backward, batch \(batch), milliseconds",
        columns: ["n"] + Kind.allCases.map(\.name) + ["weights of attention in MiB"])
      var times: [Kind: [Double]] = [:]
      for n in lengths {
        var stream = RandomStream(seed: common.seed, stream: UInt64(n))
        let x = Variable(stream.normal(shape: [batch, n, width]), requiresGradient: true)
        let dy = stream.normal(shape: [batch, n, width])
        for kind in Kind.allCases {
          let time = seconds(withRandomSource(RandomSource(seed: 1)) { kind.work(x, dy, width: width) })
          times[kind, default: []].append(time * 1e3)
          experiment.metrics["layer.\(kind.rawValue)_ms_\(width)_\(n)"] = time * 1e3
        }
        let weights = Double(batch * 4 * n * n * 4) / 1_048_576
        table.add(
          ["\(n)"] + Kind.allCases.map { fixed(times[$0]!.last!, 2) } + [fixed(weights, weights < 1 ? 2 : 0)])
        experiment.metrics["layer.weights_mib_\(n)"] = weights
      }
      let x = lengths.map(Double.init)
      for kind in Kind.allCases {
        // Between the two longest, by how many powers of the length the time grows.
        let t = times[kind]!
        let power = log(t[t.count - 1] / t[t.count - 2]) / log(x[x.count - 1] / x[x.count - 2])
        experiment.metrics["layer.\(kind.rawValue)_power_\(width)"] = power
        if kind != .attention {
          let meeting = crossing(x, zip(times[.attention]!, t).map { $0 / $1 })
          experiment.metrics["layer.crossing_\(kind.rawValue)_\(width)"] = meeting
        }
      }
      experiment.show(
        table, note: "Four heads; the last column: 4 bytes for each pair of steps, head and sequence.")
      try experiment.write(
        LineChart(
          title: "One layer of width \(width), forward and backward",
          subtitle: "Batch of \(batch), one thread; the least of several measurements.",
          x: Axis("length n", isLogarithmic: true), y: Axis("time", unit: "ms", isLogarithmic: true),
          series: Kind.allCases.map { Series($0.name, x: x, y: times[$0]!) }),
        to: "layers-\(width).svg", "time of the engine's layers, by length, width \(width)")
    }
  }
}
