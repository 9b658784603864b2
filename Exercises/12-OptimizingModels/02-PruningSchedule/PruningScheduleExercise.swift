import ExerciseKit
import Practice

public final class PruningScheduleExercise: Exercise {
  public typealias Answer = @Sendable (_ x: [Float]) throws -> [Float]

  public init() {}

  public let title = "Pruning schedule"
  public let section = "12.0"  // TODO
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["pruningSchedule"]
  public let solution: Answer = pruningSchedule

  public func answer(of learner: Learner) -> Answer { { x in try learner.call("pruningSchedule", x) } }

  public let hints = [
    "TODO: an idea, and no formula.",
    "TODO: the formula, with the shapes.",
    "TODO: nearly the code, with … for what is left.",
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many numbers as before", points: 1) { answer, trial in
      trial.expect(try answer([1, -2, 3]).count, equals: 3, "pruningSchedule([1, -2, 3]).count")
    },
    Check(.byHand, "three numbers", points: 1) { answer, trial in
      try expectDoubled([1, -2, 3], of: answer, trial)
    },
    Check(.property, "as the definition says, for eight sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 122)
      for count in 1...8 { try expectDoubled(inputs.integers(count), of: answer, trial) }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake("nothing is changed", advice: "TODO: what is wrong, and what to do.") { x in x },
    Mistake("squares", advice: "TODO: what is wrong, and what to do.") { x in x.map { $0 * $0 } },
    Mistake("the sign", advice: "TODO: what is wrong, and what to do.") { x in x.map { -2 * $0 } },
  ]
}

private func expectDoubled(_ x: [Float], of answer: PruningScheduleExercise.Answer, _ trial: Trial) throws {
  trial.expect(
    try answer(x), equals: x.map { $0 + $0 }, "pruningSchedule(x)", given: ["x": x],
    by: { place in "2·\(written(x[place[0]])) = \(written(x[place[0]] + x[place[0]]))" })
}
