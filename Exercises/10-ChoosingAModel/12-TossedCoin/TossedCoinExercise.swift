import Engine
import ExerciseKit
import Foundation
import Practice

public final class TossedCoinExercise: Exercise {
  /// The loss of every step, and the labels of the unseen texts.
  public typealias Answer =
    @Sendable (_ texts: [[Int]], _ labels: [Int], _ batches: [[Int]], _ unseen: [[Int]]) throws -> (
      [Float], [Int]
    )

  public init() {}

  public let title = "Find the fault: as good as a tossed coin"
  public let section = "10.5"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.engine
  public let functions = ["trainReader"]
  public let solution: Answer = { try trainReader($0, labels: $1, batches: $2, unseen: $3) }
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("trainReader", $0, $1, $2, $3) }
  }

  public let hints = [
    "A coin is what remains when the order cannot be seen. The vectors of the places are added, so ask what they say: print "
      + "`places` for two short texts.",
    "All words lie one behind the other: number k belongs to text ⌊k/T⌋ and stands there at place k mod T. Which of the two does "
      + "the program take?",
    """
    let places = IntTensor((0..<count * length).map { $0 … length }, shape: [count, length])      // 0 1 2 … in each text
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the loss leaves that of a coin behind", points: 2) { answer, trial in
      let task = Task()
      let losses = try task.result(of: answer).0
      trial.plot("the loss of each step", yours: losses, expected: rightLosses)
      let last = losses.suffix(30).reduce(0, +) / 30
      trial.expect(
        losses.count == task.batches.count && last < 0.1, "the last 30 losses have a mean below 0.1",
        about: last)
    },
    Check(.training, "the order in texts that it never saw is told", points: 2) { answer, trial in
      let task = Task()
      let share = task.shareRight(try task.result(of: answer).1)
      trial.expect(
        share >= 0.95, "of 400 texts that it never saw, at least 95 % get the right label", about: share)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the program as it is given",
      advice:
        "Each word gets the number of its text instead of its place in it. Number k of the batch stands at place k % length."
    ) { $0.place = { k, _, length in k / length } },
    wrong(
      "the same place for all",
      advice:
        "All your words stand at one place. Number k of the batch stands at place k % length of its text."
    ) { $0.place = { _, _, _ in 0 } },
    wrong(
      "without positions",
      advice:
        "You have taken the positions out, and without them the order cannot be seen. Mend the places instead."
    ) { $0.usesPositions = false },
    wrong(
      "the place counted by the number of texts",
      advice:
        "Your places begin anew after as many words as there are texts. A text is `length` words long: k % length."
    ) { $0.place = { k, count, _ in k % count } },
    wrong(
      "a smaller learning rate",
      advice:
        "A smaller rate changes nothing: each word still gets the number of its text, not its place in it."
    ) {
      $0.place = { k, _, length in k / length }
      $0.rate = 0.001
    },
  ]
}

/// The losses of the mended program, for the curve.
private let rightLosses: [Float] =
  (try? Task().result(of: { try reference($0, $1, $2, $3, Program()) }).0) ?? []

/// The texts of one run.
private struct Task {
  let texts: [[Int]]
  let labels: [Int]
  let batches: [[Int]]
  let count = 800

  init() {
    var inputs = Inputs(seed: 1120)
    texts = (0..<1200).map { _ in
      var text = (0..<8).map { _ in inputs.integer(3...9) }
      let order = inputs.order(of: 8)
      (text[order[0]], text[order[1]]) = (1, 2)
      return text
    }
    labels = texts.map { $0.firstIndex(of: 1)! < $0.firstIndex(of: 2)! ? 1 : 0 }
    var batches: [[Int]] = []
    for _ in 0..<8 {
      let order = inputs.order(of: 800)
      batches += stride(from: 0, to: 800, by: 20).map { Array(order[$0..<$0 + 20]) }
    }
    self.batches = batches
  }

  func result(of answer: TossedCoinExercise.Answer) throws -> ([Float], [Int]) {
    try answer(Array(texts[..<count]), Array(labels[..<count]), batches, Array(texts[count...]))
  }

  func shareRight(_ guesses: [Int]) -> Double {
    guard guesses.count == texts.count - count else { return 0 }
    return Double(zip(guesses, labels[count...]).count { $0 == $1 }) / Double(guesses.count)
  }
}

/// What a program does.
private struct Program: Sendable {
  var place: @Sendable (_ k: Int, _ count: Int, _ length: Int) -> Int = { k, _, length in k % length }
  var usesPositions = true
  var rate = 0.01
  var seed: UInt64 = 1012
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  TossedCoinExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { try reference($0, $1, $2, $3, changed) }
}

private func reference(
  _ texts: [[Int]], _ labels: [Int], _ batches: [[Int]], _ unseen: [[Int]], _ program: Program
) throws -> ([Float], [Int]) {
  let reader = withRandomSource(RandomSource(seed: program.seed)) { OrderReader() }
  let optimizer = Adam(reader.parameters, learningRate: program.rate)
  func scores(_ texts: [[Int]]) -> Variable {
    let (count, length) = (texts.count, texts[0].count)
    let words = reader.tokens(IntTensor(texts.flatMap { $0 }, shape: [count, length]))
    let places = IntTensor(
      (0..<count * length).map { program.place($0, count, length) }, shape: [count, length])
    let x = program.usesPositions ? words + reader.positions(places) : words
    let y = x + reader.attention(x)
    return reader.output(relu(reader.linear(y))).mean(axis: 1)
  }
  var losses: [Float] = []
  for batch in batches {
    let loss = crossEntropy(scores(batch.map { texts[$0] }), IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }
  let size = batches[0].count
  let guesses = stride(from: 0, to: unseen.count, by: size).flatMap { start in
    let part = Array(unseen[start..<min(start + size, unseen.count)])
    return withoutGradients { scores(part) }.value.argmax().scalars
  }
  return (losses, guesses)
}
