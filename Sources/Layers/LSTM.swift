import Autograd

/// Long short-term memory; see `lstm` for the formula and `RecurrentLayer` for the parameters.
///
/// - Shape: `[T, N, D]` → `[T, N, directions·H]` and twice `[layers·directions, N, H]`; with `batchFirst`,
///   `[N, T, …]`.
/// - PyTorch: `torch.nn.LSTM`, without `proj_size`. A batch is always needed; `lengths` stands for packed sequences.
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
/// - Book: chapter 6.
public final class LSTM: RecurrentLayer {
  /// - Parameters:
  ///   - inputSize: D, the numbers of one step. PyTorch: `input_size`.
  ///   - hiddenSize: H, the numbers of the state, and of the cell. PyTorch: `hidden_size`.
  ///   - layers: How many stand on each other, each reading the states of the one below. PyTorch: `num_layers`.
  ///   - bias: Whether the gates have biases.
  ///   - batchFirst: Whether inputs and outputs are `[N, T, …]` instead of `[T, N, …]`; states never are.
  ///   - dropout: How likely an output between two layers is dropped while training.
  ///   - bidirectional: Whether a second direction reads each sequence from its end; outputs then have `2H` numbers.
  public init(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    super.init(
      gates: 4, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, bias: bias,
      batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional)
  }

  /// Reads sequences from their first step to their last.
  ///
  /// - Parameters:
  ///   - x: `[T, N, D]`; with `batchFirst`, `[N, T, D]`. Other shapes trap, with what is needed.
  ///   - initial: The states and cells before the first step, both `[layers·directions, N, H]`; zeros when nil.
  ///   - lengths: How many steps of each sequence are real, 1 to T; all when nil. PyTorch: `pack_padded_sequence`.
  /// - Returns: The last layer's state at each step, and each layer's and direction's last state and cell.
  public func callAsFunction(
    _ x: Variable, initial: (hidden: Variable, cell: Variable)? = nil, lengths: [Int]? = nil
  ) -> (output: Variable, hidden: Variable, cell: Variable) {
    lstm(
      x, initial: initial, layers: directions, batchFirst: batchFirst, lengths: lengths, dropout: dropoutNow)
  }
}
