import ExerciseChannel
import ExerciseKit
import Practice

public final class AddingBatchExercise: Exercise {
  /// The inputs and the sums.
  public typealias Answer =
    @Sendable (_ numbers: Tensor, _ first: [Int], _ second: [Int]) throws -> (Tensor, Tensor)

  public init() {}

  public let title = "The adding problem"
  public let section = "5.6"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["Tensor.transposed", "Tensor.permuted"])
  public let functions = ["addingBatch"]
  public let solution: Answer = { numbers, first, second in
    try addingBatch(numbers, first: first, second: second)
  }

  public func answer(of learner: Learner) -> Answer {
    { numbers, first, second in try learner.call("addingBatch", numbers, first, second) }
  }

  public let hints = [
    "Begin with zeros of the right shape. Then every number goes to its place, and two marks for each sequence.",
    "inputs[t, n, 0] = numbers[n, t]; inputs[first[n], n, 1] = inputs[second[n], n, 1] = 1; "
      + "sums[n, 0] = numbers[n, first[n]] + numbers[n, second[n]].",
    """
    var inputs = Tensor.zeros([length, count, 2])
    for n in 0..<count {
      for t in 0..<length { inputs[t, n, 0] = numbers[…] }
      inputs[first[n], n, 1] = 1
      …
      sums[n, 0] = numbers[n, first[n]] + …
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[N, T] gives [T, N, 2] and [N, 1]", points: 1) { answer, trial in
      for (n, t) in [(2, 3), (4, 2), (1, 5)] {
        let question = Question(n, t, seed: 581)
        let (inputs, sums) = try question.result(of: answer)
        trial.expect(inputs, hasShape: [t, n, 2], "\(call).inputs", by: "numbers is \([n, t])")
        trial.expect(sums, hasShape: [n, 1], "\(call).sums", by: "numbers is \([n, t])")
      }
    },
    Check(.byHand, "two sequences of three steps", points: 1) { answer, trial in
      try expect(
        Question(Tensor([[0.25, 0.5, 0.75], [0.125, 0.625, 0.375]]), [0, 1], [2, 2]), answer, trial)
    },
    Check(.property, "as the formulas say, for ten batches", points: 2) { answer, trial in
      var inputs = Inputs(seed: 582)
      for index in 0..<10 {
        let (n, t) = index < 3 ? (3, 4) : (inputs.integer(1...5), inputs.integer(2...8))
        try expect(Question(n, t, seed: 583 + UInt64(index)), answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the numbers are not turned",
      advice: "You gave the numbers another shape, but left them in their order. The steps go first: "
        + "inputs[t, n, 0] = numbers[n, t]."
    ) { numbers, first, second in
      batch(numbers, first, second) { n, t, shape in
        let place = t * shape[0] + n
        return (place / shape[1], place % shape[1])
      }
    },
    Mistake(
      "marks are the numbers",
      advice: "Your marks are the marked numbers themselves. A mark is 1, whatever the number."
    ) { numbers, first, second in
      var (inputs, sums) = batch(numbers, first, second)
      for n in first.indices { for t in [first[n], second[n]] { inputs[t, n, 1] = numbers[n, t] } }
      sums = batch(numbers, first, second).1
      return (inputs, sums)
    },
    Mistake(
      "mark and number are exchanged",
      advice: "Your mark comes first and your number second: inputs[t, n, 0] is the number."
    ) { numbers, first, second in
      let (inputs, sums) = batch(numbers, first, second)
      var turned = inputs
      for t in 0..<inputs.shape[0] {
        for n in 0..<inputs.shape[1] {
          (turned[t, n, 0], turned[t, n, 1]) = (inputs[t, n, 1], inputs[t, n, 0])
        }
      }
      return (turned, sums)
    },
    Mistake("only the first mark", advice: "You mark one step. Two are marked in each sequence.") {
      numbers, first, second in
      (batch(numbers, first, first).0, batch(numbers, first, second).1)
    },
    Mistake(
      "the first number only in the sum",
      advice: "Your sum has one number. It is the sum of both marked ones."
    ) { numbers, first, second in
      let (inputs, _) = batch(numbers, first, second)
      return (inputs, Tensor(first.indices.map { numbers[$0, first[$0]] }, shape: [first.count, 1]))
    },
    Mistake(
      "the sum of all numbers", advice: "You add up the whole sequence. Only the two marked numbers count."
    ) { numbers, first, second in
      let (inputs, _) = batch(numbers, first, second)
      let sums = first.indices.map { n in (0..<numbers.shape[1]).reduce(Float(0)) { $0 + numbers[n, $1] } }
      return (inputs, Tensor(sums, shape: [first.count, 1]))
    },
    Mistake("the mean of the two", advice: "You halve the sum. The answer is the sum itself, from 0 to 2.") {
      numbers, first, second in
      let (inputs, sums) = batch(numbers, first, second)
      return (inputs, sums / 2)
    },
    Mistake(
      "the first sequence's marks for all",
      advice: "All your sequences are marked like the first. Sequence n has first[n] and second[n]."
    ) { numbers, first, second in
      batch(numbers, first.map { _ in first[0] }, second.map { _ in second[0] })
    },
  ]
}

private let call = "addingBatch(numbers, first: first, second: second)"

/// Inputs and sums; a mistake may take the numbers from elsewhere.
private func batch(
  _ numbers: Tensor, _ first: [Int], _ second: [Int],
  source: (_ n: Int, _ t: Int, _ shape: [Int]) -> (Int, Int) = { n, t, _ in (n, t) }
) -> (Tensor, Tensor) {
  let (count, length) = (numbers.shape[0], numbers.shape[1])
  var inputs = Tensor.zeros([length, count, 2])
  var sums = Tensor.zeros([count, 1])
  for n in 0..<count {
    for t in 0..<length {
      let (row, column) = source(n, t, numbers.shape)
      inputs[t, n, 0] = numbers[row, column]
      inputs[t, n, 1] = t == first[n] || t == second[n] ? 1 : 0
    }
    sums[n, 0] = numbers[n, first[n]] + numbers[n, second[n]]
  }
  return (inputs, sums)
}

private struct Question {
  let numbers: Tensor
  let first, second: [Int]

  init(_ numbers: Tensor, _ first: [Int], _ second: [Int]) {
    (self.numbers, self.first, self.second) = (numbers, first, second)
  }

  init(_ count: Int, _ length: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    let marks = (0..<count).map { _ in Array(inputs.order(of: length)[..<2]).sorted() }
    self.init(inputs.quarters([count, length]), marks.map { $0[0] }, marks.map { $0[1] })
  }

  func result(of answer: AddingBatchExercise.Answer) throws -> (Tensor, Tensor) {
    try answer(numbers, first, second)
  }
}

private func expect(_ question: Question, _ answer: AddingBatchExercise.Answer, _ trial: Trial) throws {
  let (inputs, sums) = try question.result(of: answer)
  let expected = batch(question.numbers, question.first, question.second)
  let given: KeyValuePairs<String, any Passable> = [
    "numbers": question.numbers, "first": question.first, "second": question.second,
  ]
  trial.expect(inputs, equals: expected.0, "\(call).inputs", given: given) { place in
    let (t, n) = (place[0], place[1])
    if place[2] == 0 { return "numbers[\(n), \(t)] is \(written(question.numbers[n, t]))" }
    return "marked are the steps \(question.first[n]) and \(question.second[n]) of sequence \(n)"
  }
  trial.expect(sums, equals: expected.1, "\(call).sums", given: given) { place in
    let (a, b) = (question.first[place[0]], question.second[place[0]])
    return sumOfProducts([(question.numbers[place[0], a], 1), (question.numbers[place[0], b], 1)])
  }
}
