import ExerciseKit
import Practice

public final class LengthBucketsExercise: Exercise {
  public typealias Sort =
    @Sendable (_ order: [Int], _ lengths: [Int], _ size: Int, _ batchesPerPool: Int) throws -> [[Int]]
  public typealias Count = @Sendable (_ batches: [[Int]], _ lengths: [Int]) throws -> Int

  public struct Answer: Sendable {
    let sort: Sort
    let count: Count
  }

  public init() {}

  public let title = "Batches of similar length"
  public let section = "8.7"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["buckets", "paddingCount"]

  public let solution = Answer(
    sort: { try buckets($0, lengths: $1, size: $2, batchesPerPool: $3) },
    count: { try paddingCount($0, lengths: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      sort: { try learner.call("buckets", $0, $1, $2, $3) },
      count: { try learner.call("paddingCount", $0, $1) })
  }

  public let hints = [
    "Three steps, each of which you know: cut the order (exercise 7.1), sort a part of it, cut that part. The padding of a "
      + "batch is what its longest text has more than each.",
    "A pool has size · batchesPerPool texts. Swift's sort keeps the order of equal elements: pool.sorted { lengths[$0] < "
      + "lengths[$1] }. A batch of n texts with the longest l has n · l places, of which Σ lengths are real.",
    """
    for start in stride(from: 0, to: order.count, by: …) {
      let pool = order[start..<min(…, order.count)]
      let sorted = pool.sorted { lengths[$0] < lengths[$1] }
      for first in stride(from: 0, to: sorted.count, by: size) {
        batches.append(Array(sorted[first..<min(…, sorted.count)]))
      }
    }

    batches.reduce(0) { sum, batch in … }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "five texts, two a batch, two batches a pool", points: 1) { answer, trial in
      try expectBuckets([3, 0, 4, 1, 2], [5, 9, 2, 6, 5], 2, 2, of: answer, trial)
      try expectBuckets([3, 4, 0, 1, 2], [5, 9, 2, 6, 5], 2, 2, of: answer, trial)
      try expectBuckets([3, 0, 4, 1, 2], [5, 9, 2, 6, 5], 1, 3, of: answer, trial)
    },
    Check(.byHand, "pools whose last batch is smaller", points: 1) { answer, trial in
      try expectBuckets([6, 1, 5, 0, 3, 2, 4], [3, 8, 1, 1, 9, 4, 2], 3, 1, of: answer, trial)
      try expectBuckets([6, 1, 5, 0, 3, 2, 4], [3, 8, 1, 1, 9, 4, 2], 2, 3, of: answer, trial)
      try expectBuckets([0], [4], 5, 2, of: answer, trial)
    },
    Check(.byHand, "the padding of three batches", points: 1) { answer, trial in
      for batches in [[[0, 4], [3, 1], [2]], [[1, 2], [0, 3, 4]], [[2]]] {
        try expectPadding(batches, [5, 9, 2, 6, 5], of: answer, trial)
      }
    },
    Check(.property, "as the rules say, for thirty orders", points: 2) { answer, trial in
      var inputs = Inputs(seed: 841)
      for _ in 0..<30 {
        let count = inputs.integer(1...30)
        // Few different lengths, so that equal ones come often.
        let lengths = (0..<count).map { _ in inputs.integer(1...9) }
        let (size, pools) = (inputs.integer(1...5), inputs.integer(1...4))
        let order = inputs.order(of: count)
        try expectBuckets(order, lengths, size, pools, of: answer, trial)
        try expectPadding(right(order, lengths, size, pools), lengths, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongSort(
      "everything is sorted",
      advice: "You sort all texts at once. Then every epoch has the same batches: sort each pool by itself."
    ) { order, lengths, size, _ in right(order, lengths, size, order.count) },
    wrongSort(
      "nothing is sorted", advice: "You only cut the order. Sort each pool by length first."
    ) { order, lengths, size, _ in right(order, lengths.map { _ in 1 }, size, 1) },
    wrongSort(
      "the longest first", advice: "Your longest texts come first in each pool. Begin with the shortest."
    ) { order, lengths, size, pools in right(order, lengths.map { -$0 }, size, pools) },
    wrongSort(
      "equal lengths change places",
      advice: "Texts of equal length have changed places. They stay as they stood in the order."
    ) { order, lengths, size, pools in
      right(order, lengths.enumerated().map { $0.element * lengths.count + $0.offset }, size, pools)
    },
    wrongSort(
      "a pool for every batch",
      advice:
        "You sort each batch by itself. Its texts stay the same then: sort pools of batchesPerPool batches."
    ) { order, lengths, size, _ in right(order, lengths, size, 1) },
    wrongSort(
      "pools of so many texts",
      advice: "Your pools have batchesPerPool texts. They have so many batches, each of `size` texts."
    ) { order, lengths, size, pools in right(order, lengths, size, pools, poolSize: pools) },
    wrongSort(
      "the rest is left out",
      advice: "You leave out the texts that do not fill a batch. They make a smaller one."
    ) { order, lengths, size, pools in
      let whole = right(order, lengths, size, pools).filter { $0.count == size }
      return whole.isEmpty ? right(order, lengths, size, pools).map { Array($0.dropLast()) } : whole
    },
    wrongCount(
      "as wide as the longest text of all",
      advice: "You pad all batches to the longest text of all. Each batch is as wide as its own longest."
    ) { batches, lengths in
      let widest = lengths.max()!
      return batches.joined().reduce(0) { $0 + widest - lengths[$1] }
    },
    wrongCount(
      "all places", advice: "You count all places of the batches. Take those away that are real."
    ) { batches, lengths in
      batches.reduce(0) { $0 + $1.count * ($1.map { lengths[$0] }.max() ?? 0) }
    },
    wrongCount(
      "the first text sets the width",
      advice: "You take the length of a batch's first text for its width. The longest sets it."
    ) { batches, lengths in
      batches.reduce(0) { sum, batch in
        sum + batch.reduce(0) { $0 + lengths[batch[0]] - lengths[$1] }
      }
    },
  ]
}

private func wrongSort(
  _ name: String, advice: String, _ sort: @escaping LengthBucketsExercise.Sort
) -> Mistake<LengthBucketsExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(sort: sort, count: { padding($0, $1) }))
}

private func wrongCount(
  _ name: String, advice: String, _ count: @escaping LengthBucketsExercise.Count
) -> Mistake<LengthBucketsExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(sort: { right($0, $1, $2, $3) }, count: count))
}

private func right(
  _ order: [Int], _ lengths: [Int], _ size: Int, _ pools: Int, poolSize: Int? = nil
) -> [[Int]] {
  let poolSize = poolSize ?? size * pools
  var batches: [[Int]] = []
  var pool: [Int] = []
  for (place, text) in order.enumerated() {
    // In its place among those that are at most as long.
    pool.insert(text, at: pool.lastIndex { lengths[$0] <= lengths[text] }.map { $0 + 1 } ?? 0)
    guard pool.count == poolSize || place == order.count - 1 else { continue }
    for (i, text) in pool.enumerated() {
      if i % size == 0 { batches.append([]) }
      batches[batches.count - 1].append(text)
    }
    pool = []
  }
  return batches
}

private func padding(_ batches: [[Int]], _ lengths: [Int]) -> Int {
  batches.reduce(0) { sum, batch in
    let widest = batch.map { lengths[$0] }.max() ?? 0
    return sum + batch.reduce(0) { $0 + widest - lengths[$1] }
  }
}

private func expectBuckets(
  _ order: [Int], _ lengths: [Int], _ size: Int, _ pools: Int, of answer: LengthBucketsExercise.Answer,
  _ trial: Trial
) throws {
  let yours = try answer.sort(order, lengths, size, pools)
  let expected = right(order, lengths, size, pools)
  let call = "buckets(\(order), lengths: \(lengths), size: \(size), batchesPerPool: \(pools))"
  trial.expect(
    yours.map(\.count) == expected.map(\.count), "\(call) makes batches of \(expected.map(\.count))",
    about: yours.map(\.count))
  trial.expect(
    yours.flatMap(\.self), equals: expected.flatMap(\.self), "\(call), all behind each other", tolerance: 0,
    by: { _ in "the lengths in this order: \(expected.flatMap(\.self).map { lengths[$0] })" })
}

private func expectPadding(
  _ batches: [[Int]], _ lengths: [Int], of answer: LengthBucketsExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.count(batches, lengths), equals: padding(batches, lengths),
    "paddingCount(\(batches), lengths: \(lengths))", tolerance: 0,
    by: { _ in
      batches.map { batch in
        let own = batch.map { lengths[$0] }
        return "\(own.count) · \(own.max() ?? 0) − \(own.reduce(0, +))"
      }.joined(separator: "  +  ")
    })
}
