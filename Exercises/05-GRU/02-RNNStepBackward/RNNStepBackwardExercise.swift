import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class RNNStepBackwardExercise: Exercise {
  /// dx, the gradient at the state before, and dU.
  public typealias Answer =
    @Sendable (_ dh: Tensor, _ before: Tensor, _ after: Tensor, _ w: Tensor, _ u: Tensor) throws -> (
      Tensor, Tensor, Tensor
    )

  public init() {}

  public let title = "One step of an RNN, backwards"
  public let section = "5.3"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed", "Tensor.sum"])
  public let functions = ["rnnStepBackward"]
  public let solution: Answer = { dh, before, after, w, u in
    try rnnStepBackward(dh, before: before, after: after, w: w, u: u)
  }

  public func answer(of learner: Learner) -> Answer {
    { dh, before, after, w, u in try learner.call("rnnStepBackward", dh, before, after, w, u) }
  }

  public let hints = [
    "Go the way back in the reverse order: tanh was last, so it comes first. What is left is a linear layer with two "
      + "inputs, x and the state before (exercise 4.6).",
    "da[n, o] = dh[n, o] · (1 − h[n, o]²). Then dx = da W, dh₋ = da U, and dU = daᵀ h₋, summed over the examples.",
    """
    let da = dh * (1 - …)
    let dx = matmul(da, …)
    let dBefore = matmul(da, …)
    let du = matmul(da.transposed(), …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "each gradient is as large as what it belongs to", points: 1) { answer, trial in
      for (n, d, h) in [(4, 3, 2), (1, 2, 5), (3, 1, 4)] {
        let numbers = Numbers(n, d, h, seed: 521)
        let (dx, dBefore, du) = try numbers.result(of: answer)
        for (name, gradient, shape) in [
          ("dx", dx, [n, d]), ("dBefore", dBefore, [n, h]), ("du", du, [h, h]),
        ] {
          trial.expect(
            gradient, hasShape: shape, "\(numbers.call).\(name)",
            by: "dh is \(numbers.dh.shape), W is \(numbers.w.shape), U is \(numbers.u.shape)")
        }
      }
    },
    Check(.byHand, "two examples, two units, three inputs", points: 1) { answer, trial in
      try Numbers(
        dh: Tensor([[2, -4], [8, 1]]), before: Tensor([[-1, 0.25], [0.5, 0.75]]),
        after: Tensor([[0.5, -0.5], [0.25, 0]]), w: Tensor([[4, 0, -2], [1, 3, 5]]),
        u: Tensor([[3, 1], [-2, 4]])
      ).expect(answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 522)
      for index in 0..<10 {
        let numbers = Numbers(
          inputs.integer(1...4), inputs.integer(1...5), inputs.integer(1...4), seed: 523 + UInt64(index))
        try numbers.expect(answer, trial)
      }
    },
    Check(.gradients, "the sum of dh·h changes as the gradients say", points: 2) { answer, trial in
      for seed in [541, 542] as [UInt64] { try Numbers(2, 3, 3, seed: seed).expectSlopes(answer, trial) }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the slope of tanh is forgotten",
      advice: "You send dh straight into the sum. On the way it passes tanh, whose slope is 1 − h²."
    ) { dh, before, h, w, u in gradients(dh, before, h, w, u) { _ in 1 } },
    Mistake(
      "the slope of a sigmoid", advice: "You use h(1 − h), the slope of a sigmoid. That of tanh is 1 − h²."
    ) { dh, before, h, w, u in gradients(dh, before, h, w, u) { $0 * (1 - $0) } },
    Mistake(
      "the slope at the state before",
      advice: "Your slope is 1 − h₋². The tanh of this step gave h, the state after it: 1 − h²."
    ) { dh, before, h, w, u in gradients(dh, before, h, w, u, slopeAt: before) { 1 - $0 * $0 } },
    Mistake("1 − h for the slope", advice: "Your slope is 1 − h. That of tanh is 1 − h², with the square.") {
      dh, before, h, w, u in gradients(dh, before, h, w, u) { 1 - $0 }
    },
    Mistake(
      "U is read transposed",
      advice: "You multiply by Uᵀ on the way back. It was Uᵀ on the way there; back it is U."
    ) { dh, before, h, w, u in
      let all = gradients(dh, before, h, w, u)
      return (all.0, gradients(dh, before, h, w, u.transposed()).1, all.2)
    },
    Mistake(
      "dU with the state after",
      advice: "Your dU has the state after the step. U was multiplied by the state before it, h₋."
    ) { dh, before, h, w, u in
      let all = gradients(dh, before, h, w, u)
      return (all.0, all.1, gradients(dh, h, h, w, u).2)
    },
    Mistake(
      "dU is transposed",
      advice: "Your dU is turned: row o belongs to state number o. It is daᵀ h₋, and not h₋ᵀ da."
    ) { dh, before, h, w, u in
      let all = gradients(dh, before, h, w, u)
      return (all.0, all.1, all.2.transposed())
    },
    Mistake(
      "the mean over the examples for dU",
      advice:
        "You divide dU by the number of examples. If the loss is a mean, dh is divided already: only add."
    ) { dh, before, h, w, u in
      let all = gradients(dh, before, h, w, u)
      return (all.0, all.1, all.2 / Float(dh.shape[0]))
    },
  ]
}

private func gradients(
  _ dh: Tensor, _ before: Tensor, _ h: Tensor, _ w: Tensor, _ u: Tensor, slopeAt place: Tensor? = nil,
  slope: (Double) -> Double = { 1 - $0 * $0 }
) -> (Tensor, Tensor, Tensor) {
  let da = pairwise(rows(dh), each(rows(place ?? h), slope), *)
  return (tensor(times(da, rows(w))), tensor(times(da, rows(u))), tensor(times(transposed(da), rows(before))))
}

/// One question.
private struct Numbers {
  let dh, before, after, w, u: Tensor
  let call = "rnnStepBackward(dh, before: h₋, after: h, w: W, u: U)"

  init(dh: Tensor, before: Tensor, after: Tensor, w: Tensor, u: Tensor) {
    (self.dh, self.before, self.after, self.w, self.u) = (dh, before, after, w, u)
  }

  /// A step as it can be: `after` is what the way forward gives for some x and b.
  init(_ count: Int, _ inputSize: Int, _ size: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      dh: inputs.normal([count, size]), before: small(&inputs, [count, size]),
      after: small(&inputs, [count, size]).map { Float(tanh(Double($0))) },
      w: small(&inputs, [size, inputSize]),
      u: small(&inputs, [size, size]))
  }

  func result(of answer: RNNStepBackwardExercise.Answer) throws -> (Tensor, Tensor, Tensor) {
    try answer(dh, before, after, w, u)
  }

  func expect(_ answer: RNNStepBackwardExercise.Answer, _ trial: Trial) throws {
    let (dx, dBefore, du) = try result(of: answer)
    let expected = gradients(dh, before, after, w, u)
    let da = tensor(pairwise(rows(dh), each(rows(after)) { 1 - $0 * $0 }, *))
    let given: KeyValuePairs<String, any Passable> = ["dh": dh, "h₋": before, "h": after, "W": w, "U": u]
    func sum(_ pairs: [(Float, Float)]) -> String { "with da = dh (1 − h²): \(sumOfProducts(pairs))" }
    trial.expect(dx, equals: expected.0, "\(call).dx", given: given, tolerance: 1e-4) { place in
      sum((0..<u.shape[0]).map { (da[place[0], $0], w[$0, place[1]]) })
    }
    trial.expect(dBefore, equals: expected.1, "\(call).dBefore", given: given, tolerance: 1e-4) { place in
      sum((0..<u.shape[0]).map { (da[place[0], $0], u[$0, place[1]]) })
    }
    trial.expect(du, equals: expected.2, "\(call).du", given: given, tolerance: 1e-4) { place in
      sum((0..<dh.shape[0]).map { (da[$0, place[0]], before[$0, place[1]]) })
    }
  }

  /// Against differences of Σ dh·h, in Double: the sum inside is chosen so that the state after is the given one.
  func expectSlopes(_ answer: RNNStepBackwardExercise.Answer, _ trial: Trial) throws {
    let (_, dBefore, du) = try result(of: answer)
    let (h, start) = (rows(after), rows(before))
    let offset = pairwise(each(h) { atanh($0) }, timesTransposed(start, rows(u)), -)
    func projection(_ before: Rows, _ u: Rows) -> Double {
      let states = each(pairwise(timesTransposed(before, u), offset, +)) { tanh($0) }
      return pairwise(states, rows(dh), *).flatMap { $0 }.reduce(0, +)
    }
    func slopes(_ subject: Rows, _ value: (Rows) -> Double) -> Tensor {
      var result = subject
      for n in subject.indices {
        for i in subject[n].indices {
          var (above, below) = (subject, subject)
          above[n][i] += 1e-4
          below[n][i] -= 1e-4
          result[n][i] = (value(above) - value(below)) / 2e-4
        }
      }
      return tensor(result)
    }
    trial.expect(
      dBefore, equals: slopes(start) { projection($0, rows(u)) }, "\(call).dBefore",
      given: ["dh": dh, "h₋": before, "h": after, "U": u], tolerance: 1e-3)
    trial.expect(
      du, equals: slopes(rows(u)) { projection(start, $0) }, "\(call).du",
      given: ["dh": dh, "h₋": before, "h": after, "U": u], tolerance: 1e-3)
  }
}
