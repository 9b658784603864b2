import ExerciseKit
import Practice

public final class InitializationExercise: Exercise {
  public struct Answer: Sendable {
    let xavier, he: @Sendable (_ drawn: Tensor) throws -> Tensor
  }

  public init() {}

  public let title = "The first weights: Xavier and He"
  public let section = "4.5"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["xavierUniform", "heNormal"]
  public let solution = Answer(xavier: xavierUniform, he: heNormal)

  public func answer(of learner: Learner) -> Answer {
    Answer(
      xavier: { try learner.call("xavierUniform", $0) }, he: { try learner.call("heNormal", $0) })
  }

  public let hints = [
    "The shape tells the fans: the first size is what comes out, the second what goes in, and all behind "
      + "them, if there are any, are the kernel and belong to both.",
    "kernel = the product of shape[2…], 1 for a matrix. fan-in = shape[1]·kernel, fan-out = "
      + "shape[0]·kernel. Then every number is (2u − 1)·√(6 / (fan-in + fan-out)), or z·√(2 / fan-in).",
    """
    let kernel = u.shape.dropFirst(2).reduce(1, *)
    let fans = kernel * (… + …)
    return (2 * u - 1) * (6 / Float(…)).squareRoot()     // Xavier

    let fanIn = z.shape.dropFirst().reduce(…)
    return z * (…).squareRoot()                          // He
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many weights as drawn numbers", points: 1) { answer, trial in
      for shape in [[2, 4], [3, 1], [4, 2, 3, 5]] {
        let u = drawn(shape, seed: 471)
        trial.expect(try answer.xavier(u), hasShape: shape, "xavierUniform(u)")
        trial.expect(try answer.he(u), hasShape: shape, "heNormal(z)")
      }
    },
    Check(.byHand, "a matrix [2, 4]", points: 1) { answer, trial in
      let numbers = Tensor([[0, 0.25, 0.5, 0.75], [1, 0.125, 0.875, 0.625]])
      try expectXavier(numbers, of: answer, trial)
      try expectHe(Tensor([[1, -2, 0, 3], [0.5, -0.25, 4, -1]]), of: answer, trial)
    },
    Check(.byHand, "kernels [3, 1, 2, 2]", points: 1) { answer, trial in
      let numbers = Tensor((0..<12).map { Float($0) / 16 }, shape: [3, 1, 2, 2])
      try expectXavier(numbers, of: answer, trial)
      try expectHe(numbers * 8 - 3, of: answer, trial)
    },
    Check(.property, "as the rules say, for ten shapes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 472)
      for index in 0..<10 {
        var shape = [inputs.integer(1...8), inputs.integer(1...8)]
        if index % 2 == 1 { shape += [inputs.integer(1...4), inputs.integer(1...4)] }
        try expectXavier(drawn(shape, seed: UInt64(index)), of: answer, trial)
        try expectHe(inputs.normal(shape), of: answer, trial)
      }
    },
    Check(.property, "the variance of twenty thousand weights", points: 1) { answer, trial in
      for shape in [[200, 100], [40, 20, 5, 5]] {
        let kernel = shape.dropFirst(2).reduce(1, *)
        var inputs = Inputs(seed: 473)
        let xavier = variance(try answer.xavier(drawn(shape, seed: 474)))
        trial.expectVariance(xavier, 2 / Double((shape[0] + shape[1]) * kernel), "xavierUniform", shape)
        let he = variance(try answer.he(inputs.normal(shape)))
        trial.expectVariance(he, 2 / Double(shape[1] * kernel), "heNormal", shape)
      }
    },
    Check(.property, "through eight layers with ReLU the numbers stay as large", points: 1) { answer, trial in
      var inputs = Inputs(seed: 475)
      var y = inputs.normal([16, 128])
      for _ in 0..<8 {
        let w = try answer.he(inputs.normal([128, 128]))
        guard w.shape == [128, 128] else { return trial.expect(w, hasShape: [128, 128], "heNormal(z)") }
        y = matmul(y.map { max(0, $0) }, w, transposeB: true)
      }
      let square = meanSquare(y) / 2
      trial.expect(
        square > 0.2 && square < 5,
        "the mean square, relative to what went in, is between 0.2 and 5 behind eight layers of heNormal",
        about: square)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "fan-in and fan-out are exchanged",
      advice: "Your He uses the fan-out. The first size of W is what comes out; what goes in is the second.",
      answer: changed(he: { z, fans in z * (2 / fans.out).squareRoot() })),
    Mistake(
      "the kernel is forgotten",
      advice: "Your fans are the numbers of channels. A convolution adds up K_H·K_W numbers of each "
        + "channel: multiply.",
      answer: Answer(
        xavier: { u in (2 * u - 1) * (6 / Float(u.shape[0] + u.shape[1])).squareRoot() },
        he: { z in z * (2 / Float(z.shape[1])).squareRoot() })),
    Mistake(
      "only the height of the kernel",
      advice: "You use shape[2] but not shape[3]. The fans have the whole kernel in them, K_H·K_W.",
      answer: Answer(
        xavier: { u in
          let height = u.shape.count > 2 ? u.shape[2] : 1
          return (2 * u - 1) * (6 / Float((u.shape[0] + u.shape[1]) * height)).squareRoot()
        },
        he: { z in z * (2 / Float(z.shape[1] * (z.shape.count > 2 ? z.shape[2] : 1))).squareRoot() })),
    Mistake(
      "Xavier between 0 and a",
      advice: "All your Xavier weights are positive. Take 2u − 1: it is uniform between −1 and 1.",
      answer: changed(xavier: { u, fans in u * (6 / (fans.in + fans.out)).squareRoot() })),
    Mistake(
      "Xavier's deviation as its limit",
      advice: "You took √(2 / (fan-in + fan-out)) for the limit a. It is the deviation; uniform numbers "
        + "between −a and a have the variance a²/3, so the limit is √3 times as large.",
      answer: changed(xavier: { u, fans in (2 * u - 1) * (2 / (fans.in + fans.out)).squareRoot() })),
    Mistake(
      "Xavier with the fan-in alone",
      advice: "Your Xavier uses only the fan-in. It is a compromise of the way forward and the way back: "
        + "fan-in + fan-out.",
      answer: changed(xavier: { u, fans in (2 * u - 1) * (6 / (2 * fans.in)).squareRoot() })),
    Mistake(
      "He without the 2",
      advice: "Your He has the variance 1 / fan-in. ReLU lets only half of the numbers through: 2 / fan-in.",
      answer: changed(he: { z, fans in z * (1 / fans.in).squareRoot() })),
    Mistake(
      "no square root",
      advice: "You multiply by the variance. To give z the variance v, multiply by its square root.",
      answer: changed(
        xavier: { u, fans in (2 * u - 1) * (6 / (fans.in + fans.out)) }, he: { z, fans in z * (2 / fans.in) })
    ),
    Mistake(
      "He with both fans",
      advice: "Your He uses fan-in + fan-out, as Xavier does. It uses the fan-in alone.",
      answer: changed(he: { z, fans in z * (2 / (fans.in + fans.out)).squareRoot() })),
    Mistake(
      "larger with more inputs",
      advice: "Your weights grow with the fans. The longer the sum, the smaller each weight must be: divide.",
      answer: changed(
        xavier: { u, fans in (2 * u - 1) * ((fans.in + fans.out) / 6).squareRoot() },
        he: { z, fans in z * (0.5 * fans.in).squareRoot() })),
  ]
}

private typealias Fans = (in: Float, out: Float)

private func fans(_ shape: [Int]) -> Fans {
  let kernel = shape.count == 4 ? shape[2] * shape[3] : 1
  return (Float(shape[1] * kernel), Float(shape[0] * kernel))
}

/// Answers that know the fans.
private func changed(
  xavier: @escaping @Sendable (Tensor, Fans) -> Tensor = { u, fans in
    (2 * u - 1) * (6 / (fans.in + fans.out)).squareRoot()
  },
  he: @escaping @Sendable (Tensor, Fans) -> Tensor = { z, fans in z * (2 / fans.in).squareRoot() }
) -> InitializationExercise.Answer {
  .init(xavier: { xavier($0, fans($0.shape)) }, he: { he($0, fans($0.shape)) })
}

/// Numbers drawn uniformly between 0 and 1.
private func drawn(_ shape: [Int], seed: UInt64) -> Tensor {
  var stream = RandomStream(seed: seed)
  return stream.uniform(0..<1, shape: shape)
}

private func meanSquare(_ x: Tensor) -> Double {
  x.scalars.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(x.count)
}

private func variance(_ x: Tensor) -> Double {
  let mean = x.scalars.reduce(0.0) { $0 + Double($1) } / Double(x.count)
  return meanSquare(x) - mean * mean
}

extension Trial {
  fileprivate func expectVariance(_ yours: Double, _ expected: Double, _ name: String, _ shape: [Int]) {
    expect(
      abs(yours / expected - 1) < 0.05,
      "the variance of \(name) of numbers \(shape) is near \(expected.shortText)", about: yours)
  }
}

private func expectXavier(_ u: Tensor, of answer: InitializationExercise.Answer, _ trial: Trial) throws {
  let (fanIn, fanOut) = fans(u.shape)
  let limit = (6 / (Double(fanIn) + Double(fanOut))).squareRoot()
  let w = u.map { Float((2 * Double($0) - 1) * limit) }
  trial.expect(
    try answer.xavier(u), equals: w, "xavierUniform(u) of numbers \(u.shape)", given: ["u": u],
    by: { place in
      """
      (2·\(number(u, place)) − 1)·√(6 / (\(Int(fanIn)) + \(Int(fanOut)))) = \(number(w, place))
      """
    })
}

private func expectHe(_ z: Tensor, of answer: InitializationExercise.Answer, _ trial: Trial) throws {
  let fanIn = fans(z.shape).in
  let deviation = (2 / Double(fanIn)).squareRoot()
  let w = z.map { Float(Double($0) * deviation) }
  trial.expect(
    try answer.he(z), equals: w, "heNormal(z) of numbers \(z.shape)", given: ["z": z],
    by: { place in "\(number(z, place))·√(2 / \(Int(fanIn))) = \(number(w, place))" })
}

/// The number at a place, whatever the rank.
private func number(_ x: Tensor, _ place: [Int]) -> String {
  let index = zip(x.shape, place).reduce(0) { $0 * $1.0 + $1.1 }
  return Double(x.scalars[index]).shortText
}
