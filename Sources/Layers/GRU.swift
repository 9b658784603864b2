import Autograd

/// A network of gated recurrent units; see `gru` for the formula and `RecurrentLayer` for the parameters.
///
/// - Shape: `[T, N, D]` → `[T, N, directions·H]` and `[layers·directions, N, H]`; with `batchFirst`, `[N, T, …]`.
/// - PyTorch: `torch.nn.GRU`. A batch is always needed; `lengths` stands for packed sequences.
/// - Source: Cho et al., "Learning phrase representations using RNN encoder–decoder", EMNLP 2014.
/// - Book: chapter 5.
public final class GRU: RecurrentLayer {
  /// - Parameters:
  ///   - inputSize: D, the numbers of one step. PyTorch: `input_size`.
  ///   - hiddenSize: H, the numbers of the state. PyTorch: `hidden_size`.
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
      gates: 3, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, bias: bias,
      batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional)
  }

  /// Reads sequences from their first step to their last.
  ///
  /// - Parameters:
  ///   - x: `[T, N, D]`; with `batchFirst`, `[N, T, D]`. Other shapes trap, with what is needed.
  ///   - initial: The states before the first step, `[layers·directions, N, H]`; zeros when nil.
  ///   - lengths: How many steps of each sequence are real, 1 to T; all when nil. PyTorch: `pack_padded_sequence`.
  /// - Returns: The last layer's state at each step, and each layer's and direction's last state.
  public func callAsFunction(
    _ x: Variable, initial: Variable? = nil, lengths: [Int]? = nil
  ) -> (output: Variable, hidden: Variable) {
    gru(
      x, initial: initial, layers: directions, batchFirst: batchFirst, lengths: lengths, dropout: dropoutNow)
  }
}
