import Chapter05GRU
import Engine

/// Trains a network: a batch, its gradients, shortened together where they are long, and a step of Adam.
///
/// The learning rate stays for the first half of the steps, and falls in a straight line to 0 in the second.
///
/// - Parameters:
///   - loss: The loss of the batch of a step, from 0.
///   - afterStep: Called with the number of steps done.
func descend(
  _ network: RecurrentNetwork, learningRate: Double, steps: Int, loss: (_ step: Int) -> Variable,
  afterStep: (_ done: Int) -> Void
) throws {
  let optimizer = Adam(network.parameters, learningRate: learningRate)
  for step in 0..<steps {
    optimizer.learningRate = learningRate * min(1, 2 * (1 - Double(step) / Double(steps)))
    let loss = loss(step)
    if !loss.scalar.isFinite { throw LossIsNotFinite(loss: Double(loss.scalar), epoch: 1, batch: step + 1) }
    optimizer.step(on: loss) { clipGradients(of: $0, toNorm: 1) }
    afterStep(step + 1)
  }
}

/// One kind of network with a learning rate of its own.
struct Contender: Hashable, Sendable {
  let recurrence: Recurrence
  let learningRate: Double

  /// Two rates for the plain network, so that it cannot be said to have failed for the wrong one.
  static let all = [
    Contender(recurrence: .rnn, learningRate: 0.01), Contender(recurrence: .rnn, learningRate: 0.001),
    Contender(recurrence: .gru, learningRate: 0.01), Contender(recurrence: .lstm, learningRate: 0.01),
  ]

  /// One for each kind; for the plain network the rate that came out better where both were measured.
  static let oneOfEach = all.filter { $0 != all[0] }

  var name: String { recurrence.name }
  /// For a legend where the plain network stands twice.
  var nameWithRate: String { recurrence == .rnn ? "\(name), rate \(learningRate)" : name }
}

/// Where sequences begin that no training has seen.
let unseen: UInt64 = 1 << 32
