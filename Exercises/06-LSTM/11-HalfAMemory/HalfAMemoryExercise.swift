import Engine
import ExerciseKit
import Practice

public final class HalfAMemoryExercise: Exercise {
  /// Losses and scores.
  public typealias Answer = @Sendable (_ strings: [[Int]], _ unseen: [[Int]]) throws -> ([Float], [Tensor])

  public init() {}

  public let title = "Find the fault: half a memory"
  public let section = "6.6"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.engine
  public let functions = ["readAlong"]
  public let solution: Answer = { try readAlong($0, unseen: $1) }
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer { { try learner.call("readAlong", $0, $1) } }

  public let hints = [
    "The same weights know a whole string, and do not know it symbol by symbol. What does a whole string give to its second "
      + "step that your second symbol does not get?",
    "A step of an LSTM takes two vectors from the step before it and hands two on: its state and its cell. Follow both from "
      + "one symbol to the next.",
    "After each symbol both must be kept:  memory = (step.hidden, step.…)",
  ]

  public let checks: [Check<Answer>] = [
    Check(.property, "symbol by symbol gives the scores that the whole string gives", points: 3) {
      answer, trial in
      let data = Data()
      let (losses, scores) = try answer(data.training, data.unseen)
      let right = try reference(data.training, data.unseen, .keepsBoth)
      trial.plot("the loss of each step", yours: losses, expected: right.0)
      trial.expect(scores.count == data.unseen.count, "a table for each unseen string", about: scores.count)
      for (n, (yours, expected)) in zip(scores, right.1).enumerated() {
        trial.expect(
          yours, equals: expected, "readAlong(strings, unseen: unseen).scores[\(n)]",
          given: ["unseen[\(n)]": data.unseen[n]], tolerance: 1e-2)
      }
    },
    Check(.training, "what may come next in strings it has not seen gets the greatest scores", points: 1) {
      answer, trial in
      let data = Data()
      let (_, scores) = try answer(data.training, data.unseen)
      trial.expect(
        share(scores, data.unseenStrings) >= 0.8, "at 80 % of the places or more",
        about: share(scores, data.unseenStrings))
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the program as it is given",
      advice:
        "The state goes on from symbol to symbol, but every symbol meets an empty cell. The cell is the memory: keep it too."
    ) { try reference($0, $1, .losesTheCell) },
    Mistake(
      "only the cell is kept",
      advice:
        "Now the cell goes on and the state is lost. The gates look at the state of the step before: keep both."
    ) { try reference($0, $1, .losesTheState) },
    Mistake(
      "state and cell are exchanged",
      advice: "Both go on, but each in the other's place: initial takes the state first, then the cell."
    ) { try reference($0, $1, .exchanges) },
    Mistake(
      "nothing is kept",
      advice: "Each symbol is read as if it were the first. What the step before knew must go into `initial`."
    ) { try reference($0, $1, .losesBoth) },
    Mistake(
      "the next string goes on where the last one ended",
      advice:
        "Within a string all is right. But a new string begins with an empty memory, and yours still knows the one before."
    ) { try reference($0, $1, .neverForgets) },
  ]
}

/// What is done with the two vectors after each symbol.
private enum Keeping {
  case keepsBoth, losesTheCell, losesTheState, exchanges, losesBoth, neverForgets
}

private struct Data {
  let training, unseen: [[Int]]
  let unseenStrings: [GrammarString]

  init() {
    var stream = RandomStream(seed: 6_111)
    training = (0..<256).map { _ in ReberGrammar.embedded.string(from: &stream).symbols }
    unseenStrings = (0..<30).map { _ in ReberGrammar.embedded.string(from: &stream) }
    unseen = unseenStrings.map(\.symbols)
  }
}

private func reference(_ strings: [[Int]], _ unseen: [[Int]], _ keeping: Keeping) throws -> (
  [Float], [Tensor]
) {
  let network = withRandomSource(RandomSource(seed: 6)) { Reader() }
  let losses = grammarLosses(network.parameters, strings) { network($0) }
  let zeros = Variable(Tensor.zeros([1, 1, 12]))
  var (hidden, cell) = (zeros, zeros)
  let scores = unseen.map { string -> Tensor in
    if keeping != .neverForgets { (hidden, cell) = (zeros, zeros) }
    let rows = string.dropLast().map { symbol -> Tensor in
      var input = Tensor.zeros([1, 1, 7])
      input[0, 0, symbol] = 1
      return withoutGradients {
        let step = network.lstm(Variable(input), initial: (hidden: hidden, cell: cell))
        switch keeping {
        case .keepsBoth, .neverForgets: (hidden, cell) = (step.hidden, step.cell)
        case .losesTheCell: hidden = step.hidden
        case .losesTheState: cell = step.cell
        case .exchanges: (hidden, cell) = (step.cell, step.hidden)
        case .losesBoth: break
        }
        return network.fc(step.output).value.reshaped([1, 7])
      }
    }
    return Tensor(rows.flatMap(\.scalars), shape: [rows.count, 7])
  }
  return (losses, scores)
}
