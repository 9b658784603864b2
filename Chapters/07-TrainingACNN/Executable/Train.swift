import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Workbench

struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train the article's CNN, test it, and draw what it learned.",
    discussion: """
      EXAMPLES
        train-cnn train --epochs 3 --learning-rate 0.0005
        train-cnn train --data ~/mnist --split 8000 --epochs 10
      """)

  @OptionGroup var common: CommonOptions

  @Option(
    help: ArgumentHelp(
      "A folder with MNIST-format files, plain or gzipped (default: generated digits).", valueName: "dir"))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Train on the first N images of the files; the rest are held out.", valueName: "n"))
  var split: Int?

  @Option(
    parsing: .unconditional,
    help: "How often every image is seen (default: 3; up to 10 when there are few images; with --quick 1).")
  var epochs: Int?

  @Option(parsing: .unconditional, help: "How many images make one step.")
  var batchSize = 64

  @Option(parsing: .unconditional, help: "Adam's learning rate.")
  var learningRate = 1e-3

  func validate() throws {
    if let epochs, epochs < 1 { throw ValidationError("--epochs must be at least 1, given \(epochs)") }
    if batchSize < 1 { throw ValidationError("--batch-size must be at least 1, given \(batchSize)") }
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0, given \(learningRate)")
    }
    if split != nil && data == nil {
      throw ValidationError("--split needs --data: it says how to divide the files")
    }
  }

  func run() throws {
    let start = ContinuousClock.now
    let output = try common.prepare("07-training-a-cnn")
    let data = try loadData()
    var recipe = Recipe()
    recipe.epochs = epochs ?? (common.quick ? 1 : min(10, max(3, 180_000 / data.training.count)))
    recipe.batchSize = batchSize
    recipe.learningRate = learningRate
    recipe.seed = common.seed

    let run = TrainingRun(recipe, on: data)
    describe(data, run.model)
    try train(run, output)
    let test = evaluate(run.model, on: data.test)
    let seconds = (ContinuousClock.now - start).seconds
    let memory = Machine.peakMemoryMiB
    print(
      "\n\(percent(test.accuracy)) of the held-out digits read correctly · \(fixed(seconds, 1)) s · \(fixed(memory, 0)) MiB"
    )

    var report = Report(run: run, test: test, seed: common.seed)
    report.results.metrics["images_per_second"] = report.imagesPerSecond
    report.results.metrics["peak_memory_mib"] = memory
    try report.write(to: output, seconds: { (ContinuousClock.now - start).seconds })
    print("\n\(output.path)/")
    for (name, meaning) in report.files {
      print("  \(name.padding(toLength: 28, withPad: " ", startingAt: 0))\(meaning)")
    }
  }

  private func loadData() throws -> ImageData {
    guard let directory = data else {
      return common.quick
        ? .generatedDigits(training: 2_000, validation: 200, test: 400, seed: common.seed)
        : .generatedDigits(seed: common.seed)
    }
    let data = try ImageData.mnist(in: directory, split: split)
    let set = data.training.set
    if set.height != 28 || set.width != 28 || data.test.set.height != 28 || data.test.set.width != 28 {
      throw CannotUse(
        "\(directory): the images are \(set.height)×\(set.width); the article's CNN reads 28×28.")
    }
    return common.quick
      ? ImageData(
        training: data.training.first(2_000), validation: data.validation.first(200),
        test: data.test.first(400),
        source: data.source)
      : data
  }

  private func describe(_ data: ImageData, _ model: CNN) {
    func grouped(_ count: Int) -> String { Progress.grouped(Double(count)) }
    print(
      """
      The article's CNN on \(data.source): \(grouped(data.training.count)) to learn from, \
      \(grouped(data.validation.count)) to watch it by, \(grouped(data.test.count)) held out
      """)
    let sizes = model.layerSizes
    for (i, layer) in sizes.enumerated() {
      let name = layer.name.padding(toLength: 8, withPad: " ", startingAt: 0)
      let shape = layer.shape.padding(toLength: 14, withPad: " ", startingAt: 0)
      print("  \(name)\(shape)\(right(grouped(layer.parameters), 10))\(i == 0 ? " parameters" : "")")
    }
    let flops = Double(sizes.reduce(0) { $0 + $1.flops })
    print(
      "  \(right(grouped(model.parameterCount), 32)) parameters, \(fixed(flops / 1e6, 1)) MFLOP an image\n")
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  private func train(_ run: TrainingRun, _ output: OutputFolder) throws {
    for epoch in 1...run.recipe.epochs {
      let progress = Progress(
        "epoch \(epoch)/\(run.recipe.epochs)", total: run.data.training.count, unit: "images")
      do {
        let record = try run.nextEpoch { batch in
          progress.update(
            batch.images, note: "loss \(fixed(batch.loss, 3))  right \(percent(batch.accuracy))")
        }
        progress.finish(
          "loss \(fixed(record.trainingLoss, 3))  right \(percent(record.trainingAccuracy))  "
            + "validation \(percent(record.validationAccuracy))")
      } catch let error as LossIsNotFinite {
        try run.model.writeWeights(to: output.file("weights-last-good.safetensors"))
        throw CannotUse(
          "\(error)\n       The last good weights are in \(output.file("weights-last-good.safetensors")).")
      }
    }
  }
}

/// What stands in the way, in words for the user.
struct CannotUse: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
