import Tensors

/// What processes that train one model say to each other. They are numbered from 0, and each has its own copy of the
/// model; everybody calls the same functions in the same order, with arrays of the same sizes.
///
/// Two kinds exist: ``LocalRanks``, threads of one process, for tests and for looking at how it works; and ``MPI``, processes
/// on one machine or on many.
///
///     var gradient: [Float] = …              // of this rank's examples
///     try communicator.sum(&gradient)        // of all ranks' examples, the same bits in each
///
/// - PyTorch: a process group of `torch.distributed`.
/// - Source: Message Passing Interface Forum, "MPI: a message-passing interface standard, version 3.1", 2015, chapter 5.
/// - Book: section 11.5.
public protocol Communicator: Sendable {
  /// This process's number, from 0.
  var rank: Int { get }

  /// How many processes there are.
  var ranks: Int { get }

  /// Begins to put the sum over all ranks in place of each number, and returns at once: "all-reduce".
  ///
  /// - Parameter numbers: Must stay where they are, untouched, until the sum is waited for.
  /// - PyTorch: `torch.distributed.all_reduce(x, async_op=True)`; MPI: `MPI_Iallreduce`.
  func startSum(of numbers: UnsafeMutableBufferPointer<Float>) throws -> any PendingSum

  /// The same, and waits until it is done. MPI: `MPI_Allreduce`.
  func sum(of numbers: UnsafeMutableBufferPointer<Float>) throws

  /// Puts the numbers of one rank in place of those of all others. MPI: `MPI_Bcast`.
  func broadcast(_ numbers: UnsafeMutableBufferPointer<Float>, from root: Int) throws

  /// What each rank gives, in the order of the ranks, for all of them; each may give another number of bytes.
  /// MPI: `MPI_Allgather`.
  func gather(_ bytes: [UInt8]) throws -> [[UInt8]]

  /// Returns when every rank has called it. MPI: `MPI_Barrier`.
  func barrier() throws
}

/// A sum that is under way.
public protocol PendingSum {
  /// Whether it is done; asking also lets it go on, where nothing else does.
  func isDone() throws -> Bool

  /// Returns when it is done.
  func wait() throws
}

extension Communicator {
  /// Puts the sum over all ranks in place of each number.
  ///
  /// - PyTorch: `torch.distributed.all_reduce(x)`.
  public func sum(_ numbers: inout [Float]) throws {
    try numbers.withUnsafeMutableBufferPointer { try sum(of: $0) }
  }

  /// Puts the numbers of `root` in place of those of all others.
  ///
  /// - PyTorch: `torch.distributed.broadcast(x, src)`.
  public func broadcast(_ numbers: inout [Float], from root: Int) throws {
    try numbers.withUnsafeMutableBufferPointer { try broadcast($0, from: root) }
  }

  /// What each rank says, in the order of the ranks.
  public func gather(_ text: String) throws -> [String] {
    try gather(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
  }

  /// Numbers of each rank, in the order of the ranks.
  public func gather(_ numbers: [Double]) throws -> [[Double]] {
    let bytes = numbers.flatMap { number -> [UInt8] in
      withUnsafeBytes(of: number.bitPattern.littleEndian) { Array($0) }
    }
    return try gather(bytes).map { bytes -> [Double] in
      bytes.withUnsafeBytes { bytes in
        stride(from: 0, to: bytes.count, by: 8).map { at -> Double in
          Double(bitPattern: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
        }
      }
    }
  }
}

/// Ranks that do not go together, or cannot be reached any more: in words for the user.
public struct RanksFailed: Error, CustomStringConvertible, Equatable {
  /// What is wrong, and what to do.
  public let description: String
  /// - Parameter description: What is wrong and what to do, as the program will print it.
  public init(_ description: String) { self.description = description }
}
