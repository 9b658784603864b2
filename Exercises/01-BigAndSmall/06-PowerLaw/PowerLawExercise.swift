import ExerciseKit
import Foundation
import Practice

public final class PowerLawExercise: Exercise {
  /// a, b and the prediction.
  public typealias Answer = @Sendable (_ x: [Double], _ y: [Double]) throws -> (Double, Double, Double)

  public init() {}

  public let title = "Fitting a power law"
  public let section = "1.5"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["fitPowerLaw"]
  public let solution: Answer = { x, y in try fitPowerLaw(x, y) }

  public func answer(of learner: Learner) -> Answer {
    { x, y in try learner.call("fitPowerLaw", x, y) }
  }

  public let hints = [
    "Take the logarithm of all x and all y; then it is the fit of a straight line. At the end go back: a is "
      + "exp of the line's height at u = 0, and the slope is negative where b is positive.",
    "With u = ln x, v = ln y and their means: slope = Σ (uᵢ − ū)(vᵢ − v̄) / Σ (uᵢ − ū)², b = −slope, a = "
      + "exp(v̄ − slope·ū), and the prediction is a·(10·max x)^(−b).",
    """
    let (u, v) = (x.map { log($0) }, …)
    let meanU = …, meanV = …
    var (above, below) = (0.0, 0.0)
    for i in u.indices {
      above += (u[i] - meanU) * …
      below += …
    }
    let slope = above / below
    let a = exp(meanV - …)
    return (a, …, a * pow(10 * x.max()!, …))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "8, 4, 2 at 1, 10, 100", points: 1) { answer, trial in
      try expectFit([1, 10, 100], [8, 4, 2], of: answer, trial)
    },
    Check(.byHand, "points that lie on a law, not evenly spaced", points: 1) { answer, trial in
      for (a, b) in [(3.0, 0.5), (40, 0.25), (0.5, 1.5)] {
        let x: [Double] = [4, 1, 9, 900, 25]
        try expectFit(x, x.map { a * pow($0, -b) }, of: answer, trial)
      }
    },
    Check(.byHand, "three points that lie on no law", points: 1) { answer, trial in
      try expectFit([1, 10, 1000], [10, 10, 1], of: answer, trial)
    },
    Check(.byHand, "points that rise", points: 1) { answer, trial in
      try expectFit([1, 100, 10], [2, 8, 4], of: answer, trial)
      try expectFit([3, 20, 500], [1, 5, 4], of: answer, trial)
    },
    Check(.property, "no other line is closer, for twelve sets of points", points: 2) { answer, trial in
      var stream = RandomStream(seed: 16)
      for index in 0..<12 {
        let b = Double(stream.uniform(0.1..<0.6))
        let x = (0..<3 + index % 5).map { _ in Double(stream.uniform(0..<14)) }.map { exp($0) }
        let y = x.map { 20 * pow($0, -b) * exp(0.3 * Double(stream.normal())) }
        try expectFit(x, y, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the sign of b is left out",
      advice:
        "You take the slope without its sign for b. Where y grows with x, b is below 0: turn the sign, and do not "
        + "drop it."
    ) { x, y in
      let fit = line(through: x.map { log($0) }, y.map { log($0) })
      return (exp(fit.height), abs(fit.slope), exp(fit.height) * pow(10 * x.max()!, -abs(fit.slope)))
    },
    Mistake(
      "b without its sign, predicted by the slope",
      advice:
        "Your a and your prediction are right, and your b has lost its sign: b = −slope, below 0 where y grows."
    ) { x, y in
      let fit = line(through: x.map { log($0) }, y.map { log($0) })
      return (exp(fit.height), abs(fit.slope), exp(fit.height) * pow(10 * x.max()!, fit.slope))
    },
    Mistake(
      "the sign of b",
      advice: "You give the slope for b. The law is x^(−b): b is the slope with its sign turned."
    ) { x, y in
      let fit = line(through: x.map { log($0) }, y.map { log($0) })
      return (exp(fit.height), fit.slope, exp(fit.height) * pow(10 * x.max()!, fit.slope))
    },
    Mistake(
      "ln a instead of a",
      advice: "You give the height of the line for a. That is ln a: take exp of it."
    ) { x, y in
      let fit = line(through: x.map { log($0) }, y.map { log($0) })
      return (fit.height, -fit.slope, fit.height * pow(10 * x.max()!, fit.slope))
    },
    Mistake(
      "two kinds of logarithm",
      advice: "You take log10 and go back with exp. Use one base for both ways: log with exp, or log10 with "
        + "pow(10, …)."
    ) { x, y in
      let fit = line(through: x.map { log10($0) }, y.map { log10($0) })
      return (exp(fit.height), -fit.slope, exp(fit.height) * pow(10 * x.max()!, fit.slope))
    },
    Mistake(
      "a straight line through the points themselves",
      advice: "You fit a straight line to x and y. Take the logarithms of both first."
    ) { x, y in
      let fit = line(through: x, y)
      return (fit.height, -fit.slope, fit.height + fit.slope * 10 * x.max()!)
    },
    Mistake(
      "the logarithm of y alone",
      advice: "You take the logarithm of y but not of x. That fits y = a·e^(−bx), which falls much faster."
    ) { x, y in
      let fit = line(through: x, y.map { log($0) })
      return (exp(fit.height), -fit.slope, exp(fit.height + fit.slope * 10 * x.max()!))
    },
    Mistake(
      "the logarithm of x alone",
      advice: "You take the logarithm of x but not of y. That fits y = a − b·ln x, which ends below 0."
    ) { x, y in
      let fit = line(through: x.map { log($0) }, y)
      return (fit.height, -fit.slope, fit.height + fit.slope * log(10 * x.max()!))
    },
    Mistake(
      "a line through two points",
      advice: "Your line goes through the first and the last point. All points count: use the sums over all "
        + "of them."
    ) { x, y in
      let (u, v) = (x.map { log($0) }, y.map { log($0) })
      let slope = (v.last! - v[0]) / (u.last! - u[0])
      let a = exp(v[0] - slope * u[0])
      return (a, -slope, a * pow(10 * x.max()!, slope))
    },
    Mistake(
      "a line through the origin",
      advice: "You divide Σ u v by Σ u². Subtract the means first: the line need not go through u = 0, v = 0."
    ) { x, y in
      let (u, v) = (x.map { log($0) }, y.map { log($0) })
      let slope = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 } / u.reduce(0) { $0 + $1 * $1 }
      let a = exp((v.reduce(0, +) - slope * u.reduce(0, +)) / Double(u.count))
      return (a, -slope, a * pow(10 * x.max()!, slope))
    },
    Mistake(
      "x and y exchanged",
      advice: "You divide by the sum of (v − v̄)². That fits x by y; the distances to make small are those "
        + "in v."
    ) { x, y in
      let (u, v) = (x.map { log($0) }, y.map { log($0) })
      let slope = 1 / line(through: v, u).slope
      let a = exp((v.reduce(0, +) - slope * u.reduce(0, +)) / Double(u.count))
      return (a, -slope, a * pow(10 * x.max()!, slope))
    },
    Mistake(
      "the last x is taken for the largest",
      advice: "You predict at ten times the last x. The points come in any order: take x.max()."
    ) { x, y in
      let fit = line(through: x.map { log($0) }, y.map { log($0) })
      return (exp(fit.height), -fit.slope, exp(fit.height) * pow(10 * x.last!, fit.slope))
    },
    Mistake(
      "predicted at the largest x",
      advice: "You predict at the largest x. Asked is ten times that: there no model was trained yet."
    ) { x, y in
      let fit = line(through: x.map { log($0) }, y.map { log($0) })
      return (exp(fit.height), -fit.slope, exp(fit.height) * pow(x.max()!, fit.slope))
    },
  ]
}

/// The line closest to the points, from the two equations that say that no change of slope or height helps.
///
///     slope Σu² + height Σu = Σuv        slope Σu + height n = Σv
private func line(through u: [Double], _ v: [Double]) -> (slope: Double, height: Double) {
  let n = Double(u.count)
  let (su, sv) = (u.reduce(0, +), v.reduce(0, +))
  let suu = u.reduce(0) { $0 + $1 * $1 }
  let suv = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
  let determinant = n * suu - su * su
  return ((n * suv - su * sv) / determinant, (suu * sv - su * suv) / determinant)
}

private func expectFit(_ x: [Double], _ y: [Double], of answer: PowerLawExercise.Answer, _ trial: Trial)
  throws
{
  let (a, b, prediction) = try answer(x, y)
  let fit = line(through: x.map { log($0) }, y.map { log($0) })
  let expected = [exp(fit.height), -fit.slope, exp(fit.height) * pow(10 * x.max()!, fit.slope)]
  trial.expect(
    [a, b, prediction], equals: expected, "fitPowerLaw(x, y), as [a, b, prediction]",
    given: ["x": x, "y": y],
    by: { place in
      let shown = expected.map(\.shortText)
      return switch place.first {
      case 0: "a = exp(v̄ − slope·ū) = exp(\(fit.height.shortText)) = \(shown[0])"
      case 1: "b = −slope = \(shown[1])"
      default: "\(shown[0])·(10·\(x.max()!.shortText))^(−\(shown[1])) = \(shown[2])"
      }
    })
}
