import ExerciseKit
import Practice

public final class PipelineBubbleExercise: Exercise {
  public typealias Answer =
    @Sendable (_ forward: [Double], _ back: [Double], _ microbatches: Int) throws -> (Double, [Double])

  public init() {}

  public let title = "A pipeline with stages that are not alike"
  public let section = "11.6"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["pipelineTime"]
  public let solution: Answer = { try pipelineTime(forward: $0, back: $1, microbatches: $2) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("pipelineTime", $0, $1, $2) } }

  public let hints = [
    "Keep for each stage the time at which it is free. A microbatch goes through the stages with one more number: when it is ready.",
    "Forward, for each microbatch and stage in order: free_s = max(ready, free_s) + forward_s, and ready = free_s. Back the same with "
      + "back_s and the stages in reverse. The end is when the first stage is free.",
    """
    for _ in 0..<microbatches {
      var ready = 0.0
      for stage in 0..<stages {
        free[stage] = max(ready, …) + forward[stage]
        ready = …
      }
    }
    …                                          // the same, back, from the last stage to the first
    let idle = (0..<stages).map { 1 - Double(microbatches) * (…) / end }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a share for each stage", points: 1) { answer, trial in
      trial.expect(
        try answer([1, 2, 3], [1, 1, 1], 2).1.count, equals: 3,
        "pipelineTime(forward: [1, 2, 3], back: [1, 1, 1], microbatches: 2).idle.count")
    },
    Check(.byHand, "two stages, and then three", points: 2) { answer, trial in
      try expectTime([1, 2], [2, 3], 2, of: answer, trial)
      try expectTime([3, 1], [1, 4], 3, of: answer, trial)
      try expectTime([1, 4, 2], [5, 1, 3], 2, of: answer, trial)
    },
    Check(.property, "stages that are alike wait (p − 1) / m of their work", points: 1) { answer, trial in
      for (p, m) in [(4, 8), (2, 5), (6, 3)] {
        try expectTime(
          [Double](repeating: 1, count: p), [Double](repeating: 2, count: p), m, of: answer, trial)
      }
    },
    Check(.property, "as the definition says, for ten pipelines", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1107)
      for stages in 1...10 {
        let forward = (0..<stages).map { _ in Double(inputs.integer(1...20)) / 4 }
        let back = (0..<stages).map { _ in Double(inputs.integer(1...30)) / 4 }
        try expectTime(forward, back, inputs.integer(1...6), of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "one after the other",
      advice:
        "You let one microbatch through all stages before the next begins. While stage 2 works on the first, stage 1 takes the "
        + "second."
    ) { f, b, m in shares(f, b, m, end: Double(m) * (f + b).reduce(0, +)) },
    Mistake(
      "as if all were as slow as the slowest",
      advice:
        "You take (m + p − 1) times the slowest stage. That holds for stages that are alike; here play it through."
    ) { f, b, m in shares(f, b, m, end: Double(m + f.count - 1) * (f.max()! + b.max()!)) },
    wrong(
      "a stage works on several at once",
      advice:
        "Your stages take a microbatch as soon as it is ready, even while they work on another. Wait until the stage is free."
    ) { $0.waitsForItself = false },
    wrong(
      "back from the first stage on",
      advice:
        "You go back through the stages in the order of the way forward. Gradients come from the last stage to the first."
    ) { $0.reverses = false },
    wrong(
      "back before anything went forward",
      advice:
        "Your way back begins at 0. A stage can begin with it when it is done with all that goes forward."
    ) { $0.waitsForForward = false },
    Mistake(
      "waiting over working",
      advice: "You divide the waiting by the work. The share is of the whole time: 1 − work / end."
    ) { f, b, m in
      let end = play(f, b, m, Program())
      return (end, f.indices.map { end / (Double(m) * (f[$0] + b[$0])) - 1 })
    },
    Mistake(
      "working instead of waiting",
      advice: "You give the share in which a stage works. Wanted is the rest: 1 − work / end."
    ) { f, b, m in
      let end = play(f, b, m, Program())
      return (end, f.indices.map { Double(m) * (f[$0] + b[$0]) / end })
    },
    Mistake(
      "the way back is no work", advice: "You count the way forward alone as work. The way back is work too."
    ) { f, b, m in
      let end = play(f, b, m, Program())
      return (end, f.indices.map { 1 - Double(m) * f[$0] / end })
    },
  ]
}

/// What an answer does.
private struct Program: Sendable {
  var waitsForItself = true
  var reverses = true
  var waitsForForward = true
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  PipelineBubbleExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { f, b, m in shares(f, b, m, end: play(f, b, m, changed)) }
}

private func shares(_ f: [Double], _ b: [Double], _ m: Int, end: Double) -> (Double, [Double]) {
  (end, f.indices.map { 1 - Double(m) * (f[$0] + b[$0]) / end })
}

/// The end, by tables of all F and B.
private func play(_ f: [Double], _ b: [Double], _ m: Int, _ program: Program) -> Double {
  let p = f.count
  var forward = [[Double]](repeating: .init(repeating: 0, count: m), count: p)
  var back = forward
  for k in 0..<m {
    for s in 0..<p {
      let before = s == 0 ? 0 : forward[s - 1][k]
      let own = k == 0 || !program.waitsForItself ? 0 : forward[s][k - 1]
      forward[s][k] = max(before, own) + f[s]
    }
  }
  for k in 0..<m {
    let order = program.reverses ? Array((0..<p).reversed()) : Array(0..<p)
    for (i, s) in order.enumerated() {
      let before = i == 0 ? 0 : back[order[i - 1]][k]
      let free = program.waitsForForward ? forward[s][m - 1] : 0
      let own = k == 0 || !program.waitsForItself ? free : back[s][k - 1]
      back[s][k] = max(before, own) + b[s]
    }
  }
  return back.flatMap { $0 }.max()!
}

private func expectTime(
  _ f: [Double], _ b: [Double], _ m: Int, of answer: PipelineBubbleExercise.Answer, _ trial: Trial
) throws {
  let (end, idle) = try answer(f, b, m)
  let expected = shares(f, b, m, end: play(f, b, m, Program()))
  let call = "pipelineTime(forward:back:microbatches: \(m))"
  trial.expect(end, equals: expected.0, "\(call).end", given: ["forward": f, "back": b])
  trial.expect(
    idle, equals: expected.1, "\(call).idle", given: ["forward": f, "back": b],
    by: { place in
      let s = place[0]
      let work = Double(m) * (f[s] + b[s])
      return "1 − \(m)·(\(f[s].shortText) + \(b[s].shortText)) / \(expected.0.shortText) = "
        + "1 − \(work.shortText) / \(expected.0.shortText) = \(expected.1[s].shortText)"
    })
}
