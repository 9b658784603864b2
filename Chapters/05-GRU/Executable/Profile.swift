import Chapter04FullyConnected
import Chapter05GRU
import Engine
import Workbench

/// How long the gradient of a loss at the last step is at each state before it.
struct Profile: Sendable {
  /// By steps before the loss, from 0, as a share of the length there: geometric means over the sequences.
  let norms: [Double]
  /// The largest singular value of a plain network's U; nil for others.
  let sigma: Double?

  /// Measures it, on sequences of the adding problem that training has not seen.
  init(of network: RecurrentNetwork, length: Int, seed: UInt64, sequences: UInt64) {
    let batch = AddingProblem(length: length, seed: seed).batch(unseen..<unseen + sequences)
    switch network.rnn {
    case let layer as RNN:
      let unit = PlainRNN<Double>(layer)
      norms = Self.norms(Self.byHand(unit, network.fc, batch))
      sigma = largestSingularValue(of: unit.weights.u)
    case let layer as GRU:
      norms = Self.norms(Self.byHand(GatedRecurrentUnit<Double>(layer), network.fc, batch))
      sigma = nil
    default:
      norms = Self.norms(Self.byEngine(network, batch))
      sigma = nil
    }
  }

  /// The gradients at all states, by the chapter's own back-propagation through time, in Double.
  private static func byHand<Unit: RecurrentUnit<Double>>(
    _ unit: Unit, _ fc: Linear, _ batch: (inputs: Tensor, sums: Tensor)
  ) -> [Matrix<Double>] {
    let steps = unit(matrices(batch.inputs))
    let last = steps.last!.state
    let weight = Matrix<Double>(fc.weight.value)
    let y = linear(last, weight: weight, bias: fc.bias!.value.scalars.map(Double.init))
    // The loss is the sum of the squared errors; its gradient at the answers is twice the errors.
    let error = y - Matrix(batch.sums)
    var dy = steps.map { Matrix<Double>(rows: $0.state.rows, columns: $0.state.columns) }
    dy[steps.count - 1] = linearBackward(error + error, input: last, weight: weight).dx
    return unit.backThroughTime(dy, steps).states
  }

  /// The same by the engine, step by step; for an LSTM, whose state is two vectors, of both.
  private static func byEngine(
    _ network: RecurrentNetwork, _ batch: (inputs: Tensor, sums: Tensor)
  ) -> [Matrix<Double>] {
    var states: [RecurrentState] = []
    for t in 0..<batch.inputs.shape[0] {
      let x = Variable(batch.inputs.sliced(t..<t + 1, axis: 0))
      let state = network.states(x, initial: states.last).last
      state.hidden.retainGradient()
      state.cell?.retainGradient()
      states.append(state)
    }
    let hidden = states.last!.hidden
    squaredError(network.fc(hidden.reshaped(Array(hidden.shape.dropFirst()))), batch.sums, reduction: .sum)
      .backward()
    return states.map { state in
      let parts = [state.hidden, state.cell].compactMap { $0?.gradient }.map {
        $0.reshaped(Array($0.shape.dropFirst()))
      }
      let columns = parts.reduce(0) { $0 + $1.shape[1] }
      var joined = Matrix<Double>(rows: parts[0].shape[0], columns: columns)
      var start = 0
      for part in parts {
        for n in 0..<part.shape[0] {
          for i in 0..<part.shape[1] { joined[n, start + i] = Double(part[n, i]) }
        }
        start += part.shape[1]
      }
      return joined
    }
  }

  private static func norms(_ gradients: [Matrix<Double>]) -> [Double] {
    let lengths = gradients.map { gradient in
      (0..<gradient.rows).map { n in
        (0..<gradient.columns).reduce(0) { $0 + gradient[n, $1] * gradient[n, $1] }.squareRoot()
      }
    }
    return lengths.reversed().map { row in geometricMean(zip(row, lengths.last!).map { $0 / $1 }) }
  }
}
