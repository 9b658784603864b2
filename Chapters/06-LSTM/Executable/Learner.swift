import Chapter05GRU
import Engine

/// A task on which recurrent networks are compared: batches without end, and a share of right answers on new ones.
enum SequenceTask: String, Sendable, CaseIterable {
  case adding, order, reber

  var name: String {
    switch self {
    case .adding: "adding, T = \(Self.addingLength)"
    case .order: "temporal order, T = \(Self.orderLength)"
    case .reber: "embedded Reber grammar"
    }
  }

  /// What counts as right.
  var measure: String {
    switch self {
    case .adding: "sums within 0.04"
    case .order: "classes"
    case .reber: "strings, every symbol"
    }
  }

  static let addingLength = 40
  static let orderLength = 50

  var inputs: Int {
    switch self {
    case .adding: 2
    case .order: TemporalOrder.symbols.count
    case .reber: ReberGrammar.symbols.count
    }
  }

  var outputs: Int {
    switch self {
    case .adding: 1
    case .order: TemporalOrder.classes
    case .reber: ReberGrammar.symbols.count
    }
  }

  /// The loss of batch number `index`.
  func loss(_ network: RecurrentNetwork, batch index: Int, size: Int, seed: UInt64) -> Variable {
    let range = UInt64(index * size)..<UInt64((index + 1) * size)
    switch self {
    case .adding:
      let (inputs, sums) = AddingProblem(length: Self.addingLength, seed: seed).batch(range)
      return squaredError(network.atLastStep(Variable(inputs)), sums)
    case .order:
      let (inputs, classes) = TemporalOrder(length: Self.orderLength, seed: seed).batch(range)
      return crossEntropy(network.atLastStep(Variable(inputs)), classes)
    case .reber:
      let strings = Self.strings(range, seed: seed)
      let (inputs, targets) = Self.padded(strings)
      let logits = network(Variable(inputs))
      return crossEntropy(
        logits.reshaped([targets.count, outputs]), targets, ignoring: Self.padding)
    }
  }

  /// The share of right answers on `count` new sequences.
  func score(_ network: RecurrentNetwork, count: Int, seed: UInt64) -> Double {
    withoutGradients {
      let range = Self.unseen..<Self.unseen + UInt64(count)
      let right: Int
      switch self {
      case .adding:
        let (inputs, sums) = AddingProblem(length: Self.addingLength, seed: seed).batch(range)
        let answers = network.atLastStep(Variable(inputs)).value
        right = zip(answers.scalars, sums.scalars).count { abs($0 - $1) < 0.04 }
      case .order:
        let (inputs, classes) = TemporalOrder(length: Self.orderLength, seed: seed).batch(range)
        let answers = network.atLastStep(Variable(inputs)).value.argmax()
        right = zip(answers.scalars, classes.scalars).count { $0 == $1 }
      case .reber:
        let strings = Self.strings(range, seed: seed)
        let scores = network(Variable(Self.padded(strings).inputs)).value
        right = strings.enumerated().count { n, string in
          string.isPredicted { t in (0..<outputs).map { Double(scores[t, n, $0]) } }
        }
      }
      return Double(right) / Double(count)
    }
  }

  private static let unseen: UInt64 = 1 << 32
  private static let padding = -1

  private static func strings(_ range: Range<UInt64>, seed: UInt64) -> [GrammarString] {
    range.map {
      var stream = RandomStream(seed: seed, stream: 1 << 45 + $0)
      return ReberGrammar.embedded.string(from: &stream)
    }
  }

  /// Inputs `[T, N, 7]`, and the next symbols `[T·N]`, `padding` where a string has ended.
  private static func padded(_ strings: [GrammarString]) -> (inputs: Tensor, targets: IntTensor) {
    let (steps, count) = (strings.map(\.next.count).max()!, strings.count)
    var inputs = Tensor.zeros([steps, count, ReberGrammar.symbols.count])
    var targets = [Int](repeating: padding, count: steps * count)
    for (n, string) in strings.enumerated() {
      for t in string.next.indices {
        inputs[t, n, string.symbols[t]] = 1
        targets[t * count + n] = string.symbols[t + 1]
      }
    }
    return (inputs, IntTensor(targets))
  }
}

/// How a network is trained on a task: Adam, clipped gradients, new sequences all the time.
struct SequenceTraining: Sendable {
  let task: SequenceTask
  let recurrence: Recurrence
  let hiddenSize: Int
  var forgetBias: Float?
  let seed: UInt64
  let steps: Int
  let testCount: Int

  static let batchSize = 32
  static let learningRate = 5e-3
  /// How many times the network is examined on the way.
  static let examinations = 10

  func fresh() -> RecurrentNetwork {
    let network = withRandomSource(RandomSource(seed: seed)) {
      RecurrentNetwork(recurrence, inputSize: task.inputs, hiddenSize: hiddenSize, outputs: task.outputs)
    }
    if let forgetBias, let lstm = network.rnn as? LSTM { lstm.setForgetBias(forgetBias) }
    return network
  }

  /// After how many steps the network is examined.
  var milestones: [Int] { (1...Self.examinations).map { steps * $0 / Self.examinations } }

  /// The share of right answers at each milestone.
  func scores(_ advance: (Int) -> Void) -> [Double] {
    let network = fresh()
    let optimizer = Adam(network.parameters, learningRate: Self.learningRate)
    var scores: [Double] = []
    for step in 0..<steps {
      let loss = task.loss(network, batch: step, size: Self.batchSize, seed: seed)
      optimizer.step(on: loss) { clipGradients(of: $0, toNorm: 1) }
      advance(1)
      if milestones.contains(step + 1) { scores.append(task.score(network, count: testCount, seed: seed)) }
    }
    return scores
  }
}
