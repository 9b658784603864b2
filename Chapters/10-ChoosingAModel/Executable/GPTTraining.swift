import ArgumentParser
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Workbench

struct GPTTraining: ChapterExperiment {
  static let name = "gpt"
  static let summary = "A small GPT that learns to write, character by character."
  static let details = """
    The first nine tenths of the text are learned from, the last tenth judges, all of it. Beside the model's loss stand \
    those of counting characters, pairs and triples. The defaults are the sizes and the recipe that nanoGPT gives for a \
    CPU. Ctrl-C, --checkpoint and --resume work as in `train-rnn train`.

    EXAMPLES
      choose-model gpt
      choose-model gpt --text my.txt --steps 5000 --dropout 0.1
      choose-model gpt --positions rotary --bias --no-tied
      choose-model gpt --text input.txt --blocks 4 --heads 4 --width 128 --context 64 --batch 12 --steps 2000 \
    --learning-rate 1e-3 --minimum-learning-rate 1e-4 --warm-up 100 --beta2 0.99 --weight-decay 0.1 --clip 1 --dropout 0 \
    --no-bias --tied
    """

  @OptionGroup var common: CommonOptions
  @OptionGroup var checkpoints: CheckpointOptions
  @OptionGroup var sizes: GPTSizeOptions

  @Option(
    help: ArgumentHelp("A text in UTF-8 to learn from (default: the book's prose).", valueName: "file"))
  var text: String?

  @Option(parsing: .unconditional, help: "How many windows of the text make one step.")
  var batch = 12

  @Option(
    parsing: .unconditional,
    help: "How many steps are made (default: 2,000; 400 beside the other experiments; with --quick 20).")
  var steps: Int?

  @Option(parsing: .unconditional, help: "The highest learning rate.")
  var learningRate = 1e-3

  @Option(parsing: .unconditional, help: "What the learning rate falls to (default: a tenth of it).")
  var minimumLearningRate: Double?

  @Option(
    parsing: .unconditional,
    help: "In how many steps the learning rate rises (default: 100, or a tenth of the steps if fewer).")
  var warmUp: Int?

  @Option(parsing: .unconditional, help: "The decay of matrices; vectors have none.")
  var weightDecay = 0.1

  @Option(
    name: .customLong("beta2"), parsing: .unconditional, help: "How slowly AdamW's mean square changes.")
  var beta2 = 0.99

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Shrink the gradient to this length where it is longer; 0: never.", valueName: "norm"))
  var clip = 1.0

  func validate() throws {
    try checkFileOption("--text", text)
    try checkOption("--batch", batch, in: 1...4_096)
    try checkOption("--steps", steps, in: 1...10_000_000)
    if !(learningRate > 0 && learningRate.isFinite) {
      throw ValidationError("--learning-rate must be a number above 0, given \(learningRate)")
    }
    if let rate = minimumLearningRate, !(rate >= 0 && rate <= learningRate) {
      throw ValidationError("--minimum-learning-rate must be from 0 to the learning rate, given \(rate)")
    }
    if let warmUp, warmUp < 0 || warmUp >= (steps ?? 2_000) {
      throw ValidationError("--warm-up must be from 0 to below the number of steps, given \(warmUp)")
    }
    if !(weightDecay >= 0 && weightDecay.isFinite) {
      throw ValidationError("--weight-decay must be a number from 0, given \(weightDecay)")
    }
    if !(beta2 >= 0 && beta2 < 1) {
      throw ValidationError("--beta2 must be from 0 to below 1, given \(beta2)")
    }
    if !(clip >= 0 && clip.isFinite) {
      throw ValidationError("--clip must be a number from 0, given \(clip)")
    }
  }

  func prepare() throws { _ = try corpus() }

  /// The learning part must hold a window and what comes after it, and the held-out part two characters.
  private func corpus() throws -> CharacterCorpus {
    let needed = (1...).first {
      let training = CharacterCorpus.trainingCount(of: $0)
      return $0 >= sizes.context && training > sizes.context && $0 - training >= 2
    }!
    return try CharacterCorpus(
      file: text, limit: common.quick ? max(20_000, needed) : nil, atLeast: needed,
      "for a context of \(sizes.context)", advice: "Give a longer text, or a smaller --context.")
  }

  private func recipe(isPartOfAll: Bool) -> GPTRecipe {
    var recipe = GPTRecipe()
    recipe.steps =
      steps
      ?? common.scale.of(quick: 20, standard: isPartOfAll ? 400 : 2_000, full: 2_000)
    (recipe.batch, recipe.learningRate) = (batch, learningRate)
    recipe.minimumLearningRate = minimumLearningRate ?? learningRate / 10
    recipe.warmUp = warmUp ?? min(100, recipe.steps / 10)
    (recipe.weightDecay, recipe.beta2, recipe.clip) = (weightDecay, beta2, clip == 0 ? nil : clip)
    return recipe
  }

