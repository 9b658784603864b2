import Foundation
import Synchronization
import Testing

@testable import Tensors

@Suite(.serialized) struct WorkerPoolTests {
  /// How often each worker of each of many jobs was called.
  private final class Counts: Sendable {
    let counts: Mutex<[Int]>
    init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }
    func add(_ i: Int) { counts.withLock { $0[i] += 1 } }
    var all: [Int] { counts.withLock { $0 } }
  }

  @Test(arguments: [1, 2, 3, 7]) func eachWorkerIsCalledOnce(_ workers: Int) {
    for round in 0..<300 {
      let counts = Counts(workers)
      WorkerPool.shared.run(workers: workers) { counts.add($0) }
      #expect(counts.all == [Int](repeating: 1, count: workers))
      // Long enough, now and then, for the helpers to fall asleep.
      if round % 100 == 99 { usleep(5000) }
    }
  }

  @Test func workInsideWorkIsDone() {
    let counts = Counts(12)
    WorkerPool.shared.run(workers: 3) { outer in
      WorkerPool.shared.run(workers: 4) { counts.add(outer * 4 + $0) }
    }
    #expect(counts.all == [Int](repeating: 1, count: 12))
  }

  @Test func callersMayMeet() {
    let (callers, rounds) = (4, 200)
    let counts = Counts(callers)
    let group = DispatchGroup()
    for caller in 0..<callers {
      DispatchQueue.global().async(group: group) {
        for _ in 0..<rounds { WorkerPool.shared.run(workers: 3) { _ in counts.add(caller) } }
      }
    }
    group.wait()
    #expect(counts.all == [Int](repeating: rounds * 3, count: callers))
  }

  /// Pieces that take unlike times, cut for more threads than there are cores.
  @Test(arguments: [(1, 4), (5, 2), (17, 3), (100, 8)]) func eachPieceIsDoneOnce(
    _ pieces: Int, _ threads: Int
  ) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    Parallel.threads = threads
    let counts = Counts(pieces)
    Parallel.forEach(pieces: pieces) { piece in
      if piece % 5 == 0 { usleep(300) }
      counts.add(piece)
    }
    #expect(counts.all == [Int](repeating: 1, count: pieces))
  }
}
