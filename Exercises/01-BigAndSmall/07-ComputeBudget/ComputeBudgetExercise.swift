import ExerciseKit
import Foundation
import Practice

public final class ComputeBudgetExercise: Exercise {
  /// A training: parameters, tokens, devices, operations per second of one device, and the fraction used.
  public struct Run: Sendable {
    let n, d, devices, speed, used: Double
  }

  public struct Answer: Sendable {
    let best: @Sendable (_ c: Double, _ r: Double) throws -> (Double, Double)
    let days: @Sendable (Run) throws -> Double
  }

  public init() {}

  public let title = "What to do with a budget of compute"
  public let section = "1.6"
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["bestModel", "trainingDays"]

  public let solution = Answer(best: { try bestModel(flops: $0, tokensPerParameter: $1) }) {
    try trainingDays(
      parameters: $0.n, tokens: $0.d, devices: $0.devices, flopsPerSecond: $0.speed, used: $0.used)
  }

  public func answer(of learner: Learner) -> Answer {
    Answer(
      best: { c, r in try learner.call("bestModel", c, r) },
      days: { try learner.call("trainingDays", $0.n, $0.d, $0.devices, $0.speed, $0.used) })
  }

  public let hints = [
    "Two equations, C = 6 N D and D = r N, and two unknowns: put the second into the first, and solve for N.",
    "N = √(C / (6 r)) and D = r N. The days are 6 N D / (M S u) / 86400.",
    """
    let parameters = sqrt(flops / …)            // bestModel
    return (parameters, …)

    let seconds = 6 * parameters * tokens / …   // trainingDays
    return seconds / …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "480 FLOP: 2 parameters, 40 tokens", points: 1) { answer, trial in
      try expectBest(480, 20, of: answer, trial)
      try expectBest(54, 1, of: answer, trial)
      try expectBest(150, 4, of: answer, trial)
    },
    Check(.byHand, "a training of 10 days", points: 1) { answer, trial in
      try expectDays(Run(n: 6e9, d: 1.2e11, devices: 100, speed: 1e14, used: 0.5), of: answer, trial)
      try expectDays(Run(n: 6e9, d: 1.2e11, devices: 25, speed: 4e14, used: 0.25), of: answer, trial)
    },
    Check(.property, "what is bought costs the budget, for twelve budgets", points: 1) { answer, trial in
      var stream = RandomStream(seed: 17)
      for _ in 0..<12 {
        let (c, r) = (pow(10, Double(stream.uniform(15..<26))), Double(stream.uniform(1..<200)))
        try expectBest(c, r, of: answer, trial)
      }
    },
    Check(.property, "twelve trainings, long and short", points: 1) { answer, trial in
      var stream = RandomStream(seed: 18)
      for _ in 0..<12 {
        let run = Run(
          n: pow(10, Double(stream.uniform(9..<12))), d: pow(10, Double(stream.uniform(10..<13))),
          devices: Double(1 + stream.integer(below: 1000)), speed: Double(stream.uniform(1..<10)) * 1e14,
          used: Double(stream.uniform(0.1..<0.9)))
        try expectDays(run, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the way back is forgotten",
      advice: "You count 2 FLOP for each parameter and token. That is the way forward; with the way back it "
        + "is 6.",
      answer: Answer(best: { bought($0, $1, factor: 2) }) { days($0, factor: 2) }),
    Mistake(
      "the 6 is forgotten", advice: "You take C = N·D. Each parameter costs 6 FLOP for each token.",
      answer: Answer(best: { bought($0, $1, factor: 1) }) { days($0, factor: 1) }),
    Mistake(
      "no square root",
      advice: "C grows with the square of N, because a larger model also reads more: take the square root.",
      answer: Answer(best: { c, r in (c / (6 * r), r * c / (6 * r)) }) { days($0) }),
    Mistake(
      "all of the budget in equal parts",
      advice: "You give N and D the same number, √(C/6). The model reads r tokens for each parameter.",
      answer: Answer(best: { c, _ in (sqrt(c / 6), sqrt(c / 6)) }) { days($0) }),
    Mistake(
      "more parameters than tokens",
      advice: "You have r parameters for each token. It is the other way round: r tokens for each parameter.",
      answer: Answer(best: { c, r in (r * sqrt(c / (6 * r)), sqrt(c / (6 * r))) }) { days($0) }),
    Mistake(
      "hours instead of days",
      advice: "Your result is in hours. A day has 24·60·60 = 86 400 seconds.",
      answer: Answer(best: { bought($0, $1) }) { 24 * days($0) }),
    Mistake(
      "seconds instead of days", advice: "Your result is in seconds. A day has 86 400 of them.",
      answer: Answer(best: { bought($0, $1) }) { 86400 * days($0) }),
    Mistake(
      "one device only", advice: "You have one device. M of them work at once.",
      answer: Answer(best: { bought($0, $1) }) { $0.devices * days($0) }),
    Mistake(
      "all of the speed is used",
      advice: "You let the devices do all they could. Only the fraction u of it is used, so it takes longer.",
      answer: Answer(best: { bought($0, $1) }) { $0.used * days($0) }),
    Mistake(
      "multiplied by what is used",
      advice: "Your training is shorter the less is used. Divide by u: half of the speed takes twice the "
        + "time.",
      answer: Answer(best: { bought($0, $1) }) { $0.used * $0.used * days($0) }),
  ]
}

private func bought(_ c: Double, _ r: Double, factor: Double = 6) -> (Double, Double) {
  let n = (c / (factor * r)).squareRoot()
  return (n, r * n)
}

private func days(_ run: ComputeBudgetExercise.Run, factor: Double = 6) -> Double {
  factor * run.n * run.d / (run.devices * run.speed * run.used) / (24 * 60 * 60)
}

/// Large numbers with a power of ten, so that nobody has to count zeros.
private func short(_ number: Double) -> String {
  number < 1e6 ? number.shortText : String(format: "%.5g", number).replacing(/e\+?0?/, with: "e")
}

/// Two statements without a square root: what is bought costs the budget, and there are `r` tokens a parameter.
private func expectBest(_ c: Double, _ r: Double, of answer: ComputeBudgetExercise.Answer, _ trial: Trial)
  throws
{
  let (n, d) = try answer.best(c, r)
  let expected = bought(c, r)
  let call = "bestModel(flops: \(short(c)), tokensPerParameter: \(short(r)))"
  trial.expect(
    [n, d], equals: [expected.0, expected.1], "\(call), as [parameters, tokens]",
    by: { place in
      place == [0]
        ? "√(\(short(c)) / (6·\(short(r)))) = \(short(expected.0))"
        : "\(short(r))·\(short(expected.0)) = \(short(expected.1))"
    })
  trial.expect([6 * n * d / c, d / n / r], equals: [1, 1], "\(call), as [6 N D / C, D / (r N)]")
}

private func expectDays(
  _ run: ComputeBudgetExercise.Run, of answer: ComputeBudgetExercise.Answer, _ trial: Trial
) throws {
  let expected = days(run)
  let (n, d, speed) = (short(run.n), short(run.d), short(run.speed))
  trial.expect(
    try answer.days(run), equals: expected,
    """
    trainingDays(parameters: \(n), tokens: \(d), devices: \(run.devices.shortText), \
    flopsPerSecond: \(speed), used: \(run.used.shortText))
    """,
    by: { _ in
      """
      6·\(n)·\(d) / (\(run.devices.shortText)·\(speed)·\(run.used.shortText)) s / 86400 = \(expected.shortText) days
      """
    })
}
