import Engine

/// Saying what comes next in a text, by a GPT: windows of the text, each from a random place.
///
/// The loss is the mean over all places of all windows, in nats a character. A run is a number of steps; an epoch of it is
/// some of them, after which the whole validation text is read.
///
/// - PyTorch: `get_batch` of nanoGPT's `train.py`.
/// - Book: section 10.9.
public struct GPTTask: TrainingTask, Sendable {
  public let training: [Int]
  /// What it is judged by.
  public let validation: [Int]
  /// T, the characters of a window.
  public let context: Int
  /// N, the windows of a step.
  public let batch: Int
  public let stepsPerEpoch: Int
  /// Of the places where windows begin.
  public let seed: UInt64
  /// What the checkpoint is to know of the model and its optimiser.
  public let settings: [(name: String, value: String)]

  /// Traps when the training text is not longer than a window, or the validation text has fewer than two characters.
  public init(
    training: [Int], validation: [Int], context: Int, batch: Int, stepsPerEpoch: Int, seed: UInt64,
    settings: [(name: String, value: String)] = []
  ) {
    if training.count <= context || validation.count < 2 {
      fatalError(
        "GPTTask: \(training.count) characters to learn from and \(validation.count) to judge by: more than the context "
          + "of \(context), and at least 2, are needed")
    }
    (self.training, self.validation, self.context) = (training, validation, context)
    (self.batch, self.stepsPerEpoch, self.seed, self.settings) = (batch, stepsPerEpoch, seed, settings)
  }

  public var exampleCount: Int { stepsPerEpoch * batch * context }
  public var validationCount: Int { validation.count - 1 }
  public var identity: [(name: String, value: String)] {
    var fingerprint = DataFingerprint()
    fingerprint.add(training)
    fingerprint.add(validation)
    return settings + [
      ("--context", "\(context)"), ("--batch", "\(batch)"), ("the steps of an epoch", "\(stepsPerEpoch)"),
      ("the text", "\(training.count) and \(validation.count) characters (\(fingerprint))"),
    ]
  }

  /// The numbers of an epoch's windows, step by step: their places are drawn by `batch`.
  public func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    (0..<stepsPerEpoch).map { step in ArraySlice(step * batch..<(step + 1) * batch) }
  }

  public func batch(_ windows: ArraySlice<Int>, epoch: Int) -> Labelled<IntTensor> {
    let step = UInt64((epoch - 1) * stepsPerEpoch + windows.first! / batch)
    var stream = RandomStream(seed: seed, stream: Self.streams + step)
    // All of the step's windows are drawn, and those that are asked for taken: a part of them is to be the same part
    // whoever asks.
    let starts = (0..<self.batch).map { _ in stream.integer(below: training.count - context) }
    return Self.windows(of: training, at: windows.map { starts[$0 % self.batch] }, length: context)
  }

  /// Where the streams for windows begin: beyond those of `Batches` and `LengthBuckets`.
  private static let streams: UInt64 = 1 << 42

  /// Windows of a text, `[N, T]`, and what comes next at each of their places, `[N·T]`.
  static func windows(of text: [Int], at starts: [Int], length: Int) -> Labelled<IntTensor> {
    func columns(from offset: Int) -> [Int] {
      starts.flatMap { text[$0 + offset..<$0 + offset + length] }
    }
    return Labelled(
      IntTensor(columns(from: 0), shape: [starts.count, length]), IntTensor(columns(from: 1)))
  }

  public func step(_ model: GPT, on batch: Labelled<IntTensor>) -> TrainingStep {
    TrainingStep(loss: Self.loss(model, batch), examples: batch.labels.count)
  }

  private static func loss(_ model: GPT, _ batch: Labelled<IntTensor>) -> Variable {
    crossEntropy(model(batch.input).reshaped([batch.labels.count, model.size.vocabulary]), batch.labels)
  }

  public func validate(_ model: GPT) -> Score? { Score(loss: Self.loss(of: model, on: validation)) }

  /// The model's loss over a whole text, in nats a character: cut into windows of its context that follow each other, every
  /// place of every window judged, the shorter window at the end too.
  ///
  /// A place at the beginning of a window has few characters before it, so that the loss depends on the context also for
  /// this reason. A model that judges each place by a full window does better, at T times the cost.
  ///
  /// - Parameter ids: At least two.
  public static func loss(of model: GPT, on ids: [Int]) -> Double {
    let wasTraining = model.isTraining
    model.evaluate()
    defer { model.train(wasTraining) }
    let length = model.size.context
    let whole = (ids.count - 1) / length
    var starts = (0..<whole).map { $0 * length }[...]
    var sum = 0.0
    func add(_ windows: Labelled<IntTensor>) {
      sum += Double(withoutGradients { loss(model, windows) }.scalar) * Double(windows.labels.count)
    }
    // About 4,096 characters at a time, for the memory's sake.
    let together = max(1, 4_096 / length)
    while !starts.isEmpty {
      add(windows(of: ids, at: Array(starts.prefix(together)), length: length))
      starts = starts.dropFirst(together)
    }
    let rest = ids.count - 1 - whole * length
    if rest > 0 { add(windows(of: ids, at: [whole * length], length: rest)) }
    return sum / Double(ids.count - 1)
  }
}

/// The training of a GPT.
public typealias GPTRun = TrainingRun<GPTTask>
