import ExerciseKit
import Practice

public final class TextStreamsExercise: Exercise {
  public typealias Count = @Sendable (_ text: [Int], _ streams: Int, _ steps: Int) throws -> Int
  public typealias Batch =
    @Sendable (_ text: [Int], _ streams: Int, _ steps: Int, _ b: Int) throws -> ([[Int]], [[Int]])

  public struct Answer: Sendable {
    let count: Count
    let batch: Batch
  }

  public init() {}

  public let title = "A long text in streams"
  public let section = "8.8"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["batchCount", "textBatch"]

  public let solution = Answer(
    count: { try batchCount($0, streams: $1, steps: $2) },
    batch: { try textBatch($0, streams: $1, steps: $2, b: $3) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      count: { try learner.call("batchCount", $0, $1, $2) },
      batch: { try learner.call("textBatch", $0, $1, $2, $3) })
  }

  public let hints = [
    "Write the rows of the example below each other first, all S columns of them. A batch is a part of that table, cut "
      + "downwards. The targets are the same table, one further along the text.",
    "Row n, column s of the inputs is text[n·S + s], and of the targets text[n·S + s + 1]. Batch b has the columns from b·T "
      + "up to but not including min(b·T + T, S).",
    """
    let length = (text.count - 1) / streams
    for n in 0..<streams {
      let columns = b * steps..<min(…, …)
      inputs.append(columns.map { text[…] })
      targets.append(columns.map { text[…] })
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "nine numbers in two streams, three steps at a time", points: 1) { answer, trial in
      try expectBatches(Array(1...9), 2, 3, of: answer, trial)
      try expectBatches(Array(1...14), 2, 2, of: answer, trial)
    },
    Check(.byHand, "a text that does not divide evenly", points: 1) { answer, trial in
      try expectBatches([7, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], 3, 2, of: answer, trial)
      try expectBatches([7, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8], 4, 5, of: answer, trial)
    },
    Check(.byHand, "one stream, and streams of one step", points: 1) { answer, trial in
      try expectBatches([3, 1, 4, 1, 5], 1, 2, of: answer, trial)
      try expectBatches([3, 1, 4, 1, 5], 4, 3, of: answer, trial)
    },
    Check(.property, "as the rules say, for thirty texts", points: 2) { answer, trial in
      var inputs = Inputs(seed: 851)
      for _ in 0..<30 {
        let streams = inputs.integer(1...5)
        let text = (0..<streams + inputs.integer(1...40)).map { _ in inputs.integer(0...99) }
        try expectBatches(text, streams, inputs.integer(1...7), of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "one after the other",
      advice:
        "Your rows follow each other along the text, batch after batch. Then no row goes on where it ended: cut the text "
        + "into N long pieces first."
    ) { table, text in
      table.place = { [streams = table.streams] n, s, steps, _ in
        (s / steps * streams + n) * steps + s % steps
      }
    },
    wrong(
      "columns for rows",
      advice:
        "You deal the text out to the rows one number at a time. Each row is a piece of the text in one."
    ) { table, _ in table.place = { [streams = table.streams] n, s, _, _ in s * streams + n } },
    wrong(
      "the targets are the inputs",
      advice:
        "Your targets are the inputs themselves. A network that copies would have no loss: they come one later."
    ) { table, _ in table.shift = 0 },
    wrong(
      "the targets come before",
      advice: "Your targets come before the inputs. They come one later in the text."
    ) { table, _ in table.shift = -1 },
    wrong(
      "a row's end has the row's beginning as target",
      advice:
        "Your last target of a row is the first of the same row. It is the next of the text, which begins the next row."
    ) { table, _ in table.wraps = true },
    wrong(
      "the batches overlap",
      advice: "Each batch of yours begins one step after the one before. It begins T steps after it."
    ) { table, _ in table.begin = { b, _ in b } },
    wrong(
      "the last batch is filled up from behind",
      advice: "Your last batch goes back to have T columns. It has only those that remain."
    ) { table, _ in
      table.begin = { [length = table.length] b, steps in max(0, min(b * steps, length - steps)) }
    },
    Mistake(
      "the rest is no batch",
      advice:
        "You count whole batches only. What remains at the end of the streams is one more, a smaller one.",
      answer: .init(
        count: { text, streams, steps in max(1, (text.count - 1) / streams / steps) },
        batch: { StreamTable($0, $1).batch($2, $3) })),
    Mistake(
      "the batches of one stream",
      advice:
        "You divide the whole text by the steps. N streams are read at once: divide their length by the steps.",
      answer: .init(
        count: { text, _, steps in (text.count - 1 + steps - 1) / steps },
        batch: { StreamTable($0, $1).batch($2, $3) })),
  ]
}

private func wrong(
  _ name: String, advice: String, _ change: @escaping @Sendable (inout StreamTable, [Int]) -> Void
) -> Mistake<TextStreamsExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(
      count: { StreamTable($0, $1).count($2) },
      batch: { text, streams, steps, b in
        var table = StreamTable(text, streams)
        change(&table, text)
        return table.batch(steps, b)
      }))
}

/// The rows of a text, right unless changed.
private struct StreamTable: Sendable {
  let text: [Int]
  let streams: Int
  let length: Int
  var shift = 1
  var wraps = false
  var begin: @Sendable (_ b: Int, _ steps: Int) -> Int = { $0 * $1 }
  var place: @Sendable (_ n: Int, _ s: Int, _ steps: Int, _ length: Int) -> Int = { n, s, _, length in
    n * length + s
  }

  init(_ text: [Int], _ streams: Int) {
    (self.text, self.streams, length) = (text, streams, (text.count - 1) / streams)
  }

  func count(_ steps: Int) -> Int { (length + steps - 1) / steps }

  func batch(_ steps: Int, _ b: Int) -> ([[Int]], [[Int]]) {
    let width = min(steps, length - b * steps)
    let first = begin(b, steps)
    func rows(_ shift: Int) -> [[Int]] {
      (0..<streams).map { n in
        (first..<first + width).map { s in
          if wraps && shift == 1 && s == length - 1 { return text[n * length] }
          // Wrong places may lie outside of the text.
          return text[min(max(place(n, s, steps, length) + shift, 0), text.count - 1)]
        }
      }
    }
    return (rows(0), rows(shift))
  }
}

private func expectBatches(
  _ text: [Int], _ streams: Int, _ steps: Int, of answer: TextStreamsExercise.Answer, _ trial: Trial
) throws {
  let table = StreamTable(text, streams)
  let about = "\(text), streams: \(streams), steps: \(steps)"
  let length = "S = (\(text.count) − 1) / \(streams) = \(table.length)"
  trial.expect(
    try answer.count(text, streams, steps), equals: table.count(steps), "batchCount(\(about))", tolerance: 0,
    by: { _ in "\(length), in parts of \(steps)" })
  for b in 0..<table.count(steps) {
    let (inputs, targets) = try answer.batch(text, streams, steps, b)
    let expected = table.batch(steps, b)
    func by(_ shift: Int) -> (([Int]) -> String) {
      { place in
        let at = place[0] * table.length + b * steps + place[1]
        return "\(length); row \(place[0]), column \(b * steps + place[1]): place \(at + shift) of the text"
      }
    }
    let call = "textBatch(\(about), b: \(b))"
    trial.expect(
      inputs.map(\.count) == expected.0.map(\.count), "\(call).inputs has rows of \(expected.0.map(\.count))",
      about: inputs.map(\.count))
    trial.expect(inputs, equals: expected.0, "\(call).inputs", tolerance: 0, by: by(0))
    trial.expect(targets, equals: expected.1, "\(call).targets", tolerance: 0, by: by(1))
  }
}
