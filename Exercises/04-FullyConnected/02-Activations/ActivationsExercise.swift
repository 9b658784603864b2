import ExerciseKit
import Foundation
import Practice

public final class ActivationsExercise: Exercise {
  public typealias Function = @Sendable (_ x: Tensor) throws -> (Tensor, Tensor)

  public struct Answer: Sendable {
    let relu, sigmoid, tanh: Function
  }

  public init() {}

  public let title = "Activations and their slopes"
  public let section = "4.2"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["reluAndSlope", "sigmoidAndSlope", "tanhAndSlope"]

  public let solution = Answer(
    relu: { try reluAndSlope($0) }, sigmoid: { try sigmoidAndSlope($0) }, tanh: { try tanhAndSlope($0) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      relu: { try learner.call("reluAndSlope", $0) }, sigmoid: { try learner.call("sigmoidAndSlope", $0) },
      tanh: { try learner.call("tanhAndSlope", $0) })
  }

  public let hints = [
    "Make y first, with x.map. Then make the slope from y with y.map; for ReLU, from x.",
    "y' = 1 where x > 0, else 0;  y' = y(1 − y);  y' = 1 − y². For large numbers: exp(−x) may become "
      + "infinite, and 1 / ∞ is 0, as it should be; but ∞ / ∞ is not a number. Foundation's tanh is right "
      + "everywhere.",
    """
    return (x.map { max(0, $0) }, x.map { $0 > 0 ? … : … })   // ReLU

    let y = x.map { 1 / (1 + …) }                             // sigmoid
    return (y, y.map { … })

    let y = x.map { tanh($0) }                                // tanh
    return (y, y.map { … })
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "y and slope have the shape of x", points: 1) { answer, trial in
      for kind in Kind.allCases {
        for shape in [[3], [2, 3], [2, 1, 4]] {
          var inputs = Inputs(seed: 421)
          let x = inputs.normal(shape)
          let (y, slope) = try kind.function(of: answer)(x)
          trial.expect(y, hasShape: shape, "\(kind)AndSlope(x).y")
          trial.expect(slope, hasShape: shape, "\(kind)AndSlope(x).slope")
        }
      }
    },
    Check(.byHand, "ReLU of −2, −0.5, 0, 0.5, 3", points: 1) { answer, trial in
      try expect(.relu, Tensor([-2, -0.5, 0, 0.5, 3]), of: answer, trial)
    },
    Check(.byHand, "sigmoid of 0, 1, −2", points: 1) { answer, trial in
      try expect(.sigmoid, Tensor([0, 1, -2]), of: answer, trial)
    },
    Check(.byHand, "tanh of 0, 1, −2", points: 1) { answer, trial in
      try expect(.tanh, Tensor([0, 1, -2]), of: answer, trial)
    },
    Check(.property, "as the definitions say, also far out", points: 1) { answer, trial in
      var inputs = Inputs(seed: 422)
      for kind in Kind.allCases {
        try expect(kind, inputs.normal([4, 6]) * 3, of: answer, trial)
        try expect(kind, Tensor([[20, -20], [95, -95], [200, -200], [30000, -30000]]), of: answer, trial)
      }
    },
    Check(.gradients, "the slopes are those of the curves", points: 2) { answer, trial in
      var inputs = Inputs(seed: 423)
      for kind in Kind.allCases {
        let x = inputs.normal([5, 7]) * 2
        // Differences of the exact curve in Double, so that rounding leaves no doubt.
        let step = 1e-5
        let expected = x.map {
          Float((kind.value(Double($0) + step) - kind.value(Double($0) - step)) / (2 * step))
        }
        trial.expect(
          try kind.function(of: answer)(x).1, equals: expected, "\(kind)AndSlope(x).slope", given: ["x": x],
          by: { place in
            let at = Double(x[place[0], place[1]])
            return """
              (\(kind)(\((at + step).shortText)) − \(kind)(\((at - step).shortText))) / \((2 * step).shortText) \
              = \(Double(expected[place[0], place[1]]).shortText) at x = \(at.shortText)
              """
          })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the slope of the sigmoid with x for y",
      advice: "You wrote x(1 − x) for the slope of the sigmoid. It is y(1 − y), with what the sigmoid gave.",
      answer: exact(sigmoid: pair(.sigmoid) { x, _ in x * (1 - x) })),
    Mistake(
      "the slope of tanh with x for y",
      advice: "You wrote 1 − x² for the slope of tanh. It is 1 − y², with what tanh gave.",
      answer: exact(tanh: pair(.tanh) { x, _ in 1 - x * x })),
    Mistake(
      "both slopes with x for y",
      advice: "Your slopes of sigmoid and tanh are written with x. They are y(1 − y) and 1 − y², with the "
        + "result y.",
      answer: exact(sigmoid: pair(.sigmoid) { x, _ in x * (1 - x) }, tanh: pair(.tanh) { x, _ in 1 - x * x })),
    Mistake(
      "the square of tanh is forgotten",
      advice: "You wrote 1 − y for the slope of tanh. It is 1 − y².",
      answer: exact(tanh: pair(.tanh) { _, y in 1 - y })),
    Mistake(
      "the slope of the sigmoid for tanh",
      advice: "You took the sigmoid's slope, y(1 − y), for tanh. For tanh it is 1 − y².",
      answer: exact(tanh: pair(.tanh) { _, y in y * (1 - y) })),
    Mistake(
      "the slope of ReLU at 0",
      advice: "Your ReLU has the slope 1 at x = 0. Here it has the slope 0 there, as in PyTorch: ask x > 0, "
        + "not x >= 0.",
      answer: exact(relu: pair(.relu) { x, _ in x >= 0 ? 1 : 0 })),
    Mistake(
      "the slope of ReLU is its value",
      advice: "You gave back max(0, x) as the slope of ReLU. Where x > 0 the curve climbs with slope 1.",
      answer: exact(relu: pair(.relu) { _, y in y })),
    Mistake(
      "ReLU has the slope 1 everywhere",
      advice: "Your ReLU has the slope 1 for negative numbers too. There the curve is flat: 0.",
      answer: exact(relu: pair(.relu) { _, _ in 1 })),
    Mistake(
      "the sign in the sigmoid",
      advice: "Your sigmoid falls. The exponent has a minus: 1 / (1 + e^(−x)).",
      answer: exact(sigmoid: { x in
        let y = x.map { 1 / (1 + exp($0)) }
        return (y, y.map { $0 * (1 - $0) })
      })),
    Mistake(
      "the sigmoid overflows",
      advice: "You wrote e^x / (1 + e^x). It is the same, but for large x it is ∞ / ∞: use 1 / (1 + e^(−x)).",
      answer: exact(sigmoid: { x in
        let y = x.map { exp($0) / (1 + exp($0)) }
        return (y, y.map { $0 * (1 - $0) })
      })),
    Mistake(
      "tanh overflows",
      advice: "Your tanh is made of e^x and e^(−x), and for large x it is ∞ / ∞. Foundation's tanh is right "
        + "everywhere.",
      answer: exact(tanh: { x in
        let y = x.map { (exp($0) - exp(-$0)) / (exp($0) + exp(-$0)) }
        return (y, y.map { 1 - $0 * $0 })
      })),
    Mistake(
      "tanh overflows for large x",
      advice:
        "Your tanh is made of e^(2x), and for large x it is ∞ / ∞. Foundation's tanh is right everywhere.",
      answer: exact(tanh: { x in
        let y = x.map { (exp(2 * $0) - 1) / (exp(2 * $0) + 1) }
        return (y, y.map { 1 - $0 * $0 })
      })),
    Mistake(
      "tanh overflows for negative x",
      advice:
        "Your tanh is made of e^(−2x), and for x far below 0 it is ∞ / ∞. Foundation's tanh is right everywhere.",
      answer: exact(tanh: { x in
        let y = x.map { (1 - exp(-2 * $0)) / (1 + exp(-2 * $0)) }
        return (y, y.map { 1 - $0 * $0 })
      })),
    Mistake(
      "sigmoid and tanh overflow",
      advice: "For large x your sigmoid and your tanh are ∞ / ∞. Use 1 / (1 + e^(−x)), and Foundation's "
        + "tanh.",
      answer: exact(
        sigmoid: { x in
          let y = x.map { exp($0) / (1 + exp($0)) }
          return (y, y.map { $0 * (1 - $0) })
        },
        tanh: { x in
          let y = x.map { (exp($0) - exp(-$0)) / (exp($0) + exp(-$0)) }
          return (y, y.map { 1 - $0 * $0 })
        })),
  ]
}

private enum Kind: String, CaseIterable, CustomStringConvertible {
  case relu, sigmoid, tanh

  var description: String { rawValue }

  func value(_ x: Double) -> Double {
    switch self {
    case .relu: x > 0 ? x : 0
    case .sigmoid: 0.5 + 0.5 * Foundation.tanh(x / 2)
    case .tanh: Foundation.tanh(x)
    }
  }

  /// Written with x, so that it does not share a mistake with the formulas in y.
  func slope(_ x: Double) -> Double {
    switch self {
    case .relu: x > 0 ? 1 : 0
    case .sigmoid: 0.25 / (cosh(x / 2) * cosh(x / 2))
    case .tanh: 1 / (cosh(x) * cosh(x))
    }
  }

  func function(of answer: ActivationsExercise.Answer) -> ActivationsExercise.Function {
    switch self {
    case .relu: answer.relu
    case .sigmoid: answer.sigmoid
    case .tanh: answer.tanh
    }
  }
}

/// One activation whose slope is made of x and y.
private func pair(
  _ kind: Kind, slope: @escaping @Sendable (_ x: Float, _ y: Float) -> Float
) -> ActivationsExercise.Function {
  { x in
    let y = x.map { Float(kind.value(Double($0))) }
    return (y, Tensor(zip(x.scalars, y.scalars).map { slope($0, $1) }, shape: x.shape))
  }
}

/// Our answers, but for those given.
private func exact(
  relu: @escaping ActivationsExercise.Function = { try reluAndSlope($0) },
  sigmoid: @escaping ActivationsExercise.Function = { try sigmoidAndSlope($0) },
  tanh: @escaping ActivationsExercise.Function = { try tanhAndSlope($0) }
) -> ActivationsExercise.Answer {
  ActivationsExercise.Answer(relu: relu, sigmoid: sigmoid, tanh: tanh)
}

/// Compares value and slope with the definitions.
private func expect(
  _ kind: Kind, _ x: Tensor, of answer: ActivationsExercise.Answer, _ trial: Trial
) throws {
  let (y, slope) = try kind.function(of: answer)(x)
  let values = x.map { Float(kind.value(Double($0))) }
  let slopes = x.map { Float(kind.slope(Double($0))) }
  func number(_ tensor: Tensor, _ place: [Int]) -> Double {
    Double(place.count == 2 ? tensor[place[0], place[1]] : tensor[place[0]])
  }
  trial.expect(
    y, equals: values, "\(kind)AndSlope(x).y", given: ["x": x],
    by: { "\(kind)(\(number(x, $0).shortText)) = \(number(values, $0).shortText)" })
  trial.expect(
    slope, equals: slopes, "\(kind)AndSlope(x).slope", given: ["x": x],
    by: { place in
      let (x, y) = (number(x, place).shortText, number(values, place).shortText)
      let result = number(slopes, place).shortText
      return switch kind {
      case .relu: "the slope at x = \(x) is \(result)"
      case .sigmoid: "y(1 − y) = \(y)·(1 − \(y)) = \(result)"
      case .tanh: "1 − y² = 1 − (\(y))² = \(result)"
      }
    })
}
