import Autograd
import Tensors

/// Brings each group of channels of each image to mean 0 and variance 1, then scales and shifts each channel.
///
/// Parameters: `weight`, `[C]`, at first 1; `bias`, `[C]`, at first 0.
///
/// - Shape: `[N, C, …]`, the same out.
/// - PyTorch: `torch.nn.GroupNorm`.
/// - Source: Wu and He, "Group normalization", ECCV 2018.
/// - Book: chapter 7.
public final class GroupNorm: Module, Layer {
  /// `[C]`, at first 1; nil without `affine`.
  public let weight: Parameter?
  /// `[C]`, at first 0; nil without `affine`.
  public let bias: Parameter?
  /// How many groups the channels of each image form.
  public let groups: Int
  /// Added to the variance, so that nothing is divided by 0.
  public let epsilon: Float

  /// - Parameters:
  ///   - groups: How many; it must divide `channels`, or this traps. As many as channels is instance norm. PyTorch:
  ///     `num_groups`.
  ///   - channels: C. PyTorch: `num_channels`.
  ///   - epsilon: Added to the variance. PyTorch: `eps`.
  ///   - affine: Whether there are a weight and a bias to learn.
  public init(groups: Int, channels: Int, epsilon: Float = 1e-5, affine: Bool = true) {
    if groups < 1 || channels % groups != 0 {
      trap("GroupNorm: \(channels) channels do not divide into \(groups) groups")
    }
    weight = affine ? Parameter(.ones([channels])) : nil
    bias = affine ? Parameter(.zeros([channels])) : nil
    self.groups = groups
    self.epsilon = epsilon
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    groupNorm(x, groups: groups, weight: weight, bias: bias, epsilon: epsilon)
  }
}
