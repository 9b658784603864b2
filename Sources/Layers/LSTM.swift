import Autograd

/// Long short-term memory; see `lstm` for the formula and `RecurrentLayer` for the parameters.
///
/// - Shape: `[T, N, D]` → `[T, N, directions·H]` and twice `[layers·directions, N, H]`; with `batchFirst`,
///   `[N, T, …]`.
/// - PyTorch: `torch.nn.LSTM`, without `proj_size`. A batch is always needed; `lengths` stands for packed sequences.
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997.
/// - Book: chapter 6.
public final class LSTM: RecurrentLayer {
  public init(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    super.init(
      gates: 4, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, bias: bias,
      batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional)
  }

  public func callAsFunction(
    _ x: Variable, initial: (hidden: Variable, cell: Variable)? = nil, lengths: [Int]? = nil
  ) -> (output: Variable, hidden: Variable, cell: Variable) {
    lstm(
      x, initial: initial, layers: directions, batchFirst: batchFirst, lengths: lengths, dropout: dropoutNow)
  }
}
