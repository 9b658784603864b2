import Tensors

/// The copy memory problem: ten symbols are shown, nothing happens for a while, and then they are asked for in order.
///
///     step     0 … 9       10 … T + 8    T + 9        T + 10 … T + 19
///     input    s₀ … s₉     blank         delimiter    blank
///     answer   blank       blank         blank        s₀ … s₉
///
/// There are eight symbols, 0 to 7, each equally likely; 8 is the blank and 9 the delimiter. Who remembers nothing does
/// best by answering blanks and then all symbols with the same probability. Its cross-entropy, taken as the mean over
/// all T + 20 steps, is 10 ln 8 / (T + 20).
///
/// A sequence is a function of (seed, index) alone, so there are as many as one wants, and any can be made again.
///
/// - PyTorch: no counterpart in `torch`.
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997; in this form
///   Arjovsky, Shah, Bengio, "Unitary evolution recurrent neural networks", ICML 2016.
/// - Book: chapter 5.
public struct CopyMemory: Sendable, Equatable {
  /// How many steps lie between a symbol and the place where it is asked for, less ten: T.
  public let delay: Int
  /// What the sequences depend on, beside their index.
  public let seed: UInt64

  /// Traps when `delay` is below 1: the delimiter would have no place.
  public init(delay: Int, seed: UInt64) {
    if delay < 1 { trap("CopyMemory: the delay must be at least 1, given \(delay)") }
    (self.delay, self.seed) = (delay, seed)
  }

  /// How many symbols are to be remembered.
  public static let count = 10
  /// How many different symbols there are.
  public static let symbols = 8
  /// The number of "nothing", shown and answered.
  public static let blank = 8
  /// The number of "now": after it the answers are asked for.
  public static let delimiter = 9
  /// How many inputs there are: the symbols, the blank and the delimiter.
  public static let inputs = 10
  /// How many answers there are: the symbols and the blank.
  public static let answers = 9

  /// How many steps a sequence has, T + 20.
  public var length: Int { delay + 2 * Self.count }

  /// The cross-entropy of who remembers nothing, `10 ln 8 / (T + 20)`, in nats a step.
  public var baseline: Double { 10 * 2.0794415416798357 / Double(length) }

  /// Sequence number `index`: what is shown, and what is to be answered, T + 20 each.
  public func example(_ index: UInt64) -> (inputs: [Int], answers: [Int]) {
    var stream = RandomStream(seed: seed, stream: Self.streams &+ index)
    let remembered = (0..<Self.count).map { _ in stream.integer(below: Self.symbols) }
    let blanks = { (count: Int) in [Int](repeating: Self.blank, count: count) }
    return (
      remembered + blanks(delay - 1) + [Self.delimiter] + blanks(Self.count),
      blanks(delay + Self.count) + remembered
    )
  }

  /// Sequences side by side, as recurrent layers take them.
  ///
  /// - Returns: `inputs`, `[T + 20, N, 10]`: a 1 at the input's place, else 0; `answers`, `[T + 20, N]`.
  public func batch(_ indices: Range<UInt64>) -> (inputs: Tensor, answers: IntTensor) {
    let count = indices.count
    var inputs = Tensor.zeros([length, count, Self.inputs])
    var answers = [Int](repeating: 0, count: length * count)
    for (n, index) in indices.enumerated() {
      let example = example(index)
      for t in 0..<length {
        inputs[t, n, example.inputs[t]] = 1
        answers[t * count + n] = example.answers[t]
      }
    }
    return (inputs, IntTensor(answers, shape: [length, count]))
  }

  /// Where the streams of sequences begin: beyond those of ``AddingProblem``.
  private static let streams: UInt64 = 1 << 43
}
