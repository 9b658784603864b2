import Tensors

/// Temporal order: among random symbols stand two that count, each an X or a Y, and at the end their order is asked for.
///
///     B a d X c b … Y a … d E        classes: 0 X X,  1 X Y,  2 Y X,  3 Y Y
///
/// The first of the two stands after 1/10 to 2/10 of the sequence, the second after 5/10 to 6/10, so the answer has to be
/// carried over nearly half of it. Guessing is right once in four.
///
/// A sequence is a function of (seed, index) alone, so there are as many as one wants, and any can be made again.
///
/// - PyTorch: no counterpart in `torch`.
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997, experiment 6a, where
///   lengths are random from 100 to 110; here all have the same.
/// - Book: chapter 6.
public struct TemporalOrder: Sendable, Equatable {
  /// How many symbols a sequence has, T, with the B and the E at its ends.
  public let length: Int
  /// What the sequences depend on, beside their index.
  public let seed: UInt64

  /// Traps when `length` is below 20: there would be no room to choose from.
  public init(length: Int, seed: UInt64) {
    if length < 20 { trap("TemporalOrder: at least 20 symbols are needed, given \(length)") }
    (self.length, self.seed) = (length, seed)
  }

  /// The symbols, in the order of their numbers.
  public static let symbols: [Character] = ["a", "b", "c", "d", "X", "Y", "B", "E"]
  /// XX, XY, YX and YY: what the two marks are, in order.
  public static let classes = 4

  /// Sequence number `index`: its symbols, and its class.
  public func example(_ index: UInt64) -> (symbols: [Int], class: Int) {
    var stream = RandomStream(seed: seed, stream: Self.streams &+ index)
    func place(_ from: Int, _ to: Int) -> Int {
      let range = length * from / 10..<length * to / 10
      return range.lowerBound + stream.integer(below: range.count)
    }
    var symbols = (0..<length).map { _ in stream.integer(below: 4) }
    (symbols[0], symbols[length - 1]) = (6, 7)
    let (first, second) = (stream.integer(below: 2), stream.integer(below: 2))
    symbols[place(1, 2)] = 4 + first
    symbols[place(5, 6)] = 4 + second
    return (symbols, 2 * first + second)
  }

  /// Sequences side by side, as recurrent layers take them.
  ///
  /// - Returns: `inputs`, `[T, N, 8]`: a 1 at the symbol's place, else 0; `classes`, `[N]`.
  public func batch(_ indices: Range<UInt64>) -> (inputs: Tensor, classes: IntTensor) {
    let count = indices.count
    var inputs = Tensor.zeros([length, count, Self.symbols.count])
    var classes: [Int] = []
    for (n, index) in indices.enumerated() {
      let (symbols, label) = example(index)
      for t in 0..<length { inputs[t, n, symbols[t]] = 1 }
      classes.append(label)
    }
    return (inputs, IntTensor(classes))
  }

  /// Where the streams of sequences begin: beyond those of ``CopyMemory``.
  private static let streams: UInt64 = 1 << 44
}
