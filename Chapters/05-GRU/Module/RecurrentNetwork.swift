import Engine

/// What carries the state from step to step.
public enum Recurrence: String, Sendable, CaseIterable {
  case rnn, gru, lstm

  /// As tables and charts call it.
  public var name: String { rawValue.uppercased() }
}

/// A recurrent layer and a linear layer after it: the network of this chapter's experiments.
///
///     x₁ … x_T → RNN, GRU or LSTM → h₁ … h_T → linear → y₁ … y_T
///
/// - PyTorch: a class of `torch.nn.RNN`, `GRU` or `LSTM`, and `torch.nn.Linear`.
/// - Book: sections 5.6 to 5.8.
public final class RecurrentNetwork: Module {
  public let recurrence: Recurrence
  public let rnn: RecurrentLayer
  public let fc: Linear

  public init(_ recurrence: Recurrence, inputSize: Int, hiddenSize: Int, outputs: Int) {
    self.recurrence = recurrence
    rnn =
      switch recurrence {
      case .rnn: RNN(inputSize: inputSize, hiddenSize: hiddenSize)
      case .gru: GRU(inputSize: inputSize, hiddenSize: hiddenSize)
      case .lstm: LSTM(inputSize: inputSize, hiddenSize: hiddenSize)
      }
    fc = Linear(inFeatures: hiddenSize, outFeatures: outputs)
  }

  /// The states of every step.
  ///
  /// - Parameters:
  ///   - x: `[T, N, D]`
  ///   - initial: The state before the first step, nil for zeros.
  /// - Returns: The states, `[T, N, H]`, and what the next step needs.
  public func states(_ x: Variable, initial: RecurrentState? = nil) -> (
    states: Variable, last: RecurrentState
  ) {
    switch rnn {
    case let rnn as RNN:
      let (states, hidden) = rnn(x, initial: initial?.hidden)
      return (states, RecurrentState(hidden: hidden))
    case let gru as GRU:
      let (states, hidden) = gru(x, initial: initial?.hidden)
      return (states, RecurrentState(hidden: hidden))
    case let lstm as LSTM:
      let (states, hidden, cell) = lstm(x, initial: initial.map { ($0.hidden, $0.cell!) })
      return (states, RecurrentState(hidden: hidden, cell: cell))
    default: fatalError("RecurrentNetwork: a layer of its own kind is needed, given \(type(of: rnn))")
    }
  }

  /// The answer at every step, `[T, N, O]`.
  public func callAsFunction(_ x: Variable) -> Variable { fc(states(x).states) }

  /// The answer at the last step, `[N, O]`.
  public func atLastStep(_ x: Variable) -> Variable {
    let hidden = states(x).last.hidden
    return fc(hidden.reshaped(Array(hidden.shape.dropFirst())))
  }
}

/// What a recurrent layer hands on from step to step: `[1, N, H]` each.
public struct RecurrentState {
  /// `h`
  public var hidden: Variable
  /// The cell's state, which only the LSTM has.
  public var cell: Variable?

  public init(hidden: Variable, cell: Variable? = nil) { (self.hidden, self.cell) = (hidden, cell) }
}
