import ExerciseKit
import Practice

public final class AffineQuantizationExercise: Exercise {
  public struct Answer: Sendable {
    var grid: @Sendable (_ x: [Float], _ least: Int, _ most: Int) throws -> (Float, Int)
    var whole:
      @Sendable (_ x: [Float], _ scale: Float, _ zero: Int, _ least: Int, _ most: Int) throws -> [Int]
    var numbers: @Sendable (_ q: [Int], _ scale: Float, _ zero: Int) throws -> [Float]
  }

  public init() {}

  public let title = "Numbers on a grid"
  public let section = "12.4"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["grid", "wholeNumbers", "numbers"]

  public let solution = Answer(
    grid: {
      let form = try grid(for: $0, least: $1, most: $2)
      return (form.scale, form.zeroPoint)
    },
    whole: { try wholeNumbers($0, scale: $1, zeroPoint: $2, least: $3, most: $4) },
    numbers: { try numbers($0, scale: $1, zeroPoint: $2) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      grid: { try learner.call("grid", $0, $1, $2) },
      whole: { try learner.call("wholeNumbers", $0, $1, $2, $3, $4) },
      numbers: { try learner.call("numbers", $0, $1, $2) })
  }

  public let hints = [
    "Find the two ends first, and let 0 be one of the numbers. The step is the whole distance in so many equal parts.",
    "From least to most there are most − least steps: 255 from 0 to 255, not 256. Z is least − round(low / S), and low is never "
      + "above 0. Swift rounds halves to the even side by `.rounded(.toNearestOrEven)`.",
    """
    let low = min(x.min() ?? 0, 0)
    let scale = (high - low) / Float(…)
    let zeroPoint = least - Int((low / scale).rounded(…))

    let q = (number / scale).rounded(.toNearestOrEven) + …
    return Int(min(max(q, …), …))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "the step and the zero point of four numbers", points: 1) { answer, trial in
      try Form([1, -1, 2.5, 0.25], 0, 7).expectGrid(of: answer, trial)
      try Form([3, -0.5, 1, -3.25, 6.5], -7, 8).expectGrid(of: answer, trial)
    },
    Check(.byHand, "all on one side of 0", points: 1) { answer, trial in
      try Form([2, 5, 3], 0, 10).expectGrid(of: answer, trial)
      try Form([-2, -5, -3], -4, 11).expectGrid(of: answer, trial)
      try Form([0, 0], -3, 12).expectGrid(of: answer, trial)
    },
    Check(.byHand, "halves, and numbers outside", points: 1) { answer, trial in
      try Form([0.25, 0.75, 1.25, -0.25, -0.75, -1.25, 9, -9, 0], -5, 6)
        .expectWhole(scale: 0.5, zero: 1, of: answer, trial)
      try Form([5, -15, 25, 31, 300, -300], 0, 255).expectWhole(scale: 10, zero: 100, of: answer, trial)
    },
    Check(.byHand, "and back", points: 1) { answer, trial in
      trial.expect(
        try answer.numbers([0, 3, 7, 12], 0.25, 3), equals: [-0.75, 0, 1, 2.25],
        "numbers([0, 3, 7, 12], scale: 0.25, zeroPoint: 3)",
        by: { place in "0.25·(\([0, 3, 7, 12][place[0]]) − 3)" })
      trial.expect(
        try answer.numbers([-8, 5], 2, -1), equals: [-14, 12], "numbers([-8, 5], scale: 2, zeroPoint: -1)")
    },
    Check(.property, "there and back, for twelve lists", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1204)
      for index in 0..<12 {
        // The first three have equal sizes and other numbers.
        let x = inputs.quarters(index < 3 ? 6 : inputs.integer(1...9))
        let (least, most) = [(0, 255), (-128, 127), (0, 15), (-7, 7)][index % 4]
        let form = Form(x, least, most)
        try form.expectGrid(of: answer, trial)
        let (scale, zero) = form.grid()
        try form.expectWhole(scale: scale, zero: zero, of: answer, trial)
        let q = form.whole(scale, zero)
        trial.expect(
          try answer.numbers(q, scale, zero), equals: q.map { scale * Float($0 - zero) },
          "numbers(q, scale: \(written(scale)), zeroPoint: \(zero))", given: ["q": q])
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "0 does not belong to the range",
      advice:
        "Your range goes from the smallest to the largest number. 0 belongs to it even where all are above it."
    ) { $0.grid = { Form($0, $1, $2).pair(withZero: false) } },
    wrong(
      "one step too many",
      advice: "You divide by the count of whole numbers. Between them there is one step less: most − least."
    ) { $0.grid = { Form($0, $1, $2).pair(steps: 1) } },
    wrong(
      "the zero point without rounding the half evenly",
      advice: "Your zero point is cut off instead of rounded: the nearest whole number is asked for."
    ) { $0.grid = { Form($0, $1, $2).pair { Int($0) } } },
    wrong(
      "the zero point has the wrong sign",
      advice: "Your zero point is least + round(low / S): subtract, for low is below 0."
    ) { $0.grid = { Form($0, $1, $2).pair(sign: 1) } },
    wrong(
      "the zero point counts from 0",
      advice: "Your zero point is −round(low / S). It counts from `least`, which is not always 0."
    ) {
      $0.grid = { x, least, most in
        let (s, z) = Form(x, least, most).pair(); return (s, z - least)
      }
    },
    wrong(
      "all zeros give no step",
      advice: "Where all numbers are 0 your step is 0, and the next thing divides by it. Take 1."
    ) {
      $0.grid = { x, least, most in x.allSatisfy { $0 == 0 } ? (0, least) : Form(x, least, most).pair() }
    },
    wrong(
      "halves away from 0",
      advice: "You round halves away from 0. Of two that are equally near, take the even one."
    ) { $0.whole = { Form($0, $3, $4).whole($1, $2) { $0.rounded() } } },
    wrong(
      "cut off instead of rounded",
      advice: "You cut off what stands after the point. Take the nearest whole number."
    ) {
      $0.whole = { Form($0, $3, $4).whole($1, $2) { $0.rounded(.towardZero) } }
    },
    wrong(
      "the zero point is added before rounding",
      advice: "You round x/S + Z. First round, then add Z: with an odd Z, halves go to the other side."
    ) {
      $0.whole = { x, scale, zero, least, most in
        x.map {
          Int(min(max(($0 / scale + Float(zero)).rounded(.toNearestOrEven), Float(least)), Float(most)))
        }
      }
    },
    wrong(
      "nothing is held within the range",
      advice:
        "What lies outside must become the nearest end of the range, or it does not fit into eight bits."
    ) { $0.whole = { x, scale, zero, _, _ in Form(x, -1_000_000, 1_000_000).whole(scale, zero) } },
    wrong(
      "the range is held before the zero point is added",
      advice: "You hold x/S within the range and add Z afterwards. Add Z first."
    ) {
      $0.whole = { x, scale, zero, least, most in Form(x, least, most).whole(scale, 0).map { $0 + zero } }
    },
    wrong("back without the zero point", advice: "You multiply q by S. Take Z away first.") {
      $0.numbers = { q, scale, _ in q.map { scale * Float($0) } }
    },
    wrong("back with the zero point added", advice: "On the way back Z is taken away, for it was added.") {
      $0.numbers = { q, scale, zero in q.map { scale * Float($0 + zero) } }
    },
  ]
}

/// Numbers and a range, and what comes of them.
private struct Form: Sendable {
  let x: [Float]
  let (least, most): (Int, Int)

  init(_ x: [Float], _ least: Int, _ most: Int) { (self.x, self.least, self.most) = (x, least, most) }

  func pair(
    withZero: Bool = true, steps: Int = 0, sign: Int = -1,
    round: (Float) -> Int = { Int($0.rounded(.toNearestOrEven)) }
  ) -> (Float, Int) {
    var (low, high) = (x.min() ?? 0, x.max() ?? 0)
    if withZero { (low, high) = (min(low, 0), max(high, 0)) }
    if low == high { return (1, least) }
    let scale = (high - low) / Float(most - least + steps)
    return (scale, least + sign * round(low / scale))
  }

  func grid() -> (Float, Int) { pair() }

  func whole(
    _ scale: Float, _ zero: Int, round: (Float) -> Float = { $0.rounded(.toNearestOrEven) }
  ) -> [Int] {
    x.map { Int(min(max(round($0 / scale) + Float(zero), Float(least)), Float(most))) }
  }

  func expectGrid(of answer: AffineQuantizationExercise.Answer, _ trial: Trial) throws {
    let (scale, zero) = grid()
    let mine = try answer.grid(x, least, most)
    let call = "grid(for: x, least: \(least), most: \(most))"
    let (low, high) = (min(x.min() ?? 0, 0), max(x.max() ?? 0, 0))
    trial.expect(
      mine.0, equals: scale, call + ".scale", given: ["x": x],
      by: { _ in
        low == high ? "all are 0" : "(\(written(high)) − \(written(low)))/\(most - least) = \(written(scale))"
      })
    trial.expect(
      mine.1, equals: zero, call + ".zeroPoint", given: ["x": x],
      by: { _ in "\(least) − round(\(written(low))/\(written(scale))) = \(zero)" })
  }

  func expectWhole(
    scale: Float, zero: Int, of answer: AffineQuantizationExercise.Answer, _ trial: Trial
  ) throws {
    let expected = whole(scale, zero)
    trial.expect(
      try answer.whole(x, scale, zero, least, most), equals: expected,
      "wholeNumbers(x, scale: \(written(scale)), zeroPoint: \(zero), least: \(least), most: \(most))",
      given: ["x": x],
      by: { place in
        let number = x[place[0]]
        return "\(written(number))/\(written(scale)) = \(written(number / scale)), rounded "
          + "\(written((number / scale).rounded(.toNearestOrEven))), plus \(zero), within \(least)…\(most): "
          + "\(expected[place[0]])"
      })
  }
}

private func wrong(
  _ name: String, advice: String, _ change: (inout AffineQuantizationExercise.Answer) -> Void
) -> Mistake<AffineQuantizationExercise.Answer> {
  var answer = AffineQuantizationExercise.Answer(
    grid: { Form($0, $1, $2).grid() }, whole: { Form($0, $3, $4).whole($1, $2) },
    numbers: { q, scale, zero in q.map { scale * Float($0 - zero) } })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}
