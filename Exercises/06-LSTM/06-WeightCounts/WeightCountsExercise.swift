import ExerciseKit
import Practice

public final class WeightCountsExercise: Exercise {
  public struct Answer: Sendable {
    let today: @Sendable (_ parts: Int, _ inputs: Int, _ units: Int) throws -> Int
    let of1997:
      @Sendable (_ inputs: Int, _ outputs: Int, _ blocks: Int, _ cells: Int, _ all: Bool) throws -> Int
  }

  public init() {}

  public let title = "How many weights"
  public let section = "6.6"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.nothing
  public let functions = ["recurrentWeights", "weights1997"]
  public let solution = Answer(
    today: { try recurrentWeights(parts: $0, inputs: $1, units: $2) },
    of1997: {
      try weights1997(inputs: $0, outputs: $1, blocks: $2, cellsPerBlock: $3, allUnitsHaveBiases: $4)
    })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      today: { try learner.call("recurrentWeights", $0, $1, $2) },
      of1997: { try learner.call("weights1997", $0, $1, $2, $3, $4) })
  }

  public let hints = [
    "Count what goes into one unit of one part, and multiply. For 1997: what goes into a hidden unit, what into an "
      + "output?",
    "Today: parts·H·(D + H + 2). 1997: H·(inputs + H) + cells·outputs + biases, with H = cells + 2·blocks.",
    """
    return parts * units * (…)

    let cells = blocks * cellsPerBlock
    let hidden = cells + …
    let biases = allUnitsHaveBiases ? … : …
    return hidden * (…) + cells * outputs + biases
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "an RNN, a GRU and an LSTM with 3 inputs and 5 units", points: 1) { answer, trial in
      for parts in [1, 3, 4] { try expectToday(parts, 3, 5, answer, trial) }
    },
    Check(.byHand, "1997, as in the paper: 264, 276, 93, 156, 308", points: 2) { answer, trial in
      for (inputs, outputs, blocks, cells, all) in [
        (7, 7, 4, 1, false), (7, 7, 3, 2, false), (2, 1, 2, 2, true), (8, 4, 2, 2, true), (8, 8, 3, 2, true),
      ] {
        try expect1997(inputs, outputs, blocks, cells, all, answer, trial)
      }
    },
    Check(.property, "as one counts them one by one, for twenty networks", points: 1) { answer, trial in
      var numbers = Inputs(seed: 661)
      for round in 0..<20 {
        try expectToday([1, 3, 4][round % 3], numbers.integer(1...9), numbers.integer(1...9), answer, trial)
        try expect1997(
          numbers.integer(1...9), numbers.integer(1...9), numbers.integer(1...5), numbers.integer(1...4),
          round % 2 == 0, answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "one bias vector",
      advice: "You count one bias for each unit of a part. PyTorch's layers have two bias vectors.",
      answer: changed(today: { (p: Int, d: Int, h: Int) -> Int in p * h * (d + h + 1) })),
    Mistake(
      "the biases once for all parts",
      advice: "You count the biases of one part only. Each part has its own: parts·H·2.",
      answer: changed(today: { (p: Int, d: Int, h: Int) -> Int in p * h * (d + h) + 2 * h })),
    Mistake(
      "the recurrent weights once for all parts",
      advice: "You count W_hh of one part only. Each part has its own: parts·H·H.",
      answer: changed(today: { (p: Int, d: Int, h: Int) -> Int in p * h * (d + 2) + h * h })),
    Mistake(
      "outputs see the gates",
      advice: "You give each output of 1997 a weight for every hidden unit. Outputs see the cells only.",
      answer: changed1997 { (inputs: Int, outputs: Int, hidden: Int, cells: Int, biases: Int) -> Int in
        hidden * (inputs + hidden) + hidden * outputs + biases
      }),
    Mistake(
      "hidden units see the cells only",
      advice:
        "Your hidden units of 1997 have weights for inputs and cells. They see the gates too: H·(inputs + H).",
      answer: changed1997 { (inputs: Int, outputs: Int, hidden: Int, cells: Int, biases: Int) -> Int in
        hidden * (inputs + cells) + cells * outputs + biases
      }),
    Mistake(
      "one gate for each cell",
      advice: "You count two gates for each cell. The cells of a block share theirs: 2·blocks.",
      answer: WeightCountsExercise.Answer(
        today: today,
        of1997: { (inputs: Int, outputs: Int, blocks: Int, cellsPerBlock: Int, all: Bool) -> Int in
          let cells = blocks * cellsPerBlock
          let hidden = 3 * cells
          let biases = all ? hidden + outputs : 2 * cells
          return hidden * (inputs + hidden) + cells * outputs + biases
        })),
    Mistake(
      "three gates in a block",
      advice: "You count a forget gate. The cell of 1997 has none: two gates in a block.",
      answer: WeightCountsExercise.Answer(
        today: today,
        of1997: { (inputs: Int, outputs: Int, blocks: Int, cellsPerBlock: Int, all: Bool) -> Int in
          let cells = blocks * cellsPerBlock
          let hidden = cells + 3 * blocks
          let biases = all ? hidden + outputs : 3 * blocks
          return hidden * (inputs + hidden) + cells * outputs + biases
        })),
    Mistake(
      "the biases are forgotten", advice: "You count no biases in the network of 1997.",
      answer: changed1997 { (inputs: Int, outputs: Int, hidden: Int, cells: Int, _: Int) -> Int in
        hidden * (inputs + hidden) + cells * outputs
      }),
  ]
}

private let today: @Sendable (Int, Int, Int) throws -> Int = { (p: Int, d: Int, h: Int) -> Int in
  p * h * (d + h + 2)
}

/// Answers that know the sizes.
private func changed1997(
  _ of1997:
    @escaping @Sendable (_ inputs: Int, _ outputs: Int, _ hidden: Int, _ cells: Int, _ biases: Int) -> Int
) -> WeightCountsExercise.Answer {
  changed(of1997: of1997)
}

/// The same, with another count for today's layers as well.
private func changed(
  today: @escaping @Sendable (Int, Int, Int) throws -> Int = today,
  of1997:
    @escaping @Sendable (_ inputs: Int, _ outputs: Int, _ hidden: Int, _ cells: Int, _ biases: Int) -> Int = {
      (inputs: Int, outputs: Int, hidden: Int, cells: Int, biases: Int) -> Int in
      hidden * (inputs + hidden) + cells * outputs + biases
    }
) -> WeightCountsExercise.Answer {
  WeightCountsExercise.Answer(
    today: today,
    of1997: { (inputs: Int, outputs: Int, blocks: Int, cellsPerBlock: Int, all: Bool) -> Int in
      let cells = blocks * cellsPerBlock
      let hidden = cells + 2 * blocks
      return of1997(inputs, outputs, hidden, cells, all ? hidden + outputs : 2 * blocks)
    })
}

private func expectToday(
  _ parts: Int, _ inputs: Int, _ units: Int, _ answer: WeightCountsExercise.Answer, _ trial: Trial
) throws {
  var count = 0
  for _ in 0..<parts { for _ in 0..<units { count += inputs + units + 2 } }
  trial.expect(
    try answer.today(parts, inputs, units), equals: count,
    "recurrentWeights(parts: \(parts), inputs: \(inputs), units: \(units))", tolerance: 0,
    by: { _ in "\(parts)·\(units)·(\(inputs) + \(units) + 2) = \(count)" })
}

private func expect1997(
  _ inputs: Int, _ outputs: Int, _ blocks: Int, _ cellsPerBlock: Int, _ all: Bool,
  _ answer: WeightCountsExercise.Answer, _ trial: Trial
) throws {
  let cells = blocks * cellsPerBlock
  let hidden = cells + 2 * blocks
  var count = 0
  for unit in 0..<hidden { count += inputs + hidden + (all || unit < 2 * blocks ? 1 : 0) }
  for _ in 0..<outputs { count += cells + (all ? 1 : 0) }
  trial.expect(
    try answer.of1997(inputs, outputs, blocks, cellsPerBlock, all), equals: count,
    "weights1997(inputs: \(inputs), outputs: \(outputs), blocks: \(blocks), cellsPerBlock: \(cellsPerBlock), "
      + "allUnitsHaveBiases: \(all))", tolerance: 0,
    by: { _ in
      "H = \(hidden);  \(hidden)·(\(inputs) + \(hidden)) + \(cells)·\(outputs) + "
        + "\(all ? hidden + outputs : 2 * blocks) = \(count)"
    })
}
