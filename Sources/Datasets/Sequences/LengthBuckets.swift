import Tensors

/// The order in which one epoch visits sequences, in batches of similar length, so that little is padded.
///
/// The sequences are shuffled and cut into pools of some batches each. Each pool is sorted by length and cut into
/// batches, and the batches of all pools are shuffled. Every sequence is in exactly one batch; all batches are full
/// but one, which may be anywhere. The order is a function of the seed and the epoch's number alone.
///
/// - PyTorch: no counterpart in `torch`; `BucketIterator` of torchtext 0.8 sorted pools of 100 batches.
/// - Book: chapter 8.
public struct LengthBuckets: Sendable, Sequence {
  private let batches: [ArraySlice<Int>]

  /// - Parameters:
  ///   - lengths: The length of each sequence.
  ///   - batchSize: How many sequences a batch has.
  ///   - seed: The seed of the order.
  ///   - epoch: The epoch's number, from 1; each has an order of its own.
  ///   - batchesPerPool: How many batches are sorted together: with more, batches are of more equal length; with
  ///     fewer, they mix more from epoch to epoch.
  public init(
    of lengths: [Int], batchSize: Int, shuffledBy seed: UInt64, epoch: Int = 1, batchesPerPool: Int = 32
  ) {
    if batchSize < 1 { trap("LengthBuckets: the batch size must be at least 1, given \(batchSize)") }
    if batchesPerPool < 1 {
      trap("LengthBuckets: a pool has at least 1 batch, given \(batchesPerPool)")
    }
    var stream = RandomStream(seed: seed, stream: Self.streams + UInt64(epoch))
    var order = stream.permutation(lengths.count)
    let (product, overflow) = batchSize.multipliedReportingOverflow(by: batchesPerPool)
    let poolSize = overflow ? .max : product
    for start in Swift.stride(from: 0, to: order.count, by: poolSize) {
      let pool = order[start...].prefix(poolSize)
      // Sequences of one length stay in their random order: Swift's sort keeps it.
      order.replaceSubrange(pool.indices, with: pool.sorted { lengths[$0] < lengths[$1] })
    }
    let starts = Array(Swift.stride(from: 0, to: order.count, by: batchSize))
    batches = stream.permutation(starts.count).map { order[starts[$0]...].prefix(batchSize) }
  }

  /// Where the streams for orders begin: beyond those of ``Batches``, which begin at 2⁴⁰.
  private static let streams: UInt64 = 1 << 41

  /// How many batches there are.
  public var count: Int { batches.count }

  /// The sequences of batch `i`, shorter ones first.
  public subscript(i: Int) -> ArraySlice<Int> { batches[i] }

  /// The batches in the order of the epoch.
  public func makeIterator() -> IndexingIterator<[ArraySlice<Int>]> { batches.makeIterator() }
}
