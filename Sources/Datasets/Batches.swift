import Tensors

/// The order in which one epoch visits `count` examples, cut into batches.
///
/// The order is a function of the seed and the epoch's number alone, so that an interrupted run can go on where it
/// stopped.
///
/// - PyTorch: `DataLoader(dataset, batch_size, shuffle, drop_last)`.
/// - Book: chapter 7.
public struct Batches: Sendable, Sequence {
  /// The examples of the whole epoch, in order.
  public let order: [Int]
  /// How many examples a batch has.
  public let batchSize: Int
  /// Whether a last, smaller batch is left out.
  public let droppingLast: Bool

  /// - Parameters:
  ///   - count: How many examples there are.
  ///   - batchSize: How many a batch has; the last has what remains.
  ///   - seed: The seed of the order; nil for the examples' own order.
  ///   - epoch: The epoch's number, from 1; each has an order of its own.
  ///   - droppingLast: Whether a last, smaller batch is left out.
  public init(
    of count: Int, batchSize: Int, shuffledBy seed: UInt64? = nil, epoch: Int = 1, droppingLast: Bool = false
  ) {
    if batchSize < 1 { trap("Batches: the batch size must be at least 1, given \(batchSize)") }
    if let seed {
      var stream = RandomStream(seed: seed, stream: Self.streams + UInt64(epoch))
      order = stream.permutation(count)
    } else {
      order = Array(0..<count)
    }
    self.batchSize = batchSize
    self.droppingLast = droppingLast
  }

  /// Where the streams for orders begin, far from those that layers draw from.
  private static let streams: UInt64 = 1 << 40

  /// How many batches there are.
  public var count: Int {
    droppingLast ? order.count / batchSize : (order.count + batchSize - 1) / batchSize
  }

  /// The examples of batch `i`.
  public subscript(i: Int) -> ArraySlice<Int> {
    order[i * batchSize..<Swift.min(order.count, (i + 1) * batchSize)]
  }

  /// The batches, from the first to the last.
  public func makeIterator() -> some IteratorProtocol<ArraySlice<Int>> {
    (0..<count).lazy.map { self[$0] }.makeIterator()
  }
}
