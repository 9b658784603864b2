import ExerciseKit
import Practice

public final class CellCarryExercise: Exercise {
  public typealias Answer = @Sendable (_ forgetGates: Tensor, _ s: Int, _ t: Int) throws -> Tensor

  public init() {}

  public let title = "What a cell carries"
  public let section = "6.4"
  public let difficulty = 1
  public let minutes = 10
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["cellCarry"]
  public let solution: Answer = { try cellCarry($0, from: $1, to: $2) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("cellCarry", $0, $1, $2) } }

  public let hints = [
    "Begin with ones, and multiply by the gates of one step after the other. Which step is the first whose gate acts on "
      + "the state after step s?",
    "The gate of step s has acted already: the product goes from step s + 1 to step t, both included.",
    """
    var carry = Tensor.ones([forgetGates.shape[1]])
    for step in 0..<forgetGates.shape[0] where step > … && step <= … { carry = carry * forgetGates.row(step) }
    return carry
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "one number for each unit, also when nothing lies between", points: 1) { answer, trial in
      for (steps, units, s, t) in [(4, 3, 0, 2), (1, 2, 0, 0), (5, 1, 2, 4)] {
        var numbers = Inputs(seed: 641)
        trial.expect(
          try answer(numbers.quarters([steps, units]), s, t), hasShape: [units],
          "cellCarry(f, from: \(s), to: \(t))")
      }
    },
    Check(.byHand, "five steps, three units", points: 1) { answer, trial in
      let gates = Tensor([
        [0.5, 0.25, 0.75], [0.25, 1, 0.5], [1, 0.5, 0.5], [0.5, 0.75, 0.25], [0.75, 0.5, 0.125],
      ])
      for (s, t) in [(1, 3), (0, 4), (2, 2), (3, 4)] { try expectCarry(gates, s, t, answer, trial) }
    },
    Check(.property, "two parts of a way make the whole", points: 1) { answer, trial in
      var numbers = Inputs(seed: 642)
      for _ in 0..<12 {
        let (steps, units) = (numbers.integer(3...9), numbers.integer(1...4))
        let gates = numbers.normal([steps, units]).map { 0.5 + 0.4 * $0 / (1 + abs($0)) }
        let s = numbers.integer(0...steps - 1)
        try expectCarry(gates, s, numbers.integer(s...steps - 1), answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the gate of step s",
      advice:
        "You begin with the gate of step s. It acted before the state after step s was there: begin with s + 1."
    ) { product($0, $1...$2) },
    Mistake(
      "the gate of step t is left out",
      advice: "You stop before step t. The state after step t has passed its gate: the product includes t."
    ) { gates, s, t in s < t ? product(gates, s + 1..<t) : Tensor.ones([gates.shape[1]]) },
    Mistake(
      "from s to t − 1",
      advice:
        "Your product is one step too early: it has the gates of s to t − 1. It should have those of s + 1 to t."
    ) { gates, s, t in product(gates, s..<t) },
    Mistake(
      "the mean gate", advice: "You take the mean of the gates. What is left of what is left is a product."
    ) { gates, s, t in
      var sum = Tensor.zeros([gates.shape[1]])
      for step in s..<t { for k in 0..<sum.count { sum[k] += gates[step + 1, k] } }
      return s == t ? Tensor.ones(sum.shape) : sum / Float(t - s)
    },
    Mistake(
      "all gates of the sequence",
      advice: "You multiply the gates of all steps. Only those after step s and up to step t lie between."
    ) { gates, _, _ in product(gates, 0..<gates.shape[0]) },
    Mistake(
      "nothing left when nothing lies between",
      advice: "When s = t, you give 0. Then nothing lies between, and the whole change is left: 1."
    ) { gates, s, t in s == t ? Tensor.zeros([gates.shape[1]]) : product(gates, s + 1..<t + 1) },
  ]
}

private func product(_ gates: Tensor, _ steps: some Sequence<Int>) -> Tensor {
  var carry = [Double](repeating: 1, count: gates.shape[1])
  for step in steps { for k in carry.indices { carry[k] *= Double(gates[step, k]) } }
  return Tensor(carry.map { Float($0) })
}

private func expectCarry(
  _ gates: Tensor, _ s: Int, _ t: Int, _ answer: CellCarryExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer(gates, s, t), equals: product(gates, s + 1..<t + 1), "cellCarry(f, from: \(s), to: \(t))",
    given: ["f": gates],
    by: { place in
      let factors = (s + 1..<t + 1).map { Double(gates[$0, place[0]]).shortText }
      return factors.isEmpty
        ? "no gate lies between: 1"
        : "\(factors.joined(separator: "·")) = \(Double(product(gates, s + 1..<t + 1)[place[0]]).shortText)"
    })
}
