import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class GRUStepExercise: Exercise {
  public typealias Answer =
    @Sendable (
      _ x: Tensor, _ h: Tensor, _ weightIh: Tensor, _ weightHh: Tensor, _ biasIh: Tensor, _ biasHh: Tensor
    ) throws -> Tensor

  public init() {}

  public let title = "One step of a GRU, as PyTorch has it"
  public let section = "5.5"
  public let difficulty = 3
  public let minutes = 25
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed(["matmul", "Tensor.transposed", "Tensor.sigmoid", "Tensor.tanh", "Tensor.sliced"])
  public let functions = ["gruStep"]
  public let solution: Answer = { x, h, weightIh, weightHh, biasIh, biasHh in
    try gruStep(x, state: h, weightIh: weightIh, weightHh: weightHh, biasIh: biasIh, biasHh: biasHh)
  }

  public func answer(of learner: Learner) -> Answer {
    { x, h, weightIh, weightHh, biasIh, biasHh in
      try learner.call("gruStep", x, h, weightIh, weightHh, biasIh, biasHh)
    }
  }

  public let hints = [
    "Keep apart what the input adds and what the state adds: two matrices [N, 3H]. The gates need the sum of both; the "
      + "candidate needs the second one times r.",
    "With a = x·weightIhᵀ + biasIh and s = h·weightHhᵀ + biasHh, both [N, 3H]: r = σ(a₀ + s₀), z = σ(a₁ + s₁), "
      + "h̃ = tanh(a₂ + r·s₂), where the index says which third; then (1 − z)·h̃ + z·h.",
    """
    let fromInput = matmul(x, weightIh.transposed()) + biasIh
    let fromState = matmul(h, …) + …
    …
      let r = 1 / (1 + exp(-(fromInput[n, o] + fromState[n, o])))
      let z = …                                      // the second third: size + o
      let candidate = tanh(fromInput[n, 2 * size + o] + r * …)
      after[n, o] = (1 - z) * … + z * …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "the state after is as large as the state before", points: 1) { answer, trial in
      for (n, d, h) in [(3, 2, 4), (1, 4, 1), (2, 1, 3)] {
        let numbers = PackedGRU(n, d, h, seed: 551)
        trial.expect(
          try numbers.result(of: answer), hasShape: [n, h], call, by: "h is \(numbers.h.shape)")
      }
    },
    Check(.byHand, "three inputs, two units", points: 1) { answer, trial in
      try expect(threeInputsTwoUnits, answer, trial)
      try expect(
        PackedGRU(
          x: Tensor([[1]]), h: Tensor([[0.5]]), weightIh: Tensor([[2], [-1], [1]]),
          weightHh: Tensor([[-2], [4], [-2]]), biasIh: Tensor([0, 1, 0]), biasHh: Tensor([1, -1, 0.5])),
        answer,
        trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 552)
      for index in 0..<10 {
        let sizes =
          index < 3 ? (2, 3, 4) : (inputs.integer(1...4), inputs.integer(1...5), inputs.integer(1...5))
        try expect(PackedGRU(sizes.0, sizes.1, sizes.2, seed: 553 + UInt64(index)), answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "z and 1 − z are exchanged",
      advice: "Your z takes the candidate where it should keep the old state: (1 − z) ⊙ h̃ + z ⊙ h."
    ) { $0.step(keepsWithUpdate: false) },
    wrong(
      "the reset gate before the product",
      advice:
        "You multiply the state by r before the product: that is the first paper's GRU. PyTorch's multiplies what "
        + "comes out of it, bias included: r ⊙ (h W_hnᵀ + b_hn)."
    ) { $0.step(resetsBefore: true) },
    wrong(
      "the reset gate for the input, too",
      advice:
        "You multiply the candidate's whole sum by r. Only what the state adds is reset, not what the input adds."
    ) { $0.step(resetsAll: true) },
    wrong(
      "without the reset gate",
      advice: "Your candidate does not use r. What the state adds to it is multiplied by the reset gate."
    ) { $0.step(usesReset: false) },
    wrong(
      "the gates are exchanged",
      advice: "You take z for r and r for z. In PyTorch's order r has the rows 0 … H − 1 and z the next H."
    ) { $0.step(reset: 1, update: 0) },
    wrong(
      "the order z, r",
      advice:
        "You use z to reset and r to keep, and keep with 1 − r: two exchanges. The rows are in the order r, z, h̃, "
        + "and z near 1 keeps."
    ) { $0.step(reset: 1, update: 0, keepsWithUpdate: false) },
    wrong(
      "a sigmoid for the candidate",
      advice: "Your candidate goes through a sigmoid. It is a state, not a gate: tanh, from −1 to 1."
    ) { $0.step(squash: sigmoid) },
    wrong("without tanh", advice: "Your candidate is the sum itself. It goes through tanh.") {
      $0.step { $0 }
    },
    wrong(
      "the state's bias outside the reset gate",
      advice: "You add b_hn after multiplying by r. In PyTorch's GRU it is inside: r ⊙ (h W_hnᵀ + b_hn)."
    ) { numbers in
      // Moved to the other bias, which is outside.
      let (h, size) = (numbers.h, numbers.size)
      var (outside, inside) = (numbers.biasIh, numbers.biasHh)
      for i in 2 * size..<3 * size {
        outside[i] += inside[i]
        inside[i] = 0
      }
      return PackedGRU(
        x: numbers.x, h: h, weightIh: numbers.weightIh, weightHh: numbers.weightHh, biasIh: outside,
        biasHh: inside
      ).step()
    },
  ]
}

private let call = "gruStep(x, state: h, …)"

private func wrong(_ name: String, advice: String, _ step: @escaping @Sendable (PackedGRU) -> Tensor)
  -> Mistake<
    GRUStepExercise.Answer
  >
{
  Mistake(name, advice: advice) { x, h, weightIh, weightHh, biasIh, biasHh in
    step(PackedGRU(x: x, h: h, weightIh: weightIh, weightHh: weightHh, biasIh: biasIh, biasHh: biasHh))
  }
}

extension PackedGRU {
  fileprivate func result(of answer: GRUStepExercise.Answer) throws -> Tensor {
    try answer(x, h, weightIh, weightHh, biasIh, biasHh)
  }
}

private func expect(_ numbers: PackedGRU, _ answer: GRUStepExercise.Answer, _ trial: Trial) throws {
  let (r, z) = (numbers.gate(0), numbers.gate(1))
  let (a, s) = (numbers.ofInput(2), numbers.ofState(2))
  trial.expect(
    try numbers.result(of: answer), equals: numbers.step(), call, given: numbers.given, tolerance: 1e-4,
    by: { place in
      let (n, o) = (place[0], place[1])
      func text(_ x: Double) -> String { written(Float(x)) }
      let candidate = tanh(a[n][o] + r[n][o] * s[n][o])
      return """
        r = \(text(r[n][o])), z = \(text(z[n][o])), h̃ = tanh(\(text(a[n][o])) + \(text(r[n][o]))·(\(text(s[n][o])))) = \
        \(text(candidate)), and \(text(1 - z[n][o]))·(\(text(candidate))) + \(text(z[n][o]))·(\(text(Double(numbers.h[n, o])))) \
        = \(text(Double(numbers.step()[n, o])))
        """
    })
}
