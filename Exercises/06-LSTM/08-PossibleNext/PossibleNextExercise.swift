import Datasets
import ExerciseKit
import Practice

public final class PossibleNextExercise: Exercise {
  public struct Answer: Sendable {
    let next: @Sendable (_ beginning: String) throws -> String
    let active: @Sendable (_ possible: [Int], _ scores: [Float]) throws -> Bool
  }

  public init() {}

  public let title = "What may come next"
  public let section = "6.6"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["possibleNext", "areMostActive"]
  public let solution = Answer(
    next: { try possibleNext(after: $0) }, active: { try areMostActive($0, scores: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      next: { try learner.call("possibleNext", $0) }, active: { try learner.call("areMostActive", $0, $1) })
  }

  public let hints = [
    "Walk along the beginning, as in 6.7, but let its symbols choose the ways. Then look at the ways that go on from "
      + "where you stand. For the scores: the least of the possible ones against the greatest of the others.",
    "After 0 symbols B, after 1 TP. From the third symbol on, walk in the simple grammar; when it has ended, the second "
      + "symbol comes, then E, then nothing. The possible are most active if min(possible) > max(others).",
    """
    if beginning.isEmpty { return "B" }
    if symbols.count == 1 { return "TP" }
    for (n, symbol) in symbols.enumerated().dropFirst(2) {
      if place == 7 { return n == symbols.count - 1 ? "E" : "" }
      place = ways[place].first { $0.0 == symbol }!.1
    }
    if place == 7 { return … }

    for (symbol, score) in scores.enumerated() where !possible.contains(symbol) {
      for p in possible where … { return false }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "beginnings of BPBTXSEPE", points: 1) { answer, trial in
      for length in 2...9 { try expectNext(String("BPBTXSEPE".prefix(length)), answer, trial) }
    },
    Check(.byHand, "scores of four symbols", points: 1) { answer, trial in
      for (possible, scores) in [
        ([1, 2], [0, 3, 2, 1]), ([1, 2], [0, 3, 1, 1]), ([3], [0.5, -1, 0, 0.75]), ([0, 3], [2, 1, -3, 0]),
        ([2], [-3, -2, -1, -4]), ([1, 3], [5, 6, 4, 7]), ([1], [3, 3, 2, 1]), ([0, 1], [2, 4, 3, 1]),
      ] as [([Int], [Float])] {
        try expectActive(possible, scores, answer, trial)
      }
    },
    Check(.property, "every beginning of thirty strings", points: 2) { answer, trial in
      var stream = RandomStream(seed: 681)
      for _ in 0..<30 {
        let text = ReberGrammar.embedded.string(from: &stream).description
        for length in 0...text.count { try expectNext(String(text.prefix(length)), answer, trial) }
      }
    },
    Check(.property, "scores at random", points: 1) { answer, trial in
      var numbers = Inputs(seed: 682)
      for round in 0..<40 {
        let possible = Array(Set((0..<2).map { _ in numbers.integer(0...6) })).sorted()
        var scores = numbers.quarters(7)
        if round % 2 == 0 { for p in possible { scores[p] += 6 } }
        try expectActive(possible, scores, answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "both at the end",
      advice: "Before the last but one symbol you allow T and P. Only the one of the second place may "
        + "come: that is what has to be remembered.",
      answer: changed { beginning, right in
        right.count == 1 && beginning.last == "E" && !right.isEmpty ? "TP" : right
      }),
    Mistake(
      "the frame is forgotten",
      advice: "After the inner E you allow nothing more. The second symbol and E are still to "
        + "come.",
      answer: changed { beginning, right in beginning.count > 2 && beginning.last == "E" ? "" : right }),
    Mistake(
      "one way only",
      advice: "You give the first possible symbol only. Where there are two ways, both may come.",
      answer: changed { _, right in String(right.prefix(1)) }),
    Mistake(
      "the other order", advice: "Your symbols are in another order than B T P S X V E.",
      answer: changed { _, right in String(right.reversed()) }),
    Mistake(
      "equal is enough",
      advice: "You accept scores that are equal. A possible symbol must be above all others.",
      answer: changed(active: { least, greatest, _, _ in least >= greatest })),
    Mistake(
      "one is enough",
      advice: "You are content when one possible symbol is on top. All of them must be above all others.",
      answer: changed(active: { _, greatest, most, _ in most > greatest })),
    Mistake(
      "above zero", advice: "You compare with 0, and not with the other scores.",
      answer: changed(active: { least, _, _, _ in least > 0 })),
    Mistake(
      "above the mean", advice: "You compare with the mean of the other scores. Each of them must be lower.",
      answer: changed(active: { least, _, _, mean in least > mean })),
  ]
}

/// Our own grammar's answer, changed by what a mistake does.
private func changed(
  next: @escaping @Sendable (_ beginning: String, _ right: String) -> String = { $1 },
  active: @escaping @Sendable (_ least: Float, _ greatest: Float, _ most: Float, _ mean: Float) -> Bool = {
    a, b, _, _ in
    a > b
  }
) -> PossibleNextExercise.Answer {
  PossibleNextExercise.Answer(
    next: { next($0, rightNext($0)) },
    active: { possible, scores in
      let others = scores.indices.filter { !possible.contains($0) }.map { scores[$0] }
      let own = possible.map { scores[$0] }
      return active(
        own.min()!, others.max()!, own.max()!, others.reduce(0, +) / Float(others.count))
    })
}

private func rightNext(_ beginning: String) -> String {
  let set = ReberGrammar.embedded.possibleNext(after: ReberGrammar.numbers(beginning)!)!
  return String(set.symbols.map { ReberGrammar.symbols[$0] })
}

private func expectNext(_ beginning: String, _ answer: PossibleNextExercise.Answer, _ trial: Trial) throws {
  let expected = rightNext(beginning)
  trial.expect(
    try answer.next(beginning), equals: expected, "possibleNext(after: \"\(beginning)\")",
    by: { _ in expected.isEmpty ? "the string has ended" : "after \(beginning) may come \(expected)" })
}

private func expectActive(
  _ possible: [Int], _ scores: [Float], _ answer: PossibleNextExercise.Answer, _ trial: Trial
) throws {
  let expected = areMostActive(SymbolSet(possible), in: scores.map(Double.init))
  trial.expect(
    try answer.active(possible, scores), equals: expected, "areMostActive(\(possible), scores: \(scores))",
    by: { _ in
      expected ? "all possible symbols are above all others" : "not all possible symbols are above all others"
    })
}
