import Foundation
import Synchronization
internal import COpenBLAS

/// How work is spread over the processor's cores. The only place of the engine that computes on several threads.
///
/// Work whose parts are summed is cut into pieces that depend on the work alone. Threads take pieces as they come free; what
/// each piece computes does not depend on who computes it. So results are the same bits with any number of threads.
public enum Parallel {
  private static let threadCount = Atomic<Int>(ProcessInfo.processInfo.activeProcessorCount)

  /// The most threads that the engine uses at once; at first, one for each core.
  public static var threads: Int {
    get { threadCount.load(ordering: .relaxed) }
    set {
      if newValue < 1 { trap("Parallel.threads: at least 1 is needed, given \(newValue)") }
      threadCount.store(newValue, ordering: .relaxed)
    }
  }

  /// Products run on our own threads, one of OpenBLAS's each: its own splitting is erratic on small shapes.
  static let oneBLASThread: Void = openblas_set_num_threads(1)

  /// Calls `body` once for each piece, `0..<pieces`, on up to `threads` threads; returns when all are done.
  ///
  /// What the calling task has set holds in all pieces: `withoutGradients`, and its `RandomSource`. Pieces that draw from
  /// the same source get its streams as they come; for the same bits each time, give each piece a source of its own.
  ///
  /// Splitting costs about a microsecond; it pays from some 50 µs of work.
  package static func forEach(pieces: Int, _ body: (Int) -> Void) {
    share(pieces: pieces) { next in
      while let piece = next() { body(piece) }
    }
  }

  /// Calls `body` with consecutive ranges that together are `0..<count`, each of `grain` elements or fewer.
  package static func forEachRange(of count: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let pieces = (count + grain - 1) / grain
    if pieces <= 1 {
      if count > 0 { body(0..<count) }
      return
    }
    forEach(pieces: pieces) { body($0 * grain..<min(count, ($0 + 1) * grain)) }
  }

  /// Calls `body` with consecutive ranges that together are `0..<count`, `pieces` of nearly the same length, and with what
  /// `room` makes for each thread.
  ///
  /// For results that do not depend on where the ranges begin. So the number of pieces may depend on that of the threads:
  /// a multiple of it gives each as much to do.
  static func forEachRange<Room>(
    of count: Int, pieces: Int, room: () -> Room, _ body: (Range<Int>, inout Room) -> Void
  ) {
    let pieces = min(count, pieces)
    share(pieces: pieces) { next in
      guard var piece = next() else { return }
      var room = room()
      defer { withExtendedLifetime(room) {} }  // pieces may use memory that it owns by pointers
      while true {
        body(count * piece / pieces..<count * (piece + 1) / pieces, &room)
        guard let more = next() else { return }
        piece = more
      }
    }
  }

  /// Calls `body` on up to `threads` threads, once on each; `next` gives it pieces of `0..<pieces` until there are none left.
  private static func share(pieces: Int, _ body: (_ next: () -> Int?) -> Void) {
    let workers = min(pieces, threads)
    if workers <= 1 {
      var left = (0..<pieces).makeIterator()
      return body { left.next() }
    }
    withoutActuallyEscaping(body) { body in
      let work = Work(pieces: pieces, workers: workers, body)
      let share = TaskSettings.carried { work.share(of: $0) }
      WorkerPool.shared.run(workers: workers, share)
    }
  }

  /// The pieces still to do: for each thread a run of neighbours, which lie side by side in memory; who is done with its
  /// own helps with the others'.
  ///
  /// `@unchecked Sendable`: `body` is called by several threads on pieces that no two share, and does not outlive the
  /// call.
  private final class Work: @unchecked Sendable {
    private let runs: [Run]
    private let body: (() -> Int?) -> Void

    init(pieces: Int, workers: Int, _ body: @escaping (() -> Int?) -> Void) {
      runs = (0..<workers).map { Run(pieces * $0 / workers..<pieces * ($0 + 1) / workers) }
      self.body = body
    }

    func share(of worker: Int) {
      var other = 0
      body {
        while other < runs.count {
          if let piece = runs[(worker + other) % runs.count].take() { return piece }
          other += 1
        }
        return nil
      }
    }
  }

  private final class Run: Sendable {
    private let next: Atomic<Int>
    private let end: Int

    init(_ range: Range<Int>) {
      next = Atomic(range.lowerBound)
      end = range.upperBound
    }

    func take() -> Int? {
      let piece = next.wrappingAdd(1, ordering: .relaxed).oldValue
      return piece < end ? piece : nil
    }
  }
}
