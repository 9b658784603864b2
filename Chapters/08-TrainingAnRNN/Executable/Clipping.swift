import ArgumentParser
import Chapter08TrainingAnRNN
import Engine
import Workbench

struct Clipping: ChapterExperiment {
  static let name = "clipping"
  static let summary = "Training with and without a limit to the gradient's length."
  static let details = """
    A plain RNN learns what comes next in the book's prose, by plain gradient descent with larger and larger learning \
    rates: each with the gradient as it is and with its length limited, from the same first weights.

    EXAMPLES
      train-rnn clipping
      train-rnn clipping --seeds 5
      train-rnn clipping --kind lstm --clip 1
    """

  @OptionGroup var common: CommonOptions

  @Option(help: ArgumentHelp("A text in UTF-8 to learn from (default: the book's prose).", valueName: "file"))
  var text: String?

  @Option(help: "The recurrent layer: rnn, lstm or gru.")
  var kind = RecurrentKind.rnn

  @Option(parsing: .unconditional, help: "The longest gradient, where there is a limit.")
  var clip = 0.25

  @Option(
    parsing: .unconditional,
    help: "How often the text is read (default: 5; with --full 8, with --quick 1).")
  var epochs: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("From how many seeds to train (default: 1; with --full 3).", valueName: "n"))
  var seeds: Int?

  private static let (streams, steps, hiddenSize) = (16, 64, 128)

  func validate() throws {
    try checkFileOption("--text", text)
    if !(clip > 0 && clip.isFinite) {
      throw ValidationError("--clip must be a number above 0, given \(clip)")
    }
    try checkOption("--epochs", epochs, atLeast: 1)
    try checkOption("--seeds", seeds, in: 1...1_000)
  }

  func prepare() throws { _ = try corpus() }

  func run(_ experiment: inout Experiment) throws {
    let corpus = try corpus()
    let task = LanguageTask(
      training: TextStreams(corpus.training, streams: Self.streams), validation: corpus.validation,
      steps: Self.steps)
    let rates = common.quick ? [1, 8] : [0.5, 1, 2, 4, 8]
    let seedCount = seeds ?? common.scale.of(quick: 1, standard: 1, full: 3)
    print(
      "\(kind.name) of \(Self.hiddenSize) units on \(corpus.source): \(grouped(corpus.training.count)) "
        + "characters to learn from, \(grouped(corpus.validation.count)) to judge it by\n")

    var table = Table(
      "Plain gradient descent, by the learning rate",
      columns: [
        "learning rate", "gradient", "validation loss", "usual gradient", "longest gradient", "stopped",
      ])
    var curves: [(name: String, trace: Trace)] = []
    for rate in rates {
      for limit in [nil, clip] {
        var (scores, traces) = ([Double](), [Trace]())
        for seed in 0..<UInt64(seedCount) {
          let (loss, trace) = try train(task, corpus, rate, limit, seed: common.seed &+ seed)
          if let loss { scores.append(loss) }
          traces.append(trace)
        }
        let lengths = traces.flatMap(\.lengths).filter(\.isFinite)
        let (usual, longest) = (lengths.isEmpty ? 0 : Spread(lengths).median, lengths.max() ?? 0)
        let stopped = seedCount - scores.count
        table.add(
          rate.formatted, limit.map { "at most \($0.formatted)" } ?? "as it is",
          scores.isEmpty ? "" : Spread(scores).text(3), fixed(usual, 2), fixed(longest, 1),
          stopped == 0 ? "" : "\(stopped) of \(seedCount)")
        let name = "\(limit == nil ? "free" : "clipped")"
        if !scores.isEmpty { experiment.metrics["\(name).loss_\(rate.formatted)"] = Spread(scores).mean }
        experiment.metrics["\(name).usual_\(rate.formatted)"] = usual
        experiment.metrics["\(name).longest_\(rate.formatted)"] = longest
        experiment.metrics["\(name).stopped_\(rate.formatted)"] = Double(stopped)
        if rate == Self.shown { curves.append((limit == nil ? "as it is" : "limited", traces[0])) }
      }
    }
    print("")
    experiment.show(
      table,
      note: """
        validation loss: nats a character. usual: the median of all steps, before it is shrunk. stopped: runs whose \
        loss became infinite or no number; they count in no mean.
        """)
    experiment.metrics["seeds"] = Double(seedCount)
    experiment.metrics["limit"] = clip
    if curves.isEmpty { return }
    try experiment.write(
      LineChart(
        title: "The loss, step by step",
        subtitle: "plain gradient descent with a learning rate of \(Self.shown.formatted)",
        x: Axis("step"), y: Axis("nats a character", isLogarithmic: true),
        series: curves.map { Series($0.name, y: $0.trace.losses) }),
      to: "loss-by-step.svg", "the loss at every step")
  }

  /// The learning rate whose steps are drawn.
  private static let shown = 4.0

  private func corpus() throws -> CharacterCorpus {
    try CharacterCorpus(
      file: text, limit: common.scale.of(quick: 20_000, standard: 60_000, full: 120_000),
      atLeast: 10 * (Self.streams * (Self.steps + 1)) / 9 + 1,
      "for \(Self.streams) streams of \(Self.steps) steps", advice: "Give a longer text.")
  }

  /// What a run was like, step by step.
  private struct Trace {
    /// Of the gradients, before they are shrunk.
    var lengths: [Double] = []
    var losses: [Double] = []
  }

  /// Trains to the end, or until the loss is no number.
  ///
  /// - Returns: The validation loss at the end; nil where there was none.
  private func train(
    _ task: LanguageTask, _ corpus: CharacterCorpus, _ rate: Double, _ limit: Double?, seed: UInt64
  ) throws -> (loss: Double?, trace: Trace) {
    var settings = TrainingSettings.rnn
    (settings.optimizer, settings.schedule) = (.sgd, .constant)
    (settings.learningRate, settings.clipNorm, settings.seed) = (rate, limit, seed)
    settings.epochs = epochs ?? common.scale.of(quick: 1, standard: 5, full: 8)
    let run = LanguageRun(task, settings) {
      LanguageModel(
        kind, vocabularySize: corpus.tokenizer.vocabularySize, hiddenSize: Self.hiddenSize, layers: 1)
    }
    var trace = Trace()
    run.beforeStep = { trace.lengths.append(gradientNorm(of: $0)) }
    let progress = Progress(
      "rate \(rate.formatted)\(limit == nil ? "" : ", limited"), seed \(seed)",
      total: settings.epochs * task.training.count, unit: "characters")
    do {
      try run.finish {
        progress.update($0)
        trace.losses.append(run.progress!.batchLoss)
      }
    } catch is LossIsNotFinite {
      progress.finish("the loss is no number any more")
      return (nil, trace)
    }
    let loss = run.history.last!.validation!.loss
    progress.finish("validation loss \(fixed(loss, 3))")
    return (loss, trace)
  }
}

extension Double {
  /// `0.5`, `4`: without a zero after the point.
  fileprivate var formatted: String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
