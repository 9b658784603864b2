import ExerciseKit
import Practice

public final class LossScalingExercise: Exercise {
  public typealias Answer =
    @Sendable (_ gradients: [[Float]], _ scale: Float, _ interval: Int) throws -> ([Float], [[Float]])

  public init() {}

  public let title = "A scale that finds itself"
  public let section = "11.4"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["dynamicScaling"]
  public let solution: Answer = { try dynamicScaling($0, scale: $1, interval: $2) }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("dynamicScaling", $0, $1, $2) }
  }

  public let hints = [
    "Two numbers go from step to step: the scale, and how many good steps there have been since it last changed.",
    "Note the scale before it changes. Overflow: any |g · scale| > 65,504 → [], scale / 2, count 0. Else g, or 0 where |g · scale| ≤ "
      + "2⁻²⁵; count + 1, and at `interval` the scale · 2, count 0.",
    """
    for step in gradients {
      let scaled = step.map { $0 * scale }
      scales.append(scale)
      if scaled.contains(where: { abs($0) > 65_504 }) {
        …
      } else {
        used.append(scaled.map { abs($0) <= vanishing ? 0 : … })
        good += 1
        if good == interval { … }
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a scale and a list for each step", points: 1) { answer, trial in
      let (scales, used) = try answer([[1, 2], [3, 4], [5, 6]], 4, 10)
      trial.expect(
        [scales.count, used.count], equals: [3, 3], "the counts of both results, for three steps")
    },
    Check(.byHand, "two good steps, one left out, and one more", points: 2) { answer, trial in
      try expectCourse([[2], [3], [10_000], [5]], 4, 2, of: answer, trial)
      try expectCourse([[2], [10_000], [3], [5], [4], [-20_000, 1]], 8, 2, of: answer, trial)
    },
    Check(.byHand, "what is too small is gone, and with a scale it is not", points: 1) { answer, trial in
      let small = Float(0x1p-26)
      try expectCourse([[small, 1, -small], [2 * small, -small], [small, -1]], 1, 2, of: answer, trial)
      try expectCourse([[small, -4], [small / 1_024, 3]], 1_024, 5, of: answer, trial)
    },
    Check(.property, "as the definition says, for six long courses", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1105)
      for (scale, interval) in [(Float(1), 3), (65_536, 4), (0x1p30, 2), (256, 5), (2, 1), (4_096, 7)] {
        let steps = (0..<30).map { _ in
          (0..<3).map { _ in
            Float(inputs.integer(1...9))
              * Float(sign: .plus, exponent: inputs.integer(-34...4), significand: 1)
          }
        }
        try expectCourse(steps, scale, interval, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the step is made anyway",
      advice:
        "Where a gradient overflows you use the step all the same. In float16 it would be infinite: leave it out."
    ) { $0.makesBadSteps = true },
    wrong(
      "the gradients are not unscaled",
      advice:
        "You hand the scaled gradients to the optimiser. Divide them by the scale first, or steps are far too long."
    ) { $0.unscales = false },
    wrong(
      "good steps are counted on",
      advice:
        "After a step that was left out you go on counting. The count begins at 0 again: the scale has just proved too large."
    ) { $0.resetsOnOverflow = false },
    wrong(
      "doubled at every step from then on",
      advice: "Once the interval is full you double at each step. The count begins at 0 again after doubling."
    ) { $0.resetsOnGrowth = false },
    wrong(
      "nothing vanishes",
      advice: "You keep gradients that float16 cannot hold. With a scaled magnitude up to 2⁻²⁵ they are 0."
    ) { $0.vanishes = false },
    wrong(
      "vanishing is asked before the scale",
      advice:
        "You ask whether the true gradient is too small. It is kept in float16 after it was scaled: ask the scaled one."
    ) { $0.vanishesUnscaled = true },
    wrong(
      "the scale is noted too late",
      advice: "You note the scale after it has changed. Wanted is the one that the step was done with."
    ) { $0.notesAfter = true },
    wrong(
      "negative gradients never overflow",
      advice: "You compare the gradient and not its magnitude: −70,000 overflows too."
    ) { $0.signed = true },
    wrong(
      "the scale only falls",
      advice: "Your scale never grows. After `interval` good steps one after the other it is doubled."
    ) { $0.grows = false },
  ]
}

/// What an answer does.
private struct Program: Sendable {
  var makesBadSteps = false
  var unscales = true
  var resetsOnOverflow = true
  var resetsOnGrowth = true
  var vanishes = true
  var vanishesUnscaled = false
  var notesAfter = false
  var signed = false
  var grows = true
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  LossScalingExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { course($0, $1, $2, changed) }
}

private func course(
  _ gradients: [[Float]], _ first: Float, _ interval: Int, _ program: Program = Program()
) -> ([Float], [[Float]]) {
  var (scale, good) = (first, 0)
  var (scales, used) = ([Float](), [[Float]]())
  for step in gradients {
    if !program.notesAfter { scales.append(scale) }
    let overflows = step.contains { (program.signed ? $0 : abs($0)) * scale > 65_504 }
    let kept = step.map { g -> Float in
      let size = abs(program.vanishesUnscaled ? g : g * scale)
      if program.vanishes && size <= 0x1p-25 { return 0 }
      return program.unscales ? g : g * scale
    }
    used.append(overflows && !program.makesBadSteps ? [] : kept)
    if overflows {
      scale /= 2
      if program.resetsOnOverflow { good = 0 }
    } else {
      good += 1
      if program.grows && good >= interval {
        scale *= 2
        if program.resetsOnGrowth { good = 0 }
      }
    }
    if program.notesAfter { scales.append(scale) }
  }
  return (scales, used)
}

private func expectCourse(
  _ gradients: [[Float]], _ scale: Float, _ interval: Int, of answer: LossScalingExercise.Answer,
  _ trial: Trial
) throws {
  let (scales, used) = try answer(gradients, scale, interval)
  let expected = course(gradients, scale, interval)
  let call = "dynamicScaling(gradients, scale: \(written(scale)), interval: \(interval))"
  trial.expect(
    scales, equals: expected.0, "\(call).scales", given: ["gradients": gradients],
    by: { place in "step \(place[0] + 1) is done with the scale \(written(expected.0[place[0]]))" })
  // How many gradients each step used, then which, as the scaled numbers that float16 saw: so small ones count too.
  trial.expect(used.map(\.count), equals: expected.1.map(\.count), "\(call).used, the count of each step")
  func seen(_ steps: [[Float]]) -> [Float] {
    zip(steps, expected.0).flatMap { step, scale in step.map { $0 * scale * 0x1p26 } }
  }
  trial.expect(
    seen(used), equals: seen(expected.1), "\(call).used, all in a row, each times its scale and 2²⁶",
    given: ["gradients": gradients])
}
