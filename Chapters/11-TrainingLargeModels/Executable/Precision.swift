import ArgumentParser
import Chapter11TrainingLargeModels
import Engine
import Foundation
import Workbench

struct Precision: ChapterExperiment {
  static let name = "precision"
  static let summary = "Training with sixteen bits: what master weights and loss scaling are for."
  static let details = """
    A perceptron whose numbers are rounded to bfloat16 or float16 after every op, on both ways. First with and without \
    master weights in float32, at several learning rates; then with and without loss scaling. The rounding is exact and the \
    speed is not: this computer has no units for it.

    EXAMPLES
      train-large precision
      train-large precision --seeds 1
    """

  @OptionGroup var common: CommonOptions

  @Option(parsing: .unconditional, help: "How many seeds (default: 3; with --full 5, with --quick 1).")
  var seeds: Int?

  func validate() throws {
    try checkOption("--seeds", seeds, in: 1...100)
  }

  private var seedCount: Int { seeds ?? common.scale.of(quick: 1, standard: 3, full: 5) }
  private static let widths = [784, 32, 10]

  func run(_ experiment: inout Experiment) throws {
    let data = ImageData.generatedDigits(
      training: common.scale.of(quick: 320, standard: 2_000, full: 4_000), validation: 1,
      test: common.scale.of(quick: 100, standard: 1_000, full: 2_000), seed: common.seed)
    experiment.metrics["seeds"] = Double(seedCount)
    experiment.metrics["digits"] = Double(data.training.count)
    showFormats(&experiment)
    try compareMasters(data, &experiment)
    try showGradients(data, &experiment)
    try compareScales(data, &experiment)
  }

  private func showFormats(_ experiment: inout Experiment) {
    var table = Table(
      "Three formats", columns: ["format", "significant bits", "smallest", "largest", "1 + x is 1 up to x ="])
    for format in NumberFormat.allCases {
      // Found by trying: halved until adding it makes no difference.
      var x: Float = 1
      while format.rounded(Tensor([1 + x]))[0] != 1 { x /= 2 }
      table.add(
        format.rawValue, "\(format.significantBits)", readable(format.smallest), readable(format.largest),
        readable(Double(x)))
      experiment.metrics["\(format.rawValue).lost_beside_1"] = Double(x)
    }
    experiment.show(table)
  }

  // MARK: Master weights

  private struct Job: Sendable {
    let format: NumberFormat
    let keepsMaster: Bool
    let rate: Double
    let seed: UInt64
    var name: String { "\(format.rawValue)\(keepsMaster ? "" : ", no master weights")" }
    var key: String { "\(format.rawValue)\(keepsMaster ? "" : "_alone")" }
  }

  private struct Outcome: Sendable {
    let loss, accuracy: Double
    /// The share of steps of single weights that rounding undid.
    let lost: Double
    let curve: [Double]
  }

  private func compareMasters(_ data: ImageData, _ experiment: inout Experiment) throws {
    let rates = common.scale.of(quick: [1e-3], standard: [1e-2, 1e-3, 1e-4], full: [1e-2, 1e-3, 1e-4, 1e-5])
    let epochs = common.scale.of(quick: 1, standard: 4, full: 8)
    let ways: [(NumberFormat, Bool)] = [
      (.float32, true), (.bfloat16, true), (.bfloat16, false), (.float16, false),
    ]
    let jobs = ways.flatMap { way in
      rates.flatMap { rate in
        (0..<UInt64(seedCount)).map {
          Job(format: way.0, keepsMaster: way.1, rate: rate, seed: common.seed &+ $0)
        }
      }
    }
    let outcomes = try sideBySide(
      "master weights, \(jobs.count) trainings", jobs, steps: data.training.count * epochs, unit: "digits"
    ) { job, advance in try Self.train(job, data, epochs, advance) }
    var table = Table(
      "With and without master weights, Adam",
      columns: ["kept in"] + rates.flatMap { ["rate \(readable($0)): test loss", "right", "steps lost"] })
    var series: [Series] = []
    for (i, way) in ways.enumerated() {
      var cells: [String] = []
      for (j, rate) in rates.enumerated() {
        let from = (i * rates.count + j) * seedCount
        let own = Array(outcomes[from..<from + seedCount])
        let job = jobs[from]
        if j == 0 { cells.append(job.name) }
        let (loss, lost) = (Spread(own.map(\.loss)), Spread(own.map(\.lost)))
        cells += [loss.text(3), percent(Spread(own.map(\.accuracy)).mean), way.1 ? "" : percent(lost.mean)]
        let key = "\(job.key).rate_\(scientificKey(rate))"
        experiment.metrics["\(key).loss"] = loss.mean
        experiment.metrics["\(key).accuracy"] = Spread(own.map(\.accuracy)).mean
        if !way.1 { experiment.metrics["\(key).lost"] = lost.mean }
        if rate == rates.last {
          let steps = own[0].curve.count
          series.append(
            Series(
              job.name, x: (1...steps).map { Double($0) * 10 }, runs: own.map(\.curve), isDashed: !way.1))
        }
      }
      table.add(cells)
    }
    experiment.show(
      table,
      note:
        "\(epochs) epochs of \(grouped(data.training.count)) digits; mean ± deviation of \(counted(seedCount, "seed")). Lost: "
        + "steps of a weight that are smaller than half the distance to the next number.")
    try experiment.write(
      LineChart(
        title: "Small steps need many bits",
        subtitle: "Adam at a rate of \(readable(rates.last!)); loss of the last batches, mean and range of "
          + "\(counted(seedCount, "seed")).",
        x: Axis("step"), y: Axis("loss", unit: "nats"), series: series),
      to: "master.svg", "training with and without master weights")
  }

