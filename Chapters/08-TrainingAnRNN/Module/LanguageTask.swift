import Engine
import Foundation

/// Saying what comes next in a long text, by truncated back-propagation.
///
/// The text is read in N streams side by side, T steps at a time. The state at the end of a batch is what the next one
/// begins with, but as numbers without a history: gradients flow through T steps, memory through all of them.
///
/// An epoch begins at the streams' beginning with a state of zeros. The loss is in nats a character.
///
/// - Book: section 8.8.
public struct LanguageTask: TrainingTask, Sendable {
  public let training: TextStreams
  /// What it is judged by: read as one stream, from its beginning to its end.
  public let validation: [Int]
  /// T
  public let steps: Int
  /// Whether a batch goes on with the state of the one before; if not, each begins with zeros.
  public let carriesState: Bool

  /// - Parameters:
  ///   - validation: At least two numbers.
  public init(training: TextStreams, validation: [Int], steps: Int = 64, carriesState: Bool = true) {
    self.training = training
    self.validation = validation
    self.steps = steps
    self.carriesState = carriesState
  }

  public var exampleCount: Int { training.count }
  public var validationCount: Int { validation.count - 1 }
  public var identity: [(name: String, value: String)] {
    var fingerprint = DataFingerprint()
    fingerprint.add(training.ids)
    fingerprint.add(validation)
    return [
      ("--streams", "\(training.streams)"), ("--steps", "\(steps)"),
      ("the state is carried", "\(carriesState)"),
      ("the text", "\(training.ids.count) and \(validation.count) characters (\(fingerprint))"),
    ]
  }

  /// The columns of each batch, in their order: a text is read forwards.
  public func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    training.batches(steps: steps).map { ArraySlice($0) }
  }

  public func batch(_ columns: ArraySlice<Int>, epoch: Int) -> Labelled<IntTensor> {
    let (inputs, targets) = training[columns.first!..<columns.last! + 1]
    return Labelled(inputs, targets)
  }

  public func step(_ model: LanguageModel, on batch: Labelled<IntTensor>) -> TrainingStep {
    read(model, batch, after: [:]).step
  }

  public func step(
    _ model: LanguageModel, on batch: Labelled<IntTensor>, carrying carried: inout [String: Tensor]
  ) -> TrainingStep {
    let (step, state) = read(model, batch, after: carried)
    if carriesState { carried = state }
    return step
  }

  /// Reads a batch, beginning with the state that the one before has left.
  func read(
    _ model: LanguageModel, _ batch: Labelled<IntTensor>, after carried: [String: Tensor]
  ) -> (step: TrainingStep, carried: [String: Tensor]) {
    // Tensors, not variables: what made them is forgotten, and that is the truncation.
    let before = carried.sorted { $0.key < $1.key }.map { Variable($0.value) }
    let (logits, state) = model(batch.input, before.isEmpty ? nil : before)
    let left = state.enumerated().map { ("state \($0.offset)", $0.element.value) }
    let step = TrainingStep(loss: Self.loss(logits, batch.labels), examples: batch.labels.count)
    return (step, Dictionary(uniqueKeysWithValues: left))
  }

  /// The mean cross-entropy over all steps.
  ///
  /// - Parameters:
  ///   - logits: `[N, T, V]`
  ///   - targets: `[N, T]`
  private static func loss(_ logits: Variable, _ targets: IntTensor) -> Variable {
    crossEntropy(logits.reshaped([targets.count, logits.shape[2]]), IntTensor(targets.scalars))
  }

  public func validate(_ model: LanguageModel) -> Score? { Score(loss: Self.loss(of: model, on: validation)) }

  /// The network's loss on a text that it reads from its beginning to its end, in nats a character.
  ///
  /// - Parameter ids: At least two.
  public static func loss(of model: LanguageModel, on ids: [Int]) -> Double {
    let text = TextStreams(ids, streams: 1)
    var state: LanguageModel.State?
    var sum = 0.0
    // In pieces for the memory's sake; with the state carried it is the same as in one.
    for steps in text.batches(steps: 1_024) {
      let (inputs, targets) = text[steps]
      let (logits, after) = withoutGradients { model(inputs, state) }
      sum += Double(withoutGradients { loss(logits, targets) }.scalar) * Double(targets.count)
      state = after
    }
    return sum / Double(text.count)
  }
}

/// The training of a language model.
public typealias LanguageRun = TrainingRun<LanguageTask>

/// The number of equally likely choices that are as hard to tell apart as the text was: `exp(loss)`, the loss in nats.
///
/// - Source: Jelinek, Mercer, Bahl, Baker, "Perplexity: a measure of the difficulty of speech recognition tasks",
///   *Journal of the Acoustical Society of America* 62, 1977.
/// - Book: section 8.8.
public func perplexity(_ loss: Double) -> Double { exp(loss) }
