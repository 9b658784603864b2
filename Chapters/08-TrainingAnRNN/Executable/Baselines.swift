import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Baselines: ChapterExperiment {
  static let name = "baselines"
  static let summary =
    "What classifiers reach that do not know the order of words, or only of neighbours."
  static let details = """
    The most frequent class; a linear classifier of the last word, of all words, of all pairs of neighbouring words; and \
    the article's network. All are tested on texts that none of them has seen.

    EXAMPLES
      train-rnn baselines
      train-rnn baselines --data reviews.tsv
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
    print("Classifiers on \(describe(data))\n")

    var table = Table(
      "With and without the order of the words", columns: ["classifier", "knows", "right"])
    table.add("majority", "nothing of the text", percent(data.majorityAccuracy))
    experiment.metrics["majority_accuracy"] = data.majorityAccuracy
    for kind in CountedWords.allCases {
      let task = CountingTask(data, kind)
      let accuracy = Spread(try seeds.map { try task.testEvaluation(seed: $0).accuracy })
      let knows =
        switch kind {
        case .last: "its last word"
        case .all: "which words, how often"
        case .pairs: "which word follows which"
        }
      table.add(kind.name, knows, accuracy.percentText())
      let name =
        switch kind {
        case .last: "last_word_accuracy"
        case .all: "bag_of_words_accuracy"
        case .pairs: "pairs_accuracy"
        }
      experiment.metrics[name] = accuracy.mean
    }
    let accuracy = Spread(
      try seeds.map { seed in
        var settings = TrainingSettings.rnn
        (settings.epochs, settings.seed) = (sizes.epochs, seed)
        let run = try trained("seed \(seed)", settings, on: data)
        return run.model.evaluation(of: data.test, classCount: data.classes.count).accuracy
      })
    table.add("the article's RNN", "the whole text, in its order", accuracy.percentText())
    experiment.metrics["accuracy"] = accuracy.mean
    experiment.metrics["seeds"] = Double(seeds.count)
    print("")
    experiment.show(
      table, note: seeds.count > 1 ? "mean ± standard deviation of \(seeds.count) seeds" : nil)
  }
}
