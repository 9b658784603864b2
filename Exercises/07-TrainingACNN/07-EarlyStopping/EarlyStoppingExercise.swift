import ExerciseKit
import Practice

public final class EarlyStoppingExercise: Exercise {
  /// The best epoch, and the last.
  public typealias Answer = @Sendable (_ losses: [Float], _ patience: Int) throws -> (Int, Int)

  public init() {}

  public let title = "When to stop"
  public let section = "7.7"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["earlyStopping"]
  public let solution: Answer = { try earlyStopping($0, patience: $1) }

  public func answer(of learner: Learner) -> Answer {
    { losses, patience in try learner.call("earlyStopping", losses, patience) }
  }

  public let hints = [
    "Go through the epochs once, and carry two things along: the lowest loss so far, and the epoch it came "
      + "from. How many epochs in a row brought nothing is then a difference.",
    "If the loss is below the lowest: it is the lowest, and its epoch the best. Otherwise, if the epoch is "
      + "`patience` or more behind the best: stop here. A comparison with a number that is none is false, "
      + "so begin with infinity.",
    """
    var lowest = Float.infinity
    var best = 1
    for (index, loss) in losses.enumerated() {
      if loss < lowest {
        …
      } else if index + 1 - best >= … {
        return (best, …)
      }
    }
    return (best, losses.count)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "six epochs with patience 2", points: 1) { answer, trial in
      try expectStop([0.9, 0.5, 0.6, 0.5, 0.2, 0.1], 2, of: answer, trial)
      try expectStop([0.9, 0.5, 0.6, 0.4, 0.7, 0.8, 0.3], 2, of: answer, trial)
      try expectStop([0.5, 0.6, 0.7, 0.8, 0.9, 0.1], 2, of: answer, trial)
    },
    Check(.byHand, "patience 1 stops at the first that is not lower", points: 1) { answer, trial in
      try expectStop([0.9, 0.8, 0.85, 0.1], 1, of: answer, trial)
      try expectStop([0.5, 0.5, 0.1], 1, of: answer, trial)
    },
    Check(.byHand, "a curve that only falls, and one that ends while one waits", points: 1) { answer, trial in
      try expectStop([0.9, 0.7, 0.6, 0.55], 3, of: answer, trial)
      try expectStop([0.9, 0.7, 0.8, 0.9], 3, of: answer, trial)
      try expectStop([0.4], 1, of: answer, trial)
    },
    Check(.byHand, "a loss that is not a number", points: 1) { answer, trial in
      try expectStop([0.9, .nan, 0.8, .nan, .nan, 0.1], 2, of: answer, trial)
      try expectStop([.nan, 0.9, 0.5, 0.7, 0.6], 2, of: answer, trial)
      try expectStop([.nan], 1, of: answer, trial)
      try expectStop([.nan, .nan], 3, of: answer, trial)
      try expectStop([.nan, .nan, 7e20, 8e20, 9e20], 3, of: answer, trial)
    },
    Check(.property, "as the rules say, for forty curves", points: 2) { answer, trial in
      var inputs = Inputs(seed: 771)
      for _ in 0..<40 {
        // Few different values, so that equal ones come often; a curve that falls at first.
        let losses = (0..<inputs.integer(1...20)).map { epoch in
          Float(inputs.integer(1...8) + max(0, 12 - 3 * epoch)) / 10
        }
        try expectStop(losses, inputs.integer(1...5), of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "compared with the epoch before",
      advice: "You compare with the loss of the epoch before. A small step down after a large one up is no "
        + "improvement: compare with the lowest so far."
    ) { losses, patience in
      walk(losses, patience) { index, _ in index == 0 || losses[index] < losses[index - 1] }
    },
    wrong(
      "as low counts as lower",
      advice: "You take a loss that is as low as the lowest for an improvement. It must be below."
    ) { losses, patience in walk(losses, patience) { index, lowest in losses[index] <= lowest } },
    wrong(
      "one epoch too patient",
      advice: "You wait one epoch longer than the patience. Stop as soon as so many epochs have brought "
        + "nothing."
    ) { losses, patience in walk(losses, patience + 1) { losses[$0] < $1 } },
    wrong(
      "one epoch too impatient",
      advice: "You count the best epoch among those that brought nothing. The first of these is the one "
        + "behind it."
    ) { losses, patience in
      let (best, stopped) = walk(losses, patience) { losses[$0] < $1 }
      return patience == 1 ? (best, stopped) : walk(losses, patience - 1) { losses[$0] < $1 }
    },
    wrong(
      "in total instead of in a row",
      advice: "You count all epochs that brought nothing. An improvement begins the count anew: they must "
        + "be in a row."
    ) { losses, patience in
      var (best, bad) = (1, 0)
      var lowest = Float.infinity
      for (index, loss) in losses.enumerated() {
        if loss < lowest {
          (lowest, best) = (loss, index + 1)
        } else if index > 0 {
          bad += 1
          if bad >= patience { return (best, index + 1) }
        }
      }
      return (best, losses.count)
    },
    wrong(
      "counted from 0", advice: "You count epochs from 0. The first is epoch 1."
    ) { losses, patience in
      let (best, stopped) = walk(losses, patience) { losses[$0] < $1 }
      return (best - 1, stopped - 1)
    },
    wrong(
      "the last weights are kept",
      advice: "You keep the weights of the last epoch. The best are those of the lowest loss, some epochs "
        + "before."
    ) { losses, patience in
      let stopped = walk(losses, patience) { losses[$0] < $1 }.1
      return (stopped, stopped)
    },
    wrong(
      "the best of the whole curve",
      advice: "You look at epochs behind the stop. Nobody knows them: the best is the lowest up to the stop."
    ) { losses, patience in
      let lowest = losses.filter { !$0.isNaN }.min() ?? losses[0]
      return ((losses.firstIndex(of: lowest) ?? 0) + 1, walk(losses, patience) { losses[$0] < $1 }.1)
    },
    wrong(
      "never stopped",
      advice: "You go on to the last epoch. Stop when `patience` epochs in a row have brought nothing."
    ) { losses, _ in walk(losses, losses.count) { losses[$0] < $1 } },
    wrong(
      "the highest is the best",
      advice: "You look for the highest loss, as if it were an accuracy. The lowest loss is the best."
    ) { losses, patience in walk(losses.map { -$0 }, patience) { -losses[$0] < $1 } },
    wrong(
      "what is not a number is an improvement",
      advice: "You take a loss that is not a number for a lower one. Every comparison with it is false: ask "
        + "whether the loss is below, not whether it is not above."
    ) { losses, patience in walk(losses, patience) { !(losses[$0] >= $1) } },
    wrong(
      "begun with a loss that is not a number",
      advice:
        "Your lowest loss begins with the first one. Where that is not a number, no other is ever below it: begin "
        + "with infinity."
    ) { losses, patience in
      var (lowest, best) = (losses[0], 1)
      for (index, loss) in losses.enumerated().dropFirst() {
        if loss < lowest {
          (lowest, best) = (loss, index + 1)
        } else if index + 1 - best >= patience {
          return (best, index + 1)
        }
      }
      return (best, losses.count)
    },
    wrong(
      "best counted back from the stop",
      advice: "You take the epoch `patience` before the stop for the best. When training ends by itself "
        + "that is another."
    ) { losses, patience in
      let stopped = walk(losses, patience) { losses[$0] < $1 }.1
      return (max(1, stopped - patience), stopped)
    },
  ]
}

private func wrong(
  _ name: String, advice: String, _ answer: @escaping EarlyStoppingExercise.Answer
) -> Mistake<EarlyStoppingExercise.Answer> { Mistake(name, advice: advice, answer: answer) }

/// From epoch to epoch, with a rule for what is an improvement on the lowest so far.
private func walk(
  _ losses: [Float], _ patience: Int, _ isBetter: (_ index: Int, _ lowest: Float) -> Bool
) -> (Int, Int) {
  var (best, waited) = (1, 0)
  var lowest = Float.infinity
  for index in losses.indices {
    waited += 1
    if isBetter(index, lowest) {
      (best, waited, lowest) = (index + 1, 0, losses[index])
    } else if index > 0 && waited >= patience {
      return (best, index + 1)
    } else if index == 0 {
      waited = 0
    }
  }
  return (best, losses.count)
}

private func expectStop(
  _ losses: [Float], _ patience: Int, of answer: EarlyStoppingExercise.Answer, _ trial: Trial
) throws {
  let (best, stopped) = try answer(losses, patience)
  let expected = walk(losses, patience) { losses[$0] < $1 }
  let call = "earlyStopping(\(losses.map { written($0) }.joined(separator: ", ")); patience: \(patience))"
  trial.expect(
    [best, stopped], equals: [expected.0, expected.1], "\(call), as [best, stopped]", tolerance: 0,
    by: { place in
      if place[0] == 0 {
        return "of the first \(expected.1) losses the lowest is \(written(losses[expected.0 - 1])), of "
          + "epoch \(expected.0)"
      }
      return expected.1 - expected.0 >= patience
        ? "epochs \(expected.0 + 1) to \(expected.1) brought nothing below \(written(losses[expected.0 - 1]))"
        : "there is always something lower in time: \(expected.1) is the last epoch"
    })
}
