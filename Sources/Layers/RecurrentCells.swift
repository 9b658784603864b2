import Autograd
import Tensors

/// What `RNNCell`, `GRUCell` and `LSTMCell` share: the parameters of one step. `weight_ih`, `[gates·H, D]`;
/// `weight_hh`, `[gates·H, H]`; `bias_ih` and `bias_hh`, `[gates·H]`. All begin as numbers drawn evenly from `±1/√H`.
public class RecurrentStep: Module {
  /// `[gates·H, D]`: what is made of the input.
  public let weightIh: Parameter
  /// `[gates·H, H]`: what is made of the state before.
  public let weightHh: Parameter
  /// `[gates·H]`; nil without biases.
  public let biasIh: Parameter?
  /// `[gates·H]`; nil without biases.
  public let biasHh: Parameter?

  init(gates: Int, inputSize: Int, hiddenSize: Int, bias: Bool) {
    func make(_ shape: [Int]) -> Parameter {
      Parameter(Initial.uniformByFanIn(shape: shape, fanIn: hiddenSize))
    }
    weightIh = make([gates * hiddenSize, inputSize])
    weightHh = make([gates * hiddenSize, hiddenSize])
    biasIh = bias ? make([gates * hiddenSize]) : nil
    biasHh = bias ? make([gates * hiddenSize]) : nil
    super.init()
  }

  /// One layer, one direction.
  var layers: [[RecurrentParameters]] {
    [
      [
        RecurrentParameters(
          inputHidden: weightIh, hiddenHidden: weightHh, inputBias: biasIh, hiddenBias: biasHh)
      ]
    ]
  }

  /// `[N, D]` as a sequence of one step, `[1, N, D]`.
  func oneStep(_ x: Variable) -> Variable {
    if x.rank != 2 { trap("\(Self.self): input \(x.shape): [N, D] is needed") }
    return x.reshaped([1] + x.shape)
  }

  func withoutStep(_ x: Variable) -> Variable { x.reshaped(Array(x.shape.dropFirst())) }
}

/// One step of a plain recurrent network; see `rnn` for the formula.
///
/// - Shape: `[N, D]` and the state `[N, H]`, zeros by default → the next state, `[N, H]`.
/// - PyTorch: `torch.nn.RNNCell`.
/// - Book: chapter 5.
public final class RNNCell: RecurrentStep {
  /// What is done with the sums.
  public let nonlinearity: RNNNonlinearity

  /// - Parameters:
  ///   - inputSize: D, the numbers of one step. PyTorch: `input_size`.
  ///   - hiddenSize: H, the numbers of the state. PyTorch: `hidden_size`.
  ///   - nonlinearity: What is done with the sums.
  ///   - bias: Whether biases are added.
  public init(inputSize: Int, hiddenSize: Int, nonlinearity: RNNNonlinearity = .tanh, bias: Bool = true) {
    self.nonlinearity = nonlinearity
    super.init(gates: 1, inputSize: inputSize, hiddenSize: hiddenSize, bias: bias)
  }

  /// The state after the step `x`, `[N, D]`, from the one before it, `[N, H]`; zeros when nil.
  public func callAsFunction(_ x: Variable, _ hidden: Variable? = nil) -> Variable {
    withoutStep(
      rnn(oneStep(x), initial: hidden.map(oneStep), layers: layers, nonlinearity: nonlinearity).hidden)
  }
}

/// One step of a gated recurrent unit; see `gru` for the formula.
///
/// - Shape: `[N, D]` and the state `[N, H]`, zeros by default → the next state, `[N, H]`.
/// - PyTorch: `torch.nn.GRUCell`.
/// - Book: chapter 5.
public final class GRUCell: RecurrentStep {
  /// - Parameters:
  ///   - inputSize: D, the numbers of one step. PyTorch: `input_size`.
  ///   - hiddenSize: H, the numbers of the state. PyTorch: `hidden_size`.
  ///   - bias: Whether the gates have biases.
  public init(inputSize: Int, hiddenSize: Int, bias: Bool = true) {
    super.init(gates: 3, inputSize: inputSize, hiddenSize: hiddenSize, bias: bias)
  }

  /// The state after the step `x`, `[N, D]`, from the one before it, `[N, H]`; zeros when nil.
  public func callAsFunction(_ x: Variable, _ hidden: Variable? = nil) -> Variable {
    withoutStep(gru(oneStep(x), initial: hidden.map(oneStep), layers: layers).hidden)
  }
}

/// One step of long short-term memory; see `lstm` for the formula.
///
/// - Shape: `[N, D]` and the states `[N, H]` each, zeros by default → the next states, `[N, H]` each.
/// - PyTorch: `torch.nn.LSTMCell`.
/// - Book: chapter 6.
public final class LSTMCell: RecurrentStep {
  /// - Parameters:
  ///   - inputSize: D, the numbers of one step. PyTorch: `input_size`.
  ///   - hiddenSize: H, the numbers of the state, and of the cell. PyTorch: `hidden_size`.
  ///   - bias: Whether the gates have biases.
  public init(inputSize: Int, hiddenSize: Int, bias: Bool = true) {
    super.init(gates: 4, inputSize: inputSize, hiddenSize: hiddenSize, bias: bias)
  }

  /// State and cell after the step `x`, `[N, D]`, from those before it, `[N, H]` each; zeros when nil.
  public func callAsFunction(
    _ x: Variable, _ state: (hidden: Variable, cell: Variable)? = nil
  ) -> (hidden: Variable, cell: Variable) {
    let result = lstm(
      oneStep(x), initial: state.map { (oneStep($0.hidden), oneStep($0.cell)) }, layers: layers)
    return (withoutStep(result.hidden), withoutStep(result.cell))
  }
}
