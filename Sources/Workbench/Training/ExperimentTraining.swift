import Formats
import Foundation
import Layers
import Pictures
import Training

extension Experiment {
  /// Trains to the end, as every program does that trains for long: with a line of progress for each epoch, checkpoints,
  /// a log of every step in `log.csv`, and a remark when the loss is far above where it began. Ctrl-C, SIGTERM and a closed
  /// terminal leave a checkpoint and the command to go on.
  ///
  /// The weights are written as soon as they are there, before any picture: a disk that is full costs a picture then.
  ///
  /// - Parameters:
  ///   - run: The run, at its beginning or resumed.
  ///   - checkpoints: What keeps its state in a file meanwhile.
  ///   - unit: What the examples are, for the rate: `images`.
  /// - Throws: `CannotTrain` when the loss is no number any more, with the file that has the last good weights;
  ///   `ExitCode` when the user has interrupted it.
  public mutating func train<Task>(
    _ run: TrainingRun<Task>, keeping checkpoints: CheckpointKeeper<Task>, unit: String
  ) throws {
    // Until the experiment's last file is written.
    work = try FolderAtWork(output.path)
    sayWhereItGoesOn(run)
    let logFile = "log.csv"
    let stepsDone = run.stepsDone
    run.log = try TrainingLog(
      output.file(logFile), metricName: run.task.metricName, stepsDone: stepsDone)
    add(logFile, "every step: loss, learning rate")
    do {
      try Interruption.watching { try Self.trainEpochs(run, checkpoints, unit) }
    } catch let error as LossIsNotFinite {
      let path = try keepWeights(of: run.model, in: "weights-last-good.safetensors")
      throw CannotTrain("\(error)\n       The last good weights are in \(path).")
    }
    if let failure = run.log?.failure { Terminal.error("warning: \(failure)") }
    let weights = "weights.safetensors"
    let path = try keepWeights(of: run.model, in: weights)
    if path == output.file(weights) { add(weights, "the weights, by PyTorch's names") }
    checkpoints.runIsDone()
    if let path = checkpoints.path, path == output.file(CheckpointKeeper<Task>.fileName) {
      add(CheckpointKeeper<Task>.fileName, "the state at the end, for --resume")
    }
  }

  /// Draws the loss of every step from the log, with the validation part's over it.
  public mutating func drawLog<Task>(of run: TrainingRun<Task>, to name: String = "loss-by-step.svg") throws {
    guard let log = run.log else { return }
    let rows = TrainingLog.rows(of: log.path)
    if rows.count < 2 { return }
    try write(lossByStep(rows, run.history), to: name, "the loss, step by step")
  }

  private func sayWhereItGoesOn<Task>(_ run: TrainingRun<Task>) {
    if run.history.isEmpty && run.progress == nil { return }
    let batch = run.progress.map { ", step \($0.batch + 1)" } ?? ""
    print(
      run.isFinished
        ? "This run had come to its end.\n" : "Going on with epoch \(run.history.count + 1)\(batch).\n")
  }

  private static func trainEpochs<Task>(
    _ run: TrainingRun<Task>, _ checkpoints: CheckpointKeeper<Task>, _ unit: String
  ) throws {
    let wasFinished = run.isFinished
    func note(_ loss: Double, _ metric: Double?) -> String {
      "loss \(fixed(loss, 3))" + (metric.map { "  \(text($0, run.task.metricName))" } ?? "")
    }
    while !run.isFinished {
      let progress = Progress(
        "epoch \(run.history.count + 1)/\(run.settings.epochs)", total: run.task.exampleCount, unit: unit,
        from: run.progress?.examples ?? 0)
      let record = try run.nextEpoch { batch in
        progress.update(batch.examples, note: note(batch.loss, batch.metric))
        try checkpoints.stepIsDone()
      }
      let validation = record.validation.map { score in
        "  validation \(score.metric.map { text($0, run.task.metricName, isNamed: false) } ?? fixed(score.loss, 3))"
      }
      progress.finish(note(record.training.loss, record.training.metric) + (validation ?? ""))
      if run.isDiverging, let first = run.firstLoss {
        Terminal.error(
          "warning: the loss is \(fixed(record.training.loss / first, 1)) times that of the first step: nothing is being "
            + "learned. A smaller learning rate usually helps.")
      }
    }
    if run.wasStopped, !wasFinished {
      Terminal.error(
        "no better validation loss for \(run.history.count - run.keptEpoch) epochs: "
          + "back to the weights of epoch \(run.keptEpoch)")
    }
  }

  /// `right 98.7 %` for an accuracy, `nats per character 1.234` for others.
  private static func text(_ metric: Double, _ name: String?, isNamed: Bool = true) -> String {
    if name == "accuracy" { return (isNamed ? "right " : "") + percent(metric) }
    return (isNamed ? (name ?? "metric") + " " : "") + fixed(metric, 3)
  }

  /// Writes the weights into the experiment's folder, or, where that is not possible any more, to a temporary one.
  ///
  /// - Returns: Where they are.
  private func keepWeights(of model: Module, in name: String) throws -> String {
    let path = output.file(name)
    do {
      try model.writeWeights(to: path)
      return path
    } catch {
      let other = NSTemporaryDirectory() + "/\(ProcessInfo.processInfo.processIdentifier)-\(name)"
      do { try model.writeWeights(to: other) } catch _ { throw error }
      Progress.clearLine()
      Terminal.error("warning: \(error)\n         The weights are in \(other) instead.")
      return other
    }
  }
}

/// The loss of a run's steps, smoothed where there are many, with the validation part's at the end of each epoch.
func lossByStep(_ rows: [TrainingLog.Row], _ history: [EpochRecord]) -> LineChart {
  let size = max(1, rows.count / 100)
  let bins = stride(from: 0, to: rows.count, by: size).map { rows[$0..<min(rows.count, $0 + size)] }
  var training = Series(
    "training", x: bins.map { Double($0.last!.step) },
    y: bins.map { bin in bin.reduce(0) { $0 + $1.loss } / Double(bin.count) })
  if size > 1 {
    training.low = bins.map { bin in bin.map(\.loss).min()! }
    training.high = bins.map { bin in bin.map(\.loss).max()! }
  }
  var series = [training]
  let lastSteps = Dictionary(rows.map { ($0.epoch, $0.step) }) { _, later in later }
  let validated = history.compactMap { record in
    record.validation.flatMap { score in lastSteps[record.epoch].map { (Double($0), score.loss) } }
  }
  if !validated.isEmpty {
    series.append(Series("validation", x: validated.map(\.0), y: validated.map(\.1)))
  }
  return LineChart(
    title: "Loss, step by step",
    subtitle: size == 1
      ? nil : "Means of \(size) steps; the band reaches from the lowest to the highest of them.",
    x: Axis("step"), y: Axis("loss"), series: series)
}
