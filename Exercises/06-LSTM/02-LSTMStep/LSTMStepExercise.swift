import ExerciseKit
import Foundation
import Practice

public final class LSTMStepExercise: Exercise {
  public typealias Answer = @Sendable (_ parts: Tensor, _ cell: Tensor) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "One step of an LSTM"
  public let section = "6.2"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["lstmStep"]
  public let solution: Answer = { try lstmStep(parts: $0, cell: $1) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("lstmStep", $0, $1) } }

  public let hints = [
    "First the cell, then what it shows: the hidden state needs the new cell state, not the old one.",
    "c[k] = f[k] c_before[k] + i[k] g[k] and h[k] = o[k] tanh(c[k]), with f[k] = parts[1, k] and so on.",
    """
    let (i, f, g, o) = (parts.row(0), parts.row(1), parts.row(2), parts.row(3))
    let c = f * … + i * …
    return (o * c.map { … }, c)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "both states have H numbers", points: 1) { answer, trial in
      for size in [1, 3, 5] {
        var numbers = Inputs(seed: 621)
        let (h, c) = try answer(numbers.quarters([4, size]), numbers.quarters([size]))
        trial.expect(h, hasShape: [size], "lstmStep(parts: parts, cell: c).hidden")
        trial.expect(c, hasShape: [size], "lstmStep(parts: parts, cell: c).cell")
      }
    },
    Check(.byHand, "three units", points: 1) { answer, trial in
      try expectStates(
        Tensor([[0.5, 1, 0.25], [0.75, 0.5, 1], [-1, 0.5, 0.5], [0.5, 1, 0.25]]), Tensor([2, -4, 3]), answer,
        trial)
    },
    Check(.property, "as the formulas say, for twelve sizes", points: 2) { answer, trial in
      var numbers = Inputs(seed: 622)
      for _ in 0..<12 {
        let size = numbers.integer(1...6)
        let parts = numbers.normal([4, size])
        try expectStates(parts, numbers.normal([size]) * 2, answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the output gate before tanh", advice: "You wrote tanh(o c). The gate comes after: o tanh(c)."
    ) { states($0, $1, hidden: { o, c in tanh(o * c) }) },
    Mistake(
      "tanh is forgotten", advice: "You show o c. The cell goes through tanh first: o tanh(c)."
    ) { states($0, $1, hidden: { o, c in o * c }) },
    Mistake(
      "the output gate on the cell",
      advice:
        "You keep o tanh(c) as the cell state as well. The output gate decides what is shown; the cell keeps c."
    ) {
      let h = states($0, $1).0
      return (h, h)
    },
    Mistake(
      "input and forget gate exchanged",
      advice:
        "Your forget gate lets in and your input gate keeps. c = f c_before + i g; the rows are i, f, g, o."
    ) { states($0, $1, rows: [1, 0, 2, 3]) },
    Mistake(
      "candidate and output gate exchanged",
      advice: "You take the fourth row for the candidate. PyTorch's order is i, f, g, o."
    ) { states($0, $1, rows: [0, 1, 3, 2]) },
    Mistake(
      "the old cell is shown", advice: "You show tanh of the cell state before the step. Show the new one."
    ) { parts, cell in
      let h = (0..<cell.count).map { parts[3, $0] * Float(tanh(Double(cell[$0]))) }
      return (Tensor(h), states(parts, cell).1)
    },
    Mistake(
      "what is kept is 1 − i",
      advice: "You keep 1 − i of the cell, as a GRU would. An LSTM has a forget gate of its own: f c_before."
    ) { parts, cell in
      var coupled = parts
      for k in 0..<cell.count { coupled[1, k] = 1 - parts[0, k] }
      return states(coupled, cell)
    },
  ]
}

/// Both states, in Double.
private func states(
  _ parts: Tensor, _ cell: Tensor, rows: [Int] = [0, 1, 2, 3],
  hidden: (_ o: Double, _ c: Double) -> Double = { $0 * tanh($1) }
) -> (Tensor, Tensor) {
  func part(_ p: Int, _ k: Int) -> Double { Double(parts[rows[p], k]) }
  let c = (0..<cell.count).map { part(1, $0) * Double(cell[$0]) + part(0, $0) * part(2, $0) }
  let h = (0..<cell.count).map { Float(hidden(part(3, $0), c[$0])) }
  return (Tensor(h), Tensor(c.map { Float($0) }))
}

private func expectStates(
  _ parts: Tensor, _ cell: Tensor, _ answer: LSTMStepExercise.Answer, _ trial: Trial
) throws {
  let (h, c) = try answer(parts, cell)
  let expected = states(parts, cell)
  func text(_ x: Float) -> String { Double(x).shortText }
  trial.expect(
    c, equals: expected.1, "lstmStep(parts: parts, cell: c).cell", given: ["parts": parts, "c": cell],
    by: { place in
      let k = place[0]
      return "\(text(parts[1, k]))·(\(text(cell[k]))) + \(text(parts[0, k]))·(\(text(parts[2, k]))) "
        + "= \(text(expected.1[k]))"
    })
  trial.expect(
    h, equals: expected.0, "lstmStep(parts: parts, cell: c).hidden", given: ["parts": parts, "c": cell],
    by: { place in
      let k = place[0]
      return "\(text(parts[3, k]))·tanh(\(text(expected.1[k]))) = \(text(expected.0[k]))"
    })
}
