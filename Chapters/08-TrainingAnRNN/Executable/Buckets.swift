import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Buckets: ChapterExperiment {
  static let name = "buckets"
  static let summary = "Batches of texts of similar length: what they save."
  static let details = """
    Trains the network on batches in random order and on batches of texts of similar length, from the same seeds, and \
    compares times and accuracies. The two take turns, so that a slow spell of the machine meets both.

    EXAMPLES
      train-rnn buckets
      train-rnn buckets --data reviews.tsv
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: ComparisonOptions

  func prepare() throws { try options.texts.check(common) }

  func run(_ experiment: inout Experiment) throws {
    let sizes = options.sizes(
      common, quick: .init(training: 500, epochs: 2, seeds: 1),
      standard: .init(training: 3_000, epochs: 5, seeds: 1),
      full: .init(training: 4_000, epochs: 6, seeds: 3))
    let data = try options.load(common, sizes)
    let seeds = options.seeds(common, sizes)
    print("Random batches and batches of similar length, on \(describe(data))\n")

    var accuracies: [Bool: [Double]] = [:]
    var rates: [Bool: [Double]] = [:]
    for seed in seeds {
      for hasBuckets in [false, true] {
        var settings = TrainingSettings.rnn
        (settings.epochs, settings.seed) = (sizes.epochs, seed)
        let name = hasBuckets ? "similar length" : "random order"
        let run = try trained("\(name), seed \(seed)", settings, on: data, buckets: hasBuckets)
        let test = run.model.evaluation(of: data.test, classCount: data.classes.count)
        accuracies[hasBuckets, default: []].append(test.accuracy)
        rates[hasBuckets, default: []].append(run.examplesPerSecond)
      }
    }
    var table = Table(
      "The order in which texts are learned from",
      columns: ["batches", "padding", "texts/s", "right"])
    for hasBuckets in [false, true] {
      let accuracy = Spread(accuracies[hasBuckets]!)
      let rate = Spread(rates[hasBuckets]!)
      let share = paddingShare(SentenceTask(data, buckets: hasBuckets))
      table.add(
        hasBuckets ? "of similar length" : "in random order", percent(share),
        grouped(rate.median),
        accuracy.percentText())
      let name = hasBuckets ? "buckets" : "random"
      experiment.metrics["\(name).padding"] = share
      experiment.metrics["\(name).texts_per_second"] = rate.median
      experiment.metrics["\(name).accuracy"] = accuracy.mean
    }
    let ratios = zip(rates[true]!, rates[false]!).map { $0 / $1 }
    experiment.metrics["speed_ratio"] = Spread(ratios).median
    experiment.metrics["seeds"] = Double(seeds.count)
    print("")
    experiment.show(
      table, note: "Batches of similar length are \(fixed(Spread(ratios).median, 2)) times as fast."
    )
  }

  /// The share of places in an epoch's batches that are padding.
  private func paddingShare(_ task: SentenceTask) -> Double {
    let lengths = task.data.training.lengths
    var (real, all) = (0, 0)
    for places in task.batches(
      epoch: 1, batchSize: TrainingSettings.rnn.batchSize, seed: common.seed)
    {
      let own = places.map { lengths[$0] }
      real += own.reduce(0, +)
      all += own.count * own.max()!
    }
    return 1 - Double(real) / Double(all)
  }
}
