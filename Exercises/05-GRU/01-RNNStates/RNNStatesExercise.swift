import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class RNNStatesExercise: Exercise {
  public typealias Answer =
    @Sendable (_ x: Tensor, _ h0: Tensor, _ w: Tensor, _ u: Tensor, _ b: Tensor) throws -> Tensor

  public init() {}

  public let title = "The states of a plain RNN"
  public let section = "5.1"
  public let difficulty = 2
  public let minutes = 20
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed(["matmul", "Tensor.transposed", "Tensor.tanh", "Tensor.sliced", "Tensor.stacked"])
  public let functions = ["rnnStates"]
  public let solution: Answer = { x, h0, w, u, b in try rnnStates(x, initial: h0, w: w, u: u, bias: b) }

  public func answer(of learner: Learner) -> Answer {
    { x, h0, w, u, b in try learner.call("rnnStates", x, h0, w, u, b) }
  }

  public let hints = [
    "Go through the steps in order. What step t needs of the past is one state: h_0 at the first step, and the state "
      + "that you have just computed at all others.",
    "states[t, n, o] = tanh( b[o] + Σ_d w[o, d] · x[t, n, d] + Σ_i u[o, i] · h[n, i] ), with h = h_0 for t = 0 and "
      + "states[t − 1] after that.",
    """
    for t in 0..<x.shape[0] {
      for n in 0..<x.shape[1] {
        for o in 0..<u.shape[0] {
          var sum = b[o]
          for d in 0..<x.shape[2] { sum += w[o, d] * … }
          for i in 0..<u.shape[0] { sum += u[o, i] * (t == 0 ? h0[n, i] : …) }
          states[t, n, o] = tanh(sum)
        }
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[T, N, D] gives [T, N, H]", points: 1) { answer, trial in
      for (t, n, d, h) in [(3, 2, 4, 5), (1, 3, 2, 1), (4, 1, 1, 3)] {
        let numbers = Numbers(t, n, d, h, seed: 511)
        trial.expect(
          try numbers.result(of: answer), hasShape: [t, n, h], numbers.call, given: ["x": numbers.x],
          by: "x is \(numbers.x.shape), U is \(numbers.u.shape)")
      }
    },
    Check(.byHand, "two steps, two units", points: 1) { answer, trial in
      try Numbers(
        x: Tensor([1, -1, 2, 0.5], shape: [2, 1, 2]), h0: Tensor([[0.5, -0.25]]),
        w: Tensor([[0.5, 0.25], [-0.25, 1]]), u: Tensor([[2, -1], [0.5, 0.25]]), b: Tensor([0.25, -0.5])
      ).expect(answer, trial)
      try Numbers(
        x: Tensor([1, 0], shape: [2, 1, 1]), h0: Tensor([[0]]), w: Tensor([[0.5]]), u: Tensor([[2]]),
        b: Tensor([0])
      ).expect(answer, trial)
    },
    Check(.property, "as the formula says, for eight sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 512)
      for index in 0..<8 {
        let (t, n) = (inputs.integer(1...5), inputs.integer(1...3))
        let numbers = Numbers(t, n, inputs.integer(1...4), inputs.integer(2...4), seed: 513 + UInt64(index))
        try numbers.expect(answer, trial)
      }
      // The same shapes again with other numbers.
      for seed in [531, 532] as [UInt64] { try Numbers(3, 2, 2, 3, seed: seed).expect(answer, trial) }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "every step begins with the first state",
      advice:
        "Your steps know nothing of each other: each begins with h_0. Step t begins with the state of step t − 1."
    ) { x, h0, w, u, b in states(x, h0, w, u, b, remembers: false) },
    Mistake(
      "the first state is left out",
      advice: "Your first step begins with zeros. It begins with h_0, which need not be zero."
    ) { x, h0, w, u, b in states(x, h0 * 0, w, u, b) },
    Mistake(
      "U is read transposed",
      advice: "You read U the wrong way round. Row o of U makes state number o: u[o, i] times h[i]."
    ) { x, h0, w, u, b in states(x, h0, w, u.transposed(), b) },
    Mistake("without tanh", advice: "Your states are the sums themselves. Each goes through tanh.") {
      x, h0, w, u, b in states(x, h0, w, u, b) { $0 }
    },
    Mistake(
      "a sigmoid in place of tanh",
      advice: "You squash with a sigmoid, which gives 0 to 1. The plain RNN has tanh, which gives −1 to 1."
    ) { x, h0, w, u, b in states(x, h0, w, u, b) { 1 / (1 + exp(-$0)) } },
    Mistake("without the biases", advice: "You have left out b: it is added at every step.") {
      x, h0, w, u, b in
      states(x, h0, w, u, b * 0)
    },
    Mistake(
      "from the last step to the first",
      advice: "You read the sequence backwards. The first state is made of x[0], the next one of x[1]."
    ) { x, h0, w, u, b in
      let (steps, size) = (x.shape[0], x.shape[1] * x.shape[2])
      let turned = (0..<steps).reversed().flatMap { t in x.scalars[t * size..<(t + 1) * size] }
      return states(Tensor(turned, shape: x.shape), h0, w, u, b)
    },
    Mistake(
      "the state of the first sequence for all",
      advice: "All your sequences share the state of the first. Sequence n has a state of its own, h[n]."
    ) { x, h0, w, u, b in states(x, h0, w, u, b, sharesState: true) },
  ]
}

/// The states in Double, with what a mistake changes.
private func states(
  _ x: Tensor, _ h0: Tensor, _ w: Tensor, _ u: Tensor, _ b: Tensor, remembers: Bool = true,
  sharesState: Bool = false, squash: (Double) -> Double = { tanh($0) }
) -> Tensor {
  let (steps, count) = (x.shape[0], x.shape[1])
  var h = rows(h0)
  var all: [Double] = []
  for t in 0..<steps {
    let input = (0..<count).map { n in (0..<x.shape[2]).map { Double(x[t, n, $0]) } }
    let before = remembers ? h : rows(h0)
    let read = sharesState ? before.map { _ in before[0] } : before
    let sums = pairwise(timesTransposed(input, rows(w)), timesTransposed(read, rows(u)), +)
    h = each(adding(b.scalars.map(Double.init), to: sums), squash)
    all += h.flatMap { $0 }
  }
  return Tensor(all.map { Float($0) }, shape: [steps, count, u.shape[0]])
}

/// One question.
private struct Numbers {
  let x, h0, w, u, b: Tensor
  let call = "rnnStates(x, initial: h0, w: W, u: U, bias: b)"

  init(x: Tensor, h0: Tensor, w: Tensor, u: Tensor, b: Tensor) {
    (self.x, self.h0, self.w, self.u, self.b) = (x, h0, w, u, b)
  }

  init(_ steps: Int, _ count: Int, _ inputSize: Int, _ size: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      x: small(&inputs, [steps, count, inputSize]), h0: small(&inputs, [count, size]),
      w: small(&inputs, [size, inputSize]), u: small(&inputs, [size, size]), b: small(&inputs, [size]))
  }

  func result(of answer: RNNStatesExercise.Answer) throws -> Tensor { try answer(x, h0, w, u, b) }

  func expect(_ answer: RNNStatesExercise.Answer, _ trial: Trial) throws {
    let expected = states(x, h0, w, u, b)
    trial.expect(
      try result(of: answer), equals: expected, call, given: ["x": x, "h0": h0, "W": w, "U": u, "b": b],
      tolerance: 1e-4,
      by: { place in
        let (t, n, o) = (place[0], place[1], place[2])
        let before = (0..<u.shape[0]).map { t == 0 ? h0[n, $0] : expected[t - 1, n, $0] }
        let input = (0..<x.shape[2]).map { (w[o, $0], x[t, n, $0]) }
        let products = sumOfProducts([(b[o], 1)] + input + before.indices.map { (u[o, $0], before[$0]) })
        return "tanh of \(products) is \(written(expected[t, n, o]))"
      })
  }
}
