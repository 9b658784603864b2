import ExerciseKit
import Foundation
import Practice

public final class TemperatureAndTopKExercise: Exercise {
  public typealias Weigh = @Sendable (_ z: [Double], _ temperature: Double, _ k: Int) throws -> [Double]
  public typealias Choose = @Sendable (_ p: [Double], _ u: Double) throws -> Int

  public struct Answer: Sendable {
    let weigh: Weigh
    let choose: Choose
  }

  public init() {}

  public let title = "Temperature and top-k"
  public let section = "8.9"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["probabilities", "choice"]

  public let solution = Answer(
    weigh: { try probabilities($0, temperature: $1, k: $2) }, choose: { try choice($0, u: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      weigh: { try learner.call("probabilities", $0, $1, $2) }, choose: { try learner.call("choice", $0, $1) }
    )
  }

  public let hints = [
    "Sort the places, not the scores: then you still know where each belongs. The softmax is over those that are kept, so "
      + "that their probabilities sum to 1.",
    "With m the largest score: powers_c = exp((z_c − m)/τ) for the kept, 0 for the rest; p = powers / Σ powers. For the "
      + "choice, carry a sum along and stop where it passes u.",
    """
    let ranked = z.indices.sorted { z[$0] == z[$1] ? … : … }
    let kept = temperature == 0 ? ranked.prefix(1) : ranked.prefix(…)
    var powers = [Double](repeating: 0, count: z.count)
    for c in kept { powers[c] = … }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }

    for (c, probability) in p.enumerated() {
      sum += probability
      if sum > u … { return c }
    }
    return …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "three scores, two of them equal", points: 1) { answer, trial in
      let z = [0, log(3.0), 0]
      try expectProbabilities(z, 1, 2, of: answer, trial)
      try expectProbabilities(z, 0.5, 2, of: answer, trial)
      try expectProbabilities(z, 2, 3, of: answer, trial)
      try expectProbabilities([2, -1, 3, 2, 0], 1.5, 3, of: answer, trial)
    },
    Check(.byHand, "temperature 0, and top 1", points: 1) { answer, trial in
      try expectProbabilities([2, -1, 3, 3, 0], 0, 4, of: answer, trial)
      try expectProbabilities([2, -1, 3, 3, 0], 0.7, 1, of: answer, trial)
      try expectProbabilities([5], 0, 1, of: answer, trial)
    },
    Check(.byHand, "the choices of u", points: 1) { answer, trial in
      for u in [0, 0.2, 0.25, 0.9, 0.999] { try expectChoice([0.25, 0.75, 0], u, of: answer, trial) }
      for u in [0, 0.3, 0.5, 0.7] { try expectChoice([0, 0.5, 0, 0.5], u, of: answer, trial) }
    },
    Check(.byHand, "a sum that rounding has left below u", points: 1) { answer, trial in
      try expectChoice([0.25, 0.5, 0.125, 0], 0.9, of: answer, trial)
    },
    Check(.property, "scores of 1000 and a temperature of 0.001", points: 1) { answer, trial in
      try expectProbabilities([1000, -1000, 999, 1000], 1, 3, of: answer, trial)
      try expectProbabilities([-1000, -2000, -1001], 0.5, 3, of: answer, trial)
      try expectProbabilities([3, 2, 1], 0.001, 3, of: answer, trial)
    },
    Check(.property, "as the rules say, for thirty rows of scores", points: 2) { answer, trial in
      var inputs = Inputs(seed: 871)
      for _ in 0..<30 {
        let z = (0..<inputs.integer(1...7)).map { _ in Double(inputs.integer(-4...4)) / 2 }
        let (temperature, k) = (Double(inputs.integer(0...6)) / 4, inputs.integer(1...8))
        try expectProbabilities(z, temperature, k, of: answer, trial)
        let p = Rules().probabilities(z, temperature, k)
        try expectChoice(p, Double(inputs.integer(0...99)) / 100, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "multiplied by the temperature",
      advice:
        "You multiply the scores by the temperature. Divide: a low temperature makes differences larger."
    ) { $0.scale = { $0 * $1 } },
    wrong("the temperature is not used", advice: "Your temperature changes nothing. Divide the scores by it.")
    {
      $0.scale = { z, _ in z }
    },
    wrong(
      "divided after the softmax",
      advice: "You change the probabilities of temperature 1 by dividing. Divide the scores, before exp."
    ) { $0.dividesLate = true },
    wrong("top-k is not used", advice: "All scores keep a probability. Keep the k largest only.") {
      $0.kept = { _, count in count }
    },
    wrong(
      "not made to sum to 1",
      advice: "Your kept probabilities sum to less than 1. Take the softmax over those that are kept."
    ) { $0.sumsAll = true },
    wrong(
      "the last of equal scores", advice: "Of equal scores you keep the last. The first counts as larger."
    ) { $0.takesLast = true },
    wrong("one too many", advice: "You keep k + 1 scores. Keep k.") { $0.kept = { k, _ in k + 1 } },
    wrong(
      "the k smallest", advice: "You keep the smallest scores. Keep the k largest."
    ) { $0.takesSmallest = true },
    wrongChoice(
      "the likeliest",
      advice: "You always choose the likeliest. Chosen is where the sum of the probabilities passes u."
    ) { p, _ in p.firstIndex(of: p.max()!)! },
    wrongChoice(
      "as large as u is enough",
      advice:
        "You stop where the sum is as large as u. It must be greater: u = 0 would choose what has probability 0."
    ) { p, u in
      var sum = 0.0
      for (c, probability) in p.enumerated() {
        sum += probability
        if sum >= u { return c }
      }
      return p.lastIndex { $0 > 0 } ?? 0
    },
    wrongChoice(
      "the first above u",
      advice: "You look for a single probability above u. Add them up from the first on."
    ) { p, u in p.firstIndex { $0 > u } ?? p.lastIndex { $0 > 0 } ?? 0 },
    wrongChoice(
      "the last of all at the end",
      advice:
        "When the sum stays below u you choose the last of all, which may be impossible. Take the last above 0."
    ) { p, u in
      var sum = 0.0
      for (c, probability) in p.enumerated() {
        sum += probability
        if sum > u { return c }
      }
      return p.count - 1
    },
  ]
}

private struct Rules: Sendable {
  var scale: @Sendable (_ z: Double, _ temperature: Double) -> Double = { $0 / $1 }
  var dividesLate = false
  var kept: @Sendable (_ k: Int, _ count: Int) -> Int = { k, _ in k }
  var sumsAll = false
  var takesLast = false
  var takesSmallest = false

  func probabilities(_ z: [Double], _ temperature: Double, _ k: Int) -> [Double] {
    let ranked = z.indices.sorted {
      if z[$0] == z[$1] { return takesLast ? $0 > $1 : $0 < $1 }
      return takesSmallest ? z[$0] < z[$1] : z[$0] > z[$1]
    }
    if temperature == 0 { return z.indices.map { $0 == ranked[0] ? 1 : 0 } }
    let largest = z.max()!
    let powers = z.map { exp(dividesLate ? $0 - largest : scale($0 - largest, temperature)) }
    let places = Set(ranked.prefix(kept(k, z.count)))
    let sum = z.indices.reduce(0) { $0 + (sumsAll || places.contains($1) ? powers[$1] : 0) }
    return z.indices.map { places.contains($0) ? powers[$0] / sum / (dividesLate ? temperature : 1) : 0 }
  }
}

private func chosen(_ p: [Double], _ u: Double) -> Int {
  var sum = 0.0
  for (c, probability) in p.enumerated() {
    sum += probability
    if sum > u && probability > 0 { return c }
  }
  return p.lastIndex { $0 > 0 } ?? 0
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  TemperatureAndTopKExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(
    name, advice: advice,
    answer: .init(weigh: { wrongRules.probabilities($0, $1, $2) }, choose: { chosen($0, $1) }))
}

private func wrongChoice(
  _ name: String, advice: String, _ choose: @escaping TemperatureAndTopKExercise.Choose
) -> Mistake<TemperatureAndTopKExercise.Answer> {
  Mistake(
    name, advice: advice, answer: .init(weigh: { Rules().probabilities($0, $1, $2) }, choose: choose))
}

private func expectProbabilities(
  _ z: [Double], _ temperature: Double, _ k: Int, of answer: TemperatureAndTopKExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.weigh(z, temperature, k), equals: Rules().probabilities(z, temperature, k),
    "probabilities(\(z), temperature: \(temperature), k: \(k))", tolerance: 1e-9,
    by: { place in
      if temperature == 0 { return "greedy: 1 for the first of the largest, else 0" }
      let ranked = z.indices.sorted { z[$0] == z[$1] ? $0 < $1 : z[$0] > z[$1] }
      let kept = ranked.prefix(k).sorted()
      guard kept.contains(place[0]) else { return "kept are the places \(kept): here 0" }
      return "exp(\(z[place[0]])/\(temperature)) / ("
        + kept.map { "exp(\(z[$0])/\(temperature))" }.joined(separator: " + ") + ")"
    })
}

private func expectChoice(
  _ p: [Double], _ u: Double, of answer: TemperatureAndTopKExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.choose(p, u), equals: chosen(p, u), "choice(\(p), u: \(u))", tolerance: 0,
    by: { _ in
      var sum = 0.0
      let sums = p.map { probability -> String in
        sum += probability
        return "\(sum)"
      }
      return "the sums are " + sums.joined(separator: ", ")
    })
}
