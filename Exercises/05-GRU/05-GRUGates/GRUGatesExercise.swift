import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class GRUGatesExercise: Exercise {
  /// The reset gate and the update gate.
  public typealias Answer =
    @Sendable (
      _ x: Tensor, _ h: Tensor, _ weightIh: Tensor, _ weightHh: Tensor, _ biasIh: Tensor, _ biasHh: Tensor
    ) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "The two gates of a GRU"
  public let section = "5.5"
  public let difficulty = 2
  public let minutes = 20
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed(["matmul", "Tensor.transposed", "Tensor.sigmoid", "Tensor.sliced"])
  public let functions = ["gruGates"]
  public let solution: Answer = { x, h, weightIh, weightHh, biasIh, biasHh in
    try gruGates(x, state: h, weightIh: weightIh, weightHh: weightHh, biasIh: biasIh, biasHh: biasHh)
  }

  public func answer(of learner: Learner) -> Answer {
    { x, h, weightIh, weightHh, biasIh, biasHh in
      try learner.call("gruGates", x, h, weightIh, weightHh, biasIh, biasHh)
    }
  }

  public let hints = [
    "All sums at once are a matrix [N, 3H]: x times weightIh turned, plus h times weightHh turned, plus both biases. The "
      + "gates are its first and its second third, through a sigmoid.",
    "r[n, o] = σ( Σ_d weightIh[o, d]·x[n, d] + biasIh[o] + Σ_i weightHh[o, i]·h[n, i] + biasHh[o] ); z the same with "
      + "row H + o instead of o.",
    """
    let sums = matmul(x, weightIh.transposed()) + biasIh + matmul(h, …) + …
    for n in 0..<h.shape[0] {
      for o in 0..<size {
        reset[n, o] = 1 / (1 + exp(-sums[n, o]))
        update[n, o] = 1 / (1 + exp(-sums[n, …]))
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "two gates of [N, H]", points: 1) { answer, trial in
      for (n, d, h) in [(3, 2, 4), (1, 4, 1), (2, 1, 3)] {
        let numbers = PackedGRU(n, d, h, seed: 541)
        let (r, z) = try numbers.result(of: answer)
        trial.expect(r, hasShape: [n, h], "\(call).reset", by: "h is \(numbers.h.shape)")
        trial.expect(z, hasShape: [n, h], "\(call).update", by: "h is \(numbers.h.shape)")
      }
    },
    Check(.byHand, "three inputs, two units", points: 1) { answer, trial in
      try expect(threeInputsTwoUnits, answer, trial)
      try expect(
        PackedGRU(
          x: Tensor([[1]]), h: Tensor([[0.5]]), weightIh: Tensor([[2], [-1], [5]]),
          weightHh: Tensor([[-2], [4], [5]]), biasIh: Tensor([0, 1, 5]), biasHh: Tensor([1, -1, 5])), answer,
        trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 542)
      for index in 0..<10 {
        let sizes =
          index < 3 ? (2, 3, 4) : (inputs.integer(1...4), inputs.integer(1...5), inputs.integer(1...5))
        try expect(PackedGRU(sizes.0, sizes.1, sizes.2, seed: 543 + UInt64(index)), answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "z first, then r",
      advice: "Your gates are exchanged. In PyTorch's order r comes first: rows 0 … H − 1, and then z."
    ) { x, h, wi, wh, bi, bh in
      let gates = PackedGRU(x: x, h: h, weightIh: wi, weightHh: wh, biasIh: bi, biasHh: bh)
      return (tensor(gates.gate(1)), tensor(gates.gate(0)))
    },
    Mistake(
      "z from the candidate's rows",
      advice: "Your z uses the rows 2H … 3H − 1. These are the candidate's; z has H … 2H − 1."
    ) { x, h, wi, wh, bi, bh in
      let gates = PackedGRU(x: x, h: h, weightIh: wi, weightHh: wh, biasIh: bi, biasHh: bh)
      return (tensor(gates.gate(0)), tensor(gates.gate(2)))
    },
    Mistake(
      "without the state's bias",
      advice: "You have left out biasHh. There are two biases for each gate, and both are added."
    ) { x, h, wi, wh, bi, bh in
      gates(PackedGRU(x: x, h: h, weightIh: wi, weightHh: wh, biasIh: bi, biasHh: bh * 0))
    },
    Mistake(
      "without the input's bias",
      advice: "You have left out biasIh. There are two biases for each gate, and both are added."
    ) { x, h, wi, wh, bi, bh in
      gates(PackedGRU(x: x, h: h, weightIh: wi, weightHh: wh, biasIh: bi * 0, biasHh: bh))
    },
    Mistake(
      "without the state",
      advice: "Your gates look at the input alone. A gate sees the state before, too: h W_hᵀ."
    ) { x, h, wi, wh, bi, bh in
      gates(PackedGRU(x: x, h: h * 0, weightIh: wi, weightHh: wh, biasIh: bi, biasHh: bh))
    },
    Mistake(
      "tanh in place of the sigmoid", advice: "Your gates go from −1 to 1. A gate is a sigmoid, from 0 to 1."
    ) {
      x, h, wi, wh, bi, bh in
      let sums = PackedGRU(x: x, h: h, weightIh: wi, weightHh: wh, biasIh: bi, biasHh: bh)
      func gate(_ k: Int) -> Tensor {
        tensor(each(pairwise(sums.ofInput(k), sums.ofState(k), +)) { tanh($0) })
      }
      return (gate(0), gate(1))
    },
    Mistake(
      "the sums themselves", advice: "You give back the sums. A gate is their sigmoid, between 0 and 1."
    ) {
      x, h, wi, wh, bi, bh in
      let sums = PackedGRU(x: x, h: h, weightIh: wi, weightHh: wh, biasIh: bi, biasHh: bh)
      func gate(_ k: Int) -> Tensor { tensor(pairwise(sums.ofInput(k), sums.ofState(k), +)) }
      return (gate(0), gate(1))
    },
    Mistake("the sign in the sigmoid", advice: "You have e⁺ᵃ in the sigmoid: 1 / (1 + e⁻ᵃ) grows with a.") {
      x, h, wi, wh, bi, bh in
      let (r, z) = gates(PackedGRU(x: x, h: h, weightIh: wi, weightHh: wh, biasIh: bi, biasHh: bh))
      return (r.map { 1 - $0 }, z.map { 1 - $0 })
    },
  ]
}

private let call = "gruGates(x, state: h, …)"

private func gates(_ numbers: PackedGRU) -> (Tensor, Tensor) {
  (tensor(numbers.gate(0)), tensor(numbers.gate(1)))
}

extension PackedGRU {
  fileprivate func result(of answer: GRUGatesExercise.Answer) throws -> (Tensor, Tensor) {
    try answer(x, h, weightIh, weightHh, biasIh, biasHh)
  }
}

private func expect(_ numbers: PackedGRU, _ answer: GRUGatesExercise.Answer, _ trial: Trial) throws {
  let (r, z) = try numbers.result(of: answer)
  let expected = gates(numbers)
  func sum(_ gate: Int) -> (_ place: [Int]) -> String {
    { place in
      let (n, row) = (place[0], gate * numbers.size + place[1])
      let input = (0..<numbers.x.shape[1]).map { (numbers.weightIh[row, $0], numbers.x[n, $0]) }
      let state = (0..<numbers.size).map { (numbers.weightHh[row, $0], numbers.h[n, $0]) }
      return "σ of "
        + sumOfProducts(input + [(numbers.biasIh[row], 1)] + state + [(numbers.biasHh[row], 1)])
    }
  }
  trial.expect(
    r, equals: expected.0, "\(call).reset", given: numbers.given, tolerance: 1e-4, by: sum(0))
  trial.expect(
    z, equals: expected.1, "\(call).update", given: numbers.given, tolerance: 1e-4, by: sum(1))
}
