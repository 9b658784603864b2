import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class GRUStepBackwardExercise: Exercise {
  public typealias Answer =
    @Sendable (
      _ dh: Tensor, _ before: Tensor, _ z: Tensor, _ r: Tensor, _ candidate: Tensor, _ uz: Tensor,
      _ ur: Tensor,
      _ uh: Tensor
    ) throws -> Tensor

  public init() {}

  public let title = "One step of the first paper's GRU, backwards"
  public let section = "5.5"
  public let difficulty = 4
  public let minutes = 35
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed"])
  public let functions = ["gruStepBackward"]
  public let solution: Answer = { dh, before, z, r, candidate, uz, ur, uh in
    try gruStepBackward(
      dh, before: before, update: z, reset: r, candidate: candidate, updateWeight: uz, resetWeight: ur,
      candidateWeight: uh)
  }

  public func answer(of learner: Learner) -> Answer {
    { dh, before, z, r, candidate, uz, ur, uh in
      try learner.call("gruStepBackward", dh, before, z, r, candidate, uz, ur, uh)
    }
  }

  public let hints = [
    "Write down where h₋ stands in the step: in the last line, in z, in r, and beside r inside the candidate. Each place "
      + "sends a gradient back, and they are added.",
    "v = da U_h is the gradient at r ⊙ h₋. A product sends to each factor the gradient times the other one: v ⊙ r to h₋, "
      + "and v ⊙ h₋ to r, which goes on through the sigmoid, r (1 − r), and through U_r.",
    """
    let dz = dh * (h - candidate) * z * (1 - z)
    let da = dh * … * (1 - candidate * candidate)
    let v = matmul(da, …)
    let dr = v * … * r * (1 - r)
    return dh * z + matmul(dz, uz) + … + …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as large as the state", points: 1) { answer, trial in
      for (n, h) in [(3, 2), (1, 4), (2, 1)] {
        let step = Step(n, h, seed: 561)
        trial.expect(try step.result(of: answer), hasShape: [n, h], call, by: "dh is \(step.dh.shape)")
      }
    },
    Check(.byHand, "one example, two units", points: 1) { answer, trial in
      try expect(
        Step(
          dh: Tensor([[2, -4]]), before: Tensor([[1, -0.5]]), z: Tensor([[0.5, 0.25]]),
          r: Tensor([[0.25, 0.5]]),
          candidate: Tensor([[0, 0.5]]), uz: Tensor([[4, 1], [-2, 3]]), ur: Tensor([[-2, 0.5], [1, -1]]),
          uh: Tensor([[3, -1], [2, 0.5]])), answer, trial)
      try expect(
        Step(
          dh: Tensor([[2]]), before: Tensor([[1]]), z: Tensor([[0.5]]), r: Tensor([[0.25]]),
          candidate: Tensor([[0]]), uz: Tensor([[4]]), ur: Tensor([[-2]]), uh: Tensor([[3]])), answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 562)
      for index in 0..<10 {
        let (n, h) = index < 3 ? (2, 3) : (inputs.integer(1...4), inputs.integer(1...4))
        try expect(Step(n, h, seed: 563 + UInt64(index)), answer, trial)
      }
    },
    Check(.gradients, "the sum of dh·h changes as the gradient says", points: 2) { answer, trial in
      for seed in [581, 582] as [UInt64] {
        let step = Step(2, 3, seed: seed)
        trial.expect(
          try step.result(of: answer), equals: step.slopes(), call, given: step.given, tolerance: 1e-3)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "only straight on",
      advice:
        "You have one of four paths. The old state also goes through both gates and through the candidate."
    ) { $0.gradient(throughUpdate: 0, throughCandidate: 0, throughReset: 0) },
    wrong("not straight on", advice: "You have left out the path straight on: z ⊙ h₋ sends back dh ⊙ z.") {
      $0.gradient(straight: 0)
    },
    wrong(
      "not through the update gate",
      advice: "You have left out the path through z: the update gate looks at the old state, too."
    ) { $0.gradient(throughUpdate: 0) },
    wrong(
      "not through the reset gate",
      advice: "You have left out the path through r: the reset gate looks at the old state, too."
    ) { $0.gradient(throughReset: 0) },
    wrong(
      "not through the candidate",
      advice: "You have left out v ⊙ r: inside the candidate the old state stands beside r."
    ) { $0.gradient(throughCandidate: 0) },
    wrong(
      "z and 1 − z are exchanged",
      advice: "You have exchanged z and 1 − z: z keeps the old state, and 1 − z takes the candidate."
    ) { $0.gradient(exchanged: true) },
    wrong(
      "the sign through the update gate",
      advice: "Your dz has h̃ − h₋. When z grows, more of h₋ is kept and less of h̃ taken: h₋ − h̃."
    ) { $0.gradient(throughUpdate: -1) },
    wrong(
      "PyTorch's reset gate",
      advice:
        "You go back through PyTorch's candidate, r ⊙ (h₋ Uᵀ). Here r is inside: first back through U_h, then r."
    ) { $0.gradient(resetAfter: true) },
    wrong(
      "the weights are read transposed",
      advice:
        "You multiply by the weights transposed. They were transposed on the way there; back it is dz U_z."
    ) { $0.gradient(transposes: true) },
  ]
}

private let call = "gruStepBackward(dh, before: h₋, …)"

private func wrong(_ name: String, advice: String, _ gradient: @escaping @Sendable (Step) -> Tensor)
  -> Mistake<
    GRUStepBackwardExercise.Answer
  >
{
  Mistake(name, advice: advice) { dh, before, z, r, candidate, uz, ur, uh in
    gradient(Step(dh: dh, before: before, z: z, r: r, candidate: candidate, uz: uz, ur: ur, uh: uh))
  }
}

/// One question, and its answer in Double.
private struct Step {
  let dh, before, z, r, candidate, uz, ur, uh: Tensor

  init(
    dh: Tensor, before: Tensor, z: Tensor, r: Tensor, candidate: Tensor, uz: Tensor, ur: Tensor, uh: Tensor
  ) {
    (self.dh, self.before, self.z, self.r) = (dh, before, z, r)
    (self.candidate, self.uz, self.ur, self.uh) = (candidate, uz, ur, uh)
  }

  init(_ count: Int, _ size: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    func gate() -> Tensor { inputs.normal([count, size]).map { Float(sigmoid(Double($0))) } }
    self.init(
      dh: inputs.normal([count, size]), before: small(&inputs, [count, size]), z: gate(), r: gate(),
      candidate: inputs.normal([count, size]).map { Float(tanh(Double($0))) },
      uz: small(&inputs, [size, size]),
      ur: small(&inputs, [size, size]), uh: small(&inputs, [size, size]))
  }

  var given: KeyValuePairs<String, any Passable> {
    ["dh": dh, "h₋": before, "z": z, "r": r, "h̃": candidate, "U_z": uz, "U_r": ur, "U_h": uh]
  }

  func result(of answer: GRUStepBackwardExercise.Answer) throws -> Tensor {
    try answer(dh, before, z, r, candidate, uz, ur, uh)
  }

  /// What comes back on each path, times what a mistake makes of it.
  func gradient(
    straight: Double = 1, throughUpdate: Double = 1, throughCandidate: Double = 1, throughReset: Double = 1,
    exchanged: Bool = false, resetAfter: Bool = false, transposes: Bool = false
  ) -> Tensor {
    let paths = paths(exchanged: exchanged, resetAfter: resetAfter, transposes: transposes)
    var sum = each(paths[0]) { straight * $0 }
    for (path, factor) in zip(paths.dropFirst(), [throughUpdate, throughCandidate, throughReset]) {
      sum = pairwise(sum, path) { $0 + factor * $1 }
    }
    return tensor(sum)
  }

  func paths(exchanged: Bool = false, resetAfter: Bool = false, transposes: Bool = false) -> [Rows] {
    let (dh, h, r, n) = (rows(dh), rows(before), rows(r), rows(candidate))
    let z = exchanged ? each(rows(z)) { 1 - $0 } : rows(z)
    func back(_ gradient: Rows, _ u: Tensor) -> Rows {
      times(gradient, rows(transposes ? u.transposed() : u))
    }
    let sign = exchanged ? -1.0 : 1
    let dz = pairwise(pairwise(dh, pairwise(h, n, -), *), each(z) { sign * $0 * (1 - $0) }, *)
    let da = pairwise(pairwise(dh, each(z) { 1 - $0 }, *), each(n) { 1 - $0 * $0 }, *)
    let slope = each(r) { $0 * (1 - $0) }
    if resetAfter {
      let dr = pairwise(pairwise(da, timesTransposed(h, rows(uh)), *), slope, *)
      return [pairwise(dh, z, *), back(dz, uz), back(pairwise(da, r, *), uh), back(dr, ur)]
    }
    let v = back(da, uh)
    let dr = pairwise(pairwise(v, h, *), slope, *)
    return [pairwise(dh, z, *), back(dz, uz), pairwise(v, r, *), back(dr, ur)]
  }

  /// Differences of Σ dh·h, in Double: what the input adds is chosen so that gates and candidate are the given ones.
  func slopes() -> Tensor {
    func logit(_ p: Double) -> Double { log(p / (1 - p)) }
    let start = rows(before)
    let (uz, ur, uh) = (rows(uz), rows(ur), rows(uh))
    let zInput = pairwise(each(rows(z), logit), timesTransposed(start, uz), -)
    let rInput = pairwise(each(rows(r), logit), timesTransposed(start, ur), -)
    let nInput = pairwise(
      each(rows(candidate)) { atanh($0) }, timesTransposed(pairwise(rows(r), start, *), uh), -)
    func projection(_ h: Rows) -> Double {
      let z = each(pairwise(zInput, timesTransposed(h, uz), +), sigmoid)
      let r = each(pairwise(rInput, timesTransposed(h, ur), +), sigmoid)
      let n = each(pairwise(nInput, timesTransposed(pairwise(r, h, *), uh), +)) { tanh($0) }
      let after = pairwise(pairwise(each(z) { 1 - $0 }, n, *), pairwise(z, h, *), +)
      return pairwise(after, rows(dh), *).flatMap { $0 }.reduce(0, +)
    }
    var result = start
    for n in start.indices {
      for i in start[n].indices {
        var (above, below) = (start, start)
        above[n][i] += 1e-4
        below[n][i] -= 1e-4
        result[n][i] = (projection(above) - projection(below)) / 2e-4
      }
    }
    return tensor(result)
  }
}

private func expect(_ step: Step, _ answer: GRUStepBackwardExercise.Answer, _ trial: Trial) throws {
  let paths = step.paths()
  trial.expect(
    try step.result(of: answer), equals: step.gradient(), call, given: step.given, tolerance: 1e-4,
    by: { place in
      let parts = paths.map { $0[place[0]][place[1]] }
      let text = parts.map { written(Float($0)) }
      return """
        straight on \(text[0]), through z \(text[1]), through h̃ \(text[2]), through r \(text[3]): \
        together \(written(Float(parts.reduce(0, +))))
        """
    })
}
