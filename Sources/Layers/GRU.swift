import Autograd

/// A network of gated recurrent units; see `gru` for the formula and `RecurrentLayer` for the parameters.
///
/// - Shape: `[T, N, D]` → `[T, N, directions·H]` and `[layers·directions, N, H]`; with `batchFirst`, `[N, T, …]`.
/// - PyTorch: `torch.nn.GRU`. A batch is always needed; `lengths` stands for packed sequences.
/// - Source: Cho et al., "Learning phrase representations using RNN encoder–decoder", EMNLP 2014.
/// - Book: chapter 5.
public final class GRU: RecurrentLayer {
  public init(
    inputSize: Int, hiddenSize: Int, layers: Int = 1, bias: Bool = true, batchFirst: Bool = false,
    dropout: Double = 0, bidirectional: Bool = false
  ) {
    super.init(
      gates: 3, inputSize: inputSize, hiddenSize: hiddenSize, layers: layers, bias: bias,
      batchFirst: batchFirst,
      dropout: dropout, bidirectional: bidirectional)
  }

  public func callAsFunction(
    _ x: Variable, initial: Variable? = nil, lengths: [Int]? = nil
  ) -> (output: Variable, hidden: Variable) {
    gru(
      x, initial: initial, layers: directions, batchFirst: batchFirst, lengths: lengths, dropout: dropoutNow)
  }
}
