import Tensors

/// Sequences of different lengths as one batch: the shorter ones are filled up at their end.
///
/// - PyTorch: `torch.nn.utils.rnn.pad_sequence(sequences, batch_first=True, padding_value)`, with the lengths that
///   `pack_padded_sequence` asks for.
/// - Book: chapter 8.
public struct PaddedSequences: Sendable, Equatable {
  /// The sequences, `[N, T]`, T the length of the longest.
  public let ids: IntTensor
  /// How many steps of each sequence are its own.
  public let lengths: [Int]

  /// - Parameters:
  ///   - sequences: One or more; a sequence may be empty.
  ///   - padding: What the shorter ones are filled up with.
  ///   - limit: The most steps that are kept of a sequence, its first; nil keeps all.
  ///   - minimum: The fewest columns that the batch has: with more than the longest sequence needs, all are filled up.
  public init(
    _ sequences: some Sequence<[Int]>, padding: Int = 0, limit: Int? = nil, atLeast minimum: Int = 0
  ) {
    if let limit, limit < 1 { trap("PaddedSequences: the limit must be at least 1, given \(limit)") }
    let kept = sequences.map { $0.prefix(limit ?? .max) }
    guard let own = kept.map(\.count).max() else { trap("PaddedSequences: there are no sequences") }
    let longest = max(own, minimum)
    var padded: [Int] = []
    padded.reserveCapacity(kept.count * longest)
    for sequence in kept {
      padded += sequence
      padded += repeatElement(padding, count: longest - sequence.count)
    }
    ids = IntTensor(padded, shape: [kept.count, longest])
    lengths = kept.map(\.count)
  }

  /// Which places are the sequences' own, `[N, T]`: false where they were filled up.
  public var mask: MaskTensor {
    let steps = ids.shape[1]
    return MaskTensor(lengths.flatMap { length in (0..<steps).map { $0 < length } }, shape: ids.shape)
  }
}
