import Autograd

/// A plain recurrent network; see `rnn` for the formula and `RecurrentLayer` for the parameters.
///
/// - Shape: `[T, N, D]` → `[T, N, directions·H]` and `[layers·directions, N, H]`; with `batchFirst`, `[N, T, …]`.
/// - PyTorch: `torch.nn.RNN`. A batch is always needed; `lengths` stands for packed sequences.
/// - Source: Elman, "Finding structure in time", Cognitive Science 14(2), 1990.
/// - Book: chapter 5.
public final class RNN: RecurrentLayer {
  public let nonlinearity: RNNNonlinearity

  public init(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, nonlinearity: RNNNonlinearity = .tanh,
    bias: Bool = true,
    batchFirst: Bool = false, dropout: Double = 0, bidirectional: Bool = false
  ) {
    self.nonlinearity = nonlinearity
    super.init(
      gates: 1, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, bias: bias,
      batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional)
  }

  public func callAsFunction(
    _ x: Variable, initial: Variable? = nil, lengths: [Int]? = nil
  ) -> (output: Variable, hidden: Variable) {
    rnn(
      x, initial: initial, layers: directions, nonlinearity: nonlinearity, batchFirst: batchFirst,
      lengths: lengths,
      dropout: dropoutNow)
  }
}
