import Chapter12OptimizingModels
import Engine
import Workbench

/// What zeros save in time: nothing in a full matrix, something in a list of what is not zero, most in a smaller matrix.
struct SparseTimes {
  static let shares = [1, 0.5, 0.2, 0.1, 0.05, 0.02]
  static let batches = [1, 64]

  let seconds: Double

  func run(_ experiment: inout Experiment) throws {
    // One thread for all three, so that they compare.
    let threads = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = threads }
    let full = Self.numbers([300, 784])
    var times: [[[Double]]] = []
    for batch in Self.batches {
      var table = Table(
        "A layer of 784 → 300 with fewer weights, \(counted(batch, "image")) at once, one thread: µs an image",
        columns: ["weights left", "zeros", "kB", "sparse rows", "kB", "fewer units", "kB"])
      times.append(Self.shares.map { self.times(full, $0, batch, &table, &experiment) })
      experiment.show(
        table,
        note: batch == 1
          ? nil
          : "zeros: the engine's product, which does not look for them; fewer units: that share of the rows")
    }
    let x = Self.shares.map { $0 * 100 }
    try experiment.write(
      LineChart(
        title: "What zeros save in time", subtitle: "A layer of 784 → 300, one image, one thread.",
        x: Axis("weights left", unit: "%", isLogarithmic: true),
        y: Axis("time", unit: "µs an image", isLogarithmic: true),
        series: ["zeros in a full matrix", "sparse rows", "fewer units"].enumerated().map { i, name in
          Series(name, x: x, y: times[0].map { $0[i] })
        }), to: "times.svg", "time against the share of weights that is left")
  }

  private static func numbers(_ shape: [Int]) -> Tensor {
    var stream = RandomStream(seed: 1, stream: UInt64(shape[0]))
    return stream.normal(shape: shape)
  }

  /// Microseconds an image for the three ways.
  private func times(
    _ full: Tensor, _ share: Double, _ batch: Int, _ table: inout Table, _ experiment: inout Experiment
  ) -> [Double] {
    let pruned = full * magnitudeMask(of: full, amount: 1 - share)
    let rows = SparseRows(pruned)
    let smaller = full.rows(0..<max(Int((300 * share).rounded()), 1))
    let images = Self.numbers([batch, 784])
    func time(_ weight: Tensor) -> Double {
      let (input, weight) = (Variable(images), Variable(weight))
      return shortest(seconds: seconds) { _ = withoutGradients { linear(input, weight) }.value }
    }
    let times = [time(pruned), shortest(seconds: seconds) { _ = rows.product(images) }, time(smaller)]
      .map { $0 / Double(batch) * 1e6 }
    let bytes = [4 * pruned.count, rows.byteCount, 4 * smaller.count]
    let cells = zip(times, bytes).flatMap { time, bytes -> [String] in
      [fixed(time, 1), grouped(Int((Double(bytes) / 1_000).rounded()))]
    }
    table.add([percent(share, 0)] + cells)
    for (name, time) in zip(["zeros", "sparse", "fewer"], times) {
      experiment.metrics["time.\(name)_\(batch)_\(Int((share * 100).rounded()))"] = time
    }
    return times
  }
}
