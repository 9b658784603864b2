import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct LanguageModelTraining: ChapterExperiment {
  static let name = "language-model"
  static let summary =
    "A network that learns to write, letter by letter, from the book's own prose."
  static let details = """
    The first nine tenths of the text are learned from, in streams side by side and a few steps at a time; the last \
    tenth judges. Beside the network's loss stand those of counting: letters, pairs and triples of letters, each smoothed \
    in the way that is best on the last tenth. After three epochs without a better loss there the run stops, and keeps its best weights. Ctrl-C, --checkpoint and --resume work as in `train`.

    EXAMPLES
      train-rnn language-model
      train-rnn language-model --text my.txt --epochs 20 --hidden-size 256
      train-rnn language-model --kind gru --steps 16
      train-rnn language-model --no-carry     each batch begins with an empty memory
    """

  static var configuration: CommandConfiguration {
    CommandConfiguration(
      commandName: name, abstract: summary, discussion: details, aliases: ["language"])
  }

  @OptionGroup var common: CommonOptions
  @OptionGroup var checkpoints: CheckpointOptions

  @Option(
    help: ArgumentHelp(
      "A text in UTF-8 to learn from (default: the book's prose).", valueName: "file"))
  var text: String?

  @Option(help: "The recurrent layers: lstm, gru or rnn.")
  var kind = RecurrentKind.lstm

  @Option(
    parsing: .unconditional,
    help:
      "The width of a letter's vector and of the state (default: 128; with --full 256, with --quick 48)."
  )
  var hiddenSize: Int?

  @Option(parsing: .unconditional, help: "How many layers lie one on top of the other.")
  var layers = 1

  @Option(
    parsing: .unconditional,
    help: "How often the text is read (default: 8; with --full 12, with --quick 1).")
  var epochs: Int?

  @Option(parsing: .unconditional, help: "How many streams are read side by side.")
  var streams = 16

  @Option(parsing: .unconditional, help: "How many steps the gradient goes back.")
  var steps = 64

  @Flag(inversion: .prefixedNo, help: "Go on with the state of the batch before.")
  var carry = true

  @Option(parsing: .unconditional, help: "The first learning rate.")
  var learningRate = 4e-3

  func validate() throws {
    try checkFileOption("--text", text)
    try checkOption("--hidden-size", hiddenSize, in: 1...2_048)
    try checkOption("--layers", layers, in: 1...8)
    try checkOption("--epochs", epochs, atLeast: 1)
    try checkOption("--streams", streams, in: 1...4_096)
    try checkOption("--steps", steps, in: 1...4_096)
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0, given \(learningRate)")
    }
  }

  func prepare() throws { _ = try corpus() }

  func run(_ experiment: inout Experiment) throws {
    let corpus = try corpus()
    let width = hiddenSize ?? common.scale.of(quick: 48, standard: 128, full: 256)
    let task = LanguageTask(
      training: TextStreams(corpus.training, streams: streams), validation: corpus.validation,
      steps: steps,
      carriesState: carry)
    let run = LanguageRun(task, settings) {
      LanguageModel(
        kind, vocabularySize: corpus.tokenizer.vocabularySize, hiddenSize: width, layers: layers)
    }
    let keeper = try CheckpointKeeper(checkpoints, run, experiment.output)
    print(
      """
      A language model of characters on \(corpus.source): \(grouped(corpus.training.count)) characters to learn from, \
      \(grouped(corpus.validation.count)) to judge it by
        \(corpus.tokenizer.vocabularySize) different characters; \(kind.name), state of \(width), \
      \(grouped(run.model.parameterCount)) parameters; \(streams) streams, gradients over \(steps) steps

      """)
    let counted = CountedLoss.all(of: corpus)
    try RunFolder.write(
      SavedLanguageModel(corpus.tokenizer, kind, hiddenSize: width, layers: layers),
      to: experiment.output)
    try experiment.train(run, keeping: keeper, unit: "characters")
    experiment.add(RunFolder.networkFile, "its sizes and its characters, for write")

    let loss = run.history[run.keptEpoch - 1].validation!.loss
    let memory = Machine.peakMemoryMiB
    print(
      "\n\(fixed(loss, 3)) nats a character on the held-out tenth · \(fixed(experiment.seconds, 1)) s · "
        + "\(fixed(memory, 0)) MiB\n")
    show(loss, counted, &experiment)
    try showSamples(run.model, corpus, &experiment)
    try draw(run, counted, &experiment)
    experiment.keepTraining(run)
    experiment.metrics["loss"] = loss
    experiment.metrics["validation_loss"] = loss
    experiment.metrics["training_characters"] = Double(corpus.training.count)
    experiment.metrics["validation_characters"] = Double(corpus.validation.count)
    experiment.metrics["characters"] = Double(corpus.tokenizer.vocabularySize)
    experiment.metrics["characters_per_second"] = run.examplesPerSecond
    experiment.metrics["hidden_size"] = Double(width)
    experiment.metrics["steps"] = Double(steps)
    experiment.metrics["peak_memory_mib"] = memory
  }

  private var settings: TrainingSettings {
    var settings = TrainingSettings.rnn
    settings.epochs = epochs ?? common.scale.of(quick: 1, standard: 8, full: 12)
    settings.learningRate = learningRate
    settings.patience = 3
    settings.seed = common.seed
    return settings
  }
}

