import Engine

/// A small GPT: for each place of a text, how likely each character is to come next, judged by all that stand before.
///
///     ids → character vectors + place vectors → blocks → layer norm → linear, without bias → logits
///
/// A block is causal self-attention and two linear layers with a GELU between them, each with a layer norm before it
/// and a way around it.
///
/// Parameters: `tokens.weight`, `[V, D]`; `positions.weight`, `[context, D]`; `blocks.0.…`, see
/// `TransformerEncoderLayer`; `norm.weight`, `norm.bias`; `head.weight`, `[V, D]`.
///
/// - PyTorch: `nn.Embedding` twice, `nn.TransformerEncoderLayer(d, heads, 4 * d, 0, "gelu", batch_first=True,
///   norm_first=True)` with a causal mask, `nn.LayerNorm`, `nn.Linear`.
/// - Source: Radford et al., "Language models are unsupervised multitask learners", 2019.
/// - Book: chapter 10.
public final class GPT: Module {
  public let tokens: Embedding
  public let positions: LearnedPositions
  public let blocks: [TransformerEncoderLayer]
  public let norm: LayerNorm
  public let head: Linear

  /// - Parameters:
  ///   - vocabulary: The number of different characters, V.
  ///   - context: The most characters that it can look at, T.
  ///   - dimension: The width of the vectors, D; `heads` must divide it.
  ///   - blocks: How many blocks follow each other.
  public init(vocabulary: Int, context: Int, dimension: Int, heads: Int, blocks: Int) {
    tokens = Embedding(count: vocabulary, dimension: dimension)
    positions = LearnedPositions(dimension: dimension, maxLength: context)
    self.blocks = (0..<blocks).map { _ in
      TransformerEncoderLayer(
        dimension: dimension, heads: heads, feedForward: 4 * dimension, dropout: 0, activation: .gelu,
        normFirst: true)
    }
    norm = LayerNorm(dimension)
    head = Linear(inFeatures: dimension, outFeatures: vocabulary, bias: false)
  }

  /// - Parameter ids: `[N, T]`, T at most the context.
  /// - Returns: Logits, `[N, T, V]`: at place t, for the character at t + 1.
  public func callAsFunction(_ ids: IntTensor) -> Variable {
    var x = positions(tokens(ids))
    for block in blocks { x = block(x, isCausal: true) }
    return head(norm(x))
  }
}
