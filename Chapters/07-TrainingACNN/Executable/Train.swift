import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Train: ChapterExperiment {
  static let name = "train"
  static let summary = "Train the article's CNN, test it, and draw what it learned."
  static let details = """
    Ctrl-C stops between two steps, keeps the state of the run in a file, and says how to go on: the weights at the \
    end are the same, to the last bit, as without the break. With --checkpoint, a crash does no harm either.

    EXAMPLES
      train-cnn train --epochs 3 --learning-rate 0.0005
      train-cnn train --data ~/mnist --split 8000 --epochs 20 --augment all
      train-cnn train --data ~/mnist --split 8000 --epochs 50 --patience 5
      train-cnn train --test-data ~/mnist     learn from generated digits, read real ones
      train-cnn train --epochs 30 --checkpoint out/long-run.safetensors
      train-cnn train --epochs 30 --resume out/long-run.safetensors
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var options: TrainingOptions
  @OptionGroup var checkpoints: CheckpointOptions

  /// Trains the network, tests it, and leaves pictures, weights and results.
  func run(_ experiment: inout Experiment) throws {
    var data = try options.load(common)
    // A fifth of the images, so that all of the chapter's experiments together are done within two minutes.
    if experiment.isPartOfAll { data = data.first(training: common.quick ? 1_000 : 12_000) }
    var settings = options.settings(common, for: data)
    if experiment.isPartOfAll { settings.epochs = min(settings.epochs, 3) }
    let run = CNNRun(settings, augmentation: options.augment, on: data)
    let keeper = try CheckpointKeeper(checkpoints, run, experiment.output)
    describe(data, run)
    try experiment.train(run, keeping: keeper, unit: "images")

    let test = evaluate(run.model, on: data.test)
    let memory = Machine.peakMemoryMiB
    let digits =
      options.testData == nil
      ? "the held-out digits" : "the \(grouped(test.count)) digits of the test files"
    print(
      "\n\(percent(test.accuracy)) of \(digits) read correctly · \(fixed(experiment.seconds, 1)) s · "
        + "\(fixed(memory, 0)) MiB\n")
    experiment.metrics["peak_memory_mib"] = memory
    try report(run, test, on: data.test, to: &experiment)
  }
}

private func describe(_ data: ImageData, _ run: CNNRun) {
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
}