  private func scientificKey(_ rate: Double) -> String { "1e\(Int(log10(rate).rounded()))" }

  private static func train(
    _ job: Job, _ data: ImageData, _ epochs: Int, _ advance: (Int) -> Void
  ) throws -> Outcome {
    var settings = TrainingSettings(
      epochs: epochs, batchSize: 32, optimizer: .adam, learningRate: job.rate, seed: job.seed)
    settings.schedule = .constant
    let run = TrainingRun(ImageClassification<NarrowPerceptron>(training: data.training), settings) {
      NarrowPerceptron(widths: widths, format: job.format)
    }
    let parameters = run.model.parameters
    if !job.keepsMaster { for p in parameters { p.value = job.format.rounded(p.value) } }
    var before = parameters.map(\.value)
    var (changed, lost, seen) = (0, 0, 0)
    var (curve, sum, steps) = ([Double](), 0.0, 0)
    while !run.isFinished {
      let done = run.history.count * data.training.count
      try run.nextEpoch { progress in
        if !job.keepsMaster {
          let (c, l) = keepWithoutMaster(parameters, in: job.format, before: before)
          (changed, lost) = (changed + c, lost + l)
          before = parameters.map(\.value)
        }
        sum += progress.batchLoss
        steps += 1
        if steps % 10 == 0 {
          curve.append(sum / 10)
          sum = 0
        }
        advance(done + progress.examples - seen)
        seen = done + progress.examples
      }
    }
    let test = evaluate(run.model, on: data.test)
    return Outcome(
      loss: test.loss, accuracy: test.accuracy, lost: changed == 0 ? 0 : Double(lost) / Double(changed),
      curve: curve)
  }

  // MARK: Gradients in float16

  /// What a loss is divided by, as if its 32 digits were part of a batch of two million: GPT-3's has 3.2 million tokens.
  private static let divisor: Float = 65_536

  private func showGradients(_ data: ImageData, _ experiment: inout Experiment) throws {
    let epochs = common.scale.of(quick: 1, standard: 6, full: 12)
    let run = TrainingRun(
      ImageClassification<NarrowPerceptron>(training: data.training),
      TrainingSettings(epochs: epochs, batchSize: 32, learningRate: 2e-3, seed: common.seed)
    ) { NarrowPerceptron(widths: Self.widths, format: .float32) }
    try run.finish()
    let (images, labels) = data.training.batch(0..<min(256, data.training.count))
    let results = run.model.results(Variable(images))
    for result in results { result.retainGradient() }
    crossEntropy(results.last!, labels).backward()
    let gradients = results.flatMap { $0.gradient!.scalars }.filter { $0 != 0 }
    var table = Table(
      "The gradients of a trained network's activations, in float16",
      columns: ["loss times", "become 0", "with fewer than 11 bits", "infinite"])
    for power in [-16, -8, 0, 8, 16, 24, 28] {
      let scaled = gradients.map { $0 * Float(sign: .plus, exponent: power, significand: 1) }
      let kept = Tensor(scaled).roundedToFloat16().scalars
      let zeros = kept.count { $0 == 0 }
      let narrow = kept.count { $0 != 0 && abs($0) < 0x1p-14 }
      let infinite = kept.count { $0.isInfinite }
      table.add(
        power == 0 ? "1" : "2\(superscript(power))", percent(zeros, of: kept.count),
        percent(narrow, of: kept.count), percent(infinite, of: kept.count))
      let key = power < 0 ? "scale_1_over_2_\(-power)" : "scale_2_\(power)"
      experiment.metrics["\(key).zero"] = Double(zeros) / Double(kept.count)
      experiment.metrics["\(key).infinite"] = Double(infinite) / Double(kept.count)
    }
    experiment.show(
      table,
      note:
        "\(grouped(gradients.count)) gradients that are not 0 in float32, from one batch of \(labels.scalars.count). 2⁻¹⁶: "
        + "as if they were part of a batch 65,536 times as large.")
    let bins = Array(-44...4)
    let counts = bins.map { bin in gradients.count { Int(log2(abs($0)).rounded(.down)) == bin } }
    let shares = counts.map { Double($0) * 100 / Double(gradients.count) }
    let top = shares.max()! * 1.05
    func line(_ name: String, _ x: Double) -> Series {
      Series(name, x: [x, x], y: [0, top], isDashed: true)
    }
    try experiment.write(
      LineChart(
        title: "How small gradients are",
        subtitle: "Gradients of a trained network's activations; to the left of 2⁻²⁴ float16 has nothing.",
        x: Axis("magnitude, as a power of 2"), y: Axis("share", unit: "%"),
        series: [
          Series("gradients", x: bins.map { Double($0) + 0.5 }, y: shares),
          Series("of a batch 65,536 times as large", x: bins.map { Double($0) + 0.5 - 16 }, y: shares),
          line("2⁻²⁴, the smallest of float16", -24), line("2⁻¹⁴, the smallest with all bits", -14),
        ]), to: "gradients.svg", "magnitudes of gradients, and where float16 ends")
  }

