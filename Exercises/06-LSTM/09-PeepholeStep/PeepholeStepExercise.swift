import ExerciseKit
import Foundation
import Practice

public final class PeepholeStepExercise: Exercise {
  public typealias Answer = @Sendable (_ a: Tensor, _ p: Tensor, _ cell: Tensor) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "Peepholes"
  public let section = "6.8"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["peepholeStep"]
  public let solution: Answer = { try peepholeStep(sums: $0, peepholes: $1, cell: $2) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("peepholeStep", $0, $1, $2) } }

  public let hints = [
    "The order matters: two gates, then the cell, then the third gate, then what is shown.",
    "i and f add p[0, k] c_before[k] and p[1, k] c_before[k]; o adds p[2, k] c[k] with the new c. The candidate is "
      + "tanh(a[2, k]), without a peephole.",
    """
    let i = gate(a[0, k] + p[0, k] * cell[k])
    let f = gate(…)
    c[k] = f * cell[k] + i * tanh(a[2, k])
    h[k] = gate(a[3, k] + …) * tanh(c[k])
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "both states have H numbers", points: 1) { answer, trial in
      for size in [1, 4] {
        var numbers = Inputs(seed: 691)
        let (h, c) = try answer(
          numbers.quarters([4, size]), numbers.quarters([3, size]), numbers.quarters([size]))
        trial.expect(h, hasShape: [size], "peepholeStep(sums: a, peepholes: p, cell: c).hidden")
        trial.expect(c, hasShape: [size], "peepholeStep(sums: a, peepholes: p, cell: c).cell")
      }
    },
    Check(.byHand, "two units", points: 1) { answer, trial in
      try expectStates(
        Tensor([[0, 1], [0.5, -1], [1, -0.5], [-1, 0.25]]), Tensor([[1, -0.5], [-1, 2], [2, 0.75]]),
        Tensor([1, -2]),
        answer, trial)
    },
    Check(.property, "as the formulas say, for twelve sizes", points: 2) { answer, trial in
      var numbers = Inputs(seed: 692)
      for _ in 0..<12 {
        let size = numbers.integer(1...5)
        let (a, p) = (numbers.normal([4, size]), numbers.normal([3, size]))
        try expectStates(a, p, numbers.normal([size]), answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the output gate sees the old cell",
      advice:
        "Your output gate looks at the cell state before the step. It decides last, and sees the new one."
    ) { states($0, $1, $2, output: { before, _ in before }) },
    Mistake(
      "the gates see what the cell shows",
      advice: "Your peepholes look at tanh of the cell. They see the cell state itself."
    ) { states($0, $1, $2, input: { tanh($0) }, output: { tanh($1) }) },
    Mistake(
      "no peephole at the output gate",
      advice: "Your output gate has no peephole: add p_o c."
    ) { states($0, $1, $2, output: { _, _ in 0 }) },
    Mistake(
      "the peepholes of i and f exchanged",
      advice:
        "Your input gate uses the forget gate's peephole weights, and the other way round. The rows are p_i, p_f, p_o."
    ) { states($0, $1, $2, rows: [1, 0, 2]) },
    Mistake(
      "the candidate without tanh",
      advice: "You let in a_g itself. The candidate is tanh(a_g)."
    ) { states($0, $1, $2, candidate: { $0 }) },
    Mistake(
      "no peepholes", advice: "Your step is that of a plain LSTM: the peephole weights are not used."
    ) { states($0, $1, $2, input: { _ in 0 }, output: { _, _ in 0 }) },
  ]
}

/// Both states, in Double; `input` and `output` say what the gates see of the cell.
private func states(
  _ a: Tensor, _ p: Tensor, _ cell: Tensor, rows: [Int] = [0, 1, 2], input: (Double) -> Double = { $0 },
  output: (_ before: Double, _ after: Double) -> Double = { $1 }, candidate: (Double) -> Double = { tanh($0) }
) -> (Tensor, Tensor) {
  func gate(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
  func weight(_ row: Int, _ k: Int) -> Double { Double(p[rows[row], k]) }
  var (h, c) = (cell, cell)
  for k in 0..<cell.count {
    let before = Double(cell[k])
    let i = gate(Double(a[0, k]) + weight(0, k) * input(before))
    let f = gate(Double(a[1, k]) + weight(1, k) * input(before))
    let after = f * before + i * candidate(Double(a[2, k]))
    c[k] = Float(after)
    h[k] = Float(gate(Double(a[3, k]) + weight(2, k) * output(before, after)) * tanh(after))
  }
  return (h, c)
}

private func expectStates(
  _ a: Tensor, _ p: Tensor, _ cell: Tensor, _ answer: PeepholeStepExercise.Answer, _ trial: Trial
) throws {
  let (h, c) = try answer(a, p, cell)
  let expected = states(a, p, cell)
  func text(_ x: Float) -> String { Double(x).shortText }
  let call = "peepholeStep(sums: a, peepholes: p, cell: c)"
  trial.expect(
    c, equals: expected.1, "\(call).cell", given: ["a": a, "p": p, "c": cell],
    by: { place in
      let k = place[0]
      return "i = σ(\(text(a[0, k])) + (\(text(p[0, k])))·(\(text(cell[k])))), "
        + "f = σ(\(text(a[1, k])) + (\(text(p[1, k])))·(\(text(cell[k])))), c = \(text(expected.1[k]))"
    })
  trial.expect(
    h, equals: expected.0, "\(call).hidden", given: ["a": a, "p": p, "c": cell],
    by: { place in
      let k = place[0]
      return
        "o = σ(\(text(a[3, k])) + (\(text(p[2, k])))·(\(text(expected.1[k])))), h = o·tanh(\(text(expected.1[k]))) "
        + "= \(text(expected.0[k]))"
    })
}
