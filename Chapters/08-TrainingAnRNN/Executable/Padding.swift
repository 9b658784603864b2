import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Padding: ChapterExperiment {
  static let name = "padding"
  static let summary = "The last column of a padded batch against each text's last real step."
  static let details = """
    Trains the network twice: by the last column, as the article's listing has it, and by the last real step. Then shows \
    both the same held-out texts alone, in batches, and in batches with more padding than they need; the second also as the \
    listing would use it, judged by the last column.

    EXAMPLES
      train-rnn padding
      train-rnn padding --seeds 5
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  func prepare() throws { try options.texts.check(common) }

  func run(_ experiment: inout Experiment) throws {
    let sizes = options.sizes(
      common, quick: .init(training: 500, epochs: 2, seeds: 1),
      standard: .init(training: 3_000, epochs: 6, seeds: 1),
      full: .init(training: 4_000, epochs: 6, seeds: 3))
    let data = try options.load(common, sizes)
    let seeds = options.seeds(common, sizes)
    let test = data.test.first(1_000)
    let widths = [0, 60, 100, 200]
    print("Two ways to judge a padded batch, on \(describe(data))\n")

    var table = Table(
      "The same texts, with more and more padding",
      columns: ["learned from", "judged by", "alone", "in batches"]
        + widths.dropFirst().map { "\($0) columns" } + ["answers that change"])
    for learned in [JudgedStep.lastColumn, .lastReal] {
      let runs = try seeds.map { seed in
        var settings = TrainingSettings.rnn
        (settings.epochs, settings.seed) = (sizes.epochs, seed)
        // Texts of similar length are learned from together, as is usual: there is little padding to get used to.
        return try trained(
          "\(learned.meaning), seed \(seed)", settings, on: data, judgedStep: learned, buckets: true)
      }
      // What has never met padding is also judged by a column that is full of it.
      for judged in learned == .lastReal ? [.lastReal, .lastColumn] : [learned] {
        // For each seed: alone, then with each width; and the share of answers that are not those to the text alone.
        var accuracies = [[Double]](repeating: [], count: widths.count + 1)
        var changes: [Double] = []
        for run in runs {
          func evaluation(_ batchSize: Int, _ width: Int) -> Evaluation {
            run.model.evaluation(
              of: test, classCount: data.classes.count, step: judged, batchSize: batchSize, paddedTo: width)
          }
          let alone = evaluation(1, 0)
          let padded = widths.map { evaluation(250, $0) }
          for (i, one) in ([alone] + padded).enumerated() { accuracies[i].append(one.accuracy) }
          let changed = zip(alone.predictions, padded[0].predictions).count { $0 != $1 }
          changes.append(Double(changed) / Double(test.count))
        }
        let spreads = accuracies.map { Spread($0) }
        table.add(
          [learned.meaning, judged.meaning] + spreads.map { $0.percentText() }
            + [Spread(changes).percentText()])
        let name = learned == .lastColumn ? "column" : judged == .lastReal ? "real" : "mixed"
        experiment.metrics["\(name).alone_accuracy"] = spreads[0].mean
        experiment.metrics["\(name).batch_accuracy"] = spreads[1].mean
        for (width, spread) in zip(widths.dropFirst(), spreads.dropFirst(2)) {
          experiment.metrics["\(name).accuracy_\(width)"] = spread.mean
        }
        experiment.metrics["\(name).changed_answers"] = Spread(changes).mean
      }
    }
    experiment.metrics["test_texts"] = Double(test.count)
    experiment.metrics["seeds"] = Double(seeds.count)
    print("")
    experiment.show(
      table,
      note:
        "The last column: how many answers in a batch of 250 differ from those to the text alone.")
  }
}
