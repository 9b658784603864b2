import Engine
import ExerciseKit
import Practice

public final class LostOnTheWayExercise: Exercise {
  /// Losses, answers and forget biases.
  public typealias Answer =
    @Sendable (_ sequences: [[Int]], _ unseen: [[Int]]) throws -> ([Float], [Int], [Float])

  public init() {}

  public let title = "Find the fault: lost on the way"
  public let section = "6.5"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.engine
  public let functions = ["rememberFirst"]
  public let solution: Answer = { try rememberFirst($0, unseen: $1) }
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer { { try learner.call("rememberFirst", $0, $1) } }

  public let hints = [
    "Print the biases that the program gives back. With which bias do the forget gates really begin?",
    "The biases of the four parts lie one after the other: i, f, g, o, H numbers each. And each gate adds two vectors.",
    "The forget gates are the places size..<2 * size. One vector is set there; the other still holds random numbers.",
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "at the end it is known what came first", points: 2) { answer, trial in
      let data = Data()
      let (losses, answers, _) = try answer(data.sequences, data.unseen)
      let right = try reference(data.sequences, data.unseen) { program(1, $0, $1, 3, 0) }.0
      trial.plot("the loss of each step", yours: losses, expected: right)
      let share = Double(zip(answers, data.unseen).count { $0 == $1[0] }) / Double(data.unseen.count)
      trial.expect(
        answers.count == data.unseen.count && share >= 0.9,
        "90 % or more of the first symbols of new sequences are remembered", about: share)
    },
    Check(.training, "every gate began as the program says", points: 2) { answer, trial in
      let data = Data()
      let biases = try answer(data.sequences, data.unseen).2
      trial.expect(
        Tensor(biases), equals: Tensor([Float](repeating: 3, count: 16)), "rememberFirst(…).biases",
        by: { _ in "b_ih + b_hh of a forget gate should be 3" })
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the program as it is given",
      advice:
        "The bias is set in the first quarter, and that is where the input gates are. The order is i, f, g, o."
    ) { try reference($0, $1) { program(0, $0, $1, 3, nil) } },
    Mistake(
      "the other vector is left at random",
      advice:
        "You set b_ih of the forget gates to 3, and b_hh still holds random numbers. The gate adds both."
    ) { try reference($0, $1) { program(1, $0, $1, 3, nil) } },
    Mistake(
      "the bias twice", advice: "You set both vectors to 3. The gate adds them, and begins with 6."
    ) { try reference($0, $1) { program(1, $0, $1, 3, 3) } },
    Mistake(
      "the output gates", advice: "You set the bias of the output gates. The order is i, f, g, o."
    ) { try reference($0, $1) { program(3, $0, $1, 3, 0) } },
  ]
}

private struct Data {
  let sequences, unseen: [[Int]]

  init() {
    var stream = RandomStream(seed: 6_200)
    func draw(_ count: Int) -> [[Int]] {
      (0..<count).map { _ in (0..<60).map { _ in stream.integer(below: 4) } }
    }
    sequences = draw(1_600)
    unseen = draw(100)
  }
}

/// Sets the biases of one part; nil leaves a vector as it is.
private func program(_ part: Int, _ ih: Parameter, _ hh: Parameter, _ a: Float?, _ b: Float?) {
  for unit in part * 16..<(part + 1) * 16 {
    if let a { ih.value[unit] = a }
    if let b { hh.value[unit] = b }
  }
}

private func reference(
  _ sequences: [[Int]], _ unseen: [[Int]], set: (_ ih: Parameter, _ hh: Parameter) -> Void
) throws -> ([Float], [Int], [Float]) {
  let network = withRandomSource(RandomSource(seed: 7)) { Rememberer() }
  let place = network.lstm.directions[0][0]
  guard let ih = place.inputBias as? Parameter, let hh = place.hiddenBias as? Parameter else {
    fatalError("the layer has no biases")
  }
  set(ih, hh)
  let biases = (16..<32).map { ih.value[$0] + hh.value[$0] }
  func batch(_ some: [[Int]]) -> Variable {
    var x = Tensor.zeros([some[0].count, some.count, 4])
    for (n, sequence) in some.enumerated() {
      for (t, symbol) in sequence.enumerated() { x[t, n, symbol] = 1 }
    }
    return Variable(x)
  }
  let optimizer = Adam(network.parameters, learningRate: 0.01)
  var losses: [Float] = []
  for step in 0..<100 {
    let some = (0..<16).map { sequences[(step * 16 + $0) % sequences.count] }
    let loss = crossEntropy(network(batch(some)), IntTensor(some.map { $0[0] }))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
    losses.append(loss.scalar)
  }
  return (losses, withoutGradients { network(batch(unseen)) }.value.argmax().scalars, biases)
}
