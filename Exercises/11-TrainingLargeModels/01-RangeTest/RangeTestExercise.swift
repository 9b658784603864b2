import ExerciseKit
import Foundation
import Practice

public final class RangeTestExercise: Exercise {
  public struct Answer: Sendable {
    let smooth: @Sendable (_ losses: [Double], _ memory: Double) throws -> [Double]
    let steepest: @Sendable (_ rates: [Double], _ smooth: [Double]) throws -> Double
  }

  public init() {}

  public let title = "What a range test says"
  public let section = "11.1"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["smoothed", "steepestRate"]
  public let solution = Answer(smooth: { try smoothed($0, memory: $1) }) { try steepestRate($0, smooth: $1) }

  public func answer(of learner: Learner) -> Answer {
    Answer(
      smooth: { try learner.call("smoothed", $0, $1) }, steepest: { try learner.call("steepestRate", $0, $1) }
    )
  }

  public let hints = [
    "Keep the running mean as it is, without the division, from one loss to the next; the division is for what you hand out.",
    "mᵢ = β mᵢ₋₁ + (1 − β) lossᵢ and smoothᵢ = mᵢ / (1 − βⁱ). The slope at i uses the places i − 1 and i + 1, and logarithms of the "
      + "rates.",
    """
    mean = memory * mean + (1 - memory) * loss      // smoothed
    power *= memory
    smooth.append(mean / …)

    for i in 1..<rates.count - 1 {                  // steepestRate
      let slope = (smooth[i + 1] - …) / (log(rates[i + 1]) - …)
      if slope < best.slope { best = (slope, rates[i]) }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many smooth losses as losses", points: 1) { answer, trial in
      trial.expect(try answer.smooth([3, 2], 0.5).count, equals: 2, "smoothed([3, 2], memory: 0.5).count")
      trial.expect(try answer.smooth([], 0.5).count, equals: 0, "smoothed([], memory: 0.5).count")
    },
    Check(.byHand, "three losses, five rates, and some more", points: 2) { answer, trial in
      try expectSmooth([4, 8, -1], 0.75, of: answer, trial)
      try expectSmooth([-2, 6, 5, 1], 0.5, of: answer, trial)
      try expectSteepest([0.01, 0.02, 0.1, 0.2, 1], [3, 2.8, 2, 1.5, 2.2], of: answer, trial)
      try expectSteepest([0.1, 0.3, 0.6, 3, 6, 9], [2, 2.5, 1.5, 1, 1.2, 0.4], of: answer, trial)
    },
    Check(.property, "smooth losses, as the definition says, for eight memories", points: 1) {
      answer, trial in
      var stream = RandomStream(seed: 1101)
      for count in 2..<10 {
        let losses = (0..<count).map { _ in Double(stream.uniform(-2..<6)) }
        try expectSmooth(losses, Double(stream.uniform(0.1..<0.95)), of: answer, trial)
      }
    },
    Check(.property, "the steepest place, for twelve curves with uneven rates", points: 2) { answer, trial in
      var stream = RandomStream(seed: 1102)
      for count in 3..<15 {
        var (rate, loss) = (1e-4, 3.0)
        var (rates, losses) = ([Double](), [Double]())
        for _ in 0..<count {
          rate *= Double(stream.uniform(1.2..<9))
          loss += Double(stream.uniform(-1..<0.8))
          rates.append(rate)
          losses.append(loss)
        }
        try expectSteepest(rates, losses, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    smoothing(
      "the beginning is not made up for",
      advice: "Your smooth losses begin far too small: divide by 1 − βⁱ, for the mean began at 0."
    ) { m, _, _ in m },
    smoothing(
      "one power too few",
      advice: "You divide by 1 − βⁱ with i from 0: the first loss has been taken in, so its power is 1."
    ) { m, memory, i in m / (1 - pow(memory, Double(i - 1))) },
    smoothing(
      "always divided by the same",
      advice: "You divide by 1 − β every time. The share of the beginning that is missing shrinks: 1 − βⁱ."
    ) { m, memory, _ in m / (1 - memory) },
    Mistake(
      "β and 1 − β exchanged",
      advice: "You keep 1 − β of the mean and take β of the new loss. It is the other way round.",
      answer: Answer(smooth: { exactSmooth($0, 1 - $1) }, steepest: exactSteepest)),
    Mistake(
      "the mean of the last two",
      advice:
        "You take the mean of neighbours. A running mean remembers all losses, each less than the next.",
      answer: Answer(
        smooth: { x, memory in
          x.indices.map { $0 == 0 ? x[0] : memory * x[$0 - 1] + (1 - memory) * x[$0] }
        }, steepest: exactSteepest)),
    choosing(
      "over the rates themselves",
      advice:
        "You divide by the difference of the rates. They are compared by factors: take their logarithms."
    ) { rates, smooth, i in (smooth[i + 1] - smooth[i - 1]) / (rates[i + 1] - rates[i - 1]) },
    choosing(
      "not divided",
      advice: "You take the largest fall. Over a wide step a loss falls further: divide by its width."
    ) { _, smooth, i in smooth[i + 1] - smooth[i - 1] },
    choosing(
      "the steepest rise",
      advice: "You found where the loss rises fastest. Falling slopes are negative: look for the smallest."
    ) { rates, smooth, i in -slope(rates, smooth, i) },
    choosing(
      "steep in either direction",
      advice:
        "You take the slope without its sign, and a steep rise counts too: that is where training breaks."
    ) { rates, smooth, i in -abs(slope(rates, smooth, i)) },
    Mistake(
      "where the loss is smallest",
      advice: "You give the rate with the smallest loss. There it has stopped falling, and soon will rise.",
      answer: Answer(smooth: exactSmooth) { rates, smooth in
        rates[smooth.indices.min { smooth[$0] < smooth[$1] }!]
      }),
    Mistake(
      "to the next place only",
      advice: "Your slope reaches from i to i + 1. It should reach from the left neighbour to the right one.",
      answer: Answer(smooth: exactSmooth) { rates, smooth in
        let places = 0..<rates.count - 1
        func slope(_ i: Int) -> Double { (smooth[i + 1] - smooth[i]) / log(rates[i + 1] / rates[i]) }
        return rates[places.min { slope($0) < slope($1) }!]
      }),
  ]
}

@Sendable private func exactSmooth(_ losses: [Double], _ memory: Double) -> [Double] {
  losses.indices.map { last in
    // The definition without a recurrence: weights β^(last − k), over their sum.
    let weights = (0...last).map { pow(memory, Double(last - $0)) }
    return zip(weights, losses).reduce(0) { $0 + $1.0 * $1.1 } / weights.reduce(0, +)
  }
}

private func slope(_ rates: [Double], _ smooth: [Double], _ i: Int) -> Double {
  (smooth[i + 1] - smooth[i - 1]) / log(rates[i + 1] / rates[i - 1])
}

@Sendable private func exactSteepest(_ rates: [Double], _ smooth: [Double]) -> Double {
  rates[(1..<rates.count - 1).min { slope(rates, smooth, $0) < slope(rates, smooth, $1) }!]
}

private func smoothing(
  _ name: String, advice: String,
  _ corrected: @escaping @Sendable (_ m: Double, _ memory: Double, _ i: Int) -> Double
) -> Mistake<RangeTestExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: RangeTestExercise.Answer(
      smooth: { losses, memory in
        var mean = 0.0
        return losses.enumerated().map { i, loss in
          mean = memory * mean + (1 - memory) * loss
          return corrected(mean, memory, i + 1)
        }
      }, steepest: exactSteepest))
}

private func choosing(
  _ name: String, advice: String,
  _ slope: @escaping @Sendable (_ rates: [Double], _ smooth: [Double], _ i: Int) -> Double
) -> Mistake<RangeTestExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: RangeTestExercise.Answer(smooth: exactSmooth) { rates, smooth in
      rates[(1..<rates.count - 1).min { slope(rates, smooth, $0) < slope(rates, smooth, $1) }!]
    })
}

private func expectSmooth(
  _ losses: [Double], _ memory: Double, of answer: RangeTestExercise.Answer, _ trial: Trial
) throws {
  let expected = exactSmooth(losses, memory)
  trial.expect(
    try answer.smooth(losses, memory), equals: expected, "smoothed(losses, memory: \(memory.shortText))",
    given: ["losses": losses],
    by: { place in
      let i = place[0]
      let weights = (0...i).map { pow(memory, Double(i - $0)) * (1 - memory) }
      let mean = zip(weights, losses).reduce(0) { $0 + $1.0 * $1.1 }
      return
        "m\(i + 1) / (1 − β^\(i + 1)) = \(mean.shortText) / \((1 - pow(memory, Double(i + 1))).shortText) = "
        + expected[i].shortText
    })
}

private func expectSteepest(
  _ rates: [Double], _ smooth: [Double], of answer: RangeTestExercise.Answer, _ trial: Trial
) throws {
  let expected = exactSteepest(rates, smooth)
  let slopes = (1..<rates.count - 1).map { slope(rates, smooth, $0).shortText }
  // By its logarithm: a neighbouring rate is another answer, however small both are.
  let yours = try answer.steepest(rates, smooth)
  trial.expect(
    [yours, yours / expected], equals: [expected, 1],
    "steepestRate(rates, smooth:), as [rate, over the right one]",
    given: ["rates": rates, "smooth": smooth],
    by: { _ in "the slopes of the places between are \(slopes.joined(separator: ", "))" })
}
