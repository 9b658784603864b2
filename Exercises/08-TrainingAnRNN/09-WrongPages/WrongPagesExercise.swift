import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class WrongPagesExercise: Exercise {
  /// The loss of every step.
  public typealias Answer =
    @Sendable (
      _ text: [Int], _ symbols: Int, _ streams: Int, _ steps: Int, _ epochs: Int, _ rate: Double
    ) throws -> [Float]

  public init() {}

  public let title = "Find the fault: a memory of other pages"
  public let section = "8.8"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.engine
  public let functions = ["trainWriter"]
  public let solution: Answer = { text, symbols, streams, steps, epochs, rate in
    try trainWriter(
      text, symbols: symbols, streams: streams, steps: steps, epochs: epochs, learningRate: rate)
  }

  public func answer(of learner: Learner) -> Answer {
    { text, symbols, streams, steps, epochs, rate in
      try learner.call("trainWriter", text, symbols, streams, steps, epochs, rate)
    }
  }

  public let hints = [
    "The state is carried, and carried rightly. Ask of which text it is: write down, for one row, which columns the first three "
      + "batches hold, and which the state has seen before each.",
    "A row of a batch must go on where the same row of the batch before has ended: batches 0, 1, 2, … Images are shuffled because "
      + "each is an example by itself. Pages are not.",
    """
    let order = Batches(of: batches.count, batchSize: 1, …).order      // in the order of the text
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "one loss for each batch of each epoch", points: 1) { answer, trial in
      let losses = try result(of: answer)
      trial.plot("the loss of each step", yours: losses, expected: try result(of: right))
      trial.expect(
        losses.count == 4 * batchesInEpoch, "4 epochs of \(batchesInEpoch) batches have so many losses",
        about: losses.count)
    },
    Check(.training, "in the last epoch it knows the mood of a page by its beginning", points: 3) {
      answer, trial in
      let last = try result(of: answer).suffix(batchesInEpoch)
      let mean = last.reduce(0, +) / Float(max(last.count, 1))
      trial.expect(mean < 0.18, "the mean loss of the last epoch is below 0.18", about: [mean])
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the batches are shuffled",
      advice:
        "The batches come in a shuffled order, so each begins with the state of some other place of the text. A text is read from "
        + "its beginning to its end."
    ) { _ in },
    wrong(
      "shuffled, and the state thrown away",
      advice:
        "You begin each batch with nothing, and so nobody is misled; but what was announced a page ago is lost too. Keep the state, "
        + "and read the batches in the order of the text."
    ) { $0.carries = false },
    wrong(
      "in order, and the state thrown away",
      advice: "The order is right. Now the state of the batch before is what this one needs: keep it."
    ) { program in
      program.shuffles = false
      program.carries = false
    },
    wrong(
      "shuffled, with a larger rate",
      advice:
        "A larger rate does not help: the state is still that of another page. Read the batches in the order of the text."
    ) { $0.rateFactor = 3 },
  ]
}

private let right: WrongPagesExercise.Answer = { text, symbols, streams, steps, epochs, rate in
  try trainWriter(
    text, symbols: symbols, streams: streams, steps: steps, epochs: epochs, learningRate: rate)
}

/// Pages of 41 letters, in one of two moods.
private let text: [Int] = {
  var inputs = Inputs(seed: 891)
  return (0..<100).flatMap { _ -> [Int] in
    let mood = inputs.integer(0...1)
    return [mood] + (0..<40).map { $0 % 2 == 0 ? 2 : 3 + mood }
  }
}()

private let (streams, steps) = (8, 4)
private let batchesInEpoch = ((text.count - 1) / streams + steps - 1) / steps

private func result(of answer: WrongPagesExercise.Answer) throws -> [Float] {
  try answer(text, 5, streams, steps, 4, 0.01)
}

/// The program as it is given, unless changed.
private struct Program: Sendable {
  var shuffles = true
  var carries = true
  var rateFactor = 1.0

  func run(_ text: [Int], _ symbols: Int, _ streams: Int, _ steps: Int, _ epochs: Int, _ rate: Double)
    -> [Float]
  {
    let (embedding, rnn, output) = withRandomSource(RandomSource(seed: 89)) {
      let rnn = LSTM(inputSize: 8, hiddenSize: 16, batchFirst: true)
      return (
        Embedding(count: symbols, dimension: 8), rnn, Linear(inFeatures: 16, outFeatures: symbols)
      )
    }
    let optimizer = Adam(
      embedding.parameters + rnn.parameters + output.parameters, learningRate: rate * rateFactor)
    let pages = TextStreams(text, streams: streams)
    let batches = pages.batches(steps: steps)
    var losses: [Float] = []
    for epoch in 1...epochs {
      var state: (hidden: Variable, cell: Variable)?
      let order = Batches(
        of: batches.count, batchSize: 1, shuffledBy: shuffles ? 89 : nil, epoch: epoch
      ).order
      for place in order {
        let (inputs, targets) = pages[batches[place]]
        let (outputs, hidden, cell) = rnn(embedding(inputs), initial: carries ? state : nil)
        state = (hidden.detached(), cell.detached())
        let loss = crossEntropy(
          output(outputs).reshaped([targets.count, symbols]), IntTensor(targets.scalars))
        optimizer.clearGradients()
        loss.backward()
        optimizer.step()
        losses.append(loss.scalar)
      }
    }
    return losses
  }
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  WrongPagesExercise.Answer
> {
  var program = Program()
  change(&program)
  let wrongProgram = program
  return Mistake(name, advice: advice) { wrongProgram.run($0, $1, $2, $3, $4, $5) }
}
