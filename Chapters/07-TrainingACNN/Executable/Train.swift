import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train the article's CNN, test it, and draw what it learned.",
    discussion: """
      Ctrl-C stops between two steps, keeps the state of the run in a file, and says how to go on: the weights at the \
      end are the same, to the last bit, as without the break. With --checkpoint, a crash does no harm either.

      EXAMPLES
        train-cnn train --epochs 3 --learning-rate 0.0005
        train-cnn train --data ~/mnist --split 8000 --epochs 20 --augment all
        train-cnn train --data ~/mnist --split 8000 --epochs 50 --patience 5
        train-cnn train --test-data ~/mnist     learn from generated digits, read real ones
        train-cnn train --epochs 30 --checkpoint out/long-run.safetensors
        train-cnn train --epochs 30 --resume out/long-run.safetensors
      """)

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: TrainingOptions
  @OptionGroup var checkpoints: CheckpointOptions

  func run() throws {
    try train(options, checkpoints, common, to: common.prepare(chapterFolder))
  }
}

/// Trains the network, tests it, and leaves pictures, weights and results.
///
/// - Parameter images: How many images to learn from at most.
func train(
  _ options: TrainingOptions, _ checkpoints: CheckpointOptions, _ common: CommonOptions, images: Int = .max,
  to output: OutputFolder
) throws {
  var experiment = Experiment("train-cnn train", seed: common.seed, to: output)
  let data = try options.load(common).first(training: images)
  var settings = options.settings(common, for: data)
  if images < .max { settings.epochs = min(settings.epochs, 3) }
  let run = CNNRun(settings, augmentation: options.augment, on: data)
  let keeper = try CheckpointKeeper(checkpoints, run, output)
  describe(data, run)
  do {
    try train(run, keeper)
  } catch let error as LossIsNotFinite {
    let path = output.file("weights-last-good.safetensors")
    try run.model.writeWeights(to: path)
    throw CannotUse("\(error)\n       The last good weights are in \(path).")
  }

  let test = evaluate(run.model, on: data.test)
  let memory = Machine.peakMemoryMiB
  let digits =
    options.testData == nil
    ? "the held-out digits" : "the \(Progress.grouped(Double(test.count))) digits of the test files"
  print(
    "\n\(percent(test.accuracy)) of \(digits) read correctly · \(fixed(experiment.seconds, 1)) s · "
      + "\(fixed(memory, 0)) MiB\n")
  experiment.metrics["peak_memory_mib"] = memory
  try report(run, test, on: data.test, to: &experiment)
  if let path = keeper.path, path == output.file(CheckpointKeeper.fileName) {
    experiment.add(CheckpointKeeper.fileName, "the state at the end, for --resume")
  }
  try experiment.finish()
}

private func describe(_ data: ImageData, _ run: CNNRun) {
  func grouped(_ count: Int) -> String { Progress.grouped(Double(count)) }
  func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
  print(
    """
    The article's CNN on \(data.source): \(grouped(data.training.count)) to learn from, \
    \(grouped(data.validation.count)) to watch it by, \(grouped(data.test.count)) held out
    """)
  let sizes = run.model.layerSizes
  for (i, layer) in sizes.enumerated() {
    let name = layer.name.padding(toLength: 8, withPad: " ", startingAt: 0)
    let shape = layer.shape.padding(toLength: 14, withPad: " ", startingAt: 0)
    print("  \(name)\(shape)\(right(grouped(layer.parameters), 10))\(i == 0 ? " parameters" : "")")
  }
  let flops = Double(sizes.reduce(0) { $0 + $1.flops })
  print(
    "  \(right(grouped(run.model.parameterCount), 32)) parameters, \(fixed(flops / 1e6, 1)) MFLOP an image\n")
  if run.history.count > 0 || run.progress != nil {
    let batch = run.progress.map { ", step \($0.batch + 1)" } ?? ""
    print(
      run.isFinished
        ? "This run had come to its end.\n" : "Going on with epoch \(run.history.count + 1)\(batch).\n")
  }
}

/// Trains to the end, with a line of progress for each epoch.
private func train(_ run: CNNRun, _ keeper: CheckpointKeeper) throws {
  try Interruption.watching {
    while !run.isFinished {
      let progress = Progress(
        "epoch \(run.history.count + 1)/\(run.settings.epochs)", total: run.task.exampleCount, unit: "images",
        from: run.progress?.examples ?? 0)
      let record = try run.nextEpoch { batch in
        progress.update(
          batch.examples, note: "loss \(fixed(batch.loss, 3))  right \(percent(batch.accuracy))")
        try keeper.stepIsDone()
      }
      progress.finish(
        "loss \(fixed(record.training.loss, 3))  right \(percent(record.training.accuracy))  "
          + "validation \(percent(record.validation!.accuracy))")
    }
    keeper.runIsDone()
  }
  if run.wasStopped {
    Terminal.error(
      "no better validation loss for \(run.history.count - run.keptEpoch) epochs: "
        + "back to the weights of epoch \(run.keptEpoch)")
  }
}
