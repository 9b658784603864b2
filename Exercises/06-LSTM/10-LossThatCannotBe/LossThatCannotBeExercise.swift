import Engine
import ExerciseKit
import Practice

public final class LossThatCannotBeExercise: Exercise {
  /// Losses and scores.
  public typealias Answer = @Sendable (_ strings: [[Int]], _ unseen: [[Int]]) throws -> ([Float], [Tensor])

  public init() {}

  public let title = "Find the fault: a loss that cannot be"
  public let section = "6.6"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.engine
  public let functions = ["learnGrammar"]
  public let solution: Answer = { try learnGrammar($0, unseen: $1) }
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer { { try learner.call("learnGrammar", $0, $1) } }

  public let hints = [
    "What could the network be learning so well? Ask it about one string, and compare what it says with the string.",
    "After the symbol at place t, the answer is the symbol at place t + 1. Look at where inputs and targets are filled in.",
    "The line that fills in the targets has the symbol that was just read: targets[…] = string[…].",
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the loss comes to rest where the grammar leaves it, and not below", points: 2) {
      answer, trial in
      let data = Data()
      let (losses, _) = try answer(data.training, data.unseen)
      let right = try reference(data.training, data.unseen, Program()).0
      trial.plot("the loss of each step", yours: losses, expected: right)
      let yours = Double(losses.suffix(20).reduce(0, +)) / 20
      trial.expect(
        losses.count == 120 && yours > 0.3 && yours < 0.75, "the last 20 losses have a mean from 0.3 to 0.75",
        about: yours)
    },
    Check(.training, "what may come next in strings it has not seen gets the greatest scores", points: 2) {
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
        "The targets are the symbols that were just read: the network learns to repeat. The target at step t is "
        + "string[t + 1]."
    ) { try reference($0, $1, Program(target: 0)) },
    Mistake(
      "targets shifted the other way",
      advice: "Your targets are the symbols before. What comes next is string[t + 1]."
    ) { try reference($0, $1, Program(target: -1)) },
    Mistake(
      "two symbols on", advice: "Your targets are two symbols ahead. What comes next is string[t + 1]."
    ) { try reference($0, $1, Program(target: 2)) },
    Mistake(
      "a smaller learning rate",
      advice:
        "A smaller learning rate makes the same mistake more slowly: the targets are still the symbols just read."
    ) { try reference($0, $1, Program(target: 0, rate: 0.002)) },
  ]
}

/// What a program does with the targets, and how fast.
private struct Program {
  var target = 1
  var rate = 0.02
}

private struct Data {
  let training, unseen: [[Int]]
  let unseenStrings: [GrammarString]

  init() {
    var stream = RandomStream(seed: 6_100)
    training = (0..<256).map { _ in ReberGrammar.embedded.string(from: &stream).symbols }
    unseenStrings = (0..<40).map { _ in ReberGrammar.embedded.string(from: &stream) }
    unseen = unseenStrings.map(\.symbols)
  }
}

private func reference(_ strings: [[Int]], _ unseen: [[Int]], _ program: Program) throws -> (
  [Float], [Tensor]
) {
  let network = withRandomSource(RandomSource(seed: 6)) { NextSymbol() }
  let losses = grammarLosses(
    network.parameters, strings, target: program.target, learningRate: program.rate
  ) { network($0) }
  let scores = unseen.map { string in
    var inputs = Tensor.zeros([string.count - 1, 1, 7])
    for t in 0..<string.count - 1 { inputs[t, 0, string[t]] = 1 }
    return withoutGradients { network(Variable(inputs)) }.value.reshaped([string.count - 1, 7])
  }
  return (losses, scores)
}
