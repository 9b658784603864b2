import ArgumentParser
import Chapter02Convolution
import Engine
import Workbench

struct Speed: ChapterExperiment {
  static let name = "speed"
  static let summary = "The same convolution four ways, from seven loops to the engine's best."
  static let details = """
    EXAMPLES
      convolution speed
      convolution speed --threads 1
    """

  @OptionGroup var common: CommonOptions

  func run(_ experiment: inout Experiment) throws {
    try speed(seed: common.seed, quick: common.quick, &experiment)
  }
}

/// Times the article's second convolution, 32 → 64 channels of 14×14, on each rung of the ladder.
func speed(seed: UInt64, quick: Bool, _ experiment: inout Experiment) throws {
  let batch = quick ? 2 : 16
  var stream = RandomStream(seed: seed)
  let x = stream.normal(shape: [batch, 32, 14, 14])
  let w = stream.normal(deviation: 0.05, shape: [64, 32, 5, 5])
  let geometry = ConvolutionGeometry(input: x.shape, weight: w.shape, padding: Size2d(2, 2))
  let flops = 2 * Double(w.count) * Double(14 * 14 * batch)
  let limit = Peak.measure(seconds: quick ? 0.1 : 0.5)

  let (xs, ws) = (x.scalars, w.scalars)
  let exact = crossCorrelate2d(xs.map(Double.init), with: ws.map(Double.init), geometry)
  let scale = exact.map(abs).max() ?? 1
  let rungs: [(key: String, name: String, run: () -> [Float])] = [
    ("loops", "seven loops", { crossCorrelate2d(xs, with: ws, geometry) }),
    ("columns", "columns and a product", { convolveByColumns(x, with: w, geometry).scalars }),
    ("windows", "the same, with care", { ConvolutionLadder.windows(geometry, x, w) }),
    ("engine", "the engine's choice", { ConvolutionLadder.best(geometry, x, w) }),
  ]

  let threads = "\(Parallel.threads) thread\(Parallel.threads == 1 ? "" : "s")"
  var table = Table(
    "32 → 64 channels of 14×14, windows of 5×5, \(batch) images, \(threads)",
    columns: ["way", "ms", "GFLOP/s", "of the limit", "times faster", "largest error"])
  var bars: [(name: String, value: Double)] = []
  var slowest = 0.0
  for rung in rungs {
    let (milliseconds, y) = bestTime(rung.run, seconds: quick ? 0.2 : 1)
    if bars.isEmpty { slowest = milliseconds }
    let error = zip(y, exact).map { abs(Double($0) - $1) }.max()! / scale
    let gflops = flops / milliseconds / 1e6
    table.add(
      rung.name, fixed(milliseconds, 2), fixed(gflops, 1), percent(gflops / limit, 1),
      fixed(slowest / milliseconds, 1), "\(fixed(error * 1e6, 2)) · 10⁻⁶")
    bars.append((rung.name, gflops))
    experiment.metrics["\(rung.key)_ms"] = milliseconds
    experiment.metrics["\(rung.key)_gflops"] = gflops
    experiment.metrics["\(rung.key)_error"] = error
    experiment.metrics["\(rung.key)_times_faster"] = slowest / milliseconds
  }
  experiment.metrics["limit_gflops"] = limit
  experiment.show(
    table,
    note: """
      The limit: \(fixed(limit, 0)) GFLOP/s, measured in this run with nothing but multiplications and additions in
        registers. GFLOP/s count those of the seven loops, whichever way they are saved: so the last may pass it.
      """)
  var chart = BarChart(
    title: "One convolution, four ways",
    subtitle: "32 → 64 channels of 14×14, windows of 5×5, \(batch) images, \(threads)",
    quantity: "GFLOP/s, counted as the seven loops do them, on a logarithmic scale", bars: bars)
  chart.isLogarithmic = true
  chart.limit = ("the limit: multiply and add, nothing else", limit)
  try experiment.write(
    chart, to: "ladder.svg", "how fast each way is, beside the machine's limit")
}

/// The shortest of several runs, in milliseconds, and what the last one returned.
private func bestTime(_ run: () -> [Float], seconds: Double) -> (Double, [Float]) {
  var best = Double.infinity
  var y: [Float] = []
  let watch = Stopwatch()
  repeat {
    let once = Stopwatch()
    y = run()
    best = min(best, once.seconds * 1e3)
  } while watch.seconds < seconds
  return (best, y)
}
