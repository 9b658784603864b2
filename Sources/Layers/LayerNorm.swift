import Autograd
import Tensors

/// Brings each example to mean 0 and variance 1 over its last axes, then scales and shifts it.
///
/// Parameters: `weight`, of `normalizedShape`, at first 1; `bias`, at first 0.
///
/// - Shape: `[…, normalizedShape…]`, the same out.
/// - PyTorch: `torch.nn.LayerNorm`.
/// - Source: Ba, Kiros, Hinton, "Layer normalization", arXiv 1607.06450.
/// - Book: chapter 10.
public final class LayerNorm: Module, Layer {
  /// Of shape `normalizedShape`, at first 1; nil without `affine`.
  public let weight: Parameter?
  /// Of shape `normalizedShape`, at first 0; nil without `affine` or `bias`.
  public let bias: Parameter?
  /// The sizes of the last axes, over which means are taken.
  public let normalizedShape: [Int]
  /// Added to the variance, so that nothing is divided by 0.
  public let epsilon: Float

  /// - Parameters:
  ///   - normalizedShape: The sizes of the last axes, over which means are taken. PyTorch: `normalized_shape`.
  ///   - epsilon: Added to the variance. PyTorch: `eps`.
  ///   - affine: Whether there are a weight and a bias to learn. PyTorch: `elementwise_affine`.
  ///   - bias: Whether there is a bias beside the weight.
  public init(_ normalizedShape: [Int], epsilon: Float = 1e-5, affine: Bool = true, bias: Bool = true) {
    weight = affine ? Parameter(.ones(normalizedShape)) : nil
    self.bias = affine && bias ? Parameter(.zeros(normalizedShape)) : nil
    self.normalizedShape = normalizedShape
    self.epsilon = epsilon
  }

  /// Over the last axis alone, of this size.
  public convenience init(_ features: Int, epsilon: Float = 1e-5, affine: Bool = true, bias: Bool = true) {
    self.init([features], epsilon: epsilon, affine: affine, bias: bias)
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    layerNorm(x, normalizedShape: normalizedShape, weight: weight, bias: bias, epsilon: epsilon)
  }
}

/// Brings each example to mean square 1 over its last axis, then scales it.
///
/// Parameters: `weight`, `[D]`, at first 1.
///
/// - Shape: `[…, D]`, the same out.
/// - PyTorch: `torch.nn.RMSNorm`; `eps=None` there is 1.19e-7, the default here.
/// - Source: Zhang and Sennrich, "Root mean square layer normalization", NeurIPS 2019.
/// - Book: chapter 10.
public final class RMSNorm: Module, Layer {
  /// `[D]`, at first 1; nil without `affine`.
  public let weight: Parameter?
  /// D, the size of the last axis.
  public let features: Int
  /// Added to the mean square, so that nothing is divided by 0.
  public let epsilon: Float

  /// - Parameters:
  ///   - features: D, the size of the last axis. PyTorch: `normalized_shape`, which may be several axes there.
  ///   - epsilon: Added to the mean square. PyTorch: `eps`.
  ///   - affine: Whether there is a weight to learn. PyTorch: `elementwise_affine`.
  public init(_ features: Int, epsilon: Float = .ulpOfOne, affine: Bool = true) {
    weight = affine ? Parameter(.ones([features])) : nil
    self.features = features
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    rmsNorm(x, normalizedShape: [features], weight: weight, epsilon: epsilon)
  }
}
