import ArgumentParser
import Chapter07TrainingACNN
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Chapter11TrainingLargeModels
import Engine
import Workbench

struct Memory: ChapterExperiment {
  static let name = "memory"
  static let summary = "Where the memory goes, and two ways to need less."
  static let details = """
    The article's CNN and a small GPT make steps of training, and every tensor is counted: the weights, their gradients, \
    what Adam remembers, and what the forward pass keeps for the way back. Then the batch is computed in parts (gradient \
    accumulation), and blocks of the GPT are computed twice instead of kept (activation checkpointing).

    EXAMPLES
      train-large memory
      train-large memory --blocks 12 --width 256
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many blocks the GPT has (default: 8; with --quick 4).")
  var blocks: Int?

  @Option(parsing: .unconditional, help: "The width of the GPT, a multiple of 4.")
  var width = 128

  func validate() throws {
    try checkOption("--blocks", blocks, in: 1...64)
    if !(4...2_048).contains(width) || width % 4 != 0 {
      throw ValidationError("--width must be a multiple of 4 up to 2,048, given \(width)")
    }
  }

  private var batch: Int { common.scale.of(quick: 8, standard: 16, full: 32) }
  private var depth: Int { blocks ?? common.scale.of(quick: 4, standard: 8, full: 8) }
  private static let context = 64

  func run(_ experiment: inout Experiment) throws {
    try showParts(&experiment)
    try showAccumulation(&experiment)
    try showStretches(&experiment)
    try drawDepth(&experiment)
  }

  // What a step consists of.

  private func showParts(_ experiment: inout Experiment) throws {
    var table = Table(
      "What a step of training holds (MiB)",
      columns: ["network", "batch", "weights", "gradients", "Adam", "for the way back", "highest"])
    let digits = ImageSet.generatedDigits(count: 4 * batch, seed: common.seed)
    for batch in [1, batch, 4 * batch] {
      let (model, optimizer) = withRandomSource(RandomSource(seed: common.seed)) {
        let model = CNN()
        return (model, Adam(model.parameters))
      }
      let (images, labels) = digits.batch(Array(0..<batch))
      let (memory, _) = measureStep(
        model.parameters, optimizer, parts: [{ crossEntropy(model(Variable(images)), labels) }])
      add(memory, "CNN", batch, to: &table)
      keep(memory, "cnn_\(batch == 1 ? "one" : batch == self.batch ? "batch" : "large")", &experiment)
    }
    for batch in [1, batch, 4 * batch] {
      let gpt = gpt(blocks: depth)
      let (memory, _) = measureStep(
        gpt.parameters, Adam(gpt.parameters), parts: parts(gpt, batch: batch, count: 1))
      add(memory, "GPT", batch, to: &table)
      keep(memory, "gpt_\(batch == 1 ? "one" : batch == self.batch ? "batch" : "large")", &experiment)
    }
    experiment.show(table, note: "highest: the most at one time, in the middle of the way back.")
    experiment.metrics["batch"] = Double(batch)
    experiment.metrics["large_batch"] = Double(4 * batch)
    experiment.metrics["blocks"] = Double(depth)
    experiment.metrics["width"] = Double(width)
    experiment.metrics["context"] = Double(Self.context)
  }

  private func add(_ memory: StepMemory, _ name: String, _ batch: Int, to table: inout Table) {
    table.add(
      [name, "\(batch)"]
        + [memory.weights, memory.gradients, memory.optimizer, memory.activations, memory.peak].map(mebibytes)
    )
  }

  private func keep(_ memory: StepMemory, _ name: String, _ experiment: inout Experiment) {
    for (kind, bytes) in [
      ("weights", memory.weights), ("optimizer", memory.optimizer), ("activations", memory.activations),
      ("peak", memory.peak),
    ] { experiment.metrics["\(name).\(kind)_mib"] = Double(bytes) / 1_048_576 }
  }

  // Gradient accumulation.

  private func showAccumulation(_ experiment: inout Experiment) throws {
    var table = Table(
      "One batch of \(4 * batch) windows in parts",
      columns: [
        "parts", "windows a part", "for the way back (MiB)", "highest (MiB)", "ms a step", "difference",
      ])
    var whole: [Tensor] = []
    for count in [1, 2, 4, 8] {
      let gpt = gpt(blocks: depth)
      gpt.evaluate()  // without dropout, which would drop other numbers in other parts
      let parts = parts(gpt, batch: 4 * batch, count: count)
      let gradients = gradients(gpt, parts)
      if count == 1 { whole = gradients }
      let (memory, seconds) = measureStep(gpt.parameters, Adam(gpt.parameters), parts: parts)
      let difference = relativeDifference(gradients, whole)
      table.add(
        "\(count)", "\(4 * batch / count)", mebibytes(memory.activations), mebibytes(memory.peak),
        fixed(seconds * 1e3, 0), count == 1 ? "" : scientific(difference, 1))
      experiment.metrics["accumulation_\(count).peak_mib"] = Double(memory.peak) / 1_048_576
      experiment.metrics["accumulation_\(count).activations_mib"] = Double(memory.activations) / 1_048_576
      experiment.metrics["accumulation_\(count).difference"] = difference
      experiment.metrics["accumulation_\(count).seconds"] = seconds
    }
    experiment.show(
      table,
      note:
        "difference: of the gradient from that of the whole batch, the largest, as a share of the largest number."
    )
  }

  // Activation checkpointing.

  private func showStretches(_ experiment: inout Experiment) throws {
    var table = Table(
      "A GPT of \(depth) blocks, some kept and some computed twice",
      columns: ["kept", "for the way back (MiB)", "highest (MiB)", "ms a step", "time", "bits that differ"])
    var plain: (gradients: [Tensor], seconds: Double) = ([], 0)
    let lengths = [nil, 1] + [2, depth].filter { $0 > 1 && ($0 == depth || depth > 2) }.map { Int?($0) }
    for length in lengths {
      let gpt = gpt(blocks: depth)
      gpt.blocksPerStretch = length
      let parts = parts(gpt, batch: batch, count: 1)
      let gradients = gradients(gpt, parts)
      var memory = StepMemory()
      var times: [Double] = []
      for _ in 0..<common.scale.of(quick: 1, standard: 3, full: 5) {
        let measured = measureStep(gpt.parameters, Adam(gpt.parameters), parts: parts)
        memory = measured.memory
        times.append(measured.seconds)
      }
      let seconds = Spread(times).median
      if length == nil { plain = (gradients, seconds) }
      let bits = zip(gradients, plain.gradients).reduce(0) { sum, pair in
        sum + zip(pair.0.scalars, pair.1.scalars).count { $0.bitPattern != $1.bitPattern }
      }
      let name = length.map { $0 == depth ? "all" : $0 == 1 ? "each" : "each_\($0)" } ?? "none"
      table.add(
        length.map {
          $0 == depth
            ? "the input of the first block" : $0 == 1 ? "each block's input" : "every \($0)nd block's input"
        }
          ?? "everything", mebibytes(memory.activations), mebibytes(memory.peak), fixed(seconds * 1e3, 0),
        percent(seconds / plain.seconds, 0), "\(bits)")
      experiment.metrics["stretch_\(name).peak_mib"] = Double(memory.peak) / 1_048_576
      experiment.metrics["stretch_\(name).activations_mib"] = Double(memory.activations) / 1_048_576
      experiment.metrics["stretch_\(name).time"] = seconds / plain.seconds
      experiment.metrics["stretch_\(name).differing_bits"] = Double(bits)
    }
    experiment.show(
      table,
      note: "time: as a share of that of keeping everything. Dropout is on, and drops the same numbers.")
  }

  private func drawDepth(_ experiment: inout Experiment) throws {
    let depths = common.scale.of(
      quick: [1, 2, 4], standard: [1, 2, 4, 8, 12, 16], full: [1, 2, 4, 8, 12, 16])
    func peaks(_ length: (Int) -> Int?) -> [Double] {
      depths.map { blocks in
        let gpt = gpt(blocks: blocks)
        gpt.blocksPerStretch = length(blocks)
        let (memory, _) = measureStep(
          gpt.parameters, Adam(gpt.parameters), parts: parts(gpt, batch: batch, count: 1))
        return Double(memory.peak - memory.weights - memory.optimizer - memory.gradients) / 1_048_576
      }
    }
    let x = depths.map { Double($0) }
    let series = [
      Series("everything kept", x: x, y: peaks { _ in nil }),
      Series("each block twice", x: x, y: peaks { _ in 1 }),
      Series("√blocks at a time", x: x, y: peaks { max(1, Int(Double($0).squareRoot().rounded())) }),
    ]
    experiment.metrics["deepest.blocks"] = x.last!
    for (name, line) in zip(["kept", "each", "root"], series) {
      experiment.metrics["deepest.\(name)_mib"] = line.y.last!
    }
    try experiment.write(
      LineChart(
        title: "Memory of a step by depth",
        subtitle: "batch of \(batch) windows; beyond weights, gradients and what Adam remembers",
        x: Axis("blocks"), y: Axis("highest", unit: "MiB"), series: series),
      to: "depth.svg", "the memory of a step against the number of blocks")
  }

  // What all of them use.

  private func gpt(blocks: Int) -> GPT {
    var size = GPTSize(vocabulary: 96, context: Self.context, width: width, heads: 4, blocks: blocks)
    size.dropout = 0.1
    return withRandomSource(RandomSource(seed: common.seed)) { GPT(size) }
  }

  /// The parts of the loss of one batch of random windows. Dropout begins anew with each call of the first part.
  private func parts(_ gpt: GPT, batch: Int, count: Int) -> [() -> Variable] {
    var stream = RandomStream(seed: common.seed, stream: 77)
    let ids = (0..<batch * (Self.context + 1)).map { _ in stream.integer(below: 96) }
    return Training.parts(of: ArraySlice(0..<batch), count: count).map { rows in
      // Of each row of context + 1 characters, all but the last, and all but the first.
      let windows = rows.map { row in ids[row * (Self.context + 1)..<(row + 1) * (Self.context + 1)] }
      let input = IntTensor(windows.flatMap { $0.dropLast() }, shape: [rows.count, Self.context])
      let next = IntTensor(windows.flatMap { $0.dropFirst() })
      let share = Float(rows.count) / Float(batch)
      let seed = common.seed
      return {
        withRandomSource(RandomSource(seed: seed, streams: 1 << 20)) {
          crossEntropy(gpt(input).reshaped([next.count, 96]), next) * share
        }
      }
    }
  }

  private func gradients(_ gpt: GPT, _ parts: [() -> Variable]) -> [Tensor] {
    for parameter in gpt.parameters { parameter.clearGradient() }
    for part in parts { part().backward() }
    return gpt.parameters.map { $0.gradient! }
  }
}

func mebibytes(_ bytes: Int) -> String { fixed(Double(bytes) / 1_048_576, 1) }

/// The largest difference, as a share of the largest number of `b`.
func relativeDifference(_ a: [Tensor], _ b: [Tensor]) -> Double {
  var (difference, largest): (Float, Float) = (0, 0)
  for (x, y) in zip(a, b) {
    for (p, q) in zip(x.scalars, y.scalars) {
      difference = max(difference, abs(p - q))
      largest = max(largest, abs(q))
    }
  }
  return Double(difference / largest)
}
