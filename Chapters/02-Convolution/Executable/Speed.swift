import ArgumentParser
import Chapter02Convolution
import Engine
import Workbench

struct Speed: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "speed",
    abstract: "The same convolution three ways: seven loops, one product, the engine's best.",
    discussion: """
      EXAMPLES
        convolution speed
        convolution speed --threads 1
      """)

  @OptionGroup var common: CommonOptions

  func run() throws {
    try speed(seed: common.seed, quick: common.quick, to: common.prepare(chapterFolder + "/speed"))
  }
}

/// Times the article's second convolution, 32 → 64 channels of 14×14, on each rung of the ladder.
func speed(seed: UInt64, quick: Bool, to output: OutputFolder) throws {
  let start = ContinuousClock.now
  let batch = quick ? 2 : 16
  var stream = RandomStream(seed: seed)
  let x = stream.normal(shape: [batch, 32, 14, 14])
  let w = stream.normal(deviation: 0.05, shape: [64, 32, 5, 5])
  let geometry = ConvolutionGeometry(input: x.shape, weight: w.shape, padding: Size2d(2, 2))
  let flops = 2 * Double(w.count) * Double(14 * 14 * batch)

  let (xs, ws) = (x.scalars, w.scalars)
  let exact = crossCorrelate2d(xs.map(Double.init), with: ws.map(Double.init), geometry)
  let scale = exact.map(abs).max() ?? 1
  let rungs: [(name: String, run: () -> [Float])] = [
    ("seven loops", { crossCorrelate2d(xs, with: ws, geometry) }),
    ("windows and one product", { ConvolutionLadder.windows(geometry, x, w) }),
    ("the engine's choice", { ConvolutionLadder.best(geometry, x, w) }),
  ]

  var results = Results(command: "convolution speed", seed: seed)
  var table = Table(
    "32 → 64 channels, 14×14, windows of 5×5, \(batch) images, \(Parallel.threads) threads",
    columns: ["way", "ms", "GFLOP/s", "times faster", "largest error"])
  var slowest = 0.0
  for (i, rung) in rungs.enumerated() {
    let (milliseconds, y) = bestTime(rung.run, seconds: quick ? 0.2 : 1)
    if i == 0 { slowest = milliseconds }
    let error = zip(y, exact).map { abs(Double($0) - $1) }.max()! / scale
    table.add(
      rung.name, fixed(milliseconds, 2), fixed(flops / milliseconds / 1e6, 1),
      fixed(slowest / milliseconds, 1),
      "\(fixed(error * 1e6, 2)) · 10⁻⁶")
    let key = ["loops", "windows", "engine"][i]
    results.metrics["\(key)_ms"] = milliseconds
    results.metrics["\(key)_gflops"] = flops / milliseconds / 1e6
    results.metrics["\(key)_error"] = error
  }
  print(table.text)
  print(
    "  GFLOP/s count the multiplications and additions of the seven loops, whichever way they are saved.\n")
  results.tables = [table]
  results.seconds = (ContinuousClock.now - start).seconds
  try results.write(to: output)
  print("\(output.path)/\n  results.json\n")
}

/// The shortest of several runs, in milliseconds, and what the last one returned.
private func bestTime(_ run: () -> [Float], seconds: Double) -> (Double, [Float]) {
  var best = Double.infinity
  var y: [Float] = []
  let start = ContinuousClock.now
  repeat {
    let begin = ContinuousClock.now
    y = run()
    best = min(best, (ContinuousClock.now - begin).seconds * 1e3)
  } while (ContinuousClock.now - start).seconds < seconds
  return (best, y)
}
