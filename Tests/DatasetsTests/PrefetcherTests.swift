import Dispatch
import Foundation
import Synchronization
import Tensors
import Testing

@testable import Datasets

@Suite struct PrefetcherTests {
  struct Broken: Error, Equatable { let first: Int }

  /// Counts what is made; shared by two threads.
  final class Counter: Sendable {
    let made = Atomic<Int>(0)
  }

  @Test(arguments: [1, 2, 5, 100]) func batchesAreTheSameInTheSameOrder(_ depth: Int) throws {
    let set = ImageSet.generatedDigits(count: 103, seed: 4)
    let batches = Batches(of: 103, batchSize: 10, shuffledBy: 7, epoch: 3)
    let prefetcher = Prefetcher(over: batches, depth: depth) { set.batch(Array($0)) }
    // Each loop begins anew.
    for _ in 0..<2 {
      let prefetched = try prefetcher.map { try $0.get() }
      #expect(prefetched.count == 11)
      for (batch, examples) in zip(prefetched, batches) {
        let plain = set.batch(Array(examples))
        let isSame = batch.images == plain.images && batch.labels == plain.labels
        #expect(isSame)
      }
    }
    #expect(try Prefetcher(over: Batches(of: 0, batchSize: 3)) { Array($0) }.map { try $0.get() } == [])
  }

  @Test func theNextBatchIsMadeWhileOneIsUsed() {
    let second = DispatchSemaphore(value: 0)
    let prefetcher = Prefetcher(over: Batches(of: 3, batchSize: 1)) { examples in
      if examples.first == 1 { second.signal() }
      return examples.first!
    }
    let iterator = prefetcher.makeIterator()
    #expect(try! iterator.next()?.get() == 0)
    // Nobody has asked for the second.
    #expect(second.wait(timeout: .now() + 20) == .success)
  }

  @Test(arguments: [1, 3]) func theThreadIsNeverFurtherAheadThanTheDepth(_ depth: Int) throws {
    let counter = Counter()
    let prefetcher = Prefetcher(over: Batches(of: 30, batchSize: 1), depth: depth) { examples in
      counter.made.wrappingAdd(1, ordering: .sequentiallyConsistent)
      return examples.first!
    }
    var taken = 0
    var furthest = 0
    for batch in prefetcher {
      #expect(try batch.get() == taken)
      taken += 1
      // Time for a thread that does not wait to run away.
      Thread.sleep(forTimeInterval: 0.002)
      furthest = max(furthest, counter.made.load(ordering: .sequentiallyConsistent) - taken)
    }
    #expect(taken == 30)
    #expect(furthest <= depth)
    #expect(furthest >= 1)
  }

  @Test func anErrorComesInItsPlaceAndEndsTheSequence() throws {
    let counter = Counter()
    let prefetcher = Prefetcher(over: Batches(of: 10, batchSize: 2), depth: 4) { examples in
      counter.made.wrappingAdd(1, ordering: .relaxed)
      if examples.first == 4 { throw Broken(first: 4) }
      return examples.first!
    }
    var seen: [Int] = []
    let error = #expect(throws: Broken.self) {
      for batch in prefetcher { seen.append(try batch.get()) }
    }
    #expect(error == Broken(first: 4))
    #expect(seen == [0, 2])
    let iterator = prefetcher.makeIterator()
    var results = 0
    while iterator.next() != nil { results += 1 }
    #expect(results == 3)
    #expect(iterator.next() == nil)
    #expect(counter.made.load(ordering: .relaxed) == 6)
  }

  @Test func leavingTheLoopStopsTheThread() throws {
    /// Goes when the thread and the prefetcher have let go of it.
    final class Token: Sendable {
      let gone: DispatchSemaphore
      let counter = Counter()
      init(_ gone: DispatchSemaphore) { self.gone = gone }
      deinit {
        if counter.made.load(ordering: .relaxed) <= 4 { gone.signal() }
      }
    }
    let gone = DispatchSemaphore(value: 0)
    func useTwo() throws {
      let token = Token(gone)
      let prefetcher = Prefetcher(over: Batches(of: 1_000_000, batchSize: 1)) { examples in
        token.counter.made.wrappingAdd(1, ordering: .relaxed)
        return examples.first!
      }
      for batch in prefetcher where try batch.get() == 1 { break }
    }
    try useTwo()
    // The token goes only with the thread's closure, and having been asked for two and two ahead at most.
    #expect(gone.wait(timeout: .now() + 20) == .success)
  }

  @Test func aDepthOfZeroTraps() async throws {
    let result = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Prefetcher(over: Batches(of: 1, batchSize: 1), depth: 0) { $0.count }
    }
    let message = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(message.contains("Prefetcher: the depth must be at least 1, given 0"))
  }
}
