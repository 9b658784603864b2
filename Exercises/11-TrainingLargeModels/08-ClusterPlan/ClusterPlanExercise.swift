import ExerciseKit
import Practice

public final class ClusterPlanExercise: Exercise {
  /// A model and a cluster.
  public struct Request: Sendable {
    let n: Int
    let memory, parameters: Double
    let layers, heads: Int
    let activations: Double
  }

  public typealias Answer = @Sendable (Request) throws -> [Int]

  public init() {}

  public let title = "A plan that fits"
  public let section = "11.7"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["clusterPlan"]
  public let solution: Answer = {
    try clusterPlan(
      devices: $0.n, memory: $0.memory, parameters: $0.parameters, layers: $0.layers, heads: $0.heads,
      activations: $0.activations)
  }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("clusterPlan", $0.n, $0.memory, $0.parameters, $0.layers, $0.heads, $0.activations) }
  }

  public let hints = [
    "Two loops, over p and over t; leave out what does not divide, and what does not fit, and keep the best of the rest.",
    "The most copies are the smallest t·p. d = n / (t p); P / (t p) · (4 + 12 / d) + L A / t ≤ 0.9 M.",
    """
    for p in 1...layers where layers % p == 0 {          // p grows: of equal t·p the first has the smallest
      for t in [1, 2, 4, 8] where heads % t == 0 && … {
        let copies = Double(n / (t * p))
        let state = parameters / Double(t * p) * (4 + …)
        let kept = Double(layers) * activations / …
        if state + kept > 0.9 * memory { continue }
        if best.t == 0 || t * p < … { best = (t, p) }
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "two numbers", points: 1) { answer, trial in
      let one = Request(n: 4, memory: 1_000, parameters: 10, layers: 3, heads: 2, activations: 1)
      trial.expect(try answer(one).count, equals: 2, "clusterPlan(…).count")
    },
    Check(.byHand, "eight devices of a hundred bytes", points: 2) { answer, trial in
      try expectPlan(
        Request(n: 8, memory: 100, parameters: 30, layers: 2, heads: 4, activations: 20), of: answer, trial)
      // Roomier, tighter, and hopeless.
      try expectPlan(
        Request(n: 8, memory: 240, parameters: 30, layers: 2, heads: 4, activations: 20), of: answer, trial)
      try expectPlan(
        Request(n: 12, memory: 118, parameters: 30, layers: 6, heads: 3, activations: 5), of: answer, trial)
      try expectPlan(
        Request(n: 8, memory: 50, parameters: 30, layers: 2, heads: 4, activations: 40), of: answer, trial)
    },
    Check(.property, "models as large as the large ones", points: 1) { answer, trial in
      // GPT-3, Llama 2 70B and GPT-2 XL on A100s, in bytes.
      for (n, parameters, layers, heads, activations) in [
        (1_024, 174.6e9, 96, 96, 0.86e9), (512, 69e9, 80, 64, 1.1e9), (16, 1.56e9, 48, 25, 0.3e9),
      ] {
        try expectPlan(
          Request(
            n: n, memory: 80e9, parameters: parameters, layers: layers, heads: heads, activations: activations
          ),
          of: answer, trial)
      }
    },
    Check(.property, "as the definition says, for sixty clusters", points: 2) { answer, trial in
      for one in requests() { try expectPlan(one, of: answer, trial) }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "nothing is shared among copies",
      advice:
        "Your state takes 16 bytes a parameter. With ZeRO's stage 1 the copies share 12 of them: 4 + 12 / d."
    ) { $0.state = { _, _ in 16 } },
    wrong(
      "all devices share the optimiser",
      advice:
        "You divide the 12 bytes by all n devices. Only copies of the same weights can share: d = n / (t p)."
    ) { $0.state = { n, _ in 4 + 12 / n } },
    wrong(
      "the activations are cut by the pipeline",
      advice:
        "You divide the activations by p. The first stage works ahead, and keeps L blocks' worth whatever p is."
    ) { $0.cutsActivations = true },
    wrong(
      "the activations are whole on each device",
      advice: "Your activations are not divided by t. The devices that share a block share them too."
    ) { $0.sharesActivations = false },
    wrong(
      "the last tenth is used too",
      advice: "You fill the device to the last byte. A tenth is left for buffers: at most 0.9 M."
    ) { $0.usable = 1 },
    wrong(
      "heads are not asked", advice: "Your t need not divide the heads. A head cannot be cut."
    ) { $0.asksHeads = false },
    wrong(
      "blocks are not asked", advice: "Your p need not divide the blocks. Every stage has as many."
    ) { $0.asksLayers = false },
    wrong(
      "the fewest copies",
      advice:
        "You take the plan with the fewest copies. More copies read more of the batch at once: smallest t p."
    ) { $0.takesLargest = true },
    wrong(
      "of equal copies the largest p",
      advice:
        "Of plans with as many copies you take the one with the longest pipeline. Wanted is the smallest p."
    ) { $0.prefersLong = true },
  ]
}

/// What an answer does.
private struct Program: Sendable {
  var state: @Sendable (_ n: Double, _ d: Double) -> Double = { _, d in 4 + 12 / d }
  var cutsActivations = false
  var sharesActivations = true
  var usable = 0.9
  var asksHeads = true
  var asksLayers = true
  var takesLargest = false
  var prefersLong = false
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  ClusterPlanExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { plan($0, changed) }
}

private func bytes(_ one: ClusterPlanExercise.Request, _ t: Int, _ p: Int, _ program: Program) -> Double {
  let copies = Double(one.n / (t * p))
  let state: Double = one.parameters / Double(t * p) * program.state(Double(one.n), copies)
  let cut = (program.sharesActivations ? t : 1) * (program.cutsActivations ? p : 1)
  let kept: Double = Double(one.layers) * one.activations / Double(cut)
  return state + kept
}

private func isPossible(_ one: ClusterPlanExercise.Request, _ t: Int, _ p: Int, _ program: Program) -> Bool {
  if program.asksHeads && one.heads % t != 0 { return false }
  if program.asksLayers && one.layers % p != 0 { return false }
  return one.n % (t * p) == 0 && bytes(one, t, p, program) <= program.usable * one.memory
}

/// All plans in a list, and the best of them.
private func plan(_ one: ClusterPlanExercise.Request, _ program: Program = Program()) -> [Int] {
  var all: [[Int]] = []
  for t in [1, 2, 4, 8] {
    for p in 1...one.layers where isPossible(one, t, p, program) { all.append([t, p]) }
  }
  let best = all.min { a, b in
    let (x, y) = (a[0] * a[1], b[0] * b[1])
    if x != y { return program.takesLargest ? x > y : x < y }
    return program.prefersLong ? a[1] > b[1] : a[1] < b[1]
  }
  return best ?? [0, 0]
}

/// Clusters whose memory lies a little above or below what their plans need.
private func requests() -> [ClusterPlanExercise.Request] {
  var stream = RandomStream(seed: 1108)
  return (0..<60).map { _ in
    let n = [8, 12, 16, 24, 32, 48, 64][stream.integer(below: 7)]
    let layers = [6, 8, 10, 12, 15, 16][stream.integer(below: 6)]
    let heads = [4, 6, 8, 12, 16, 20][stream.integer(below: 6)]
    let parameters = Double(stream.uniform(10..<100))
    // At odds with round numbers, so that nothing lies exactly at the limit.
    return ClusterPlanExercise.Request(
      n: n, memory: parameters * Double(stream.uniform(1.2..<9)), parameters: parameters, layers: layers,
      heads: heads, activations: parameters * Double(stream.uniform(0.02..<0.4)) / Double(layers))
  }
}

private func expectPlan(
  _ one: ClusterPlanExercise.Request, of answer: ClusterPlanExercise.Answer, _ trial: Trial
) throws {
  let expected = plan(one)
  trial.expect(
    try answer(one), equals: expected,
    "clusterPlan(devices: \(one.n), memory: \(one.memory.shortText), parameters: \(one.parameters.shortText), layers: \(one.layers), "
      + "heads: \(one.heads), activations: \(one.activations.shortText))",
    by: { _ in
      if expected == [0, 0] { return "no plan fits" }
      let (t, p) = (expected[0], expected[1])
      return
        "t = \(t), p = \(p): \(one.n / (t * p)) copies and \(bytes(one, t, p, Program()).shortText) bytes, of "
        + "0.9·\(one.memory.shortText)"
    })
}
