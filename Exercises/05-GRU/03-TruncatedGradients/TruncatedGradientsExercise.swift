import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class TruncatedGradientsExercise: Exercise {
  /// dw and du.
  public typealias Answer =
    @Sendable (_ x: [Float], _ y: [Float], _ w: Float, _ u: Float, _ chunk: Int) throws -> (Float, Float)

  public init() {}

  public let title = "Truncated back-propagation through time"
  public let section = "5.3"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["truncatedGradients"]
  public let solution: Answer = { x, y, w, u, chunk in
    try truncatedGradients(x, targets: y, w: w, u: u, chunk: chunk)
  }

  public func answer(of learner: Learner) -> Answer {
    { x, y, w, u, chunk in try learner.call("truncatedGradients", x, y, w, u, chunk) }
  }

  public let hints = [
    "Go forwards through the whole sequence first and keep all states. Then take one chunk after the other and go "
      + "backwards in it; what is sent back begins at 0 in each.",
    "With h_0 in front of the states, step t (from 0) has h[t] before it and h[t + 1] after it. da = (h[t + 1] − y[t] + "
      + "back)·(1 − h[t + 1]²), then back = da·u for the step before, unless the chunk begins here.",
    """
    var h: [Float] = [0]
    for t in x.indices { h.append(tanh(…)) }
    for start in stride(from: 0, to: x.count, by: chunk) {
      var back: Float = …
      for t in (start..<min(start + chunk, x.count)).reversed() {
        let da = …
        dw += da * x[t]
        du += da * …
        back = …
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "two steps, in chunks of 1 and of 2", points: 1) { answer, trial in
      for chunk in [1, 2] { try expect(Sequence([1, 0], [0, 0], 1, 0.5), chunk, answer, trial) }
    },
    Check(.byHand, "five steps in chunks of 2: the last has one", points: 1) { answer, trial in
      let sequence = Sequence([1, -2, 0.5, 1.5, -1], [0.5, 0.25, -1, 0, 0.75], 0.5, -1.25)
      for chunk in [2, 3] { try expect(sequence, chunk, answer, trial) }
    },
    Check(.property, "as the formulas say, for twelve sequences", points: 1) { answer, trial in
      var inputs = Inputs(seed: 532)
      for index in 0..<12 {
        let length = index < 4 ? 6 : inputs.integer(1...9)
        try expect(
          Sequence(length, &inputs), index < 4 ? 2 + index % 2 : inputs.integer(1...10), answer, trial)
      }
    },
    Check(.gradients, "one chunk for all: the loss changes as dw and du say", points: 2) { answer, trial in
      var inputs = Inputs(seed: 533)
      for length in [4, 7] {
        let sequence = Sequence(length, &inputs)
        let (dw, du) = try sequence.result(of: answer, length)
        func slope(_ value: (Double) -> Double) -> Float { Float((value(1e-5) - value(-1e-5)) / 2e-5) }
        trial.expect(
          [dw, du],
          equals: [
            slope { sequence.loss(Double(sequence.w) + $0, Double(sequence.u)) },
            slope { sequence.loss(Double(sequence.w), Double(sequence.u) + $0) },
          ], "truncatedGradients(x, targets: y, w: w, u: u, chunk: \(length)): dw and du",
          given: sequence.given,
          tolerance: 1e-3)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the gradient crosses the chunks",
      advice:
        "Yours goes back through the whole sequence. What is sent back begins at 0 at the end of each chunk."
    ) { x, y, w, u, chunk in Sequence(x, y, w, u).gradients(x.count) },
    Mistake(
      "the state begins anew in each chunk",
      advice: "Your state is 0 at the beginning of each chunk. Only the gradient is cut; the state goes on."
    ) { x, y, w, u, chunk in
      Swift.stride(from: 0, to: x.count, by: chunk).reduce((0, 0)) { sum, start in
        let end = min(start + chunk, x.count)
        let part = Sequence(Array(x[start..<end]), Array(y[start..<end]), w, u).gradients(chunk)
        return (sum.0 + part.0, sum.1 + part.1)
      }
    },
    Mistake(
      "nothing is sent back",
      advice: "Your steps do not send anything back, whatever the chunk: da_t u goes to the step before."
    ) { x, y, w, u, chunk in Sequence(x, y, w, u).gradients(1) },
    Mistake(
      "the last chunk is left out",
      advice: "You go through whole chunks only. The last one may be shorter, and counts too."
    ) { x, y, w, u, chunk in
      let whole = max(x.count / chunk * chunk, min(1, x.count))
      return Sequence(Array(x[..<whole]), Array(y[..<whole]), w, u).gradients(chunk)
    },
    Mistake(
      "the slope of tanh is forgotten",
      advice: "Your da is dh itself. On its way into the sum it passes tanh: times 1 − h_t²."
    ) { x, y, w, u, chunk in Sequence(x, y, w, u).gradients(chunk, slope: { _ in 1 }) },
    Mistake(
      "du with the state after",
      advice: "Your du has h_t. In the sum, u is multiplied by the state before, h_{t−1}."
    ) { x, y, w, u, chunk in Sequence(x, y, w, u).gradients(chunk, stateAfter: true) },
    Mistake(
      "only the last step of a chunk has an error",
      advice:
        "You take the error at the end of each chunk alone. Every step has a target, and adds h_t − y_t."
    ) { x, y, w, u, chunk in Sequence(x, y, w, u).gradients(chunk, errorAtEndOnly: true) },
    Mistake(
      "the mean over the steps",
      advice:
        "You divide by the number of steps. L is a sum over the steps here, so the gradients are sums too."
    ) { x, y, w, u, chunk in
      let (dw, du) = Sequence(x, y, w, u).gradients(chunk)
      return (dw / Float(x.count), du / Float(x.count))
    },
  ]
}

/// One question, and its answer in Double.
private struct Sequence {
  let x, y: [Float]
  let w, u: Float

  init(_ x: [Float], _ y: [Float], _ w: Float, _ u: Float) { (self.x, self.y, self.w, self.u) = (x, y, w, u) }

  init(_ length: Int, _ inputs: inout Inputs) {
    self.init(
      inputs.normal([length]).scalars, small(&inputs, [length]).scalars, inputs.normal([1])[0],
      inputs.normal([1])[0])
  }

  var given: KeyValuePairs<String, any Passable> { ["x": x, "y": y, "w": w, "u": u] }

  func states(_ w: Double, _ u: Double) -> [Double] {
    x.reduce(into: [0]) { $0.append(tanh(w * Double($1) + u * $0.last!)) }
  }

  func loss(_ w: Double, _ u: Double) -> Double {
    zip(states(w, u).dropFirst(), y).reduce(0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) / 2 }
  }

  func gradients(
    _ chunk: Int, slope: (Double) -> Double = { 1 - $0 * $0 }, stateAfter: Bool = false,
    errorAtEndOnly: Bool = false
  ) -> (Float, Float) {
    let h = states(Double(w), Double(u))
    var (dw, du, back) = (0.0, 0.0, 0.0)
    for t in x.indices.reversed() {
      let isEnd = (t + 1) % chunk == 0 || t + 1 == x.count
      let error = errorAtEndOnly && !isEnd ? 0 : h[t + 1] - Double(y[t])
      let da = (error + (isEnd ? 0 : back)) * slope(h[t + 1])
      dw += da * Double(x[t])
      du += da * (stateAfter ? h[t + 1] : h[t])
      back = da * Double(u)
    }
    return (Float(dw), Float(du))
  }

  func result(of answer: TruncatedGradientsExercise.Answer, _ chunk: Int) throws -> (Float, Float) {
    try answer(x, y, w, u, chunk)
  }
}

private func expect(
  _ sequence: Sequence, _ chunk: Int, _ answer: TruncatedGradientsExercise.Answer, _ trial: Trial
) throws {
  let (dw, du) = try sequence.result(of: answer, chunk)
  let expected = sequence.gradients(chunk)
  let states = sequence.states(Double(sequence.w), Double(sequence.u)).map { written(Float($0)) }
  trial.expect(
    [dw, du], equals: [expected.0, expected.1],
    "truncatedGradients(x, targets: y, w: w, u: u, chunk: \(chunk)): dw and du", given: sequence.given,
    tolerance: 1e-4, by: { _ in "the states, from h_0: \(states.joined(separator: ", "))" })
}
