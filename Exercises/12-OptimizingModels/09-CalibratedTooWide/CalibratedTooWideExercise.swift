import ExerciseKit
import Practice

public final class CalibratedTooWideExercise: Exercise {
  public typealias Answer = @Sendable (_ start: Float, _ steps: Int) throws -> [Float]

  public init() {}

  public let title = "Find the fault: calibrated too wide"
  public let section = "12.0"  // TODO
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.engine
  public let functions = ["calibratedTooWide"]
  public let solution: Answer = { start, steps in try calibratedTooWide(start, steps: steps) }

  public func answer(of learner: Learner) -> Answer {
    { start, steps in try learner.call("calibratedTooWide", start, steps) }
  }

  public let hints = [
    "TODO: where to look, and what to ask there.",
    "TODO: what a right program does, as a formula.",
    "TODO: nearly the code, with … for what is left.",
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "after 20 steps the loss is below 0.1", points: 2) { answer, trial in
      let losses = try answer(0, 20)
      trial.plot("the loss of each step", yours: losses, expected: try calibratedTooWide(0, steps: 20))
      let last = losses.last ?? .nan
      trial.expect(last < 0.1, "the last loss is below 0.1", about: [last])
    }
  ]

  public let mistakes: [Mistake<Answer>] = [
    // The first is the program as it is given; then come those that are mended by half.
    wrong("upwards", advice: "TODO: what is wrong, and what to do.", by: 0.1),
    wrong("upwards, and slower", advice: "TODO: what is wrong, and what to do.", by: 0.01),
    wrong("it stands still", advice: "TODO: what is wrong, and what to do.", by: 0),
  ]
}

private func wrong(_ name: String, advice: String, by rate: Float) -> Mistake<CalibratedTooWideExercise.Answer> {
  Mistake(name, advice: advice) { start, steps in
    var weight = start
    return (0..<steps).map { _ in
      let loss = (weight - 3) * (weight - 3)
      weight += rate * 2 * (weight - 3)
      return loss
    }
  }
}
