import Engine
import Foundation

/// What a Transformer block has learned.
///
/// - Book: section 10.6.
public struct BlockWeights<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  public var attention: AttentionWeights<Scalar>
  public var norm1, norm2: NormWeights<Scalar>
  /// The first of the two linear layers, `[F, D]` and `F`, and the second, `[D, F]` and `D`.
  public var linear1, linear2: [[Scalar]]
  public var bias1, bias2: [Scalar]

  /// Copies the parts of an engine's block.
  public init(
    attention: MultiHeadAttention, norm1: LayerNorm, norm2: LayerNorm, linear1: Linear, linear2: Linear
  ) {
    func copy(_ norm: LayerNorm) -> NormWeights<Scalar> {
      let weight = norm.weight!.value
      return NormWeights(
        weight: numbers(weight, orZeros: 0), bias: numbers(norm.bias?.value, orZeros: weight.count))
    }
    self.attention = AttentionWeights(attention)
    (self.norm1, self.norm2) = (copy(norm1), copy(norm2))
    self.linear1 = rows(linear1.weight.value)
    self.linear2 = rows(linear2.weight.value)
    bias1 = numbers(linear1.bias?.value, orZeros: linear1.weight.shape[0])
    bias2 = numbers(linear2.bias?.value, orZeros: linear2.weight.shape[0])
  }

  /// Copies an engine's layer.
  public init(_ layer: TransformerEncoderLayer) {
    self.init(
      attention: layer.selfAttn, norm1: layer.norm1, norm2: layer.norm2, linear1: layer.linear1,
      linear2: layer.linear2)
  }
}

/// Where a block's norms stand.
///
/// - Book: section 10.6.
public enum NormPlace: Sendable {
  /// Before attention and before the linear layers: GPT-2's, and most since.
  case first
  /// After each sum: the Transformer of 2017.
  case last
}

/// A Transformer block: the steps exchange what they know, then each works on it by itself. Around both there is a way
/// that changes nothing, which the gradient takes back.
///
///     norm first:  x ← x + attention(norm1(x))      x ← x + W₂ f(W₁ norm2(x) + b₁) + b₂
///     norm last:   x ← norm1(x + attention(x))      x ← norm2(x + W₂ f(W₁ x + b₁) + b₂)
///
/// `f` is the GELU, `x · Φ(x)` with the normal distribution Φ.
///
/// - Parameters:
///   - x: `[T, D]`
///   - mask: `[T, T]`, true where allowed.
/// - Returns: `[T, D]`
/// - PyTorch: `torch.nn.TransformerEncoderLayer(activation="gelu", norm_first=…)`, without dropout.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.1; norm first: Xiong et al., "On layer
///   normalization in the Transformer architecture", ICML 2020.
/// - Book: section 10.6.
public func plainBlock<Scalar: BinaryFloatingPoint & Sendable>(
  _ x: [[Scalar]], _ w: BlockWeights<Scalar>, norm: NormPlace = .first, mask: [[Bool]]? = nil
) -> [[Scalar]] {
  func attention(_ x: [[Scalar]]) -> [[Scalar]] { manyHeads(x, w.attention, mask: mask).output }
  func feedForward(_ x: [[Scalar]]) -> [[Scalar]] {
    let hidden = affine(x, w.linear1, w.bias1).map { $0.map { plainGELU($0) } }
    return affine(hidden, w.linear2, w.bias2)
  }
  switch norm {
  case .first:
    let y = sum(x, attention(plainLayerNorm(x, w.norm1).output))
    return sum(y, feedForward(plainLayerNorm(y, w.norm2).output))
  case .last:
    let y = plainLayerNorm(sum(x, attention(x)), w.norm1).output
    return plainLayerNorm(sum(y, feedForward(y)), w.norm2).output
  }
}

/// `x (1 + erf(x / √2)) / 2`, computed in Double, whatever the type.
func plainGELU<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar {
  let x = Double(x)
  return Scalar(x * (1 + erf(x / 2.squareRoot())) / 2)
}
