import Tensors

/// One long text cut into streams that are read side by side, a few steps at a time: the batches of truncated
/// back-propagation.
///
/// The text is cut into N pieces of equal length, which are the rows. Each batch is the next columns of all rows, so a
/// row of a batch goes on where the same row of the batch before has ended, and a network's state may be carried from
/// one to the next. What it is to say at each step is the number that comes next.
///
///     text a b c d e f g h i, 2 streams:   inputs a b c d   targets b c d e
///                                                 e f g h           f g h i
///
/// - PyTorch: no counterpart; `batchify` and `get_batch` of its example `word_language_model`, which stand columns
///   where rows are here.
/// - Source: Williams, Peng, "An efficient gradient-based algorithm for on-line training of recurrent network
///   trajectories", *Neural Computation* 2(4), 1990.
/// - Book: chapter 8.
public struct TextStreams: Sendable, Equatable {
  /// The whole text as numbers.
  public let ids: [Int]
  /// N, the number of rows.
  public let streams: Int
  /// How many steps each row has: what is left over at the text's end is not read.
  public let length: Int

  /// - Parameters:
  ///   - ids: The text as numbers: at least one more than there are streams.
  ///   - streams: N, how many rows are read side by side, 1 or more. Traps otherwise.
  public init(_ ids: [Int], streams: Int) {
    if streams < 1 { trap("TextStreams: there must be at least 1 stream, given \(streams)") }
    if ids.count <= streams {
      trap("TextStreams: \(streams) streams need a text of more than \(streams), given \(ids.count)")
    }
    self.ids = ids
    self.streams = streams
    length = (ids.count - 1) / streams
  }

  /// How many numbers are predicted in all: N times the length.
  public var count: Int { streams * length }

  /// The steps of each batch, from the first to the last, which may be shorter.
  public func batches(steps: Int) -> [Range<Int>] {
    if steps < 1 { trap("TextStreams: a batch has at least 1 step, given \(steps)") }
    return stride(from: 0, to: length, by: steps).map { $0..<min($0 + steps, length) }
  }

  /// The columns `steps` of all streams, `[N, T]`, and what comes next at each of them, `[N, T]`.
  public subscript(steps: Range<Int>) -> (inputs: IntTensor, targets: IntTensor) {
    if steps.lowerBound < 0 || steps.upperBound > length {
      trap("TextStreams: steps \(steps) are not in streams of \(length)")
    }
    func columns(from offset: Int) -> IntTensor {
      let rows = (0..<streams).map { n in
        ids[n * length + steps.lowerBound + offset..<n * length + steps.upperBound + offset]
      }
      return IntTensor(rows.flatMap { $0 }, shape: [streams, steps.count])
    }
    return (columns(from: 0), columns(from: 1))
  }
}
