import Chapter07TrainingACNN
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Workbench

extension Quantize {
  /// Both forms of the same networks, in turns, on one thread: the weights are random, for a product takes the same time
  /// with any numbers.
  func showSpeed(_ common: CommonOptions, _ experiment: inout Experiment) throws {
    let threads = Parallel.threads
    Parallel.threads = 1
    defer { Parallel.threads = threads }
    let kernels = ProcessorKernels.integerProducts
    var table = Table(
      "32 and 8 bits in turns, one thread, integer products by \(kernels)",
      columns: ["what", "size", "weights in MiB", "32 bits", "8 bits", "unit", "ratio"])
    var bars: [(name: String, value: Double)] = []
    let rounds = common.scale.of(quick: 2, standard: 7, full: 15)
    func add(
      _ what: String, _ size: String, _ name: String, _ model: Module, _ key: String, unit: String,
      count: Int,
      _ body: (Module) -> Void, copy: Module
    ) throws {
      let bytes = Double(model.parameterBytes) / 1_048_576
      try copy.roundWeights()
      for module in [model, copy] { module.evaluate() }
      let pair = inTurns(rounds, seconds: common.scale.of(quick: 0.01, standard: 0.06, full: 0.2)) {
        withoutGradients { body(model) }
      } and: {
        withoutGradients { body(copy) }
      }
      let (float, int) = (Double(count) / pair.first, Double(count) / pair.second)
      table.add(
        what, size, fixed(bytes, 1), grouped(float.rounded()), grouped(int.rounded()), unit,
        fixed(pair.ratio, 2))
      bars.append((name, pair.ratio))
      experiment.metrics["\(key).float32_per_second"] = float
      experiment.metrics["\(key).int8_per_second"] = int
      experiment.metrics["\(key).speedup"] = pair.ratio
    }

    let widths = common.scale.of(
      quick: [128, 256], standard: [128, 256, 512], full: [128, 256, 512, 1_024])
    for width in widths {
      var size = GPTSize(vocabulary: 65, context: 64, width: width, heads: max(4, width / 64), blocks: 4)
      (size.hasBiases, size.isTied) = (false, true)
      let (a, b) = twice { GPT(size) }
      let count = width > 256 ? 31 : 63
      try add(
        "GPT, writing with a cache", "width \(width)", "GPT, width \(width)", a, "gpt_\(width)",
        unit: "characters/s", count: count,
        { model in
          var random = RandomStream(seed: common.seed, stream: 12_400)
          _ = (model as! GPT).continuation(
            of: [1], count: count, by: Sampler(temperature: 1), random: &random)
        }, copy: b)
    }
    for (hidden, batch) in common.scale.of(
      quick: [(64, 1)], standard: [(64, 1), (256, 1), (512, 1), (64, 64), (256, 64)],
      full: [(64, 1), (128, 1), (256, 1), (512, 1), (64, 64), (256, 64), (512, 64)])
    {
      let (a, b) = twice { RNNClassifier(inputSize: 200, hiddenSize: hidden, layers: 1, classes: 2) }
      var stream = RandomStream(seed: common.seed, stream: 12_401)
      let ids = IntTensor((0..<batch * 32).map { _ in stream.integer(below: 200) }, shape: [batch, 32])
      try add(
        "LSTM, \(counted(batch, "text")) of 32 words", "H = \(hidden)",
        "LSTM, H = \(hidden), \(counted(batch, "text"))", a, "lstm_\(hidden)_\(batch)",
        unit: "texts/s", count: batch,
        { model in
          let model = model as! RNNClassifier
          _ = model(ids, model.initHidden(batch)).logits.value
        }, copy: b)
    }
    for batch in common.scale.of(quick: [1], standard: [1, 64], full: [1, 64]) {
      let (a, b) = twice { CNN() }
      var stream = RandomStream(seed: common.seed, stream: 12_402)
      let images = Variable(stream.uniform(0..<1, shape: [batch, 1, 28, 28]))
      try add(
        "the article's CNN, \(counted(batch, "image"))", "", "CNN, \(counted(batch, "image"))", a,
        "cnn_\(batch)", unit: "images/s",
        count: batch,
        { model in _ = (model as! CNN)(images).value }, copy: b)
    }
    experiment.show(
      table,
      note:
        "ratio: the median over \(counted(rounds, "pair")) of measurements side by side; above 1, eight bits are faster."
    )
    let m = experiment.metrics
    // Where the weights are more than the processor's nearest cache holds, as all large models' are.
    experiment.metrics["generation_speedup"] = m["gpt_\(widths.last!).speedup"]
    experiment.metrics["generation_width"] = Double(widths.last!)
    experiment.metrics["lstm_speedup"] = m["lstm_256_1.speedup"] ?? m["lstm_64_1.speedup"]
    try experiment.write(
      BarChart(
        title: "Eight bits beside thirty-two", subtitle: "one thread, integer products by \(kernels)",
        quantity: "times as fast",
        bars: bars), to: "speed.svg", "how much faster eight bits are")
  }

  /// The same random weights twice.
  private func twice<Model>(_ make: () -> Model) -> (Model, Model) {
    (
      withRandomSource(RandomSource(seed: common.seed), make),
      withRandomSource(RandomSource(seed: common.seed), make)
    )
  }

  /// Seconds of a call of each, and the median of how many times as long the first takes: each pair is measured within one
  /// short time, so that a slow spell of the machine strikes both.
  private func inTurns(
    _ rounds: Int, seconds: Double, _ first: () -> Void, and second: () -> Void
  ) -> (first: Double, second: Double, ratio: Double) {
    func time(_ body: () -> Void) -> Double {
      let watch = Stopwatch()
      var calls = 0
      repeat {
        body()
        calls += 1
      } while watch.seconds < seconds
      return watch.seconds / Double(calls)
    }
    first()
    second()
    let pairs = (0..<rounds).map { _ in (time(first), time(second)) }
    return (
      pairs.map(\.0).min()!, pairs.map(\.1).min()!, Spread(pairs.map { $0.0 / $0.1 }).median
    )
  }
}
