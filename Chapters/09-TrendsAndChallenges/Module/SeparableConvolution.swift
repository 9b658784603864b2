import Engine

/// What a convolution costs, full and taken apart.
///
/// A full convolution mixes places and channels in one go. A depthwise-separable one does it one after the other: a
/// window for each channel by itself, then a 1×1 convolution over the channels.
///
///     full:       C · O · K²  weights        separable:  C · K² + C · O
///     share:      1/O + 1/K²
///
/// - Source: Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications", 2017,
///   section 3.1.
/// - Book: section 9.8.
public struct ConvolutionCost: Sendable, Equatable {
  /// Without biases.
  public let weights: Int
  /// Multiplications and additions for one image, each counting one.
  public let flops: Int

  /// - Parameters:
  ///   - inChannels: C
  ///   - outChannels: O
  ///   - kernelSize: K
  ///   - places: Height times width of the result.
  public static func full(inChannels: Int, outChannels: Int, kernelSize: Int, places: Int) -> ConvolutionCost
  {
    let weights = inChannels * outChannels * kernelSize * kernelSize
    return ConvolutionCost(weights: weights, flops: 2 * weights * places)
  }

  public static func separable(inChannels: Int, outChannels: Int, kernelSize: Int, places: Int)
    -> ConvolutionCost
  {
    let weights = inChannels * kernelSize * kernelSize + inChannels * outChannels
    return ConvolutionCost(weights: weights, flops: 2 * weights * places)
  }
}

/// A small network for 28×28 images of ten classes, whose second convolution is full or depthwise-separable.
///
///     image 1×28×28 → conv 5×5 → ReLU → max-pool 2 → C×14×14
///                   → conv 5×5, full or separable → ReLU → max-pool 2 → 2C×7×7 → linear → 10 logits
///
/// - Book: section 9.8.
public final class SeparableCNN: Module, Layer {
  public let conv1: Conv2d
  /// nil where the second convolution is full.
  public let depthwise: Conv2d?
  /// The full convolution, or the 1×1 one of the separable.
  public let conv2: Conv2d
  public let fc: Linear
  /// C
  public let channels: Int

  public init(channels: Int, isSeparable: Bool) {
    self.channels = channels
    conv1 = Conv2d(inChannels: 1, outChannels: channels, kernelSize: 5, padding: 2)
    depthwise =
      isSeparable
      ? Conv2d(
        inChannels: channels, outChannels: channels, kernelSize: 5, padding: 2, groups: channels,
        bias: false) : nil
    conv2 = Conv2d(
      inChannels: channels, outChannels: 2 * channels, kernelSize: isSeparable ? 1 : 5,
      padding: isSeparable ? 0 : 2)
    fc = Linear(inFeatures: 2 * channels * 49, outFeatures: 10)
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable {
    let x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    let y = conv2(depthwise?(x) ?? x)
    return fc(maxPool2d(relu(y), kernelSize: 2).flattened(from: 1))
  }

  /// What the second convolution costs.
  public var cost: ConvolutionCost {
    depthwise == nil
      ? .full(inChannels: channels, outChannels: 2 * channels, kernelSize: 5, places: 14 * 14)
      : .separable(inChannels: channels, outChannels: 2 * channels, kernelSize: 5, places: 14 * 14)
  }
}
