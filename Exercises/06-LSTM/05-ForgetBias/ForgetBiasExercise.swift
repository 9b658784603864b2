import ExerciseKit
import Practice

public final class ForgetBiasExercise: Exercise {
  public typealias Answer =
    @Sendable (_ b: Float, _ biasIh: Tensor, _ biasHh: Tensor) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "The forget bias"
  public let section = "6.5"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["forgetBiases"]
  public let solution: Answer = { try forgetBiases($0, biasIh: $1, biasHh: $2) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("forgetBiases", $0, $1, $2) } }

  public let hints = [
    "Where are the forget gates? The parts lie in the order i, f, g, o, H numbers each. And what does a gate add up?",
    "The forget gates are the places from H up to, but not with, 2·H. In these, b_ih + b_hh must be b.",
    """
    let size = biasIh.count / 4
    var (ih, hh) = (biasIh, biasHh)
    for k in … { (ih[k], hh[k]) = (…, …) }
    return (ih, hh)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many biases as before", points: 1) { answer, trial in
      for size in [1, 3] {
        var numbers = Inputs(seed: 651)
        let (ih, hh) = try answer(1, numbers.quarters([4 * size]), numbers.quarters([4 * size]))
        trial.expect(ih, hasShape: [4 * size], "forgetBiases(1, biasIh: b_ih, biasHh: b_hh).biasIh")
        trial.expect(hh, hasShape: [4 * size], "forgetBiases(1, biasIh: b_ih, biasHh: b_hh).biasHh")
      }
    },
    Check(.byHand, "two units, b = 2 and b = −1", points: 1) { answer, trial in
      let (ih, hh) = (
        Tensor([0.25, -0.5, 0.75, 1, -0.25, 0.5, -1, 0.125]),
        Tensor([1, 0.5, -0.25, -0.75, 0.5, 0.25, 1.5, -0.5])
      )
      for b in [2, -1] as [Float] { try expectBiases(b, ih, hh, answer, trial) }
    },
    Check(.property, "for twelve layers", points: 1) { answer, trial in
      var numbers = Inputs(seed: 652)
      for _ in 0..<12 {
        let size = numbers.integer(1...6)
        let b = Float(numbers.integer(-8...8)) / 4
        try expectBiases(b, numbers.quarters([4 * size]), numbers.quarters([4 * size]), answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the bias twice", advice: "You set both vectors to b. The gate adds them: it begins with 2b."
    ) { changed($1, $2, part: 1, to: ($0, $0)) },
    Mistake(
      "one vector only",
      advice: "You set one vector to b and left the other at random. The gate begins with b plus that."
    ) { changed($1, $2, part: 1, to: ($0, nil)) },
    Mistake(
      "the input gates", advice: "You changed the first quarter, the input gates. The order is i, f, g, o."
    ) { changed($1, $2, part: 0, to: ($0, 0)) },
    Mistake(
      "the candidates", advice: "You changed the third quarter, the candidates. The order is i, f, g, o."
    ) { changed($1, $2, part: 2, to: ($0, 0)) },
    Mistake(
      "b is added to what was there",
      advice: "You added b to the random numbers. The sum of the two biases should be b itself."
    ) { b, ih, hh in
      var ih = ih
      let size = ih.count / 4
      for k in size..<2 * size { ih[k] += b }
      return (ih, hh)
    },
    Mistake(
      "all other biases are gone", advice: "You set all other biases to 0. Leave them as they are."
    ) { b, ih, hh in changed(ih * 0, hh * 0, part: 1, to: (b, 0)) },
  ]
}

private func changed(
  _ ih: Tensor, _ hh: Tensor, part: Int, to values: (ih: Float?, hh: Float?)
) -> (Tensor, Tensor) {
  var (ih, hh) = (ih, hh)
  let size = ih.count / 4
  for k in part * size..<(part + 1) * size {
    if let value = values.ih { ih[k] = value }
    if let value = values.hh { hh[k] = value }
  }
  return (ih, hh)
}

/// Compares the sums at the forget gates, and both vectors elsewhere.
private func expectBiases(
  _ b: Float, _ ih: Tensor, _ hh: Tensor, _ answer: ForgetBiasExercise.Answer, _ trial: Trial
) throws {
  let size = ih.count / 4
  let (newIh, newHh) = try answer(b, ih, hh)
  let call = "forgetBiases(\(Double(b).shortText), biasIh: b_ih, biasHh: b_hh)"
  trial.expect(newIh, hasShape: ih.shape, "\(call).biasIh")
  trial.expect(newHh, hasShape: hh.shape, "\(call).biasHh")
  guard newIh.shape == ih.shape, newHh.shape == hh.shape else { return }
  let forget = size..<2 * size
  trial.expect(
    Tensor(forget.map { newIh[$0] + newHh[$0] }), equals: Tensor(forget.map { _ in b }),
    "\(call): b_ih + b_hh of the forget gates", given: ["b_ih": ih, "b_hh": hh],
    by: { place in
      "\(Double(newIh[size + place[0]]).shortText) + (\(Double(newHh[size + place[0]]).shortText)) should be "
        + Double(b).shortText
    })
  func others(_ x: Tensor) -> Tensor { Tensor((0..<4 * size).filter { !forget.contains($0) }.map { x[$0] }) }
  trial.expect(
    others(newIh), equals: others(ih), "\(call).biasIh, without the forget gates", given: ["b_ih": ih])
  trial.expect(
    others(newHh), equals: others(hh), "\(call).biasHh, without the forget gates", given: ["b_hh": hh])
}
