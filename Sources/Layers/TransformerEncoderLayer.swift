import Autograd
import Tensors

/// A Transformer block: self-attention, then two linear layers at each step, each with a way around it and a norm.
///
///     norm first:  x ← x + attention(norm1(x)),    x ← x + linear2(f(linear1(norm2(x))))
///     norm last:   x ← norm1(x + attention(x)),    x ← norm2(x + linear2(f(linear1(x))))
///
/// With `isCausal` it is the block of a GPT.
///
/// Parameters: `self_attn.…`, `linear1.…`, `linear2.…`, `norm1.…`, `norm2.…`.
///
/// - Shape: `[N, T, E]`, the same out.
/// - PyTorch: `torch.nn.TransformerEncoderLayer(batch_first=True)`; masks are true where attention is allowed.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017; norm first: Xiong et al., "On layer
///   normalization in the Transformer architecture", ICML 2020.
/// - Book: chapter 10.
public final class TransformerEncoderLayer: Module, Layer {
  /// What stands between the two linear layers.
  public enum Activation: Sendable {
    /// `max(0, x)`, as in the paper of 2017.
    case relu
    /// `x` times the normal distribution function of `x`, as BERT and GPT have it.
    case gelu
  }

  /// The attention of each step to all others.
  public let selfAttn: MultiHeadAttention
  /// `E` → `feedForward`, at each step.
  public let linear1: Linear
  /// `feedForward` → `E`, at each step.
  public let linear2: Linear
  /// The norm of the attention, ahead of it or after it.
  public let norm1: LayerNorm
  /// The norm of the linear layers, ahead of them or after them.
  public let norm2: LayerNorm
  /// How likely a number is dropped after each part while training, and a weight within the attention.
  public let dropout: Float
  /// What stands between the two linear layers.
  public let activation: Activation
  /// Whether each part is normalised ahead of it, and not after the sum.
  public let normFirst: Bool

  /// - Parameters:
  ///   - dimension: E, the numbers of one step. PyTorch: `d_model`.
  ///   - heads: Heads of the attention; they must divide `dimension`, or this traps. PyTorch: `nhead`.
  ///   - feedForward: The width between the two linear layers; 4E is usual. PyTorch: `dim_feedforward`.
  ///   - dropout: How likely a number is dropped after each part while training, and a weight within the attention.
  ///   - activation: What stands between the two linear layers.
  ///   - epsilon: The norms'. PyTorch: `layer_norm_eps`.
  ///   - normFirst: Whether each part is normalised ahead of it, which trains deep stacks more steadily, and not
  ///     after the sum, as in the paper. PyTorch: `norm_first`.
  public init(
    dimension: Int, heads: Int, feedForward: Int = 2048, dropout: Float = 0.1, activation: Activation = .relu,
    epsilon: Float = 1e-5, normFirst: Bool = false
  ) {
    selfAttn = MultiHeadAttention(dimension: dimension, heads: heads, dropout: dropout)
    linear1 = Linear(inFeatures: dimension, outFeatures: feedForward)
    linear2 = Linear(inFeatures: feedForward, outFeatures: dimension)
    norm1 = LayerNorm(dimension, epsilon: epsilon)
    norm2 = LayerNorm(dimension, epsilon: epsilon)
    self.dropout = dropout
    self.activation = activation
    self.normFirst = normFirst
  }

  public func callAsFunction(_ x: Variable) -> Variable { callAsFunction(x, mask: nil, isCausal: false) }

  /// - Parameters:
  ///   - x: `[N, T, E]`; the result has the same shape.
  ///   - mask: Who may look at whom, true where allowed; `[T, T]`, or what stretches to `[N, H, T, T]`.
  ///   - isCausal: Whether a step sees only itself and those before it.
  public func callAsFunction(_ x: Variable, mask: MaskTensor? = nil, isCausal: Bool = false) -> Variable {
    func attention(_ x: Variable) -> Variable { drop(selfAttn(x, mask: mask, isCausal: isCausal)) }
    if normFirst {
      let y = x + attention(norm1(x))
      return y + feedForward(norm2(y))
    }
    let y = norm1(x + attention(x))
    return norm2(y + feedForward(y))
  }

  private func feedForward(_ x: Variable) -> Variable {
    let hidden = linear1(x)
    return drop(linear2(drop(activation == .relu ? relu(hidden) : gelu(hidden))))
  }

  private func drop(_ x: Variable) -> Variable {
    Autograd.dropout(x, probability: dropout, isTraining: isTraining)
  }
}
