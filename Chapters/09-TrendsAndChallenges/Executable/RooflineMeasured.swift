import ArgumentParser
import Chapter07TrainingACNN
import Chapter09TrendsAndChallenges
import Engine
import Workbench

struct RooflineMeasured: ChapterExperiment {
  static let name = "roofline"
  static let summary = "What this machine can do at most, and what the engine's layers reach of it."
  static let details = """
    Measures how many multiplications and additions the processor does in registers and how many bytes it moves to and \
    from memory, and puts the layers of the article's CNN and others under the roof that follows.

    EXAMPLES
      trends roofline
      trends roofline --threads 1
    """

  @OptionGroup var common: CommonOptions

  /// A layer at work: how much it computes, how much it must move, and how to run it.
  private struct Work {
    let name: String
    let key: String
    let flops: Double
    let bytes: Double
    let run: () -> Void
  }

  func run(_ experiment: inout Experiment) throws {
    let seconds = common.scale.of(quick: 0.1, standard: 0.5, full: 2)
    let roof = Roofline(peak: Peak.measure(seconds: seconds), bandwidth: Peak.bandwidth(seconds: seconds))
    let threads = counted(Parallel.threads, "thread")
    print(
      """
      \(Machine.current.processor), \(threads)
        \(fixed(roof.peak, 0)) GFLOP/s in registers, \(fixed(roof.bandwidth, 1)) GB/s to and from memory
        the roof bends at \(fixed(roof.ridge, 1)) operations a byte

      """)
    var table = Table(
      "The engine's layers under the roof, \(threads)",
      columns: ["layer", "MFLOP", "MB", "FLOP a byte", "limit", "GFLOP/s", "roof", "of it"])
    var points: [Series] = []
    for work in works() {
      let time = Self.bestTime(work.run, seconds: seconds)
      let (intensity, speed) = (work.flops / work.bytes, work.flops / time / 1e9)
      let limit = roof.attainable(intensity)
      table.add(
        work.name, fixed(work.flops / 1e6, 1), fixed(work.bytes / 1e6, 2), fixed(intensity, 2),
        intensity < roof.ridge ? "memory" : "arithmetic", fixed(speed, 1), fixed(limit, 1),
        percent(speed / limit, 0))
      experiment.metrics["\(work.key).gflops"] = speed
      experiment.metrics["\(work.key).intensity"] = intensity
      experiment.metrics["\(work.key).share"] = speed / limit
      points.append(Series("", x: [intensity], y: [speed], labels: [work.name]))
    }
    experiment.metrics["peak_gflops"] = roof.peak
    experiment.metrics["bandwidth_gb"] = roof.bandwidth
    experiment.metrics["ridge"] = roof.ridge
    experiment.show(
      table,
      note: """
        MB: input, output and weights, each moved once. What fits the processor's caches need not come from memory, and
          convolutions by Fourier transforms do fewer operations than are counted: both may pass the roof.
        """)
    let ends = [0.05, roof.ridge, max(400, roof.ridge * 2)]
    try experiment.write(
      LineChart(
        title: "The roofline of this machine", subtitle: "\(Machine.current.processor), \(threads).",
        x: Axis("operations a byte", isLogarithmic: true), y: Axis("GFLOP/s", isLogarithmic: true),
        series: [Series("what the machine can do at most", x: ends, y: ends.map(roof.attainable))] + points),
      to: "roofline.svg", "the roof, and the layers under it")
  }

  private func works() -> [Work] {
    let batch = common.scale.of(quick: 4, standard: 64, full: 256)
    let model = withRandomSource(RandomSource(seed: common.seed)) { CNN() }
    var stream = RandomStream(seed: common.seed)
    func numbers(_ shape: Int...) -> Variable { Variable(stream.uniform(0..<1, shape: shape)) }
    func work(
      _ name: String, _ key: String, flops: Int, moved: Int, _ run: @escaping () -> Variable
    ) -> Work {
      Work(name: name, key: key, flops: Double(flops), bytes: 4 * Double(moved)) {
        _ = withoutGradients(run).value
      }
    }
    func linear(_ name: String, _ key: String, _ layer: Linear, rows: Int) -> Work {
      let (o, i) = (layer.weight.shape[0], layer.weight.shape[1])
      let x = numbers(rows, i)
      return work(name, key, flops: 2 * rows * i * o, moved: rows * (i + o) + i * o) { layer(x) }
    }
    func convolution(_ name: String, _ key: String, _ layer: Conv2d, side: Int) -> Work {
      let w = layer.weight.shape
      let c = w[1] * layer.groups
      let x = numbers(batch, c, side, side)
      let places = batch * side * side
      return work(
        name, key, flops: 2 * places * w.reduce(1, *), moved: places * (c + w[0]) + w.reduce(1, *)
      ) { layer(x) }
    }
    let depthwise = Conv2d(inChannels: 32, outChannels: 32, kernelSize: 5, padding: 2, groups: 32)
    let pointwise = Conv2d(inChannels: 32, outChannels: 64, kernelSize: 1)
    let count = batch * 32 * 28 * 28
    let (maps, others) = (numbers(batch, 32, 28, 28), numbers(batch, 32, 28, 28))
    let side = common.quick ? 128 : 1024
    let (a, b) = (numbers(side, side), numbers(side, side))
    let lstm = LSTM(inputSize: 256, hiddenSize: 256, layers: 1, batchFirst: true)
    let text = numbers(batch, 16, 256)
    let lstmWeights = lstm.parameterCount
    return [
      work("x + y", "add", flops: count, moved: 3 * count) { maps + others },
      work("ReLU", "relu", flops: count, moved: 2 * count) { relu(maps) },
      work("max-pool 2×2", "pool", flops: count * 3 / 4, moved: count * 5 / 4) {
        maxPool2d(maps, kernelSize: 2)
      },
      work("softmax, rows of 784", "softmax", flops: 5 * count, moved: 2 * count) {
        softmax(maps.reshaped([batch * 32, 784]))
      },
      linear("fc1, 1 image", "fc1_1", model.fc1, rows: 1),
      linear("fc1, \(batch) images", "fc1", model.fc1, rows: batch),
      convolution("conv1, \(batch) images", "conv1", model.conv1, side: 28),
      convolution("conv2, \(batch) images", "conv2", model.conv2, side: 14),
      convolution("depthwise 5×5", "depthwise", depthwise, side: 14),
      convolution("1×1, 32 → 64", "pointwise", pointwise, side: 14),
      work(
        "LSTM 256, 16 steps", "lstm", flops: 2 * batch * 16 * 4 * 256 * 512,
        moved: 16 * lstmWeights / 2 + lstmWeights / 2 + batch * 16 * 512
      ) { lstm(text).output },
      work("product \(side)²", "matmul", flops: 2 * side * side * side, moved: 3 * side * side) {
        matmul(a, b)
      },
    ]
  }

  /// The shortest of several runs, in seconds.
  private static func bestTime(_ run: () -> Void, seconds: Double) -> Double {
    run()
    var best = Double.infinity
    let watch = Stopwatch()
    repeat {
      let once = Stopwatch()
      run()
      best = min(best, once.seconds)
    } while watch.seconds < seconds
    return best
  }
}
