import ExerciseKit
import Practice

public final class BroadcastShapeExercise: Exercise {
  public typealias Answer = @Sendable (_ a: [Int], _ b: [Int]) throws -> [Int]?

  public init() {}

  public let title = "The shape of a sum"
  public let section = "0.3"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["broadcastShape"]
  public let solution: Answer = { a, b in try broadcastShape(a, b) }

  public func answer(of learner: Learner) -> Answer {
    { a, b in try learner.call("broadcastShape", a, b) }
  }

  public let hints = [
    "Make the two shapes equally long first: put ones in front of the shorter one. Then go through both at once.",
    "For each pair of sizes p and q: p where p = q or q = 1; q where p = 1; else the whole answer is nil. The result has "
      + "max(a.count, b.count) axes.",
    """
    let rank = max(a.count, b.count)
    let longA = Array(repeating: 1, count: rank - …) + a
    let longB = …
    var result: [Int] = []
    for (p, q) in zip(longA, longB) {
      if p == q || q == 1 { result.append(…) }
      else if … { result.append(…) }
      else { return … }
    }
    return result
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "2×3×4 and 3×1, either way round", points: 1) { answer, trial in
      try expectShape([2, 3, 4], [3, 1], of: answer, trial)
      try expectShape([3, 1], [2, 3, 4], of: answer, trial)
    },
    Check(.byHand, "shapes that do not fit", points: 1) { answer, trial in
      try expectShape([2, 3], [2], of: answer, trial)
      try expectShape([4, 2, 3], [3, 2, 3], of: answer, trial)
    },
    Check(.byHand, "both are repeated, and a single number", points: 1) { answer, trial in
      try expectShape([4, 1, 2], [3, 1], of: answer, trial)
      try expectShape([5, 7], [], of: answer, trial)
      try expectShape([], [], of: answer, trial)
    },
    Check(.byHand, "an axis without numbers", points: 1) { answer, trial in
      try expectShape([3, 0], [3, 1], of: answer, trial)
      try expectShape([1], [2, 0], of: answer, trial)
      try expectShape([3, 0], [3, 2], of: answer, trial)
    },
    Check(.property, "as the engine adds, for sixty pairs of shapes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 11)
      for index in 0..<60 {
        // Shapes that would fit, each axis of either made 1 now and then; every fourth pair is spoiled.
        let full = (0..<inputs.integer(0...4)).map { _ in inputs.integer(2...5) }
        func shortened() -> [Int] {
          let kept = Array(full.dropFirst(inputs.integer(0...max(full.count, 0))))
          return kept.map { inputs.integer(0...3) == 0 ? 1 : $0 }
        }
        var (a, b) = (shortened(), shortened())
        if index % 4 == 3, !a.isEmpty { a[inputs.integer(0...a.count - 1)] += 6 }
        if index % 2 == 0 { (a, b) = (b, a) }
        try expectShape(a, b, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "lined up on the left",
      advice: "You compare the first axes with each other. Shapes are lined up at their last axes."
    ) { a, b in
      let rank = max(a.count, b.count)
      return merged(
        a + [Int](repeating: 1, count: rank - a.count), b + [Int](repeating: 1, count: rank - b.count))
    },
    Mistake(
      "everything fits",
      advice: "You never give nil. Two sizes that differ, neither of them 1, do not fit."
    ) { a, b in
      let (a, b) = padded(a, b)
      return zip(a, b).map { $0 == 1 ? $1 : $1 == 1 ? $0 : max($0, $1) }
    },
    Mistake(
      "the larger size",
      advice:
        "You take the larger of two sizes. That is right but for an axis without numbers: 0 and 1 give 0."
    ) { a, b in
      let (a, b) = padded(a, b)
      let fits = zip(a, b).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
      return fits ? zip(a, b).map { max($0, $1) } : nil
    },
    Mistake(
      "only equal ranks fit",
      advice: "You give nil where the ranks differ. A missing axis is as good as one of size 1."
    ) { a, b in a.count == b.count ? merged(a, b) : nil },
    Mistake(
      "only the second is repeated",
      advice: "An axis of 1 in a is repeated as well, not only one in b."
    ) { a, b in
      let (a, b) = padded(a, b)
      return zip(a, b).allSatisfy { $0 == $1 || $1 == 1 } ? a : nil
    },
    Mistake(
      "nothing is repeated",
      advice: "You ask for equal sizes. An axis of size 1 fits any other."
    ) { a, b in
      let (longA, longB) = (a.count >= b.count ? a : b, a.count >= b.count ? b : a)
      return Array(longA.suffix(longB.count)) == longB ? longA : nil
    },
    Mistake(
      "the axes in front are lost",
      advice: "Your result is as short as the shorter shape. The longer one's first axes belong to it."
    ) { a, b in
      let rank = min(a.count, b.count)
      return merged(Array(a.suffix(rank)), Array(b.suffix(rank)))
    },
    Mistake(
      "turned round",
      advice:
        "You go from right to left, as you should, and collect the sizes in that order. Turn the result round."
    ) { a, b in
      let (a, b) = padded(a, b)
      return merged(a, b)?.reversed()
    },
  ]
}

private func padded(_ a: [Int], _ b: [Int]) -> ([Int], [Int]) {
  let rank = max(a.count, b.count)
  return (
    [Int](repeating: 1, count: rank - a.count) + a, [Int](repeating: 1, count: rank - b.count) + b
  )
}

/// Two shapes of one rank made one.
private func merged(_ a: [Int], _ b: [Int]) -> [Int]? {
  let fits = zip(a, b).allSatisfy { $0 == $1 || $0 == 1 || $1 == 1 }
  return fits ? zip(a, b).map { $0 == 1 ? $1 : $0 } : nil
}

private func expectShape(_ a: [Int], _ b: [Int], of answer: BroadcastShapeExercise.Answer, _ trial: Trial)
  throws
{
  let (longA, longB) = padded(a, b)
  let expected = merged(longA, longB)
  let yours = try answer(a, b)
  let calculation = zip(longA, longB).reversed().map { p, q in
    "\(p) and \(q) " + (p == q || p == 1 || q == 1 ? "give \(p == 1 ? q : p)" : "do not fit")
  }.joined(separator: ", ")
  let call = "broadcastShape(\(a), \(b))"
  trial.expect(
    yours != nil, equals: expected != nil, "\(call), 1 where the shapes fit, 0 for nil",
    by: { _ in "from the right: \(calculation)" })
  func text(_ shape: [Int]?) -> String { shape.map { "\($0)" } ?? "nil" }
  if let yours, let expected, yours.count == expected.count {
    trial.expect(yours, equals: expected, call, by: { _ in "from the right: \(calculation)" })
  } else {
    trial.expect(text(yours), equals: text(expected), call)
  }
}
