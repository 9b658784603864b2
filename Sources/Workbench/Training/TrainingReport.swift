import Layers
import Pictures
import Training

extension Experiment {
  /// Draws a run's loss, and its metric, over the epochs and its loss over the steps.
  ///
  /// - Parameters:
  ///   - run: The run, at its end or interrupted.
  ///   - metricTitle: What the metric is, above its chart: `Digits read correctly`.
  public mutating func drawLearning<Task>(_ run: TrainingRun<Task>, metricTitle: String) throws {
    let about = run.stopping.map {
      "the lowest validation loss was in epoch \($0.bestEpoch); its weights were kept"
    }
    func chart(_ title: String, _ axis: Axis, _ value: (Score) -> Double) -> LineChart {
      func series(_ name: String, _ score: (EpochRecord) -> Score?) -> Series? {
        let points = run.history.compactMap { record in
          score(record).map { (x: Double(record.epoch), y: value($0)) }
        }
        return points.isEmpty ? nil : Series(name, x: points.map(\.x), y: points.map(\.y))
      }
      return LineChart(
        title: title, subtitle: about, x: Axis("epoch"), y: axis,
        series: [series("training") { $0.training }, series("validation") { $0.validation }].compactMap { $0 }
      )
    }
    if let name = run.task.metricName {
      let isShare = name == "accuracy"
      try write(
        chart(metricTitle, isShare ? Axis("share", unit: "%") : Axis(name)) {
          ($0.metric ?? .nan) * (isShare ? 100 : 1)
        }, to: "learning-curves.svg", "\(name), epoch by epoch")
    }
    try write(chart("Cross-entropy", Axis("loss"), \.loss), to: "loss-curves.svg", "loss, epoch by epoch")
    try drawLog(of: run)
  }

  /// Keeps a run's epochs and settings as tables, and what it came to as metrics.
  public mutating func keepTraining<Task>(_ run: TrainingRun<Task>) {
    let isShare = run.task.metricName == "accuracy"
    let metric = isShare ? "right" : run.task.metricName
    func cells(_ score: Score?) -> [String] {
      let value = score?.metric.map { isShare ? percent($0, 2) : fixed($0, 4) }
      return [score.map { fixed($0.loss, 4) } ?? ""] + (metric == nil ? [] : [value ?? ""])
    }
    let columns = metric.map { [$0] } ?? []
    var epochs = Table(
      "Epoch by epoch",
      columns: ["epoch", "training loss"] + columns + ["validation loss"] + columns + ["seconds"])
    for record in run.history {
      epochs.add(
        ["\(record.epoch)"] + cells(record.training) + cells(record.validation) + [fixed(record.seconds, 2)])
    }
    keep(epochs)
    var settings = Table("Settings", columns: ["option", "value"])
    for (name, value) in run.settings.identity + run.task.identity { settings.add(name, value) }
    keep(settings)

    metrics["parameters"] = Double(run.model.parameterCount)
    metrics["epochs"] = Double(run.history.count)
    metrics["kept_epoch"] = Double(run.keptEpoch)
    let key = run.task.metricName?.replacing(" ", with: "_") ?? "metric"
    metrics["training_loss"] = run.history.last?.training.loss
    metrics["training_\(key)"] = run.history.last?.training.metric
    metrics["validation_loss"] = run.history.last?.validation?.loss
    metrics["validation_\(key)"] = run.history.last?.validation?.metric
  }
}

extension TrainingRun {
  /// The median epoch's speed, in examples: data, forward, backward and the optimiser's step, and a look at the validation
  /// part.
  public var examplesPerSecond: Double {
    let rates = history.map { Double(task.exampleCount) / $0.seconds }.sorted()
    return rates.isEmpty ? .nan : rates[rates.count / 2]
  }
}
