import ExerciseKit
import Practice

public final class StraightThroughExercise: Exercise {
  public struct Answer: Sendable {
    var forward: @Sendable (_ x: [Float], _ step: Float, _ most: Int) throws -> [Float]
    var backward: @Sendable (_ dy: [Float], _ x: [Float], _ step: Float, _ most: Int) throws -> [Float]
    var step: @Sendable (_ dy: [Float], _ x: [Float], _ step: Float, _ most: Int) throws -> Float
  }

  public init() {}

  public let title = "Straight through the staircase"
  public let section = "12.6"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["onGrid", "straightThrough", "stepGradient"]

  public let solution = Answer(
    forward: { try onGrid($0, step: $1, most: $2) },
    backward: { try straightThrough($0, $1, step: $2, most: $3) },
    step: { try stepGradient($0, $1, step: $2, most: $3) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      forward: { try learner.call("onGrid", $0, $1, $2) },
      backward: { try learner.call("straightThrough", $0, $1, $2, $3) },
      step: { try learner.call("stepGradient", $0, $1, $2, $3) })
  }

  public let hints = [
    "Whether something is cut off is asked of the rounded number before the clamp. What is left, y, cannot tell: it always "
      + "lies within.",
    "Three cases for each number: within, above, below. dx is dy, 0, 0; g is round(v) − v, most, −most. A number that rounds "
      + "to exactly ±most is within.",
    """
    let v = x / step
    let q = v.rounded(.toNearestOrEven)
    if q > Float(most) { … } else if q < … { … } else { sum += dy * (q - …) }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many numbers as before", points: 1) { answer, trial in
      trial.expect(
        try answer.forward([0.3, 5, -1], 0.5, 3).count, equals: 3, "onGrid([0.3, 5, -1], …).count")
      trial.expect(
        try answer.backward([1, 2], [0.3, 5], 0.5, 3).count, equals: 2,
        "straightThrough([1, 2], [0.3, 5], …).count")
    },
    Check(.byHand, "forward: six numbers on a grid of seven", points: 1) { answer, trial in
      try Stairs([0.75, -0.25, 1.25, -9, 1.5, 2], dy: [], step: 0.5, most: 3).expectForward(answer, trial)
    },
    Check(.byHand, "backward: what passes", points: 1) { answer, trial in
      try Stairs(
        [0.7, -0.2, 1.7, -9, 1.5, 2, -1.74], dy: [3, -2, 5, 7, -11, 13, 4], step: 0.5, most: 3
      ).expectBackward(answer, trial)
    },
    Check(.byHand, "the step's gradient", points: 1) { answer, trial in
      try Stairs([0.6, -2, 5], dy: [1, 10, 100], step: 0.5, most: 7).expectStep(answer, trial)
      try Stairs([-5, 0.6, 3.5], dy: [2, -3, 4], step: 0.5, most: 7).expectStep(answer, trial)
    },
    Check(.property, "as the formulas say, for twelve lists", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1261)
      for index in 0..<12 {
        // The first three have equal sizes and other numbers.
        let count = index < 3 ? 5 : inputs.integer(1...9)
        let stairs = Stairs(
          inputs.quarters(count).map { $0 * 1.1 }, dy: inputs.integers(count),
          step: [0.5, 1.5, 0.25][index % 3], most: [3, 5, 15][index / 3 % 3])
        try stairs.expectForward(answer, trial)
        try stairs.expectBackward(answer, trial)
        try stairs.expectStep(answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the slope of a staircase",
      advice:
        "Your gradient is 0 everywhere: the true slope of rounding, by which nothing is learned. Let it count as 1."
    ) { $0.backward = { dy, _, _, _ in dy.map { _ in 0 } } },
    wrong(
      "everything passes",
      advice:
        "Your gradient passes everywhere. Where the clamp acted, moving x changes nothing: it is 0 there."
    ) { $0.backward = { dy, _, _, _ in dy } },
    wrong(
      "the ends do not pass",
      advice:
        "Your gradient is 0 where a number rounds to exactly the end. The clamp has not acted there: it passes."
    ) { $0.backward = { Stairs($1, dy: $0, step: $2, most: $3).backward { $0 < $1 } } },
    wrong(
      "asked of the number before it is rounded",
      advice: "You compare x/S itself with the end. Round first: 3.2 rounds to 3, which is within ±3."
    ) {
      $0.backward = { dy, x, step, most in
        zip(dy, x).map { abs($1 / step) <= Float(most) ? $0 : 0 }
      }
    },
    wrong(
      "the whole number's gradient",
      advice: "You divide the gradient by S. y is S times the whole number, and the two factors cancel."
    ) {
      $0.backward = { dy, x, s, most in Stairs(x, dy: dy, step: s, most: most).backward().map { $0 / s } }
    },
    wrong("halves away from 0", advice: "You round halves away from 0. They go to the even side.") {
      $0.forward = { Stairs($0, dy: [], step: $1, most: $2).forward { $0.rounded() } }
    },
    wrong(
      "nothing is cut off", advice: "What lies beyond the grid must become its end: the clamp is missing."
    ) {
      $0.forward = { x, step, _ in Stairs(x, dy: [], step: step, most: 1_000_000).forward() }
    },
    wrong(
      "down to −most − 1", advice: "Your grid has one point more below. It is symmetric: from −most to most."
    ) {
      $0.forward = { x, step, most in
        x.map { step * min(max(($0 / step).rounded(.toNearestOrEven), Float(-most - 1)), Float(most)) }
      }
    },
    wrong("whole numbers come out", advice: "You return the whole numbers. Multiply by the step.") {
      $0.forward = { x, step, most in Stairs(x, dy: [], step: step, most: most).forward().map { $0 / step } }
    },
    wrong(
      "the step's gradient is the whole number",
      advice: "You take dy · q. q itself depends on S, with the slope −v/S: inside, what is left is q − v."
    ) {
      $0.step = { dy, x, step, most in
        let y = Stairs(x, dy: dy, step: step, most: most).forward()
        return zip(dy, y).reduce(0) { $0 + $1.0 * $1.1 / step }
      }
    },
    wrong("the step's gradient has the other sign", advice: "Inside, you take v − q. It is q − v.") {
      $0.step = { Stairs($1, dy: $0, step: $2, most: $3).stepGradient(inside: -1) }
    },
    wrong(
      "nothing comes from the ends",
      advice:
        "You leave out the numbers that were cut off. y is S · most there, and grows with S: they give dy · (±most)."
    ) { $0.step = { Stairs($1, dy: $0, step: $2, most: $3).stepGradient(ends: 0) } },
    wrong(
      "both ends count upwards",
      advice: "You take +most at both ends. At the lower one y is −S · most: the gradient is −most."
    ) { $0.step = { Stairs($1, dy: $0, step: $2, most: $3).stepGradient(lower: 1) } },
    wrong(
      "the mean instead of the sum",
      advice: "You divide by N. S acts on all numbers: their parts are added up."
    ) {
      $0.step = { dy, x, step, most in
        Stairs(x, dy: dy, step: step, most: most).stepGradient() / Float(max(dy.count, 1))
      }
    },
  ]
}

private struct Stairs: Sendable {
  let (x, dy): ([Float], [Float])
  let step: Float
  let most: Int

  init(_ x: [Float], dy: [Float], step: Float, most: Int) {
    (self.x, self.dy, self.step, self.most) = (x, dy, step, most)
  }

  func whole(_ x: Float) -> Float { (x / step).rounded(.toNearestOrEven) }

  func forward(round: (Float) -> Float = { $0.rounded(.toNearestOrEven) }) -> [Float] {
    x.map { step * min(max(round($0 / step), Float(-most)), Float(most)) }
  }

  func backward(within: (Float, Float) -> Bool = { $0 <= $1 }) -> [Float] {
    zip(dy, x).map { dy, x in within(abs(whole(x)), Float(most)) ? dy : 0 }
  }

  func stepGradient(inside: Float = 1, ends: Float = 1, lower: Float = -1) -> Float {
    zip(dy, x).reduce(0) { sum, pair in
      let q = whole(pair.1)
      if q > Float(most) { return sum + ends * pair.0 * Float(most) }
      if q < Float(-most) { return sum + ends * lower * pair.0 * Float(most) }
      return sum + inside * pair.0 * (q - pair.1 / step)
    }
  }

  private var ends: String { "step: \(written(step)), most: \(most)" }

  func expectForward(_ answer: StraightThroughExercise.Answer, _ trial: Trial) throws {
    trial.expect(
      try answer.forward(x, step, most), equals: forward(), "onGrid(x, \(ends))", given: ["x": x],
      by: { place in
        let number = x[place[0]]
        return "\(written(number))/\(written(step)) rounds to \(written(whole(number))), within ±\(most), "
          + "times \(written(step))"
      })
  }

  func expectBackward(_ answer: StraightThroughExercise.Answer, _ trial: Trial) throws {
    trial.expect(
      try answer.backward(dy, x, step, most), equals: backward(), "straightThrough(dy, x, \(ends))",
      given: ["dy": dy, "x": x],
      by: { place in
        let q = whole(x[place[0]])
        return
          "\(written(x[place[0]])) rounds to \(written(q)), \(abs(q) <= Float(most) ? "within" : "beyond") ±\(most)"
      })
  }

  func expectStep(_ answer: StraightThroughExercise.Answer, _ trial: Trial) throws {
    trial.expect(
      try answer.step(dy, x, step, most), equals: stepGradient(), "stepGradient(dy, x, \(ends))",
      given: ["dy": dy, "x": x], tolerance: 1e-4,
      by: { _ in
        let g = x.map { x in
          let q = whole(x)
          return abs(q) <= Float(most) ? q - x / step : q > 0 ? Float(most) : Float(-most)
        }
        return sumOfProducts(Array(zip(dy, g)))
      })
  }
}

private func wrong(
  _ name: String, advice: String, _ change: (inout StraightThroughExercise.Answer) -> Void
) -> Mistake<StraightThroughExercise.Answer> {
  var answer = StraightThroughExercise.Answer(
    forward: { Stairs($0, dy: [], step: $1, most: $2).forward() },
    backward: { Stairs($1, dy: $0, step: $2, most: $3).backward() },
    step: { Stairs($1, dy: $0, step: $2, most: $3).stepGradient() })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}
