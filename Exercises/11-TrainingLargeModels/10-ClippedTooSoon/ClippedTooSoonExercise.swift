import Engine
import ExerciseKit
import Foundation
import Practice

public final class ClippedTooSoonExercise: Exercise {
  /// The loss of every step, and the labels of the unseen points.
  public typealias Answer =
    @Sendable (_ points: [[Float]], _ labels: [Int], _ batches: [[Int]], _ unseen: [[Float]]) throws -> (
      [Float], [Int]
    )

  public init() {}

  public let title = "Find the fault: clipped too soon"
  public let section = "11.4"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.engine
  public let functions = ["trainScaled"]
  public let solution: Answer = { try trainScaled($0, labels: $1, batches: $2, unseen: $3) }
  public let secondsAllowed = 20

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("trainScaled", $0, $1, $2, $3) }
  }

  public let hints = [
    "Follow the norm of the gradients through one step: after the way back, after each line, and as the optimiser sees it.",
    "The loss times 4,096 makes gradients g·4,096. Clipped to norm 1 and then divided by 4,096, what norm can a step have at most? "
      + "Clipping should see g.",
    """
    for parameter in model.parameters {
      parameter.setGradient(parameter.gradient.map { $0 / scale })
    }
    clipGradients(…)        // in which order?
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the loss comes down", points: 2) { answer, trial in
      let task = Task()
      let losses = try task.result(of: answer).0
      trial.plot(
        "the loss of each step", yours: losses.map { min($0, 5) }, expected: rightLosses.map { min($0, 5) })
      let last = task.quiet(losses).suffix(30).reduce(0, +) / 30
      trial.expect(
        losses.count == task.batches.count && last < 0.15,
        "the last 30 losses without a point far outside have a mean below 0.15", about: last)
    },
    Check(.training, "a point far outside does not undo what was learned", points: 2) { answer, trial in
      let task = Task()
      let losses = try task.result(of: answer).0
      let worst = losses.count == task.batches.count ? task.afterOutside(losses) : .infinity
      trial.expect(
        worst < 0.6, "in the ten steps after such a point the mean loss stays below 0.6", about: worst)
    },
    Check(.training, "the steps are those of a training without a scale", points: 1) { answer, trial in
      let losses = try Task().result(of: answer).0
      let distance =
        losses.count == rightLosses.count
        ? zip(Task().quiet(losses), Task().quiet(rightLosses)).map { abs($0 - $1) }.reduce(0, max) : .infinity
      trial.expect(
        distance < 0.02, "the losses are, step by step, those of a training in float32 without a scale",
        about: distance)
    },
    Check(.training, "points that it never saw are told apart", points: 1) { answer, trial in
      let task = Task()
      let share = task.shareRight(try task.result(of: answer).1)
      trial.expect(
        share >= 0.95, "of 300 points that it never saw, at least 95 % get the right label", about: share)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the program as it is given",
      advice:
        "Gradients are clipped while they are still 4,096 times too large. Then a step has a norm of at most 1 / 4,096: divide "
        + "by the scale first, and clip after."
    ) { $0.clipsFirst = true },
    wrong(
      "without clipping",
      advice:
        "You have taken the clipping out, and a point far outside throws the weights away. Clip after the scale is taken out."
    ) { $0.clips = false },
    wrong(
      "not unscaled",
      advice:
        "You clip and never divide by the scale. Every step is then of norm 1, however small its gradient: divide, then clip."
    ) { $0.unscales = false },
    wrong(
      "a larger rate",
      advice:
        "A larger rate makes up for a part of what is lost. Gradients are still clipped while they are 4,096 times too large: "
        + "mend the order instead."
    ) {
      $0.clipsFirst = true
      $0.rate = 30
    },
    wrong(
      "a larger norm",
      advice:
        "You let the scaled gradients be longer. They are 4,096 times too large when they are clipped: divide first."
    ) {
      $0.clipsFirst = true
      $0.norm = 64
    },
  ]
}

/// The losses of the mended program, without a scale.
private let rightLosses: [Float] =
  (try? Task().result(of: { reference($0, $1, $2, $3, Program(scale: 1)) }).0) ?? []

/// The points of one run.
private struct Task {
  let points: [[Float]]
  let labels: [Int]
  let batches: [[Int]]
  let outside: Set<Int>
  let count = 600
  /// The steps whose batch holds a point far outside.
  var outsideSteps: [Int] { batches.indices.filter { batches[$0].contains { outside.contains($0) } } }

  init() {
    var inputs = Inputs(seed: 1120)
    let centres = inputs.normal([3, 8]).map { $0 * 1.6 }
    let noise = inputs.normal([900, 8]).scalars
    let labels = (0..<900).map { _ in inputs.integer(0...2) }
    self.labels = labels
    outside = [3, 4]
    var points: [[Float]] = []
    for i in 0..<900 {
      let far: Float = i == 3 || i == 4 ? 200 : 1
      points.append((0..<8).map { far * (centres[labels[i], $0] * (far > 1 ? -1 : 1) + noise[i * 8 + $0]) })
    }
    self.points = points
    var batches: [[Int]] = []
    for _ in 0..<6 {
      let order = inputs.order(of: 600).filter { $0 != 3 && $0 != 4 }
      batches += stride(from: 0, to: 580, by: 20).map { Array(order[$0..<$0 + 20]) }
    }
    batches[70][5] = 3
    batches[120][11] = 4
    self.batches = batches
  }

  func result(of answer: ClippedTooSoonExercise.Answer) throws -> ([Float], [Int]) {
    try answer(Array(points[..<count]), Array(labels[..<count]), batches, Array(points[count...]))
  }

  /// The losses of batches without a point far outside.
  func quiet(_ losses: [Float]) -> [Float] {
    let steps = Set(outsideSteps)
    return losses.indices.filter { !steps.contains($0) }.map { losses[$0] }
  }

  /// The largest mean of ten losses after a step with a point far outside.
  func afterOutside(_ losses: [Float]) -> Float {
    outsideSteps.map { step in losses[step + 1...step + 10].reduce(0, +) / 10 }.max() ?? 0
  }

  func shareRight(_ guesses: [Int]) -> Double {
    guard guesses.count == points.count - count else { return 0 }
    return Double(zip(guesses, labels[count...]).count { $0 == $1 }) / Double(guesses.count)
  }
}

/// What a program does.
private struct Program: Sendable {
  var scale: Float = 4_096
  var clips = true
  var clipsFirst = false
  var unscales = true
  var norm = 1.0
  var rate = 0.3
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  ClippedTooSoonExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { reference($0, $1, $2, $3, changed) }
}

private func reference(
  _ points: [[Float]], _ labels: [Int], _ batches: [[Int]], _ unseen: [[Float]], _ program: Program
) -> ([Float], [Int]) {
  let model = withRandomSource(RandomSource(seed: 1110)) {
    Sequential(Linear(inFeatures: 8, outFeatures: 16), ReLU(), Linear(inFeatures: 16, outFeatures: 3))
  }
  let optimizer = SGD(model.parameters, learningRate: program.rate)
  func divide() {
    for parameter in model.parameters {
      parameter.setGradient(parameter.gradient.map { $0 / program.scale })
    }
  }
  var losses: [Float] = []
  for batch in batches {
    let logits = model(Variable(Tensor(batch.flatMap { points[$0] }, shape: [batch.count, 8])))
    let loss = crossEntropy(logits, IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    (loss * program.scale).backward()
    if program.clips && program.clipsFirst { clipGradients(of: model.parameters, toNorm: program.norm) }
    if program.unscales { divide() }
    if program.clips && !program.clipsFirst { clipGradients(of: model.parameters, toNorm: 1) }
    optimizer.step()
    losses.append(loss.scalar)
  }
  let scores = withoutGradients {
    model(Variable(Tensor(unseen.flatMap { $0 }, shape: [unseen.count, 8])))
  }
  return (losses, scores.value.argmax().scalars)
}
