import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class AccountantStepExercise: Exercise {
  public struct Answer: Sendable {
    var divergence: @Sendable (_ alpha: Int, _ q: Double, _ sigma: Double) throws -> Double = {
      Accountant().divergence($0, $1, $2)
    }
    var budget: @Sendable (_ steps: Int, _ q: Double, _ sigma: Double, _ delta: Double) throws -> Double = {
      Accountant().budget($0, $1, $2, $3)
    }
  }

  public init() {}

  public let title = "The privacy accountant"
  public let section = "9.7"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.nothing
  public let functions = ["renyiDivergence", "privacyBudget"]

  public let solution = Answer(
    divergence: { try renyiDivergence(order: $0, rate: $1, noiseMultiplier: $2) },
    budget: { try privacyBudget(steps: $0, rate: $1, noiseMultiplier: $2, delta: $3) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      divergence: { try learner.call("renyiDivergence", $0, $1, $2) },
      budget: { try learner.call("privacyBudget", $0, $1, $2, $3) })
  }

  public let hints = [
    "Write down the α + 1 terms as a list of logarithms: a product becomes a sum. Only then combine them, with the largest taken out. "
      + "The second function is a loop over orders that calls the first.",
    "t_i = ln C(α, i) + (α − i) ln(1 − q) + i ln q + (i² − i)/(2σ²), with ln C(α, i) = lgamma(α + 1) − lgamma(i + 1) − "
      + "lgamma(α − i + 1). RDP = (t + ln Σ exp(t_i − t))/(α − 1). Multiply RDP by the steps before converting.",
    """
    if q == 1 { return … }
    let terms = (0...alpha).map { number -> Double in
      let i = Double(number)
      let ways: Double = lgamma(a + 1) - …
      let chances: Double = (a - i) * log(1 - q) + …
      return ways + chances + (i * i - i) / …
    }
    let largest = terms.max()!
    return (largest + log(…)) / (a - 1)

    for alpha in 2...64 {
      epsilon = min(epsilon, Double(steps) * … + log((a - 1) / a) - …)
    }
    return max(0, epsilon)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "orders 2 and 3 by hand", points: 1) { answer, trial in
      for (alpha, q, sigma) in [(2, 0.1, 1), (3, 0.1, 1), (3, 0.25, 2), (4, 0.5, 1.5)] {
        expectDivergence(try answer.divergence(alpha, q, sigma), alpha, q, sigma, trial)
      }
    },
    Check(.byHand, "when every example takes part in every step", points: 1) { answer, trial in
      for (alpha, sigma) in [(2, 1), (5, 4), (64, 0.5)] {
        expectDivergence(try answer.divergence(alpha, 1, sigma), alpha, 1, sigma, trial)
      }
    },
    Check(.byHand, "ten steps", points: 1) { answer, trial in
      try expectBudget(10, 0.1, 1, 0.00001, answer, trial)
      try expectBudget(1, 0.1, 1, 0.00001, answer, trial)
      try expectBudget(10, 0.25, 2, 0.001, answer, trial)
      try expectBudget(1, 0.01, 4, 0.00001, answer, trial)
    },
    Check(.property, "high orders and little noise, without overflow", points: 1) { answer, trial in
      for (alpha, q, sigma) in [
        (64, 0.5, 0.5), (64, 0.01, 0.3), (40, 0.9, 0.7), (33, 0.001, 1), (7, 0.02, 5),
      ] {
        expectDivergence(try answer.divergence(alpha, q, sigma), alpha, q, sigma, trial)
      }
    },
    Check(.property, "two budgets as a published accountant gives them", points: 2) { answer, trial in
      // TensorFlow Privacy, compute_dp_sgd_privacy_test.py.
      for (steps, q, sigma, delta, published) in [
        (6_000, 150.0 / 60_000, 1.3, 1e-5, 0.7242234026), (30_000, 0.001, 1, 1e-7, 1.4154988495),
      ] {
        trial.expect(
          try answer.budget(steps, q, sigma, delta), equals: published, call(steps, q, sigma, delta),
          tolerance: 1e-6, by: { _ in Accountant().best(steps, q, sigma, delta) })
      }
    },
    Check(.property, "as the formulas say, for twenty trainings", points: 1) { answer, trial in
      var inputs = Inputs(seed: 971)
      for _ in 0..<20 {
        let q = Double(inputs.integer(1...40)) / [40, 400, 4_000][inputs.integer(0...2)]
        let (sigma, steps) = (Double(inputs.integer(2...20)) / 4, inputs.integer(1...2_000))
        try expectBudget(steps, q, sigma, [0.1, 1e-3, 1e-5][inputs.integer(0...2)], answer, trial)
      }
    },
    Check(.property, "never below 0", points: 1) { answer, trial in
      try expectBudget(1, 0.0001, 20, 0.3, answer, trial)
      try expectBudget(1, 1, 40, 0.1, answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "without logarithms",
      advice: "Your sum overflows: with little noise exp((i² − i)/(2σ²)) is too large. Add up by logarithms."
    ) { $0.overflows = true },
    wrong(
      "q and 1 − q exchanged",
      advice: "You have exchanged q and 1 − q. q^i stands beside exp((i² − i)/(2σ²))."
    ) { $0.exchanges = true },
    wrong(
      "not divided by α − 1", advice: "Your divergence is ln A. Divide it by α − 1."
    ) { $0.divisor = { _ in 1 } },
    wrong("divided by α", advice: "You divide ln A by α. Divide it by α − 1.") { $0.divisor = { $0 } },
    wrong(
      "i² in place of i² − i",
      advice: "You have exp(i²/(2σ²)). It is exp((i² − i)/(2σ²)): 1 for i = 0 and i = 1."
    ) { $0.power = { i, sigma in i * i / (2 * sigma * sigma) } },
    wrong("σ in place of σ²", advice: "You divide by 2σ. It is 2σ².") {
      $0.power = { i, sigma in (i * i - i) / (2 * sigma) }
    },
    wrong(
      "without the binomial coefficients",
      advice: "Your terms have no C(α, i). Without it they do not even sum to 1 when there is no i² − i."
    ) { $0.countsWays = false },
    wrong(
      "0 times the logarithm of 0",
      advice: "For q = 1 your result is not a number: 0 · ln 0. Give this case a line of its own."
    ) { $0.knowsOne = false },
    wrong(
      "ε is added up, not the divergences",
      advice:
        "You convert one step to ε and multiply that by the steps. Add up the divergences, and convert once, at the end."
    ) { $0.convertsFirst = true },
    wrong(
      "the root of the steps",
      advice: "You multiply by the root of the steps. Divergences add up: multiply by the steps."
    ) { $0.grows = { $0.squareRoot() } },
    wrong(
      "the older conversion",
      advice: "You convert by RDP + ln(1/δ)/(α − 1). That is right, but looser than the formula asked for."
    ) { $0.converts = { spent, a, delta in spent - log(delta) / (a - 1) } },
    wrong(
      "ln α with the wrong sign", advice: "You add (ln α − ln δ)/(α − 1). It is −(ln δ + ln α)/(α − 1)."
    ) { $0.converts = { spent, a, delta in spent + log((a - 1) / a) - (log(delta) - log(a)) / (a - 1) } },
    wrong(
      "logarithms to base 10", advice: "You convert with logarithms to base 10. All of them are natural: log."
    ) {
      $0.converts = { spent, a, delta in
        spent + log10((a - 1) / a) - (log10(delta) + log10(a)) / (a - 1)
      }
    },
    wrong(
      "the largest over the orders", advice: "You take the largest bound. Each holds, so the smallest does."
    ) { $0.takesLargest = true },
    wrong("order 2 alone", advice: "You use order 2 alone. Try all from 2 to 64: the smallest bound holds.") {
      $0.orders = 2...2
    },
    wrong("order 64 alone", advice: "You use order 64 alone. Try all from 2 to 64: the smallest bound holds.")
    {
      $0.orders = 64...64
    },
    wrong("below 0", advice: "Your ε may be negative. A bound below 0 counts as 0.") {
      $0.least = -.infinity
    },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Accountant) -> Void)
  -> Mistake<AccountantStepExercise.Answer>
{
  @Sendable func changed() -> Accountant {
    var accountant = Accountant()
    change(&accountant)
    return accountant
  }
  return Mistake(
    name, advice: advice,
    answer: .init(
      divergence: { changed().divergence($0, $1, $2) }, budget: { changed().budget($0, $1, $2, $3) }))
}

/// The accountant, right unless changed.
private struct Accountant {
  var overflows = false
  var exchanges = false
  var countsWays = true
  var knowsOne = true
  var convertsFirst = false
  var takesLargest = false
  var orders = 2...64
  var least = 0.0
  var divisor: (Double) -> Double = { $0 - 1 }
  var power: (_ i: Double, _ sigma: Double) -> Double = { i, sigma in (i * i - i) / (2 * sigma * sigma) }
  var grows: (Double) -> Double = { $0 }
  var converts: (_ spent: Double, _ a: Double, _ delta: Double) -> Double = { spent, a, delta in
    spent + log((a - 1) / a) - (log(delta) + log(a)) / (a - 1)
  }

  /// The logarithms of the products; those that are 0 are left out.
  func terms(_ alpha: Int, _ q: Double, _ sigma: Double) -> [Double] {
    let rate = exchanges ? 1 - q : q
    var ways = 0.0
    return (0...alpha).compactMap { i in
      if i > 0 { ways += log(Double(alpha - i + 1)) - log(Double(i)) }
      if knowsOne && ((rate == 1 && i < alpha) || (rate == 0 && i > 0)) { return nil }
      let chances =
        (knowsOne && i == alpha ? 0 : Double(alpha - i) * log(1 - rate))
        + (i == 0 ? 0 : Double(i) * log(rate))
      return (countsWays ? ways : 0) + chances + power(Double(i), sigma)
    }
  }

  func divergence(_ alpha: Int, _ q: Double, _ sigma: Double) -> Double {
    let terms = terms(alpha, q, sigma)
    let divisor = divisor(Double(alpha))
    if overflows { return log(terms.reduce(0) { $0 + exp($1) }) / divisor }
    let largest = terms.max()!
    return (largest + log(terms.reduce(0) { $0 + exp($1 - largest) })) / divisor
  }

  /// What each order gives.
  func bounds(_ steps: Int, _ q: Double, _ sigma: Double, _ delta: Double) -> [Double] {
    orders.map { alpha in
      let (one, a, times) = (divergence(alpha, q, sigma), Double(alpha), grows(Double(steps)))
      return convertsFirst ? times * converts(one, a, delta) : converts(times * one, a, delta)
    }
  }

  func budget(_ steps: Int, _ q: Double, _ sigma: Double, _ delta: Double) -> Double {
    let bounds = bounds(steps, q, sigma, delta)
    return max(least, takesLargest ? bounds.max()! : bounds.min()!)
  }

  /// The order that decides, in words.
  func best(_ steps: Int, _ q: Double, _ sigma: Double, _ delta: Double) -> String {
    let bounds = bounds(steps, q, sigma, delta)
    let place = bounds.indices.min { bounds[$0] < bounds[$1] }!
    let alpha = orders.lowerBound + place
    return "order \(alpha) decides: \(steps) · \(divergence(alpha, q, sigma).shortText) becomes "
      + bounds[place].shortText
  }
}

private func call(_ steps: Int, _ q: Double, _ sigma: Double, _ delta: Double) -> String {
  "privacyBudget(steps: \(steps), rate: \(q.shortText), noiseMultiplier: \(sigma.shortText), "
    + "delta: \(delta.shortText))"
}

private func expectDivergence(
  _ yours: Double, _ alpha: Int, _ q: Double, _ sigma: Double, _ trial: Trial
) {
  let accountant = Accountant()
  trial.expect(
    yours, equals: accountant.divergence(alpha, q, sigma),
    "renyiDivergence(order: \(alpha), rate: \(q.shortText), noiseMultiplier: \(sigma.shortText))",
    tolerance: 1e-8,
    by: { _ in
      let terms = accountant.terms(alpha, q, sigma)
      return terms.count > 5
        ? "the logarithms of the terms go up to \(terms.max()!.shortText)"
        : "A = " + terms.map { exp($0).shortText }.joined(separator: " + ")
          + ", its logarithm divided by \(alpha - 1)"
    })
}

private func expectBudget(
  _ steps: Int, _ q: Double, _ sigma: Double, _ delta: Double, _ answer: AccountantStepExercise.Answer,
  _ trial: Trial
) throws {
  let accountant = Accountant()
  trial.expect(
    try answer.budget(steps, q, sigma, delta), equals: accountant.budget(steps, q, sigma, delta),
    call(steps, q, sigma, delta), tolerance: 1e-6, by: { _ in accountant.best(steps, q, sigma, delta) })
}
