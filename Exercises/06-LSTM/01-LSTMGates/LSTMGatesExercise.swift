import ExerciseKit
import Foundation
import Practice

public final class LSTMGatesExercise: Exercise {
  public typealias Answer =
    @Sendable (
      _ x: Tensor, _ h: Tensor, _ weightIh: Tensor, _ weightHh: Tensor, _ biasIh: Tensor, _ biasHh: Tensor
    ) throws -> Tensor

  public init() {}

  public let title = "The gates of an LSTM"
  public let section = "6.2"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["lstmGates"]
  public let solution: Answer = {
    try lstmGates($0, hidden: $1, weightIh: $2, weightHh: $3, biasIh: $4, biasHh: $5)
  }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("lstmGates", $0, $1, $2, $3, $4, $5) }
  }

  public let hints = [
    "All 4·H sums are made alike. Only at the end does it matter to which part a row belongs.",
    "Row r has the sum b_ih[r] + b_hh[r] + Σ_j W_ih[r, j] x[j] + Σ_j W_hh[r, j] h[j]. It belongs to part r / H, "
      + "unit r % H. Part 2, the candidate, goes through tanh; the others through σ.",
    """
    for row in 0..<4 * size {
      var sum = biasIh[row] + biasHh[row]
      for j in 0..<x.count { sum += … }
      for j in 0..<size { sum += … }
      parts[row / size, row % size] = row / size == 2 ? tanh(sum) : …
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "four rows, one number for each unit", points: 1) { answer, trial in
      for (inputs, hidden) in [(1, 3), (4, 2), (2, 1)] {
        let c = Case(inputs: inputs, hidden: hidden, seed: 611)
        trial.expect(
          try answer(c.x, c.h, c.wih, c.whh, c.bih, c.bhh), hasShape: [4, hidden], "lstmGates(…)",
          by: "W_hh is \(c.whh.shape)")
      }
    },
    Check(.byHand, "three inputs, two units", points: 2) { answer, trial in
      let c = Case(
        x: Tensor([1, -1, 2]), h: Tensor([0.5, -1]),
        wih: Tensor([
          [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1], [0, 2, 1], [-1, 0, 1], [2, 0, -1], [0, -1, 0],
        ]),
        whh: Tensor([[0, 1], [2, 0], [0, 0], [1, -1], [0, 1], [2, 2], [1, 0], [0, -1]]),
        bih: Tensor([0, 1, -1, 0, 1, 0, 0.5, 0]), bhh: Tensor([1, 0, 0, -2, 0, 1, 0, 0.5]))
      try c.expect(answer, trial)
    },
    Check(.property, "as the formulas say, for twelve sizes", points: 2) { answer, trial in
      for round in 0..<12 {
        var numbers = Inputs(seed: 612 + UInt64(round))
        try Case(inputs: numbers.integer(1...5), hidden: numbers.integer(1...4), seed: 640 + UInt64(round))
          .expect(answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "tanh for the last part",
      advice:
        "You put the output gate through tanh and the candidate through σ. PyTorch's order is i, f, g, o: the "
        + "candidate is the third part."
    ) { parts($0, $1, $2, $3, $4, $5, squash: [false, false, false, true]) },
    Mistake(
      "σ everywhere",
      advice: "All your parts are between 0 and 1. The candidate may be negative: it goes through tanh."
    ) { parts($0, $1, $2, $3, $4, $5, squash: [false, false, false, false]) },
    Mistake(
      "one bias is forgotten",
      advice: "You add only one of the two biases. PyTorch's layer has both, and adds both."
    ) { parts($0, $1, $2, $3, $4, $5 * 0) },
    Mistake(
      "the state is forgotten",
      advice: "Your gates do not look at the hidden state before: add W_hh h."
    ) { parts($0, $1 * 0, $2, $3, $4, $5) },
    Mistake(
      "forget gate first",
      advice: "Your input gate and your forget gate have changed places. The order is i, f, g, o."
    ) { parts($0, $1, $2, $3, $4, $5, order: [1, 0, 2, 3]) },
    Mistake(
      "W_hh is read transposed within a part",
      advice:
        "You read W_hh by columns. Row r of W_hh belongs to sum r, and column j to unit j of the state before."
    ) { x, h, wih, whh, bih, bhh in
      let size = h.count
      var turned = whh
      for p in 0..<4 {
        for r in 0..<size { for j in 0..<size { turned[p * size + r, j] = whh[p * size + j, r] } }
      }
      return parts(x, h, wih, turned, bih, bhh)
    },
  ]
}

/// The four parts in Double; `squash`: which go through tanh.
private func parts(
  _ x: Tensor, _ h: Tensor, _ wih: Tensor, _ whh: Tensor, _ bih: Tensor, _ bhh: Tensor,
  squash: [Bool] = [false, false, true, false], order: [Int] = [0, 1, 2, 3]
) -> Tensor {
  let size = h.count
  var result = Tensor.zeros([4, size])
  for p in 0..<4 {
    for k in 0..<size {
      let a = sum(x, h, wih, whh, bih, bhh, row: order[p] * size + k)
      result[p, k] = Float(squash[p] ? tanh(a) : 1 / (1 + exp(-a)))
    }
  }
  return result
}

private func sum(
  _ x: Tensor, _ h: Tensor, _ wih: Tensor, _ whh: Tensor, _ bih: Tensor, _ bhh: Tensor, row: Int
) -> Double {
  var sum = Double(bih[row]) + Double(bhh[row])
  for j in 0..<x.count { sum += Double(wih[row, j]) * Double(x[j]) }
  for j in 0..<h.count { sum += Double(whh[row, j]) * Double(h[j]) }
  return sum
}

private struct Case {
  let x, h, wih, whh, bih, bhh: Tensor

  init(x: Tensor, h: Tensor, wih: Tensor, whh: Tensor, bih: Tensor, bhh: Tensor) {
    (self.x, self.h, self.wih, self.whh, self.bih, self.bhh) = (x, h, wih, whh, bih, bhh)
  }

  init(inputs: Int, hidden: Int, seed: UInt64) {
    var numbers = Inputs(seed: seed)
    self.init(
      x: numbers.quarters([inputs]), h: numbers.quarters([hidden]),
      wih: numbers.quarters([4 * hidden, inputs]),
      whh: numbers.quarters([4 * hidden, hidden]), bih: numbers.quarters([4 * hidden]),
      bhh: numbers.quarters([4 * hidden]))
  }

  func expect(_ answer: LSTMGatesExercise.Answer, _ trial: Trial) throws {
    let expected = parts(x, h, wih, whh, bih, bhh)
    trial.expect(
      try answer(x, h, wih, whh, bih, bhh), equals: expected,
      "lstmGates(x, hidden: h, weightIh: W_ih, weightHh: W_hh, biasIh: b_ih, biasHh: b_hh)",
      given: ["x": x, "h": h, "W_ih": wih, "W_hh": whh, "b_ih": bih, "b_hh": bhh],
      by: { place in
        let a = sum(x, h, wih, whh, bih, bhh, row: place[0] * h.count + place[1])
        return
          "\(place[0] == 2 ? "tanh" : "σ")(\(a.shortText)) = \(Double(expected[place[0], place[1]]).shortText)"
      })
  }
}
