import Engine
import Foundation
import Synchronization
import Testing

@testable import Ranks

@Suite struct CommunicatorTests {
  @Test(arguments: 1...4) func sumsAreTheSameEverywhere(_ ranks: Int) throws {
    // Numbers whose sum depends on the order: it is that of the ranks.
    let numbers = (0..<ranks).map { rank in
      var stream = RandomStream(seed: 3, stream: UInt64(rank))
      return (0..<101).map { _ in stream.normal() }
    }
    let sums = try LocalRanks.run(ranks) { communicator in
      var mine = numbers[communicator.rank]
      try communicator.sum(&mine)
      return mine
    }
    let expected = (0..<101).map { i in numbers.dropFirst().reduce(numbers[0][i]) { $0 + $1[i] } }
    #expect(sums.count == ranks && sums.allSatisfy { $0 == expected })
  }

  @Test func sumsMayBeUnderWayTogether() throws {
    let sums = try LocalRanks.run(3) { communicator in
      let arrays = (0..<4).map { i in
        let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: i + 1)
        numbers.initialize(repeating: Float((i + 1) * (communicator.rank + 1)))
        return numbers
      }
      defer { for numbers in arrays { numbers.deallocate() } }
      let pending = try arrays.map { try communicator.startSum(of: $0) }
      try communicator.barrier()
      // All have come to all of them: they are done, whether anybody waits or not.
      let areDone = try pending.allSatisfy { try $0.isDone() }
      for sum in pending.reversed() { try sum.wait() }
      return areDone ? arrays.map(Array.init) : []
    }
    for rank in 0..<3 { #expect(sums[rank] == [[6], [12, 12], [18, 18, 18], [24, 24, 24, 24]]) }
  }

  @Test func broadcastAndGather() throws {
    let results = try LocalRanks.run(3) { communicator -> ([Float], [String], [[Double]]) in
      var numbers = [Float(communicator.rank), -1]
      try communicator.broadcast(&numbers, from: 2)
      let words = try communicator.gather(String(repeating: "é", count: communicator.rank))
      return (numbers, words, try communicator.gather([0.1, -Double(communicator.rank), .infinity]))
    }
    for (numbers, words, doubles) in results {
      #expect(numbers == [2, -1])
      #expect(words == ["", "é", "éé"])
      #expect(doubles == [[0.1, 0, .infinity], [0.1, -1, .infinity], [0.1, -2, .infinity]])
    }
  }

  private struct Fell: Error {}

  @Test func aRankThatEndsIsNotWaitedFor() throws {
    let watch = Stopwatch()
    #expect(throws: Fell.self) {
      try LocalRanks.run(3) { communicator in
        if communicator.rank == 1 { throw Fell() }
        var numbers: [Float] = [1]
        do {
          try communicator.sum(&numbers)
        } catch let error as RanksFailed {
          #expect(error.description.contains("rank 1 has ended"))
          throw error
        }
        Issue.record("a sum without rank 1")
      }
    }
    #expect(watch.seconds < 5)
  }

  /// Rank 1 ends while rank 2, which came last, adds up everybody's numbers. Rank 0 has to stay until they are there: whoever
  /// leaves frees them.
  @Test func nobodyLeavesWhileNumbersAreWritten() throws {
    nonisolated(unsafe) let numbers = (0..<3).map { rank in
      let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: 4_000_000)
      numbers.initialize(repeating: Float(rank + 1))
      return numbers
    }
    defer { for numbers in numbers { numbers.deallocate() } }
    let (arrived, begins) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
    let haveSum = Mutex<Set<Int>>([])
    #expect(throws: Fell.self) {
      try LocalRanks.run(3) { communicator in
        let (rank, numbers) = (communicator.rank, numbers[communicator.rank])
        if rank == 2 {
          for _ in 0..<2 { arrived.wait() }
          begins.signal()
        }
        let sum = try communicator.startSum(of: numbers)
        arrived.signal()
        if rank == 1 {
          begins.wait()
          usleep(1000)
          throw Fell()
        }
        try sum.wait()
        if numbers.first == 6 && numbers.last == 6 { haveSum.withLock { _ = $0.insert(rank) } }
      }
    }
    // Where rank 1 ended before rank 2 had come, neither has it.
    let ranks = haveSum.withLock { $0 }
    #expect(ranks == [0, 2] || ranks == [], "only \(ranks)")
  }

  @Test func differentCallsAreNoMeeting() throws {
    let error = #expect(throws: RanksFailed.self) {
      try LocalRanks.run(2) { communicator in
        var numbers = [Float](repeating: 1, count: 3 + communicator.rank)
        if communicator.rank == 0 { try communicator.sum(&numbers) }
        usleep(20_000)
        try communicator.sum(&numbers)
      }
    }
    #expect("\(error!)".contains("numbers"))
  }

  /// A wire of 1 MB/s and 10 ms: two messages of half a thousand bytes each take 21 ms, and those of two sums follow each other.
  @Test func aPretendedWireTakesItsTime() throws {
    let wire = LocalRanks.Wire(latency: 0.01, bytesPerSecond: 1e6)
    #expect(abs(wire.secondsToSum(bytes: 1000, ranks: 2) - 0.021) < 1e-12)
    let seconds = try LocalRanks.run(2, wire: wire) { communicator in
      let watch = Stopwatch()
      let numbers = UnsafeMutableBufferPointer<Float>.allocate(capacity: 250)
      defer { numbers.deallocate() }
      numbers.initialize(repeating: 1)
      try communicator.sum(of: numbers)
      try communicator.sum(of: numbers)
      return watch.seconds
    }
    #expect(seconds.allSatisfy { $0 >= 0.042 }, "\(seconds)")
  }
}
