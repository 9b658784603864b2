import Autograd
import Tensors

/// Attention of several heads: queries, keys and values are projections of the input, each head attends with its own
/// part of them, and the heads' results are projected once more.
///
/// Parameters: `in_proj_weight`, `[3E, E]`, drawn by Xavier's rule: rows for queries, keys and values;
/// `in_proj_bias`, `[3E]`, at first 0; `out_proj.weight`, `[E, E]`, as `Linear`'s; `out_proj.bias`, `[E]`, at first 0.
///
/// - Shape: `[N, T, E]`, and keys and values `[N, S, E]` → `[N, T, E]`
/// - PyTorch: `torch.nn.MultiheadAttention(batch_first=True)` with `kdim` and `vdim` as `embed_dim`. Masks are true where
///   attention is allowed, not where it is forbidden; weights are given before dropout.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.2.
/// - Book: chapter 10.
public final class MultiHeadAttention: Module, Layer {
  /// `[3E, E]`: the rows that make queries, then keys, then values.
  public let inProjWeight: Parameter
  /// `[3E]`, in the same order; nil for none.
  public let inProjBias: Parameter?
  /// What the heads' results, side by side, go through at the end.
  public let outProj: Linear
  /// How many heads attend, each with `E/heads` numbers of every query, key and value.
  public let heads: Int
  /// How likely a weight of attention is dropped while training.
  public let dropout: Float

  /// - Parameters:
  ///   - dimension: E, the numbers of one step. PyTorch: `embed_dim`.
  ///   - heads: How many; it must divide `dimension`, or this traps. PyTorch: `num_heads`.
  ///   - dropout: How likely a weight of attention is dropped while training.
  ///   - bias: Whether the projections have biases.
  public init(dimension: Int, heads: Int, dropout: Float = 0, bias: Bool = true) {
    if heads < 1 || dimension % heads != 0 {
      trap("MultiHeadAttention: a width of \(dimension) does not divide into \(heads) heads")
    }
    inProjWeight = Parameter(Initial.xavierUniform(shape: [3 * dimension, dimension]))
    inProjBias = bias ? Parameter(.zeros([3 * dimension])) : nil
    outProj = Linear(inFeatures: dimension, outFeatures: dimension, bias: bias)
    outProj.bias?.value = .zeros([dimension])
    self.heads = heads
    self.dropout = dropout
  }

  /// Each step of `x` attends to all steps of `x`.
  public func callAsFunction(_ x: Variable) -> Variable { callAsFunction(x, mask: nil, isCausal: false) }

  /// Each step of `query` attends to the steps of `memory`, or, without one, to those of `query` itself.
  ///
  /// - Parameters:
  ///   - query: What looks, `[N, T, E]`.
  ///   - memory: What is looked at, `[N, S, E]`; nil for `query` itself.
  ///   - mask: Who may look at whom, true where allowed; `[T, S]`, or whatever stretches to `[N, H, T, S]`. For keys that
  ///     are padding, `[N, 1, 1, S]`.
  ///   - isCausal: Whether a step sees only itself and those before it.
  public func callAsFunction(
    _ query: Variable, memory: Variable? = nil, mask: MaskTensor? = nil, isCausal: Bool = false
  ) -> Variable {
    attend(query, memory: memory, mask: mask, isCausal: isCausal, averagingHeads: false).output
  }

  /// The same, and how much each step looked at each other: `[N, T, S]`, the mean over the heads; or `[N, H, T, S]`.
  public func attend(
    _ query: Variable, memory: Variable? = nil, mask: MaskTensor? = nil, isCausal: Bool = false,
    averagingHeads: Bool = true
  ) -> (output: Variable, weights: Tensor) {
    let width = inProjWeight.shape[1]
    for input in [query, memory ?? query] where input.rank != 3 || input.shape[2] != width {
      trap("MultiHeadAttention: [N, T, \(width)] is needed: \(input.shape)")
    }
    let projections: [Variable]
    if let memory {
      projections = [
        linear(
          query, inProjWeight.sliced(0..<width, axis: 0), bias: inProjBias?.sliced(0..<width, axis: 0)),
        linear(
          memory, inProjWeight.sliced(width..<3 * width, axis: 0),
          bias: inProjBias?.sliced(width..<3 * width, axis: 0)),
      ]
    } else {
      projections = [linear(query, inProjWeight, bias: inProjBias)]
    }
    let (mixed, weights) = multiHeadAttention(
      projections, heads: heads, mask: mask, isCausal: isCausal, dropout: isTraining ? dropout : 0)
    return (outProj(mixed), averagingHeads ? weights.mean(axis: 1) : weights)
  }
}