  func run(_ experiment: inout Experiment) throws {
    let corpus = try corpus()
    let recipe = recipe(isPartOfAll: experiment.isPartOfAll)
    let size = sizes.size(vocabulary: corpus.tokenizer.vocabularySize)
    let run = GPTRun(
      recipe, size, training: corpus.training, validation: corpus.validation, seed: common.seed)
    let keeper = try CheckpointKeeper(checkpoints, run, experiment.output)
    print(
      """
      A GPT of characters on \(corpus.source): \(grouped(corpus.training.count)) characters to learn from, \
      \(grouped(corpus.validation.count)) to judge it by
        \(size.vocabulary) different characters; \(size.blocks) \(size.blocks == 1 ? "block" : "blocks") of width \
      \(size.width), \(size.heads) \(size.heads == 1 ? "head" : "heads"), context \(size.context), \
      \(grouped(run.model.parameterCount)) parameters
        \(grouped(recipe.steps)) steps of \(recipe.batch) windows

      """)
    let counted = CountedLoss.all(of: corpus)
    try RunFolder.write(SavedGPT(corpus.tokenizer, size), to: experiment.output)
    try experiment.train(run, keeping: keeper, unit: "characters")
    experiment.add(RunFolder.networkFile, "its sizes and its characters, for write")

    let loss = run.history.last!.validation!.loss
    let memory = Machine.peakMemoryMiB
    print(
      "\n\(fixed(loss, 3)) nats a character on the held-out tenth · \(fixed(experiment.seconds, 1)) s · "
        + "\(fixed(memory, 0)) MiB\n")
    show(loss, counted, &experiment)
    try showSamples(run.model, corpus, &experiment)
    try draw(run, counted, &experiment)
    experiment.keepTraining(run)
    for (name, value) in [
      ("loss", loss), ("validation_loss", loss), ("training_loss", run.history.last!.training.loss),
      ("lowest_validation_loss", run.history.map { $0.validation!.loss }.min()!),
      ("parameters", Double(run.model.parameterCount)),
      (
        "parameters_without_places",
        Double(run.model.parameterCount - (run.model.positions?.parameterCount ?? 0))
      ),
      ("training_characters", Double(corpus.training.count)),
      ("validation_characters", Double(corpus.validation.count)), ("characters", Double(size.vocabulary)),
      ("characters_per_second", run.examplesPerSecond), ("peak_memory_mib", memory),
      ("steps", Double(recipe.steps)), ("context", Double(size.context)), ("width", Double(size.width)),
      ("blocks", Double(size.blocks)), ("heads", Double(size.heads)),
    ] { experiment.metrics[name] = value }
  }

  private func show(_ loss: Double, _ counted: [CountedLoss], _ experiment: inout Experiment) {
    var table = Table(
      "How well the next character is known", columns: ["model", "α", "nats a character", "as good as"])
    func row(_ name: String, _ smoothing: Double?, _ loss: Double) {
      table.add(
        name, smoothing.map { "\($0)" } ?? "", fixed(loss, 3),
        "\(fixed(perplexity(loss), 1)) equal choices")
    }
    for model in counted { row(model.name, model.smoothing, model.loss) }
    row("this GPT", nil, loss)
    experiment.show(
      table, note: "α: what is added to every count; the one that is best on the held-out tenth.")
    for model in counted { experiment.metrics[model.metric] = model.loss }
  }

  private func showSamples(
    _ model: GPT, _ corpus: CharacterCorpus, _ experiment: inout Experiment
  ) throws {
    let beginning = "The network "
    var table = Table(
      "What it writes after “The network”", columns: ["temperature", "top-k", "text", "longest copy"])
    let samplers = [Sampler(temperature: 0), Sampler(temperature: 0.8), Sampler(temperature: 1, topK: 5)]
    for (i, sampler) in samplers.enumerated() {
      var random = RandomStream(seed: common.seed, stream: 1 << 43 | UInt64(i))
      let written = corpus.tokenizer.decode(
        model.continuation(
          of: corpus.tokenizer.encode(beginning), count: common.quick ? 60 : 160, by: sampler,
          excluding: CharacterTokenizer.unknown, random: &random))
      table.add(
        sampler.temperature == 0 ? "0, greedy" : "\(sampler.temperature)",
        sampler.topK.map { "\($0)" } ?? "all", written.replacing("\n", with: " ↵ "),
        "\(longestCopy(of: written, in: corpus.text))")
    }
    experiment.show(
      table,
      note:
        "longest copy: so many characters in a row stand in the same way in the text that it learned from.")
  }

  private func draw(_ run: GPTRun, _ counted: [CountedLoss], _ experiment: inout Experiment) throws {
    let stepsPerEpoch = Double(run.task.stepsPerEpoch)
    let x = run.history.map { Double($0.epoch) * stepsPerEpoch }
    var series = [
      Series("training", x: x, y: run.history.map(\.training.loss)),
      Series("validation", x: x, y: run.history.map { $0.validation!.loss }),
    ]
    for model in counted.dropFirst(2) {
      series.append(Series(model.name, x: x, y: x.map { _ in model.loss }, isDashed: true))
    }
    try experiment.write(
      LineChart(
        title: "The loss of a small GPT",
        subtitle: "training: mean of the steps before; dashed: what counting reaches on the held-out tenth",
        x: Axis("step"), y: Axis("nats a character"), series: series),
      to: "loss-curves.svg", "the loss on both parts")
    try experiment.drawLog(of: run)
  }
}
