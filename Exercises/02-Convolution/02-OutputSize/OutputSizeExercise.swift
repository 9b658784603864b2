import ExerciseKit
import Practice

public final class OutputSizeExercise: Exercise {
  public typealias Answer = @Sendable (_ n: Int, _ k: Int, _ s: Int, _ p: Int, _ d: Int) throws -> Int

  public init() {}

  public let title = "How large is the result?"
  public let section = "2.4"
  public let difficulty = 2
  public let minutes = 10
  public let allowed = Allowed.nothing
  public let functions = ["outputSize"]
  public let solution: Answer = outputSize

  public func answer(of learner: Learner) -> Answer {
    { n, k, s, p, d in try learner.call("outputSize", n, k, s, p, d) }
  }

  public let hints = [
    "Count the places where the first weight of the kernel may lie: the last of them is where the last weight still "
      + "meets the padded input.",
    "The padded input has n + 2p numbers, the kernel spans d (k − 1) + 1. The difference is the room to move; divide "
      + "it by s, round down, and count the place you started from.",
    """
    let span = …
    let room = n + 2 * p - span
    return room < 0 ? 0 : room / s + …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "7 numbers, kernel 3, stride 2, padding 1: 4", points: 1) { answer, trial in
      try expectSize((7, 3, 2, 1, 1), of: answer, trial)
      try expectSize((5, 3, 1, 0, 1), of: answer, trial)
      try expectSize((28, 5, 1, 2, 1), of: answer, trial)
    },
    Check(.byHand, "stride 2 that does not come out even", points: 1) { answer, trial in
      try expectSize((8, 3, 2, 0, 1), of: answer, trial)
      try expectSize((10, 2, 4, 1, 1), of: answer, trial)
    },
    Check(.byHand, "dilation spreads the kernel", points: 1) { answer, trial in
      try expectSize((10, 3, 1, 0, 2), of: answer, trial)
      try expectSize((16, 4, 2, 1, 3), of: answer, trial)
    },
    Check(.byHand, "a kernel that does not fit gives 0", points: 1) { answer, trial in
      try expectSize((2, 4, 1, 0, 1), of: answer, trial)
      try expectSize((4, 3, 3, 0, 2), of: answer, trial)
      try expectSize((1, 3, 5, 0, 1), of: answer, trial)
    },
    Check(.property, "as many as one counts, for all small sizes", points: 1) { answer, trial in
      for n in 1...9 {
        for k in 1...4 {
          for s in 1...3 {
            for p in 0...2 { for d in 1...3 { try expectSize((n, k, s, p, d), of: answer, trial) } }
          }
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake("the padding is counted once", advice: "The padding is put on both sides: add 2p, not p.") {
      n, k, s, p, d in max(0, roundedDown(n + p - d * (k - 1) - 1, by: s) + 1)
    },
    Mistake(
      "rounded up", advice: "You round up. A step that would leave the input is not made: round down."
    ) { n, k, s, p, d in
      max(0, roundedDown(n + 2 * p - d * (k - 1) - 1 + s - 1, by: s) + 1)
    },
    Mistake(
      "the first place is not counted",
      advice: "You count the steps. There is one place more than there are steps: add 1 after dividing."
    ) { n, k, s, p, d in
      max(0, roundedDown(n + 2 * p - d * (k - 1) - 1, by: s))
    },
    Mistake(
      "one is added before dividing",
      advice: "Divide first and add 1 then: the place one starts from does not shrink with the stride."
    ) { n, k, s, p, d in
      max(0, roundedDown(n + 2 * p - d * (k - 1), by: s))
    },
    Mistake(
      "the dilated kernel is too long",
      advice: """
        You take d·k for the kernel's span. There are k − 1 gaps between k weights, so it spans d (k − 1) + 1.
        """
    ) { n, k, s, p, d in
      max(0, roundedDown(n + 2 * p - d * k, by: s) + 1)
    },
    Mistake(
      "the dilation is left out",
      advice: "Your result does not depend on d. The kernel spans d (k − 1) + 1 numbers, not k."
    ) { n, k, s, p, _ in
      max(0, roundedDown(n + 2 * p - k, by: s) + 1)
    },
    Mistake(
      "division rounds toward zero",
      advice: """
        Where the kernel does not fit, what you divide is negative, and Swift's / rounds toward zero: −1 / 2 is 0. \
        Ask first whether the kernel fits.
        """
    ) { n, k, s, p, d in
      max(0, (n + 2 * p - d * (k - 1) - 1) / s + 1)
    },
    Mistake(
      "a kernel that does not fit gives less than nothing",
      advice: "Your result is negative where the kernel does not fit. There are then 0 places."
    ) { n, k, s, p, d in
      roundedDown(n + 2 * p - d * (k - 1) - 1, by: s) + 1
    },
  ]
}

/// `a / b` rounded down, also below zero.
private func roundedDown(_ a: Int, by b: Int) -> Int { a >= 0 ? a / b : -((b - 1 - a) / b) }

/// Compares one answer with the number of places that one counts by trying them all.
private func expectSize(
  _ sizes: (n: Int, k: Int, s: Int, p: Int, d: Int), of answer: OutputSizeExercise.Answer, _ trial: Trial
) throws {
  let (n, k, s, p, d) = sizes
  let padded = n + 2 * p
  let places = stride(from: 0, to: padded, by: s).filter { $0 + d * (k - 1) < padded }.count
  trial.expect(
    try answer(n, k, s, p, d), equals: places,
    "outputSize(input: \(n), kernel: \(k), stride: \(s), padding: \(p), dilation: \(d))",
    by: { _ in
      let span = d * (k - 1) + 1
      return padded < span
        ? "the kernel spans \(d)·(\(k) − 1) + 1 = \(span), and the padded input is only \(padded) long: 0 places"
        : "⌊(\(n) + 2·\(p) − \(d)·(\(k) − 1) − 1) / \(s)⌋ + 1 = ⌊\(padded - span) / \(s)⌋ + 1 = \(places)"
    })
}
