import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Train: ChapterExperiment {
  static let name = "train"
  static let summary =
    "Train the article's recurrent classifier, test it, and draw what it learned."
  static let details = """
    Beside the network stand three classifiers that cannot know the order of words: the most frequent class, the last \
    word only, and the bag of words.

    Ctrl-C stops between two steps, keeps the state of the run in a file, and says how to go on: the weights at the \
    end are the same, to the last bit, as without the break. With --checkpoint, a crash does no harm either.

    EXAMPLES
      train-rnn train --epochs 12 --hidden-size 32
      train-rnn train --data reviews.tsv --words 100 --patience 3
      train-rnn train --step column           as in the article, whatever the last column holds
      train-rnn train --epochs 30 --checkpoint out/long-run.safetensors
      train-rnn train --epochs 30 --resume out/long-run.safetensors
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: TrainingOptions
  @OptionGroup var checkpoints: CheckpointOptions

  func prepare() throws { try options.texts.check(common) }

  func run(_ experiment: inout Experiment) throws {
    var data = try options.texts.load(common)
    // Fewer sentences, so that all of the chapter's experiments together are done within two minutes.
    if experiment.isPartOfAll && !common.full {
      data = data.first(training: common.quick ? 500 : 3_000)
    }
    let run = SentenceRun(
      options.settings(common), size: options.size, on: data, judgedStep: options.step)
    let keeper = try CheckpointKeeper(checkpoints, run, experiment.output)
    print("The article's RNN on \(describe(data))")
    print(
      "  an embedding of \(options.hiddenSize), \(options.layers) LSTM \(options.layers == 1 ? "layer" : "layers"), "
        + "\(grouped(run.model.parameterCount)) parameters\n")
    try RunFolder.write(SavedClassifier(data, options.size), to: experiment.output)
    try experiment.train(run, keeping: keeper, unit: "texts")
    experiment.add(RunFolder.networkFile, "its sizes and its words, for predict")

    let test = run.model.evaluation(
      of: data.test, classCount: data.classes.count, step: options.step)
    let memory = Machine.peakMemoryMiB
    print(
      "\n\(percent(test.accuracy)) of the held-out texts told correctly · \(fixed(experiment.seconds, 1)) s · "
        + "\(fixed(memory, 0)) MiB\n")
    experiment.metrics["peak_memory_mib"] = memory
    try showBaselines(data, test, seed: common.seed, &experiment)
    try report(run, test, on: data.test, to: &experiment)
  }
}

/// Shows the network beside the classifiers that cannot know the order of words.
private func showBaselines(
  _ data: TextData, _ test: Evaluation, seed: UInt64, _ experiment: inout Experiment
) throws {
  let bag = try CountingTask(data, .all).testEvaluation(seed: seed)
  let last = try CountingTask(data, .last).testEvaluation(seed: seed)
  var table = Table(
    "What the order of the words is worth", columns: ["classifier", "right", "loss"])
  table.add("majority", percent(data.majorityAccuracy), "")
  table.add("last word only", percent(last.accuracy), fixed(last.loss, 4))
  table.add("bag of words", percent(bag.accuracy), fixed(bag.loss, 4))
  table.add("the article's RNN", percent(test.accuracy), fixed(test.loss, 4))
  experiment.show(table)
  experiment.metrics["majority_accuracy"] = data.majorityAccuracy
  experiment.metrics["last_word_accuracy"] = last.accuracy
  experiment.metrics["bag_of_words_accuracy"] = bag.accuracy
}
