import ExerciseKit
import Foundation
import Practice

public final class LSTMStepBackwardExercise: Exercise {
  /// da and dcBefore.
  public typealias Answer =
    @Sendable (_ dh: Tensor, _ dc: Tensor, _ parts: Tensor, _ cellBefore: Tensor) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "The way back through a step of an LSTM"
  public let section = "6.3"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["lstmStepBackward"]
  public let solution: Answer = { try lstmStepBackward(dh: $0, dc: $1, parts: $2, cellBefore: $3) }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("lstmStepBackward", $0, $1, $2, $3) }
  }

  public let hints = [
    "Compute the cell state again, then all that reaches it. Everything but the output gate's gradient is made from "
      + "that.",
    "With t = tanh(f c_before + i g): dc_all = dc + dh o (1 − t²). The output gate alone does not see dc_all: "
      + "da_o = dh t o (1 − o).",
    """
    let shown = tanh(f * cellBefore[k] + i * g)
    let all = dc[k] + …
    da[0, k] = all * g * …
    da[1, k] = all * cellBefore[k] * …
    da[2, k] = all * i * …
    da[3, k] = dh[k] * shown * …
    dcBefore[k] = all * …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "four rows, and one number for each cell", points: 1) { answer, trial in
      for size in [1, 3] {
        let c = Case(size, seed: 631)
        let (da, dcBefore) = try answer(c.dh, c.dc, c.parts, c.cell)
        trial.expect(da, hasShape: [4, size], "lstmStepBackward(…).da")
        trial.expect(dcBefore, hasShape: [size], "lstmStepBackward(…).dcBefore")
      }
    },
    Check(.byHand, "two units", points: 2) { answer, trial in
      try Case(
        dh: Tensor([1, -2]), dc: Tensor([0.5, 3]),
        parts: Tensor([[0.5, 0.25], [0.75, 0.5], [-0.5, 0.5], [0.25, 0.75]]), cell: Tensor([2, -1])
      ).expect(answer, trial)
    },
    Check(.property, "the path through the cell, for twelve sizes", points: 1) { answer, trial in
      var numbers = Inputs(seed: 632)
      for round in 0..<12 {
        var c = Case(numbers.integer(1...5), seed: 650 + UInt64(round))
        if round % 3 == 0 { c.dh = c.dh * 0 }
        try c.expect(answer, trial)
      }
    },
    Check(.gradients, "the sum of dh·h + dc·c changes as the gradients say", points: 2) { answer, trial in
      for seed in [633, 634] as [UInt64] {
        let c = Case(4, seed: seed)
        let (da, dcBefore) = try answer(c.dh, c.dc, c.parts, c.cell)
        let step = 1e-5
        let slopes = (0..<16).map { place in
          Float((c.loss(shifting: place, by: step) - c.loss(shifting: place, by: -step)) / (2 * step))
        }
        let cellSlopes = (0..<4).map { place in
          Float(
            (c.loss(shifting: 16 + place, by: step) - c.loss(shifting: 16 + place, by: -step)) / (2 * step))
        }
        trial.expect(
          da, equals: Tensor(slopes, shape: [4, 4]), "lstmStepBackward(…).da",
          given: ["dh": c.dh, "dc": c.dc, "parts": c.parts, "c_before": c.cell])
        trial.expect(
          dcBefore, equals: Tensor(cellSlopes), "lstmStepBackward(…).dcBefore",
          given: ["dh": c.dh, "dc": c.dc, "parts": c.parts, "c_before": c.cell])
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "what comes through h is forgotten",
      advice:
        "Only dc reaches your cell. What comes back through h = o tanh(c) reaches it too: add dh o (1 − tanh²(c))."
    ) { back($0, $1, $2, $3, all: { _, dc, _, _ in dc }) },
    Mistake(
      "what comes from the step after is forgotten",
      advice: "Only dh reaches your cell. The step after kept a part of it: add dc."
    ) { back($0, $1, $2, $3, all: { dh, _, o, t in dh * o * (1 - t * t) }) },
    Mistake(
      "the slope of tanh with c for tanh(c)",
      advice: "You wrote 1 − c² for the slope of tanh. It is 1 − tanh²(c)."
    ) { back($0, $1, $2, $3, all: { dh, dc, o, t in dc + dh * o * (1 - atanh(t) * atanh(t)) }) },
    Mistake(
      "the output gate gets what the cell gets",
      advice:
        "Your output gate's gradient is made from all that reaches the cell. Only dh comes through the gate: "
        + "dh tanh(c) o (1 − o)."
    ) { dh, dc, parts, cell in
      var (da, before) = back(dh, dc, parts, cell)
      for k in 0..<dh.count {
        let o = parts[3, k]
        da[3, k] = before[k] / parts[1, k] * Float(shown(parts, cell, k)) * o * (1 - o)
      }
      return (da, before)
    },
    Mistake(
      "the slopes inside the gates are forgotten",
      advice:
        "You stop at the gates. The sums lie before σ and tanh: multiply by i(1 − i), f(1 − f), 1 − g² and "
        + "o(1 − o)."
    ) { dh, dc, parts, cell in
      var (da, before) = back(dh, dc, parts, cell)
      for k in 0..<dh.count {
        for p in 0..<4 {
          let y = parts[p, k]
          da[p, k] /= p == 2 ? 1 - y * y : y * (1 - y)
        }
      }
      return (da, before)
    },
    Mistake(
      "the new cell for the old one in the forget gate",
      advice: "Your forget gate's gradient has the new cell state in it. The gate multiplied the one before."
    ) { dh, dc, parts, cell in
      var (da, before) = back(dh, dc, parts, cell)
      for k in 0..<dh.count { da[1, k] *= Float(atanh(shown(parts, cell, k))) / cell[k] }
      return (da, before)
    },
    Mistake(
      "the cell before gets everything",
      advice: "Your dcBefore is all that reached the cell. The forget gate let a part through: multiply by f."
    ) { dh, dc, parts, cell in
      var (da, before) = back(dh, dc, parts, cell)
      for k in 0..<dh.count { before[k] /= parts[1, k] }
      da = da * 1
      return (da, before)
    },
  ]
}

/// tanh of the new cell state.
private func shown(_ parts: Tensor, _ cell: Tensor, _ k: Int) -> Double {
  tanh(Double(parts[1, k]) * Double(cell[k]) + Double(parts[0, k]) * Double(parts[2, k]))
}

private func back(
  _ dh: Tensor, _ dc: Tensor, _ parts: Tensor, _ cell: Tensor,
  all: (_ dh: Double, _ dc: Double, _ o: Double, _ shown: Double) -> Double = { dh, dc, o, t in
    dc + dh * o * (1 - t * t)
  }
) -> (da: Tensor, dcBefore: Tensor) {
  var (da, before) = (Tensor.zeros(parts.shape), Tensor.zeros(dh.shape))
  for k in 0..<dh.count {
    let (i, f, g, o) = (Double(parts[0, k]), Double(parts[1, k]), Double(parts[2, k]), Double(parts[3, k]))
    let t = shown(parts, cell, k)
    let reached = all(Double(dh[k]), Double(dc[k]), o, t)
    da[0, k] = Float(reached * g * i * (1 - i))
    da[1, k] = Float(reached * Double(cell[k]) * f * (1 - f))
    da[2, k] = Float(reached * i * (1 - g * g))
    da[3, k] = Float(Double(dh[k]) * t * o * (1 - o))
    before[k] = Float(reached * f)
  }
  return (da, before)
}

private struct Case {
  var dh, dc, parts, cell: Tensor

  init(dh: Tensor, dc: Tensor, parts: Tensor, cell: Tensor) {
    (self.dh, self.dc, self.parts, self.cell) = (dh, dc, parts, cell)
  }

  /// Gates between 0 and 1, candidates between −1 and 1, and no zero among them.
  init(_ size: Int, seed: UInt64) {
    var numbers = Inputs(seed: seed)
    var parts = numbers.normal([4, size]).map { 1 / (1 + exp(-$0)) }
    for k in 0..<size { parts[2, k] = 2 * parts[2, k] - 1 }
    self.init(
      dh: numbers.normal([size]), dc: numbers.normal([size]), parts: parts,
      cell: numbers.normal([size]).map { $0 < 0 ? $0 - 0.25 : $0 + 0.25 })
  }

  func expect(_ answer: LSTMStepBackwardExercise.Answer, _ trial: Trial) throws {
    let (da, before) = try answer(dh, dc, parts, cell)
    let expected = back(dh, dc, parts, cell)
    func all(_ k: Int) -> String {
      let t = shown(parts, cell, k)
      let sum = Double(dc[k]) + Double(dh[k]) * Double(parts[3, k]) * (1 - t * t)
      return
        "dc_all = \(Double(dc[k]).shortText) + (\(Double(dh[k]).shortText))·\(Double(parts[3, k]).shortText)·"
        + "(1 − \(t.shortText)²) = \(sum.shortText)"
    }
    trial.expect(
      before, equals: expected.dcBefore,
      "lstmStepBackward(dh: dh, dc: dc, parts: parts, cellBefore: c).dcBefore",
      given: ["dh": dh, "dc": dc, "parts": parts, "c_before": cell],
      by: { "\(all($0[0])), times f = \(Double(parts[1, $0[0]]).shortText)" })
    trial.expect(
      da, equals: expected.da, "lstmStepBackward(dh: dh, dc: dc, parts: parts, cellBefore: c).da",
      given: ["dh": dh, "dc": dc, "parts": parts, "c_before": cell],
      by: { "row \($0[0]) is that of \(["i", "f", "g", "o"][$0[0]]); \(all($0[1]))" })
  }

  /// Σ dh·h + dc·c in Double, with one of the 4·H sums, or one of the cells before, shifted.
  func loss(shifting place: Int, by step: Double) -> Double {
    let size = dh.count
    var sums = (0..<4 * size).map { p -> Double in
      let y = Double(parts[p / size, p % size])
      return p / size == 2 ? atanh(y) : log(y / (1 - y))
    }
    var before = cell.scalars.map(Double.init)
    if place < 4 * size { sums[place] += step } else { before[place - 4 * size] += step }
    func gate(_ a: Double) -> Double { 1 / (1 + exp(-a)) }
    return (0..<size).reduce(0.0) { total, k in
      let c = gate(sums[size + k]) * before[k] + gate(sums[k]) * tanh(sums[2 * size + k])
      return total + Double(dh[k]) * gate(sums[3 * size + k]) * tanh(c) + Double(dc[k]) * c
    }
  }
}
