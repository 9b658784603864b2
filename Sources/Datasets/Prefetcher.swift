import Dispatch
import Foundation
import Synchronization
import Tensors

/// Batches that a thread in the background makes ahead, while the ones before are being trained on.
///
/// The batches are the same, in the same order, as without it. An error of `make` comes in its batch's place, and ends
/// the sequence. Leaving the loop early stops the thread after the batch that it is at.
///
/// ```swift
/// let batches = Batches(of: data.count, batchSize: 64, shuffledBy: seed, epoch: epoch)
/// for batch in Prefetcher(over: batches, make: { data.batch($0) }) {
///   let (images, labels) = try batch.get()
///   …
/// }
/// ```
///
/// - PyTorch: `DataLoader(num_workers=1, prefetch_factor=depth)`, with a thread instead of a process.
/// - Book: chapter 7.
public struct Prefetcher<Batch: Sendable>: Sequence, Sendable {
  private let batches: [ArraySlice<Int>]
  private let depth: Int
  private let make: @Sendable (ArraySlice<Int>) throws -> Batch

  /// - Parameters:
  ///   - batches: The examples of each batch: ``Batches`` or ``LengthBuckets``.
  ///   - depth: How many batches the thread is ahead at most, the one that it is making included.
  ///   - make: Makes a batch of examples. It runs on the other thread, one batch at a time, and does not see the
  ///     caller's task-local values, such as `RandomSource.current`.
  public init(
    over batches: some Sequence<ArraySlice<Int>>, depth: Int = 2,
    make: @escaping @Sendable (ArraySlice<Int>) throws -> Batch
  ) {
    if depth < 1 { trap("Prefetcher: the depth must be at least 1, given \(depth)") }
    self.batches = Array(batches)
    self.depth = depth
    self.make = make
  }

  /// Starts a thread, for each loop its own.
  public func makeIterator() -> Iterator {
    let line = Line(depth: depth)
    let thread = Thread { [batches, make] in
      for examples in batches {
        line.waitForPlace()
        if line.isClosed { return }
        let batch = Result { try make(examples) }
        line.add(batch)
        if case .failure = batch { return }
      }
      line.add(nil)
    }
    thread.name = "Prefetcher"
    thread.start()
    return Iterator(line)
  }

  /// Takes batches from the thread, waiting where it is not yet done; when it goes, the thread stops.
  ///
  /// A class, because only a class notices when it goes.
  public final class Iterator: IteratorProtocol {
    private let line: Line
    private var isDone = false

    fileprivate init(_ line: Line) { self.line = line }

    deinit { line.close() }

    /// The next batch, or what went wrong in making it; nil after the last one, and after an error.
    public func next() -> Result<Batch, any Error>? {
      if isDone { return nil }
      let batch = line.take()
      switch batch {
      case .success: break
      case .failure, nil: isDone = true
      }
      return batch
    }
  }

  /// Batches made and not yet taken, between two threads.
  ///
  /// The mutex protects the batches and whether the line is closed; `places` counts how many more batches may be made,
  /// `arrivals` how many can be taken.
  fileprivate final class Line: Sendable {
    private struct State {
      /// A nil is the end.
      var waiting: [Result<Batch, any Error>?] = []
      var isClosed = false
    }

    private let state = Mutex(State())
    // Both start at 0: a semaphore that goes while below its first value stops the program.
    private let places = DispatchSemaphore(value: 0)
    private let arrivals = DispatchSemaphore(value: 0)

    init(depth: Int) {
      for _ in 0..<depth { places.signal() }
    }

    // The thread's side.

    func waitForPlace() { places.wait() }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    func add(_ batch: Result<Batch, any Error>?) {
      state.withLock { if !$0.isClosed { $0.waiting.append(batch) } }
      arrivals.signal()
    }

    // The loop's side.

    func take() -> Result<Batch, any Error>? {
      arrivals.wait()
      let batch = state.withLock { $0.waiting.removeFirst() }
      places.signal()
      return batch
    }

    func close() {
      state.withLock {
        $0.isClosed = true
        $0.waiting = []
      }
      places.signal()
    }
  }
}
