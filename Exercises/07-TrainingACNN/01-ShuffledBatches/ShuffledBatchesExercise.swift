import ExerciseKit
import Practice

public final class ShuffledBatchesExercise: Exercise {
  public typealias Shuffle = @Sendable (_ count: Int, _ draws: [Int]) throws -> [Int]
  public typealias Cut = @Sendable (_ order: [Int], _ size: Int) throws -> [[Int]]

  public struct Answer: Sendable {
    let shuffle: Shuffle
    let cut: Cut
  }

  public init() {}

  public let title = "Batches in a shuffled order"
  public let section = "7.3"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["shuffledOrder", "batches"]

  public let solution = Answer(
    shuffle: { try shuffledOrder(of: $0, draws: $1) }, cut: { try batches(of: $0, size: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      shuffle: { try learner.call("shuffledOrder", $0, $1) }, cut: { try learner.call("batches", $0, $1) })
  }

  public let hints = [
    "Follow the example with pencil and paper first. For the order you need an array and a place that goes "
      + "down by one with every draw. For the batches: where does each begin, and where does it end at the "
      + "latest?",
    "order.swapAt(i, r) exchanges two places; i begins at count − 1. Batch number k begins at k · size and "
      + "ends before min(k · size + size, order.count).",
    """
    var order = Array(0..<count)
    var i = …
    for r in draws {
      order.swapAt(…, …)
      i -= 1
    }

    stride(from: 0, to: order.count, by: …).map { start in
      Array(order[start..<min(…, …)])
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "five examples, the draws 1, 3, 0, 1", points: 1) { answer, trial in
      try expectOrder(5, [1, 3, 0, 1], of: answer, trial)
      try expectOrder(4, [0, 0, 0], of: answer, trial)
      try expectOrder(2, [1], of: answer, trial)
      try expectOrder(1, [], of: answer, trial)
    },
    Check(.byHand, "five examples in batches of two", points: 1) { answer, trial in
      try expectBatches([2, 4, 0, 3, 1], 2, of: answer, trial)
      try expectBatches([5, 1, 0, 3, 2, 4], 3, of: answer, trial)
    },
    Check(.byHand, "batches of one, and one batch for all", points: 1) { answer, trial in
      try expectBatches([2, 0, 1], 1, of: answer, trial)
      try expectBatches([2, 0, 1], 3, of: answer, trial)
      try expectBatches([2, 0, 1], 64, of: answer, trial)
    },
    Check(.property, "each of the 24 rows of draws for four gives an order of its own", points: 1) {
      answer, trial in
      for first in 0..<4 {
        for second in 0..<3 {
          for third in 0..<2 { try expectOrder(4, [first, second, third], of: answer, trial) }
        }
      }
    },
    Check(.property, "as the rules say, for thirty numbers of examples", points: 2) { answer, trial in
      var inputs = Inputs(seed: 711)
      for _ in 0..<30 {
        let count = inputs.integer(1...40)
        let draws = (1..<max(count, 1)).reversed().map { inputs.integer(0...$0) }
        try expectOrder(count, draws, of: answer, trial)
        // Not always a permutation: a batch takes what stands in the order, whatever that is.
        let order = order(count, draws).map { 3 * $0 + 2 }
        try expectBatches(order, inputs.integer(1...12), of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongOrder(
      "from the front",
      advice:
        "You go through the places from the first on. The draws are made for the way from the last to the "
        + "second."
    ) { count, draws in
      var order = Array(0..<count)
      for (i, r) in draws.enumerated() { order.swapAt(i, r) }
      return order
    },
    wrongOrder(
      "the draws in the other direction",
      advice: "You take the draws from the end. The first draw belongs to the last place."
    ) { count, draws in
      order(count, draws.indices.map { min(draws[draws.count - 1 - $0], count - 1 - $0) })
    },
    wrongOrder(
      "replaced instead of exchanged",
      advice:
        "You write one number over another, so some examples come twice and some never. Exchange the two."
    ) { count, draws in
      var order = Array(0..<count)
      for (k, r) in draws.enumerated() { order[count - 1 - k] = order[r] }
      return order
    },
    wrongOrder(
      "one place too early",
      advice: "You begin with the last place but one. The first draw belongs to i = count − 1."
    ) { count, draws in
      var order = Array(0..<count)
      for (k, r) in draws.enumerated() { order.swapAt(max(0, count - 2 - k), r) }
      return order
    },
    wrongOrder(
      "picked and removed",
      advice:
        "You take the drawn example out and let the others move up. Fisher–Yates exchanges two places, and "
        + "nothing else moves."
    ) { count, draws in
      var left = Array(0..<count)
      var order: [Int] = []
      for r in draws { order.insert(left.remove(at: r), at: 0) }
      return left + order
    },
    wrongOrder(
      "the places of the examples instead of the examples",
      advice: "Your list says at which place each example comes. Wanted is which example comes at each place."
    ) { count, draws in
      let order = order(count, draws)
      return order.indices.map { order.firstIndex(of: $0)! }
    },
    wrongBatches(
      "the last batch is left out",
      advice:
        "You leave out the examples that do not fill a batch. They are learned from too, in a smaller batch."
    ) { order, size in
      (0..<order.count / size).map { Array(order[$0 * size..<($0 + 1) * size]) }
    },
    wrongBatches(
      "the last batch is filled up",
      advice:
        "You fill the last batch with examples from the beginning. They would count twice in this epoch; "
        + "leave the batch smaller."
    ) { order, size in
      cut(order, size).map { batch in
        batch + (0..<size - batch.count).map { order[$0 % order.count] }
      }
    },
    wrongBatches(
      "the rest joins the last full batch",
      advice:
        "You put the rest into the last full batch, which becomes too large. The rest is a batch of its own."
    ) { order, size in
      var all = cut(order, size)
      if all.count > 1, all[all.count - 1].count < size {
        let rest = all.removeLast()
        all[all.count - 1] += rest
      }
      return all
    },
    wrongBatches(
      "an empty batch at the end",
      advice:
        "When the size divides the number of examples, your last batch is empty. Its mean loss would be 0 / "
        + "0."
    ) { order, size in cut(order, size) + (order.count % size == 0 ? [[]] : []) },
    wrongBatches(
      "the order is not used",
      advice: "Your batches count 0, 1, 2 and so on. Take the numbers that stand in the order."
    ) { order, size in cut(Array(order.indices), size) },
    wrongBatches(
      "the number of batches for their size",
      advice: "You make as many batches as `size` says. It says how many examples are in each."
    ) { order, size in cut(order, (order.count + size - 1) / size) },
    wrongBatches(
      "dealt out like cards",
      advice:
        "You deal the examples out, one to each batch in turn. The first `size` of the order make the first "
        + "batch."
    ) { order, size in
      let count = (order.count + size - 1) / size
      return (0..<count).map { first in stride(from: first, to: order.count, by: count).map { order[$0] } }
    },
    wrongBatches(
      "the batches overlap",
      advice:
        "Each batch of yours begins one example after the one before. It begins where the one before ended."
    ) { order, size in order.indices.map { Array(order[$0..<min($0 + size, order.count)]) } },
  ]
}

private func wrongOrder(
  _ name: String, advice: String, _ shuffle: @escaping ShuffledBatchesExercise.Shuffle
) -> Mistake<ShuffledBatchesExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(shuffle: shuffle, cut: { cut($0, $1) }))
}

private func wrongBatches(
  _ name: String, advice: String, _ cut: @escaping ShuffledBatchesExercise.Cut
) -> Mistake<ShuffledBatchesExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(shuffle: { order($0, $1) }, cut: cut))
}

/// The order by the exchanges that are written down, one by one, of values instead of places.
private func order(_ count: Int, _ draws: [Int]) -> [Int] {
  steps(count, draws).last ?? Array(0..<count)
}

/// The order after each exchange.
private func steps(_ count: Int, _ draws: [Int]) -> [[Int]] {
  var order = Array(0..<count)
  return draws.enumerated().map { k, r in
    let i = count - 1 - k
    let (last, drawn) = (order[i], order[r])
    order = order.enumerated().map { place, example in
      place == i ? drawn : place == r ? last : example
    }
    return order
  }
}

private func cut(_ order: [Int], _ size: Int) -> [[Int]] {
  var all: [[Int]] = []
  for (place, example) in order.enumerated() {
    if place % size == 0 { all.append([]) }
    all[all.count - 1].append(example)
  }
  return all
}

private func expectOrder(
  _ count: Int, _ draws: [Int], of answer: ShuffledBatchesExercise.Answer, _ trial: Trial
) throws {
  let yours = try answer.shuffle(count, draws)
  trial.expect(yours.count == count, "an order of \(count) examples has \(count) numbers", about: yours)
  let steps = steps(count, draws)
  trial.expect(
    yours, equals: order(count, draws), "shuffledOrder(of: \(count), draws: \(draws))", tolerance: 0,
    by: { _ in
      guard count <= 6 else { return "after all exchanges \(order(count, draws))" }
      let way = zip(steps, draws.indices).map { step, k in
        "exchange \(count - 1 - k) and \(draws[k]): \(step.map(String.init).joined(separator: " "))"
      }
      return way.joined(separator: ";  ")
    })
}

private func expectBatches(
  _ order: [Int], _ size: Int, of answer: ShuffledBatchesExercise.Answer, _ trial: Trial
) throws {
  let yours = try answer.cut(order, size)
  let expected = cut(order, size)
  let sizes = expected.map(\.count)
  trial.expect(
    yours.map(\.count) == sizes, "\(order.count) examples in batches of \(size) make batches of \(sizes)",
    about: yours.map(\.count))
  // One behind the other, for the sizes are known to be right.
  trial.expect(
    yours.flatMap(\.self), equals: expected.flatMap(\.self),
    "batches(of: \(order), size: \(size)), all behind each other", tolerance: 0,
    by: { "place \($0[0]) of the order holds \(order[$0[0]])" })
}
