import Engine
import ExerciseKit
import Foundation
import Practice

public final class WonderfulLossExercise: Exercise {
  /// The losses, the loss on unseen text, and what was written.
  public typealias Answer =
    @Sendable (_ text: [Int], _ starts: [[Int]], _ unseen: [Int], _ count: Int) throws -> (
      [Float], Float, [Int]
    )

  public init() {}

  public let title = "Find the fault: a wonderful loss"
  public let section = "10.3"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.engine
  public let functions = ["trainWriter"]
  public let solution: Answer = { try trainWriter($0, starts: $1, unseen: $2, count: $3) }
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("trainWriter", $0, $1, $2, $3) }
  }

  public let hints = [
    "A loss that nobody can reach has been told the answer. In training the right answer stands in the same window, one place "
      + "on; when it writes, it does not stand anywhere. Who can see that place?",
    "Step t has to guess the symbol at place t + 1. It may look at the places s ≤ t, and at no other.",
    """
    (0..<steps).flatMap { t in (0..<steps).map { s in s <= … } }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "the loss begins where it should, and ends where the text leaves it", points: 2) {
      answer, trial in
      let task = Task()
      let (losses, unseen, _) = try task.result(of: answer)
      trial.plot("the loss of each step", yours: losses, expected: rightLosses)
      trial.expect(
        losses.count == task.starts.count, "\(task.starts.count) steps have \(task.starts.count) losses",
        about: losses.count)
      // Before anything was learned, a program that has been mended otherwise already has another loss.
      trial.expect(
        Array(losses.prefix(1)), equals: Array(rightLosses.prefix(1)),
        "the loss of the first step, before anything was learned", tolerance: 1e-4)
      trial.expect(
        unseen > Task.least && unseen < Task.most,
        "the loss on unseen text lies between \(Task.least) and \(Task.most)", about: unseen)
    },
    Check(.training, "most of what it writes are words of the text", points: 2) { answer, trial in
      let task = Task()
      let written = try task.result(of: answer).2
      let share = Task.shareOfWords(written)
      trial.expect(
        share >= Task.share,
        "at least \(Int(Task.share * 100)) % of the written words are words of the text; it writes: “\(Task.letters(written))”",
        about: share)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the program as it is given",
      advice:
        "The mask lets step t look at place t + 1, and there stands the answer. It may look at the places s ≤ t."
    ) { $0.sees = { s, t in s <= t + 1 } },
    wrong(
      "everything is seen",
      advice: "Your mask allows all places, and so also the answer, at t + 1. Step t may look at s ≤ t."
    ) { $0.sees = { _, _ in true } },
    wrong(
      "a step does not see itself",
      advice: "Your mask hides a step from itself. It may look at the places s ≤ t, its own among them."
    ) { $0.sees = { s, t in s < t } },
    wrong(
      "the mask turned round",
      advice: "Your mask is turned round: it allows what lies ahead, and the answer with it. It is s ≤ t."
    ) { $0.sees = { s, t in s >= t } },
    wrong(
      "two steps ahead",
      advice: "Your mask goes two places too far. The answer stands at t + 1; step t may look at s ≤ t."
    ) { $0.sees = { s, t in s <= t + 2 } },
    wrong(
      "targets one further on",
      advice:
        "You have moved the targets, and left the mask. It then learns the symbol after the next. Mend the mask."
    ) {
      $0.sees = { s, t in s <= t + 1 }
      $0.ahead = 2
    },
    wrong(
      "a smaller learning rate",
      advice: "A smaller rate makes the same mistake more slowly: step t still looks at place t + 1."
    ) {
      $0.sees = { s, t in s <= t + 1 }
      $0.rate = 0.003
    },
  ]
}

/// The losses of the mended program, for the curve.
private let rightLosses: [Float] =
  (try? Task().result(of: { try reference($0, $1, $2, $3, Program()) }).0) ?? []

private struct Task {
  static let words = ["tensor", "layer", "norm", "head", "key", "query", "mask", "value"]
  /// Where the loss on unseen text may lie, and how much of what is written must be words.
  static let least: Float = 0.25
  static let most: Float = 0.8
  static let share = 0.6

  let text, unseen: [Int]
  let starts: [[Int]]

  init() {
    var inputs = Inputs(seed: 1110)
    func text(_ words: Int) -> [Int] {
      (0..<words).flatMap { _ in Self.numbers(Self.words[inputs.integer(0...7)]) + [0] }
    }
    self.text = text(600)
    unseen = text(120)
    let last = self.text.count - 26
    starts = (0..<200).map { _ in (0..<16).map { _ in inputs.integer(0...last) } }
  }

  func result(of answer: WonderfulLossExercise.Answer) throws -> ([Float], Float, [Int]) {
    try answer(text, starts, unseen, 300)
  }

  static func numbers(_ word: String) -> [Int] { word.utf8.map { Int($0) - 96 } }

  /// What was written as letters; anything that is no symbol is a question mark.
  static func letters(_ written: [Int]) -> String {
    let all = Array(" abcdefghijklmnopqrstuvwxyz")
    return String(written.prefix(60).map { all.indices.contains($0) ? all[$0] : "?" })
  }

  /// The share of whole words that are words of the text.
  static func shareOfWords(_ written: [Int]) -> Double {
    let parts = written.split(separator: 0).dropLast().map { Array($0) }
    let known = Set(words.map { numbers($0) })
    guard written.count == 301, parts.count >= 25 else { return 0 }
    return Double(parts.count { known.contains($0) }) / Double(parts.count)
  }
}

/// What a program does.
private struct Program: Sendable {
  var sees: @Sendable (_ s: Int, _ t: Int) -> Bool = { $0 <= $1 }
  var ahead = 1
  var rate = 0.01
  var seed: UInt64 = 1011
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  WonderfulLossExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { try reference($0, $1, $2, $3, changed) }
}

private func reference(
  _ text: [Int], _ starts: [[Int]], _ unseen: [Int], _ count: Int, _ program: Program
) throws -> ([Float], Float, [Int]) {
  let steps = 24
  let writer = withRandomSource(RandomSource(seed: program.seed)) { SmallWriter() }
  let optimizer = Adam(writer.parameters, learningRate: program.rate)
  func mask(_ steps: Int) -> MaskTensor {
    MaskTensor(
      (0..<steps).flatMap { t in (0..<steps).map { program.sees($0, t) } }, shape: [steps, steps])
  }
  func loss(_ text: [Int], _ starts: [Int]) -> Variable {
    let inputs = IntTensor(starts.flatMap { text[$0..<$0 + steps] }, shape: [starts.count, steps])
    let targets = IntTensor(
      starts.flatMap { text[$0 + program.ahead..<$0 + program.ahead + steps] })
    return crossEntropy(writer(inputs, mask: mask(steps)).reshaped([starts.count * steps, 27]), targets)
  }
  var losses: [Float] = []
  for starts in starts {
    let loss = loss(text, starts)
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }
  let windows = Array(stride(from: 0, to: unseen.count - steps - program.ahead + 1, by: steps))
  let unseenLoss = withoutGradients { loss(unseen, windows) }.scalar
  var written = [0]
  var chance = RandomStream(seed: program.seed + 1)
  while written.count <= count {
    let last = Array(written.suffix(steps))
    let scores = withoutGradients {
      writer(IntTensor(last, shape: [1, last.count]), mask: mask(last.count))
    }
    let next = scores.value.reshaped([last.count, 27]).row(last.count - 1)
    written.append(Sampler(temperature: 0.7).choose(from: next, with: &chance).scalars[0])
  }
  return (losses, unseenLoss, written)
}
