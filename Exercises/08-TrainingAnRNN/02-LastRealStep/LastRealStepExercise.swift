import ExerciseKit
import Practice

public final class LastRealStepExercise: Exercise {
  public struct Answer: Sendable {
    var pick: @Sendable (_ o: Tensor, _ lengths: [Int]) throws -> Tensor
    var gradient: @Sendable (_ dy: Tensor, _ lengths: [Int], _ steps: Int) throws -> Tensor
  }

  public init() {}

  public let title = "The last real step, and its gradient"
  public let section = "8.4"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["lastRealSteps", "lastRealStepsGradient"]

  public let solution = Answer(
    pick: { try lastRealSteps($0, lengths: $1) },
    gradient: { try lastRealStepsGradient($0, lengths: $1, steps: $2) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      pick: { try learner.call("lastRealSteps", $0, $1) },
      gradient: { try learner.call("lastRealStepsGradient", $0, $1, $2) })
  }

  public let hints = [
    "One number of y is a copy of one number of o. Ask for each: of which? On the way back, the same number gets the "
      + "gradient, and all others get none.",
    "y[n, h] = o[n, lengths[n] − 1, h]: steps are counted from 0, lengths from 1. The gradient is [N, T, H], zeros but for "
      + "the places (n, lengths[n] − 1, h).",
    """
    var y = Tensor.zeros([o.shape[0], o.shape[2]])
    for n in 0..<o.shape[0] {
      for h in 0..<o.shape[2] { y[n, h] = o[n, …, h] }
    }

    var d = Tensor.zeros([dy.shape[0], steps, dy.shape[1]])
    … d[n, …, h] = …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a row for each text; a gradient as large as the outputs", points: 1) { answer, trial in
      for (n, t, h) in [(2, 5, 3), (4, 1, 2), (1, 3, 6)] {
        var inputs = Inputs(seed: 821)
        let lengths = (0..<n).map { _ in inputs.integer(1...t) }
        trial.expect(
          try answer.pick(inputs.integers([n, t, h]), lengths), hasShape: [n, h],
          "lastRealSteps(o, lengths: \(lengths))")
        trial.expect(
          try answer.gradient(inputs.integers([n, h]), lengths, t), hasShape: [n, t, h],
          "lastRealStepsGradient(dy, lengths: \(lengths), steps: \(t))")
      }
    },
    Check(.byHand, "three texts of lengths 2, 4 and 1, two numbers a step", points: 1) { answer, trial in
      var inputs = Inputs(seed: 822)
      try expectSteps(inputs.integers([3, 4, 2]), [2, 4, 1], inputs.integers([3, 2]), of: answer, trial)
    },
    Check(.byHand, "texts that are all as long as the batch", points: 1) { answer, trial in
      var inputs = Inputs(seed: 823)
      try expectSteps(inputs.integers([2, 3, 1]), [3, 3], inputs.integers([2, 1]), of: answer, trial)
      try expectSteps(inputs.integers([3, 1, 2]), [1, 1, 1], inputs.integers([3, 2]), of: answer, trial)
    },
    Check(.byHand, "padding that is not a number does no harm", points: 1) { answer, trial in
      // What stands in the padding is nobody's business, not even where it is multiplied by 0.
      let o = Tensor([3, -.infinity, .nan, 4, 5, .infinity], shape: [2, 3, 1])
      try expectSteps(o, [1, 2], Tensor([[7], [-2]]), of: answer, trial)
    },
    Check(.property, "as the rules say, for twenty batches", points: 2) { answer, trial in
      var inputs = Inputs(seed: 824)
      for _ in 0..<20 {
        let (n, t, h) = (inputs.integer(1...5), inputs.integer(1...6), inputs.integer(1...4))
        let lengths = (0..<n).map { _ in inputs.integer(1...t) }
        try expectSteps(inputs.quarters([n, t, h]), lengths, inputs.quarters([n, h]), of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the last column",
      advice: "You take the last column. For a shorter text that is padding: take step lengths[n] − 1."
    ) { $0.pick = { o, lengths in picked(o, lengths.map { _ in o.shape[1] - 1 }) } },
    wrong(
      "one step too late",
      advice: "You take step lengths[n]. Steps are counted from 0: the last real one is lengths[n] − 1."
    ) { $0.pick = { o, lengths in picked(o, lengths.map { min($0, o.shape[1] - 1) }) } },
    wrong(
      "one step too early", advice: "You take the step before the last real one. That is lengths[n] − 1."
    ) { $0.pick = { o, lengths in picked(o, lengths.map { max(0, $0 - 2) }) } },
    wrong(
      "the first step",
      advice: "You take the first step of each text. It has read one word only; take the last real one."
    ) { $0.pick = { o, lengths in picked(o, lengths.map { _ in 0 }) } },
    wrong(
      "the first text's length for all",
      advice: "You use the length of the first text for all. Each text has its own, lengths[n]."
    ) { $0.pick = { o, lengths in picked(o, lengths.map { _ in lengths[0] - 1 }) } },
    wrong(
      "the mean of the real steps",
      advice: "You take the mean over the real steps. That is pooling; here the last step alone judges."
    ) {
      $0.pick = { o, lengths in
        var y = Tensor.zeros([o.shape[0], o.shape[2]])
        for n in lengths.indices {
          for t in 0..<lengths[n] { for h in 0..<o.shape[2] { y[n, h] += o[n, t, h] / Float(lengths[n]) } }
        }
        return y
      }
    },
    wrong(
      "the gradient at the last column",
      advice: "Your gradient goes to the last column. It goes to the step that y was taken from."
    ) { $0.gradient = { dy, lengths, steps in placed(dy, lengths.map { _ in [steps - 1] }, steps) } },
    wrong(
      "the gradient one step too late",
      advice: "Your gradient stands one step behind the last real one. Steps are counted from 0."
    ) { $0.gradient = { dy, lengths, steps in placed(dy, lengths.map { [min($0, steps - 1)] }, steps) } },
    wrong(
      "the gradient at all real steps",
      advice: "You give the gradient to all real steps. y was taken from one of them only; the others get 0."
    ) { $0.gradient = { dy, lengths, steps in placed(dy, lengths.map { Array(0..<$0) }, steps) } },
    wrong(
      "the gradient is divided by the length",
      advice: "You divide by the length. Nothing was added up: the gradient is copied as it is."
    ) {
      $0.gradient = { dy, lengths, steps in
        var d = placed(dy, lengths.map { [$0 - 1] }, steps)
        for n in lengths.indices {
          for h in 0..<dy.shape[1] { d[n, lengths[n] - 1, h] /= Float(lengths[n]) }
        }
        return d
      }
    },
  ]
}

private let right = LastRealStepExercise.Answer(
  pick: { o, lengths in picked(o, lengths.map { $0 - 1 }) },
  gradient: { dy, lengths, steps in placed(dy, lengths.map { [$0 - 1] }, steps) })

private func wrong(
  _ name: String, advice: String, _ change: (inout LastRealStepExercise.Answer) -> Void
) -> Mistake<LastRealStepExercise.Answer> {
  var answer = right
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}

private func picked(_ o: Tensor, _ steps: [Int]) -> Tensor {
  var y = Tensor.zeros([o.shape[0], o.shape[2]])
  for (n, step) in steps.enumerated() { for h in 0..<o.shape[2] { y[n, h] = o[n, step, h] } }
  return y
}

private func placed(_ dy: Tensor, _ places: [[Int]], _ steps: Int) -> Tensor {
  var d = Tensor.zeros([dy.shape[0], steps, dy.shape[1]])
  for (n, own) in places.enumerated() {
    for step in own { for h in 0..<dy.shape[1] { d[n, step, h] = dy[n, h] } }
  }
  return d
}

private func expectSteps(
  _ o: Tensor, _ lengths: [Int], _ dy: Tensor, of answer: LastRealStepExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.pick(o, lengths), equals: try right.pick(o, lengths), "lastRealSteps(o, lengths: \(lengths))",
    given: ["o": o], tolerance: 0,
    by: { "text \($0[0]) has \(lengths[$0[0]]) real steps: o[\($0[0]), \(lengths[$0[0]] - 1), \($0[1])]" })
  let steps = o.shape[1]
  trial.expect(
    try answer.gradient(dy, lengths, steps), equals: try right.gradient(dy, lengths, steps),
    "lastRealStepsGradient(dy, lengths: \(lengths), steps: \(steps))", given: ["dy": dy], tolerance: 0,
    by: { place in
      place[1] == lengths[place[0]] - 1
        ? "y[\(place[0]), \(place[2])] was taken from here: dy[\(place[0]), \(place[2])]"
        : "y of text \(place[0]) was taken from step \(lengths[place[0]] - 1), not from step \(place[1]): 0"
    })
}
