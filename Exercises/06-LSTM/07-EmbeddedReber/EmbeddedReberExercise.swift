import ExerciseKit
import Practice

public final class EmbeddedReberExercise: Exercise {
  public typealias Answer = @Sendable (_ choices: [Int]) throws -> String

  public init() {}

  public let title = "Strings of the embedded Reber grammar"
  public let section = "6.6"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["embeddedReber"]
  public let solution: Answer = embeddedReber

  public func answer(of learner: Learner) -> Answer { { try learner.call("embeddedReber", $0) } }

  public let hints = [
    "Write the table down as an array: for each place, its ways, each a symbol and the place it leads to. Then walk.",
    "Take the first choice for the outer T or P. Then, from place 0 until E: if a place has two ways, take the next "
      + "choice; append the symbol; go on. In the end, put B and the outer symbol before, the same symbol and E after.",
    """
    let ways: [[(Character, Int)]] = [[("B", 1)], [("T", 2), ("P", 3)], …]
    var left = choices[...]
    let outer = left.removeFirst() == 0 ? "T" : "P"
    var (inner, place) = ("", 0)
    while place < 7 {
      let (symbol, next) = ways[place][ways[place].count == 1 ? 0 : …]
      …
    }
    return "B" + outer + inner + outer + "E"
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "short strings", points: 1) { answer, trial in
      for choices in [[1, 0, 1, 1], [0, 1, 1, 1], [0, 0, 0, 1, 1], [1, 1, 0, 1, 1]] {
        try expectString(choices, answer, trial)
      }
    },
    Check(.byHand, "round the long way", points: 1) { answer, trial in
      for choices in [
        [0, 0, 0, 0, 1, 0, 0, 1, 0, 1], [1, 1, 0, 0, 1, 0, 0, 1, 1], [1, 0, 1, 0, 1, 0, 1, 1, 1],
      ] {
        try expectString(choices, answer, trial)
      }
    },
    Check(.property, "forty strings at random", points: 2) { answer, trial in
      var numbers = Inputs(seed: 671)
      for _ in 0..<40 {
        // Enough of them, with an end that leads out from everywhere.
        let choices =
          (0..<numbers.integer(4...20)).map { _ in numbers.integer(0...1) } + Array(repeating: 1, count: 9)
        try expectString(choices, answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the other symbol at the end",
      advice: "You end with the other of T and P. The last but one symbol is the same as the second."
    ) { string($0, end: { $0 == "T" ? "P" : "T" }) },
    Mistake(
      "always T at the end", advice: "You always end with TE. After BP it is PE."
    ) { string($0, end: { _ in "T" }) },
    Mistake(
      "the inner choice decides the end",
      advice: "You end with the T or P that the inner string began with. The outer one counts."
    ) { choices in
      let right = string(choices)
      let inner = Array(right)[3]
      return String(right.dropLast(2)) + "\(inner)E"
    },
    Mistake(
      "first and second way exchanged",
      advice: "You take the second way for a 0. A 0 is the first way of the table."
    ) { string($0.map { 1 - $0 } + Array(repeating: 1, count: 3) + [0, 0, 0, 0, 1, 1, 1, 1, 1, 1]) },
    Mistake(
      "X leads to place 4 from everywhere",
      advice: "From place 4, your X leads to place 4 again. It leads to place 3 there, where T and V go on."
    ) { string($0 + Array(repeating: 1, count: 9), crossing: 4) },
    Mistake(
      "the frame is missing",
      advice: "Your string is one of the simple grammar. Put BT and TE, or BP and PE, around it."
    ) { String(string($0).dropFirst(2).dropLast(2)) },
    Mistake(
      "the first choice counts twice",
      advice: "You use the first choice again for the inner string. Each choice counts once."
    ) { choices in string([choices[0]] + choices) },
  ]
}

/// The walk, written as a chain of conditions so that it shares no table with ours.
private func string(
  _ choices: [Int], end: (Character) -> Character = { $0 }, crossing: Int = 3
) -> String {
  var left = choices[...]
  func choose(_ a: (Character, Int), _ b: (Character, Int)) -> (Character, Int) {
    (left.popFirst() ?? 1) == 0 ? a : b
  }
  let outer = choose(("T", 0), ("P", 0)).0
  var (text, place) = ("B\(outer)B", 1)
  while place != 6 {
    let (symbol, next): (Character, Int) =
      switch place {
      case 1: choose(("T", 2), ("P", 3))
      case 2: choose(("S", 2), ("X", 4))
      case 3: choose(("T", 3), ("V", 5))
      case 4: choose(("X", crossing), ("S", 6))
      default: choose(("P", 4), ("V", 6))
      }
    text.append(symbol)
    place = next
  }
  return text + "E\(end(outer))E"
}

private func expectString(_ choices: [Int], _ answer: EmbeddedReberExercise.Answer, _ trial: Trial) throws {
  let expected = string(choices)
  trial.expect(
    try answer(choices), equals: expected, "embeddedReber(\(choices))",
    by: { _ in "the choices lead to \(expected)" })
}
