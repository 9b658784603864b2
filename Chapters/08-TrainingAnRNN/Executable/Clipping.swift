import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Clipping: ChapterExperiment {
  static let name = "clipping"
  static let summary = "Training with and without a limit to the gradient's length."
  static let details = """
    Trains the network by plain gradient descent with larger and larger learning rates, each with the gradient's length \
    limited to 1 and without a limit, from the same first weights.

    EXAMPLES
      train-rnn clipping
      train-rnn clipping --seeds 5
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  func prepare() throws { try options.texts.check(common) }

  func run(_ experiment: inout Experiment) throws {
    let sizes = options.sizes(
      common, quick: .init(training: 400, epochs: 1, seeds: 1),
      standard: .init(training: 1_500, epochs: 4, seeds: 1),
      full: .init(training: 2_000, epochs: 6, seeds: 3))
    let data = try options.load(common, sizes)
    let seeds = options.seeds(common, sizes)
    let rates = common.quick ? [0.3, 3] : [0.3, 1, 3, 10]
    print("With and without clipping, on \(describe(data))\n")

    var table = Table(
      "Plain gradient descent, by the learning rate",
      columns: [
        "learning rate", "gradient", "validation loss", "right", "longest gradient", "stopped",
      ])
    var norms: [(name: String, values: [Double])] = []
    for rate in rates {
      for limit in [nil, 1.0] {
        var (losses, accuracies, longest, stopped) = ([Double](), [Double](), 0.0, 0)
        for seed in seeds {
          var settings = TrainingSettings.rnn
          settings.optimizer = .sgd
          settings.learningRate = rate
          settings.clipNorm = limit
          (settings.epochs, settings.seed) = (sizes.epochs, seed)
          let outcome = try train(
            settings, on: data, "rate \(rate)\(limit == nil ? "" : ", clipped"), seed \(seed)")
          if let score = outcome.score {
            losses.append(score.loss)
            accuracies.append(score.accuracy)
          } else {
            stopped += 1
          }
          longest = max(longest, outcome.norms.filter(\.isFinite).max() ?? 0)
          if seed == seeds[0] && rate == rates.dropLast().last {
            norms.append((limit == nil ? "without a limit" : "limited to 1", outcome.norms))
          }
        }
        let name = limit == nil ? "free" : "clipped"
        table.add(
          "\(rate.formatted)", limit == nil ? "as it is" : "at most 1",
          losses.isEmpty ? "" : Spread(losses).text(3),
          accuracies.isEmpty ? "" : Spread(accuracies).percentText(),
          fixed(longest, 1), stopped == 0 ? "" : "\(stopped) of \(seeds.count)")
        experiment.metrics["\(name).accuracy_\(rate.formatted)"] =
          accuracies.isEmpty ? 0 : Spread(accuracies).mean
        experiment.metrics["\(name).longest_\(rate.formatted)"] = longest
        experiment.metrics["\(name).stopped_\(rate.formatted)"] = Double(stopped)
      }
    }
    print("")
    experiment.show(
      table, note: "stopped: runs whose loss became infinite or no number; they count in no mean.")
    experiment.metrics["seeds"] = Double(seeds.count)
    try experiment.write(
      LineChart(
        title: "How long the gradient is, step by step",
        subtitle:
          "plain gradient descent with a learning rate of \(rates.dropLast().last!.formatted); before it is shrunk",
        x: Axis("step"), y: Axis("length of the gradient", isLogarithmic: true),
        series: norms.map { Series($0.name, y: $0.values) }),
      to: "gradient-norms.svg", "the gradient's length at every step")
  }

  /// Trains to the end, or until the loss is no number; and notes the length of every gradient before it is shrunk.
  private func train(_ settings: TrainingSettings, on data: TextData, _ title: String) throws -> (
    score: Score?, norms: [Double]
  ) {
    let run = SentenceRun(settings, on: data)
    var norms: [Double] = []
    run.beforeStep = { norms.append(gradientNorm(of: $0)) }
    let progress = Progress(title, total: settings.epochs * data.training.count, unit: "texts")
    do {
      try run.finish { progress.update($0) }
    } catch is LossIsNotFinite {
      progress.finish("the loss is no number any more")
      return (nil, norms)
    }
    progress.finish("validation \(percent(run.history.last!.validation!.accuracy))")
    return (run.history.last!.validation, norms)
  }
}

extension Double {
  /// `0.3`, `3`: without a zero after the point.
  fileprivate var formatted: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
