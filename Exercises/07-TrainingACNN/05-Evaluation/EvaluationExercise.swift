import ExerciseKit
import Practice

public final class EvaluationExercise: Exercise {
  public typealias Guess = @Sendable (_ y: Tensor) throws -> [Int]
  public typealias Share = @Sendable (_ labels: [Int], _ guesses: [Int]) throws -> Double
  public typealias Table = @Sendable (_ labels: [Int], _ guesses: [Int], _ classes: Int) throws -> [[Int]]
  public typealias Worst = @Sendable (_ y: Tensor, _ labels: [Int]) throws -> [Int]

  public struct Answer: Sendable {
    var guess: Guess
    var share: Share
    var table: Table
    var worst: Worst
  }

  public init() {}

  public let title = "What the network got wrong"
  public let section = "7.5"
  public let difficulty = 2
  public let minutes = 25
  public let allowed = Allowed.tensor
  public let functions = ["guesses", "accuracy", "confusion", "worstMistakes"]

  public let solution = Answer(
    guess: { try guesses($0) }, share: { try accuracy(labels: $0, guesses: $1) },
    table: { try confusion(labels: $0, guesses: $1, classes: $2) },
    worst: { try worstMistakes($0, labels: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      guess: { try learner.call("guesses", $0) }, share: { try learner.call("accuracy", $0, $1) },
      table: { try learner.call("confusion", $0, $1, $2) },
      worst: { try learner.call("worstMistakes", $0, $1) })
  }

  public let hints = [
    "Do them in the order in which they stand; the last one uses the first. For the confusion begin with C "
      + "rows of zeros, and let every example add 1 in one place.",
    "The guess is the place of the largest number of a row. Two whole numbers divided give a whole number: "
      + "make them Doubles first. counts[label][guess] += 1. For the worst, keep the places where guess and "
      + "label differ, and sort them by y[n, guess of n].",
    """
    var best = 0
    for c in 1..<y.shape[1] where y[n, c] > y[n, …] { best = c }

    var counts = Array(repeating: Array(repeating: 0, count: classes), count: …)
    for n in labels.indices { counts[…][…] += 1 }

    let wrong = labels.indices.filter { found[$0] != … }
    return wrong.sorted { a, b in
      let (first, second) = (y[a, found[a]], y[b, …])
      return first == second ? a < b : first > second
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "three guesses of two classes, and equal probabilities", points: 1) { answer, trial in
      try expectGuesses(Tensor([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]), of: answer, trial)
      try expectGuesses(Tensor([[0.4, 0.2, 0.4], [0.1, 0.45, 0.45]]), of: answer, trial)
    },
    Check(.byHand, "one of three right, all right, none right", points: 1) { answer, trial in
      try expectAccuracy([0, 1, 0], [0, 0, 1], of: answer, trial)
      try expectAccuracy([2, 1, 0, 2], [2, 1, 0, 2], of: answer, trial)
      try expectAccuracy([2, 1], [1, 2], of: answer, trial)
    },
    Check(.byHand, "the confusion of two classes, and of four", points: 1) { answer, trial in
      try expectConfusion([0, 1, 0], [0, 0, 1], 2, of: answer, trial)
      try expectConfusion([3, 0, 3, 1, 3, 0], [1, 0, 1, 1, 3, 3], 4, of: answer, trial)
    },
    Check(.byHand, "the worst mistakes of six, the surest first", points: 1) { answer, trial in
      try expectWorst(Tensor([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8]]), [0, 1, 0], of: answer, trial)
      try expectWorst(
        Tensor([
          [0.5, 0.3, 0.2], [0.1, 0.2, 0.7], [0.3, 0.6, 0.1], [0.9, 0.05, 0.05], [0.4, 0.35, 0.25],
          [0.25, 0.05, 0.7],
        ]), [1, 1, 1, 0, 2, 0], of: answer, trial)
    },
    Check(.property, "as the rules say, for twenty evaluations", points: 2) { answer, trial in
      for seed in 0..<20 {
        var inputs = Inputs(seed: 751 + UInt64(seed))
        // The last has many mistakes.
        let (count, classes) = (seed == 19 ? 90 : inputs.integer(1...25), inputs.integer(2...10))
        // Whole parts, so that equal probabilities come often.
        let rows = (0..<count).map { _ in (0..<classes).map { _ in Float(inputs.integer(1...6)) } }
        let y = Tensor(rows.flatMap { row in row.map { $0 / row.reduce(0, +) } }, shape: [count, classes])
        let best = expectedGuesses(y)
        let labels = best.map { inputs.integer(0...1) == 0 ? $0 : inputs.integer(0...classes - 1) }
        try expectGuesses(y, of: answer, trial)
        try expectAccuracy(labels, best, of: answer, trial)
        try expectConfusion(labels, best, classes, of: answer, trial)
        try expectWorst(y, labels, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the last of equal ones",
      advice: "Of equal probabilities you take the last. Take the first: ask for a larger one, not for one "
        + "as large."
    ) {
      $0.guess = { y in
        rows(y).map { row in row.lastIndex(of: row.max()!)! }
      }
    },
    wrong(
      "the smallest probability",
      advice: "You take the class with the smallest probability. Take the largest."
    ) {
      $0.guess = { y in
        rows(y).map { row in row.firstIndex(of: row.min()!)! }
      }
    },
    wrong(
      "two whole numbers divided",
      advice: "You divide two whole numbers, and that gives 0 or 1. Make Doubles of them first."
    ) { $0.share = { labels, guesses in Double(right(labels, guesses) / labels.count) } },
    wrong(
      "the share of mistakes",
      advice: "You give the share of the wrong ones. The accuracy is that of the right ones."
    ) { $0.share = { labels, guesses in 1 - Double(right(labels, guesses)) / Double(labels.count) } },
    wrong(
      "in percent", advice: "Your accuracy goes from 0 to 100. It is a share: from 0 to 1."
    ) { $0.share = { labels, guesses in 100 * Double(right(labels, guesses)) / Double(labels.count) } },
    wrong(
      "a count instead of a share",
      advice: "You count the right ones. Divide by the number of examples."
    ) { $0.share = { labels, guesses in Double(right(labels, guesses)) } },
    wrong(
      "rows and columns exchanged",
      advice: "Your rows are the guesses. A row is a label: what was there; a column is what the network "
        + "took it for."
    ) {
      $0.table = { labels, guesses, classes in expectedConfusion(guesses, labels, classes) }
    },
    wrong(
      "only the mistakes are counted",
      advice: "Your diagonal is 0. The right guesses count too: row and column are the same there."
    ) {
      $0.table = { labels, guesses, classes in
        var counts = expectedConfusion(labels, guesses, classes)
        for c in 0..<classes { counts[c][c] = 0 }
        return counts
      }
    },
    wrong(
      "seen, not counted",
      advice: "You set a place to 1. It says how often that came: add 1."
    ) {
      $0.table = { labels, guesses, classes in
        expectedConfusion(labels, guesses, classes).map { $0.map { min($0, 1) } }
      }
    },
    wrong(
      "the diagonal has all labels",
      advice: "You count every label on the diagonal, also where the guess was wrong. The column is the "
        + "guess."
    ) {
      $0.table = { labels, guesses, classes in
        var counts = expectedConfusion(labels, guesses, classes)
        for c in 0..<classes { counts[c][c] = counts[c].reduce(0, +) }
        return counts
      }
    },
    wrong(
      "the least sure first",
      advice: "Your list begins with the mistake that was least sure. Sort from large to small."
    ) {
      $0.worst = { y, labels in
        worst(y, labels) { -y[$0, $1] }
      }
    },
    wrong(
      "not sorted", advice: "Your mistakes come in the order of the examples. Sort them: the surest first."
    ) {
      $0.worst = { y, labels in worst(y, labels) { _, _ in 0 } }
    },
    wrong(
      "sorted by the right class",
      advice: "You sort by the probability of the label. How sure a mistake was is told by the probability "
        + "of the guess."
    ) {
      $0.worst = { y, labels in worst(y, labels) { n, _ in -y[n, labels[n]] } }
    },
    wrong(
      "the higher place first",
      advice: "Of equally sure mistakes you put the later one first. Put the one with the lower place first."
    ) {
      $0.worst = { y, labels in
        let found = expectedGuesses(y)
        return worst(y, labels) { y[$0, $1] }.sorted { (y[$0, found[$0]], $0) > (y[$1, found[$1]], $1) }
      }
    },
    wrong(
      "the right ones too",
      advice: "Your list has the examples that were read right as well. Keep those whose guess is not their "
        + "label."
    ) {
      $0.worst = { y, labels in
        worst(y, labels.map { _ in -1 }) { y[$0, $1] }
      }
    },
    wrong(
      "the classes instead of the places",
      advice: "You list what the network guessed. Wanted are the places n of the examples."
    ) {
      $0.worst = { y, labels in
        let found = expectedGuesses(y)
        return worst(y, labels) { y[$0, $1] }.map { found[$0] }
      }
    },
  ]
}

private func wrong(
  _ name: String, advice: String, _ change: (inout EvaluationExercise.Answer) -> Void
) -> Mistake<EvaluationExercise.Answer> {
  var answer = EvaluationExercise.Answer(
    guess: { expectedGuesses($0) }, share: { Double(right($0, $1)) / Double($0.count) },
    table: { expectedConfusion($0, $1, $2) },
    worst: { y, labels in worst(y, labels) { y[$0, $1] } })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}

private func rows(_ y: Tensor) -> [[Float]] {
  (0..<y.shape[0]).map { n in (0..<y.shape[1]).map { y[n, $0] } }
}

private func expectedGuesses(_ y: Tensor) -> [Int] {
  rows(y).map { row in row.firstIndex(of: row.max()!)! }
}

private func right(_ labels: [Int], _ guesses: [Int]) -> Int { zip(labels, guesses).count { $0 == $1 } }

private func expectedConfusion(_ labels: [Int], _ guesses: [Int], _ classes: Int) -> [[Int]] {
  (0..<classes).map { row in
    (0..<classes).map { column in zip(labels, guesses).count { $0 == row && $1 == column } }
  }
}

/// The places that were guessed wrong, those with the largest worth first.
private func worst(_ y: Tensor, _ labels: [Int], by worth: (_ n: Int, _ guess: Int) -> Float) -> [Int] {
  let guesses = expectedGuesses(y)
  var left = labels.indices.filter { guesses[$0] != labels[$0] }
  var order: [Int] = []
  while let most = left.map({ worth($0, guesses[$0]) }).max() {
    order.append(left.remove(at: left.firstIndex { worth($0, guesses[$0]) == most }!))
  }
  return order
}

private func expectGuesses(_ y: Tensor, of answer: EvaluationExercise.Answer, _ trial: Trial) throws {
  let yours = try answer.guess(y)
  trial.expect(yours.count == y.shape[0], "\(y.shape[0]) rows have \(y.shape[0]) guesses", about: yours)
  let expected = expectedGuesses(y)
  trial.expect(
    yours, equals: expected, "guesses(y)", given: ["y": y], tolerance: 0,
    by: { place in
      let row = rows(y)[place[0]]
      return "the largest of \(row.map(written).joined(separator: ", ")) stands at \(expected[place[0]])"
    })
}

private func expectAccuracy(
  _ labels: [Int], _ guesses: [Int], of answer: EvaluationExercise.Answer, _ trial: Trial
) throws {
  let share = Double(right(labels, guesses)) / Double(labels.count)
  trial.expect(
    try answer.share(labels, guesses), equals: share, "accuracy(labels: labels, guesses: guesses)",
    given: ["labels": labels, "guesses": guesses],
    by: { _ in "\(right(labels, guesses)) right of \(labels.count) = \(share.shortText)" })
}

private func expectConfusion(
  _ labels: [Int], _ guesses: [Int], _ classes: Int, of answer: EvaluationExercise.Answer, _ trial: Trial
) throws {
  let yours = try answer.table(labels, guesses, classes)
  trial.expect(
    yours.count == classes && yours.allSatisfy { $0.count == classes },
    "\(classes) classes make \(classes) rows of \(classes)", about: yours.map(\.count))
  trial.expect(
    yours, equals: expectedConfusion(labels, guesses, classes),
    "confusion(labels: labels, guesses: guesses, classes: \(classes))",
    given: ["labels": labels, "guesses": guesses], tolerance: 0,
    by: { place in
      let found = labels.indices.filter { labels[$0] == place[0] && guesses[$0] == place[1] }
      return "label \(place[0]) taken for \(place[1]): \(found.count) times"
    })
}

private func expectWorst(
  _ y: Tensor, _ labels: [Int], of answer: EvaluationExercise.Answer, _ trial: Trial
) throws {
  let yours = try answer.worst(y, labels)
  let expected = worst(y, labels) { y[$0, $1] }
  let found = expectedGuesses(y)
  trial.expect(
    Set(yours) == Set(expected) && yours.count == expected.count,
    "the wrong ones are \(expected.sorted()), in some order", about: yours)
  trial.expect(
    yours, equals: expected, "worstMistakes(y, labels: labels)", given: ["y": y, "labels": labels],
    tolerance: 0,
    by: { _ in
      "the surest first: "
        + expected.prefix(8).map { "\($0) with \(written(y[$0, found[$0]]))" }.joined(separator: ", ")
    })
}
