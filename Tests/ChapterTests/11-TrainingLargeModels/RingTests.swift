import Chapter11TrainingLargeModels
import Ranks
import Testing

@Suite struct RingTests {
  /// Whole numbers, so that the order of additions does not matter; also fewer numbers than ranks.
  @Test(arguments: 1...5, [0, 1, 2, 7, 40]) func everyRankHasTheSum(_ ranks: Int, _ count: Int) throws {
    let ring = Ring(ranks: ranks)
    let sums = try LocalRanks.run(ranks) { communicator in
      var x = (0..<count).map { Float(($0 + 1) * (communicator.rank * 10 + 1)) }
      ringAllReduce(&x, rank: communicator.rank, on: ring)
      return x
    }
    let factor = (0..<ranks).reduce(0) { $0 + $1 * 10 + 1 }
    for sum in sums { #expect(sum == (0..<count).map { Float(($0 + 1) * factor) }) }
    // Each rank was sent 2 (R − 1)/R of the numbers, give or take what does not divide.
    for rank in 0..<ranks {
      let expected = 2 * Double(ranks - 1) / Double(ranks) * Double(count)
      #expect(abs(Double(ring.numbersSent(to: rank)) - expected) <= Double(2 * (ranks - 1)))
      if count % ranks == 0 { #expect(Double(ring.numbersSent(to: rank)) == expected) }
    }
  }

  /// The engine's sum and the ring's are the same function: bit by bit for two ranks, where one addition has no order.
  @Test func theEnginesSumIsTheRings() throws {
    let ring = Ring(ranks: 2)
    let pairs = try LocalRanks.run(2) { communicator in
      var plain = (0..<33).map { 0.1 * Float($0) + 1 / Float(3 + communicator.rank) }
      var engine = plain
      ringAllReduce(&plain, rank: communicator.rank, on: ring)
      try communicator.sum(&engine)
      return [plain, engine]
    }
    for pair in pairs { #expect(pair[0] == pair[1]) }
  }
}
