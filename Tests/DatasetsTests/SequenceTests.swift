import Tensors
import Testing

@testable import Datasets

@Suite struct PaddedSequencesTests {
  @Test func shorterSequencesAreFilledUp() {
    let padded = PaddedSequences([[1, 2, 3], [], [4], [5, 6]], padding: -7)
    #expect(padded.ids == IntTensor([1, 2, 3, -7, -7, -7, 4, -7, -7, 5, 6, -7], shape: [4, 3]))
    #expect(padded.lengths == [3, 0, 1, 2])
    let (t, f) = (true, false)
    #expect(padded.mask == MaskTensor([t, t, t, f, f, f, t, f, f, t, t, f], shape: [4, 3]))
    #expect(PaddedSequences([[1], [2, 3]]).ids == IntTensor([1, 0, 2, 3], shape: [2, 2]))
  }

  @Test func longSequencesAreCut() {
    let padded = PaddedSequences([[1, 2, 3], [4], [5, 6, 7, 8]], padding: 9, limit: 2)
    #expect(padded.ids == IntTensor([1, 2, 4, 9, 5, 6], shape: [3, 2]))
    #expect(padded.lengths == [2, 1, 2])
    #expect(PaddedSequences([[1], [2]], limit: 5).ids.shape == [2, 1])
  }
}

@Suite struct LengthBucketsTests {
  /// 1,003 lengths from 1 to 100.
  let lengths: [Int] = {
    var stream = RandomStream(seed: 5)
    return (0..<1003).map { _ in 1 + stream.integer(below: 100) }
  }()

  @Test(arguments: [(16, 4), (16, 1000), (1, 1), (5000, 3), (Int.max, 32)])
  func everySequenceIsInOneBatchAndAllButOneAreFull(_ batchSize: Int, _ batchesPerPool: Int) {
    let buckets = LengthBuckets(
      of: lengths, batchSize: batchSize, shuffledBy: 3, batchesPerPool: batchesPerPool)
    let batches = Array(buckets)
    #expect(batches.flatMap { $0 }.sorted() == Array(0..<1003))
    #expect(batches.count == buckets.count)
    #expect((0..<buckets.count).map { buckets[$0] } == batches)
    let full = min(batchSize, 1003)
    #expect(batches.count { $0.count != full } == (1003 % full == 0 ? 0 : 1))
  }

  @Test func batchesHaveSimilarLengths() {
    func padding(_ batches: some Sequence<ArraySlice<Int>>) -> Double {
      var (own, all) = (0, 0)
      for batch in batches {
        let ofBatch = batch.map { lengths[$0] }
        own += ofBatch.reduce(0, +)
        all += ofBatch.max()! * batch.count
      }
      return 1 - Double(own) / Double(all)
    }
    let shuffled = padding(Batches(of: 1003, batchSize: 16, shuffledBy: 3))
    let pooled = padding(LengthBuckets(of: lengths, batchSize: 16, shuffledBy: 3, batchesPerPool: 8))
    let sorted = padding(LengthBuckets(of: lengths, batchSize: 16, shuffledBy: 3, batchesPerPool: 1000))
    #expect(shuffled > 0.35)
    #expect(pooled < 0.15)
    #expect(sorted < 0.03)
    // Batches do not go from short to long.
    let longest = LengthBuckets(of: lengths, batchSize: 16, shuffledBy: 3, batchesPerPool: 1000).map {
      batch in batch.map { lengths[$0] }.max()!
    }
    #expect(longest != longest.sorted())
    #expect(longest != longest.sorted(by: >))
  }

  @Test func theOrderIsAFunctionOfSeedAndEpoch() {
    func order(seed: UInt64, epoch: Int) -> [ArraySlice<Int>] {
      Array(LengthBuckets(of: lengths, batchSize: 16, shuffledBy: seed, epoch: epoch, batchesPerPool: 4))
    }
    #expect(order(seed: 3, epoch: 2) == order(seed: 3, epoch: 2))
    #expect(order(seed: 3, epoch: 2) != order(seed: 3, epoch: 1))
    #expect(order(seed: 3, epoch: 2) != order(seed: 4, epoch: 2))
    // Also what a batch holds changes, not only when it comes.
    let (first, second) = (
      order(seed: 3, epoch: 1).map { $0.sorted() }, order(seed: 3, epoch: 2).map { $0.sorted() }
    )
    #expect(Set(first).intersection(second).count < 5)
    #expect(Array(LengthBuckets(of: [], batchSize: 4, shuffledBy: 1)).isEmpty)
  }
}

@Suite struct SequenceTrapTests {
  @Test func impossibleArgumentsTrap() async throws {
    let messages = [
      "PaddedSequences: there are no sequences",
      "PaddedSequences: the limit must be at least 1, given 0",
      "LengthBuckets: the batch size must be at least 1, given 0",
      "LengthBuckets: a pool has at least 1 batch, given 0",
    ]
    for asked in messages.indices {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [asked = asked as Int] in
        switch asked {
        case 0: _ = PaddedSequences([])
        case 1: _ = PaddedSequences([[1]], limit: 0)
        case 2: _ = LengthBuckets(of: [1], batchSize: 0, shuffledBy: 1)
        default: _ = LengthBuckets(of: [1], batchSize: 1, shuffledBy: 1, batchesPerPool: 0)
        }
      }
      #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains(messages[asked]))
    }
  }
}