  // MARK: Loss scaling

  private struct Scaling: Sendable {
    let name, key: String
    let format: NumberFormat
    let scaler: LossScale
  }

  private func compareScales(_ data: ImageData, _ experiment: inout Experiment) throws {
    let epochs = common.scale.of(quick: 1, standard: 4, full: 8)
    let ways = [
      Scaling(name: "float32", key: "float32", format: .float32, scaler: LossScale(1, growthInterval: nil)),
      Scaling(
        name: "bfloat16", key: "bfloat16", format: .bfloat16, scaler: LossScale(1, growthInterval: nil)),
      Scaling(name: "float16", key: "float16", format: .float16, scaler: LossScale(1, growthInterval: nil)),
      Scaling(
        name: "float16, loss × 2¹⁶", key: "float16_fixed", format: .float16,
        scaler: LossScale(65_536, growthInterval: nil)),
      Scaling(
        name: "float16, dynamic from 1", key: "float16_dynamic", format: .float16,
        scaler: LossScale(1, growthInterval: 5)),
      Scaling(
        name: "float16, dynamic from 2⁴⁸", key: "float16_high", format: .float16,
        scaler: LossScale(0x1p48, growthInterval: 50)),
    ]
    let jobs = ways.flatMap { way in (0..<UInt64(seedCount)).map { (way: way, seed: common.seed &+ $0) } }
    let found = try sideBySide(
      "loss scaling, \(jobs.count) trainings", jobs, steps: data.training.count * epochs, unit: "digits"
    ) { job, advance -> (loss: Double, accuracy: Double, skipped: Int, scale: Float) in
      let task = MixedPrecision(data.training, scaler: job.way.scaler, divisor: Self.divisor)
      let settings = TrainingSettings(
        epochs: epochs, batchSize: 32, optimizer: .sgd, learningRate: 0.125 * Double(Self.divisor),
        seed: job.seed)
      let run = TrainingRun(task, settings) { NarrowPerceptron(widths: Self.widths, format: job.way.format) }
      run.beforeStep = { task.unscale($0) }
      var seen = 0
      try run.finish { digits in
        advance(digits - seen)
        seen = digits
      }
      let test = evaluate(run.model, on: data.test)
      return (test.loss, test.accuracy, task.scaler.skipped, task.scaler.scale)
    }
    var table = Table(
      "Loss scaling, for a loss divided by 65,536",
      columns: ["kept in", "test loss", "right", "steps left out", "scale at the end"])
    for (i, way) in ways.enumerated() {
      let own = Array(found[i * seedCount..<(i + 1) * seedCount])
      let loss = Spread(own.map(\.loss))
      let skipped = Spread(own.map { Double($0.skipped) }).mean
      let accuracy = Spread(own.map(\.accuracy))
      let powers = Set(own.map { Int(log2($0.scale)) }).sorted().map { $0 == 0 ? "1" : "2\(superscript($0))" }
      table.add(
        way.name, loss.text(3), accuracy.percentText(), fixed(skipped, 1), powers.joined(separator: ", "))
      experiment.metrics["scaling.\(way.key).loss"] = loss.mean
      experiment.metrics["scaling.\(way.key).loss_deviation"] = loss.deviation
      experiment.metrics["scaling.\(way.key).accuracy"] = accuracy.mean
      experiment.metrics["scaling.\(way.key).skipped"] = skipped
    }
    experiment.show(
      table,
      note:
        "SGD at a rate of 65,536 · 0.125, so that in float32 nothing is changed by the division. Master weights throughout; mean ± "
        + "deviation of \(counted(seedCount, "seed")).")
  }
}
