import ExerciseKit
import Practice

public final class LineThatFliesExercise: Exercise {
  /// The parameters after the last step, and the loss before each step.
  public typealias Answer =
    @Sendable (_ x: [Double], _ t: [Double], _ learningRate: Double, _ steps: Int) throws -> (
      Double, Double, [Double]
    )

  public init() {}

  public let title = "Find the faults: the line that flies off"
  public let section = "0.5"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["fitLine"]
  public let solution: Answer = right

  public func answer(of learner: Learner) -> Answer {
    { x, t, rate, steps in try learner.call("fitLine", x, t, rate, steps) }
  }

  public let hints = [
    "Ask two questions of the slopes. What happens to them when every measurement is noted down twice? And at which line "
      + "is each of them taken?",
    "L is a mean, so both slopes are means: dw = 2/N Σ errorₙ xₙ, db = 2/N Σ errorₙ, with the same errors, those before "
      + "the step.",
    """
    let dw = 2 * (…).reduce(0, +) / count
    let db = 2 * errors.reduce(0, +) / …
    w -= learningRate * dw
    b -= …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "forty measurements, 60 steps: the loss falls and stays low", points: 1) {
      answer, trial in
      let (x, t) = manyDays()
      let losses = try answer(x, t, 0.1, 60).2
      let expected = try right(x, t, 0.1, 60).2
      trial.plot(
        "the loss of each step", yours: losses.map { Float($0) }, expected: expected.map { Float($0) })
      let last = losses.last ?? .nan
      trial.expect(
        losses.count == 60 && last < 0.4, "after 60 steps with η = 0.1 the loss is below 0.4", about: [last])
    },
    Check(.training, "the first step is that of the pencil", points: 1) { answer, trial in
      for (x, t, rate) in [
        ([0.0, 1, 2, 3], [1.0, 2, 4, 5], 0.1), ([2], [1], 0.25), ([1, 4], [3, -2], 0.05),
      ] {
        let (w, b, _) = try answer(x, t, rate, 1)
        let errors = t.map { -$0 }
        let dw = 2 * zip(errors, x).map { $0 * $1 }.reduce(0, +) / Double(x.count)
        let db = 2 * errors.reduce(0, +) / Double(x.count)
        trial.expect(
          [w, b], equals: [-rate * dw, -rate * db],
          "fitLine(x, t, learningRate: \(written(Float(rate))), steps: 1), as [w, b]",
          given: ["x": x, "t": t],
          by: { place in
            let slope = place == [0] ? dw : db
            return "0 − \(written(Float(rate)))·(\(written(Float(slope)))) = \(written(Float(-rate * slope)))"
          })
      }
    },
    Check(.training, "measurements noted down twice change nothing", points: 1) { answer, trial in
      let (x, t) = ([0.0, 1, 2, 3], [1.0, 2, 4, 5])
      let once = try right(x, t, 0.05, 20)
      let twice = try answer(x + x, t + t, 0.05, 20)
      trial.expect(
        [twice.0, twice.1], equals: [once.0, once.1],
        "fitLine(x and x again, t and t again, learningRate: 0.05, steps: 20), as [w, b]",
        given: ["x": x, "t": t])
    },
    Check(.training, "the losses of twenty steps", points: 1) { answer, trial in
      let (x, t) = ([0.0, 1, 2, 3], [1.0, 2, 4, 5])
      trial.expect(
        try answer(x, t, 0.1, 20).2, equals: try right(x, t, 0.1, 20).2,
        "fitLine(x, t, learningRate: 0.1, steps: 20).losses", given: ["x": x, "t": t])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "sums, and b's slope is taken later",
      advice:
        "The slopes are sums, so that ten times as many measurements make steps ten times as long: the loss is a mean, and "
        + "so are its slopes. And b's slope is taken where w has moved already."
    ) { _ in },
    wrong(
      "b's slope is taken later",
      advice:
        "The slopes are means now. But w moves first, and b's slope is taken at the new line. Both belong to the line "
        + "before the step."
    ) {
      $0.shareW = true; $0.shareB = true
    },
    wrong(
      "sums",
      advice:
        "Both slopes are taken at the same line now. But they are sums: the loss is a mean, so divide by N."
    ) { $0.isTogether = true },
    wrong(
      "only w's slope is a mean",
      advice: "w's slope is a mean now. b's is still a sum, and still taken where w has moved already."
    ) { $0.shareW = true },
    wrong(
      "only b's slope is a mean",
      advice: "b's slope is a mean now. w's is still a sum, and b's is still taken where w has moved already."
    ) { $0.shareB = true },
    wrong(
      "w's slope is a mean, b's a sum",
      advice: "Both slopes are taken at the same line, and w's is a mean. b's slope is still a sum."
    ) {
      $0.isTogether = true; $0.shareW = true
    },
    wrong(
      "b's slope is a mean, w's a sum",
      advice: "Both slopes are taken at the same line, and b's is a mean. w's slope is still a sum."
    ) {
      $0.isTogether = true; $0.shareB = true
    },
    wrong(
      "the rate is made smaller",
      advice:
        "You divide the learning rate, and hide the fault: with other measurements it is back. The slopes are what is "
        + "wrong: divide the sums by N."
    ) { $0.rateFactor = 0.1 },
    wrong(
      "the 2 was taken out",
      advice:
        "You halve the slopes. The slope of a square has the factor 2; what is missing is the division by N."
    ) { $0.rateFactor = 0.5 },
  ]
}

private let right: LineThatFliesExercise.Answer = { x, t, rate, steps in
  try fitLine(x, t, learningRate: rate, steps: steps)
}

/// Forty measurements over the same four days.
private func manyDays() -> (x: [Double], t: [Double]) {
  var inputs = Inputs(seed: 81)
  let x = (0..<40).map { Double($0 % 4) }
  let noise = inputs.normal([40]).scalars
  return (x, zip(x, noise).map { 1.4 * $0 + 0.9 + 0.4 * Double($1) })
}

/// The program, with its faults and with what is mended of them.
private struct Program {
  var shareW = false
  var shareB = false
  var isTogether = false
  var rateFactor = 1.0

  func run(_ x: [Double], _ t: [Double], _ rate: Double, _ steps: Int) -> (Double, Double, [Double]) {
    let (count, rate) = (Double(x.count), rate * rateFactor)
    var (w, b, losses) = (0.0, 0.0, [Double]())
    for _ in 0..<steps {
      func errors() -> [Double] { zip(x, t).map { w * $0 + b - $1 } }
      let before = errors()
      losses.append(before.reduce(0) { $0 + $1 * $1 } / count)
      w -= rate * 2 * zip(before, x).reduce(0) { $0 + $1.0 * $1.1 } / (shareW ? count : 1)
      let after = isTogether ? before : errors()
      b -= rate * 2 * after.reduce(0, +) / (shareB ? count : 1)
    }
    return (w, b, losses)
  }
}

private func wrong(
  _ name: String, advice: String, _ change: (inout Program) -> Void
) -> Mistake<LineThatFliesExercise.Answer> {
  var program = Program()
  change(&program)
  return Mistake(name, advice: advice) { [program] x, t, rate, steps in program.run(x, t, rate, steps) }
}
