import ExerciseChannel
import ExerciseKit
import Practice

public final class MembershipThresholdExercise: Exercise {
  public struct Answer: Sendable {
    var advantage: @Sendable (_ t: Double, _ members: [Double], _ others: [Double]) throws -> Double = {
      gain($0, $1, $2)
    }
    var attack: @Sendable (_ members: [Double], _ others: [Double]) throws -> (Double, Double) = {
      Attack().result($0, $1)
    }
  }

  public init() {}

  public let title = "Who was in the training set?"
  public let section = "9.6"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["advantage", "membershipAttack"]

  public let solution = Answer(
    advantage: { try advantage(of: $0, members: $1, others: $2) },
    attack: { try membershipAttack(members: $0, others: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      advantage: { try learner.call("advantage", $0, $1, $2) },
      attack: { try learner.call("membershipAttack", $0, $1) })
  }

  public let hints = [
    "Make the four lists first: members and others, each in a choosing and a measuring half. Then the search sees only two of them, "
      + "and the last line only the other two.",
    "Try every loss t of the choosing half, from the smallest up, and keep the one with the largest TPR − FPR; a later one must be "
      + "larger, not as large. Then TPR − FPR of this t on the measuring half.",
    """
    func half(_ losses: [Double], from first: Int) -> [Double] {
      stride(from: first, to: losses.count, by: 2).map { losses[$0] }
    }
    let (m, o) = (half(members, from: 0), half(others, from: 0))
    var (best, most) = (0.0, -Double.infinity)
    for t in (m + o).sorted() {
      …
    }
    return (best, try advantage(of: best, members: …, others: …))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "the advantage of four thresholds", points: 1) { answer, trial in
      let (members, others) = ([1, 2, 4, 3, 2] as [Double], [3, 8, 6, 1, 7, 5, 2, 4] as [Double])
      for t in [2, 3, 0.5, 9] {
        trial.expect(
          try answer.advantage(t, members, others), equals: gain(t, members, others),
          "advantage(of: \(t.shortText), members: members, others: others)",
          given: ["members": members, "others": others],
          by: { _ in
            "\(members.count { $0 <= t }) of \(members.count) members − \(others.count { $0 <= t }) of "
              + "\(others.count) others"
          })
      }
    },
    Check(.byHand, "eight members and eight others", points: 1) { answer, trial in
      try expect([1, 7, 4, 2, 2, 6, 3, 9], [3, 1, 6, 8, 7, 2, 5, 4], answer, trial)
      try expect([1, 2, 4, 3, 2, 9, 8, 5], [3, 8, 6, 1, 7, 5, 9, 2], answer, trial)
    },
    Check(.byHand, "equal losses, and several thresholds that are as good", points: 1) { answer, trial in
      try expect([2, 5, 2, 1, 4, 3, 4, 6], [3, 2, 2, 7, 6, 1, 5, 4], answer, trial)
      try expect([1, 4, 5, 2, 1, 1, 5, 9], [3, 1, 3, 2, 7, 1, 8, 8], answer, trial)
      try expect([6, 2, 6, 1], [5, 3, 5, 2], answer, trial)
    },
    Check(.byHand, "many more others than members", points: 1) { answer, trial in
      try expect(
        [2, 1, 4, 6, 3, 5, 7], [5, 2, 1, 4, 6, 3, 8, 8, 9, 2, 7, 7, 10, 3, 4.5, 1], answer, trial)
    },
    Check(.property, "as the rules say, for twenty sets of losses", points: 2) { answer, trial in
      // 4 or 8 of each in the choosing half: then shares that should be equal are so after any rounding.
      var inputs = Inputs(seed: 951)
      for _ in 0..<20 {
        let counts = (0..<2).map { _ in (inputs.integer(0...1) == 0 ? 8 : 16) - inputs.integer(0...1) }
        func losses(_ count: Int, above least: Double) -> [Double] {
          (0..<count).map { _ in least + Double(inputs.integer(1...24)) / 4 }
        }
        try expect(losses(counts[0], above: 0), losses(counts[1], above: 1), answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "less, not at most",
      advice: "You guess \"member\" when the loss is less than the threshold. A loss equal to it counts too.",
      answer: .init(
        advantage: { gain($0, $1, $2, counts: .less) }, attack: { Attack(rule: .less).result($0, $1) })),
    Mistake(
      "members have large losses",
      advice: "You guess \"member\" when the loss is large. A model has small losses on what it has learned.",
      answer: .init(
        advantage: { gain($0, $1, $2, counts: .atLeast) }, attack: { Attack(rule: .atLeast).result($0, $1) })
    ),
    Mistake(
      "the share of right guesses",
      advice: "You measure how many guesses are right. The advantage is TPR − FPR, and 0 for guessing.",
      answer: .init(
        advantage: { t, members, others in (gain(t, members, others) + 1) / 2 },
        attack: { members, others in
          let (t, gain) = Attack().result(members, others)
          return (t, (gain + 1) / 2)
        })),
    Mistake(
      "the true positive rate alone",
      advice: "You count the members that are caught. Take away the share of others that are blamed.",
      answer: .init(advantage: { t, members, _ in gain(t, members, []) })),
    wrong(
      "measured where it was chosen",
      advice:
        "You measure on the half that you chose on. Its advantage is too good: measure on the odd places."
    ) { $0.measures = .even },
    wrong(
      "chosen on all losses",
      advice: "You choose the threshold on all losses, those for measuring too. Choose on the even places."
    ) { $0.chooses = .all },
    wrong(
      "measured on all losses",
      advice: "You measure on all losses; half of them have chosen the threshold. Measure on the odd places."
    ) { $0.measures = .all },
    wrong(
      "the halves are exchanged",
      advice: "You choose on the odd places and measure on the even ones. It is the other way round."
    ) { ($0.chooses, $0.measures) = (.odd, .even) },
    wrong(
      "front and back halves",
      advice:
        "You cut the lists in the middle. The even places are for choosing, the odd ones for measuring: the order of a "
        + "list may mean something."
    ) { ($0.chooses, $0.measures) = (.front, .back) },
    wrong(
      "the largest of equal thresholds",
      advice: "Of thresholds that are as good you take the largest. Take the smallest."
    ) { $0.takesLast = true },
    wrong(
      "the most right guesses",
      advice:
        "You choose by the number of right guesses. Where others are many, that lets \"never a member\" win: choose by "
        + "TPR − FPR."
    ) { $0.countsGuesses = true },
    wrong(
      "the mean loss of the members",
      advice: "Your threshold is the mean loss of the members. Here it is the one with the largest advantage."
    ) { $0.takesMean = true },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Attack) -> Void)
  -> Mistake<MembershipThresholdExercise.Answer>
{
  Mistake(
    name, advice: advice,
    answer: .init(attack: {
      var attack = Attack()
      change(&attack)
      return attack.result($0, $1)
    }))
}

/// Which losses make the attacker guess "member".
private enum Rule {
  case atMost, less, atLeast

  func counts(_ loss: Double, _ t: Double) -> Bool {
    switch self {
    case .atMost: loss <= t
    case .less: loss < t
    case .atLeast: loss >= t
    }
  }
}

private func gain(
  _ t: Double, _ members: [Double], _ others: [Double], counts rule: Rule = .atMost
) -> Double {
  func share(_ losses: [Double]) -> Double {
    losses.isEmpty ? 0 : Double(losses.count { rule.counts($0, t) }) / Double(losses.count)
  }
  return share(members) - share(others)
}

/// The attack, right unless changed.
private struct Attack: Sendable {
  enum Part { case even, odd, all, front, back }

  var rule = Rule.atMost
  var chooses = Part.even
  var measures = Part.odd
  var takesLast = false
  var countsGuesses = false
  var takesMean = false

  func part(_ losses: [Double], _ part: Part) -> [Double] {
    let middle = (losses.count + 1) / 2
    return switch part {
    case .even: losses.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    case .odd: losses.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    case .all: losses
    case .front: Array(losses[..<middle])
    case .back: Array(losses[middle...])
    }
  }

  /// The candidates in rising order, each with what it is chosen by.
  func candidates(_ members: [Double], _ others: [Double]) -> [(t: Double, gain: Double)] {
    let (m, o) = (part(members, chooses), part(others, chooses))
    if takesMean { return [(m.reduce(0, +) / Double(m.count), 0)] }
    return (m + o).sorted().map { t in
      let right = m.count { rule.counts($0, t) } + o.count { !rule.counts($0, t) }
      return (t, countsGuesses ? Double(right) : gain(t, m, o, counts: rule))
    }
  }

  func result(_ members: [Double], _ others: [Double]) -> (Double, Double) {
    var best = (t: 0.0, gain: -Double.infinity)
    for candidate in candidates(members, others)
    where candidate.gain > best.gain || (takesLast && candidate.gain == best.gain) {
      best = candidate
    }
    return (best.t, gain(best.t, part(members, measures), part(others, measures), counts: rule))
  }
}

private func expect(
  _ members: [Double], _ others: [Double], _ answer: MembershipThresholdExercise.Answer, _ trial: Trial
) throws {
  let attack = Attack()
  let (threshold, advantage) = attack.result(members, others)
  let yours = try answer.attack(members, others)
  trial.expect(
    [yours.0, yours.1], equals: [threshold, advantage],
    "membershipAttack(members: members, others: others), threshold and advantage",
    given: ["members": members, "others": others],
    by: { place in
      if place == [0] {
        let list = attack.candidates(members, others).map { "\($0.t.shortText): \($0.gain.shortText)" }
        return "on the choosing half the thresholds have the advantages \(list.joined(separator: ", "))"
      }
      let (m, o) = (attack.part(members, .odd), attack.part(others, .odd))
      return "on the measuring half \(m.count { $0 <= threshold }) of \(m.count) members − "
        + "\(o.count { $0 <= threshold }) of \(o.count) others have a loss of at most \(threshold.shortText)"
    })
}