// The text.
extension LanguageModelTraining {
  func corpus() throws -> CharacterCorpus {
    // Each stream must be longer than one batch, and the held-out tenth long enough to judge by.
    try CharacterCorpus(
      file: text, limit: common.quick ? 20_000 : nil,
      atLeast: max(10 * (streams * (steps + 1)) / 9 + 1, 200), "for \(streams) streams of \(steps) steps",
      advice: "Give a longer text, or fewer --streams or --steps.")
  }
}

// What counting reaches.
extension LanguageModelTraining {
  private func show(_ loss: Double, _ counted: [CountedLoss], _ experiment: inout Experiment) {
    var table = Table(
      "How well the next character is known",
      columns: ["model", "α", "nats a character", "as good as"])
    func row(_ name: String, _ smoothing: Double?, _ loss: Double) {
      table.add(
        name, smoothing.map { "\($0)" } ?? "", fixed(loss, 3),
        "\(fixed(perplexity(loss), 1)) equal choices")
    }
    for model in counted { row(model.name, model.smoothing, model.loss) }
    row("this \(kind.name)", nil, loss)
    experiment.show(
      table, note: "α: what is added to every count; the one that is best on the held-out tenth.")
    for model in counted { experiment.metrics[model.metric] = model.loss }
    experiment.metrics["trigram_smoothing"] = counted.last!.smoothing
  }

  private func draw(_ run: LanguageRun, _ counted: [CountedLoss], _ experiment: inout Experiment)
    throws
  {
    let x = run.history.map { Double($0.epoch) }
    var series = [
      Series("training", x: x, y: run.history.map(\.training.loss)),
      Series("validation", x: x, y: run.history.map { $0.validation!.loss }),
    ]
    for model in counted.dropFirst(2) {
      series.append(Series(model.name, x: x, y: x.map { _ in model.loss }, isDashed: true))
    }
    try experiment.write(
      LineChart(
        title: "The loss, epoch by epoch",
        subtitle: "dashed: what counting reaches on the held-out tenth",
        x: Axis("epoch"), y: Axis("nats a character"), series: series),
      to: "loss-curves.svg", "loss, epoch by epoch")
    try experiment.drawLog(of: run)
  }
}

// What it writes.
extension LanguageModelTraining {
  private func showSamples(_ model: LanguageModel, _ corpus: CharacterCorpus, _ experiment: inout Experiment)
    throws
  {
    let beginning = "The network "
    let length = common.quick ? 60 : 120
    var table = Table(
      "What it writes after “The network”",
      columns: ["temperature", "top-k", "text", "longest copy"])
    let samplers: [Sampler] = [
      Sampler(temperature: 0), Sampler(temperature: 0.5), Sampler(temperature: 0.8),
      Sampler(temperature: 1),
      Sampler(temperature: 1, topK: 5), Sampler(temperature: 1.5),
    ]
    let ids = corpus.tokenizer.encode(beginning)
    for (i, sampler) in samplers.enumerated() {
      var random = RandomStream(seed: common.seed, stream: 1 << 43 | UInt64(i))
      let written = corpus.tokenizer.decode(
        model.continuation(
          of: ids, count: length, by: sampler, excluding: CharacterTokenizer.unknown,
          random: &random))
      table.add(
        sampler.temperature == 0 ? "0, greedy" : "\(sampler.temperature)",
        sampler.topK.map { "\($0)" } ?? "all",
        written.replacing("\n", with: " ↵ "), "\(longestCopy(of: written, in: corpus.text))")
    }
    experiment.show(
      table,
      note:
        "longest copy: so many characters in a row stand in the same way in the text that it learned from."
    )
  }
}
