import Engine

/// How a network makes its maps smaller by half.
///
/// - Book: section 3.6.
public enum Downsampling: String, CaseIterable, Sendable {
  /// Not at all.
  case none
  /// The convolution's own stride of 2: three of four of its numbers are never computed.
  case stride
  /// The largest number of 2×2.
  case max
  /// The mean of 2×2.
  case mean
  /// The largest number of 2×2 with a stride of 1, then a blur, and only then a stride of 2.
  ///
  /// - Source: Zhang, "Making convolutional networks shift-invariant again", ICML 2019.
  case maxBlur

  /// The name in tables and charts.
  public var name: String {
    switch self {
    case .none: "none"
    case .stride: "stride"
    case .max: "max"
    case .mean: "mean"
    case .maxBlur: "max, blurred"
    }
  }

  /// The stride of the convolution before it.
  var convolutionStride: Int { self == .stride ? 2 : 1 }

  /// By how much it divides height and width.
  public var factor: Int { self == .none ? 1 : 2 }

  /// What follows on the convolution and its ReLU.
  ///
  /// The blur has the weights 1 2 1 in rows and columns, divided by 16. Two means of 2×2 one after the other are just
  /// that, and the second has the stride.
  public func callAsFunction(_ x: Variable) -> Variable {
    switch self {
    case .none, .stride: x
    case .max: maxPool2d(x, kernelSize: 2)
    case .mean: avgPool2d(x, kernelSize: 2)
    case .maxBlur:
      avgPool2d(
        avgPool2d(maxPool2d(x, kernelSize: 2, stride: 1), kernelSize: 2, stride: 1, padding: 1),
        kernelSize: 2)
    }
  }
}

/// What stands between a network's last maps and its ten classes.
public enum Head: String, CaseIterable, Sendable {
  /// A weight for each place of each map: the network knows where it saw something.
  case places
  /// The mean of each map, and a weight for each map.
  case global
}

/// A small convolutional network for 28×28 images of ten classes, whose way to make maps smaller can be chosen.
///
///     image 1×28×28 → conv 5×5 → ReLU → smaller → C×14×14
///                   → conv 5×5 → ReLU → smaller → 2C×7×7 → head → 10 logits
///
/// The convolutions' parameters are the same whatever the way, and with a global head all parameters are.
///
/// - Book: section 3.6.
public final class ShrinkingCNN: Module, Layer {
  public let way: Downsampling
  public let head: Head
  public let conv1: Conv2d
  public let conv2: Conv2d
  public let fc: Linear

  /// - Parameter channels: How many maps the first convolution makes; the second makes twice as many.
  public init(_ way: Downsampling, head: Head, channels: Int = 8) {
    self.way = way
    self.head = head
    let stride = way.convolutionStride
    conv1 = Conv2d(inChannels: 1, outChannels: channels, kernelSize: 5, stride: stride, padding: 2)
    conv2 = Conv2d(
      inChannels: channels, outChannels: 2 * channels, kernelSize: 5, stride: stride, padding: 2)
    let side = 28 / (way.factor * way.factor)
    fc = Linear(inFeatures: 2 * channels * (head == .places ? side * side : 1), outFeatures: 10)
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable {
    let x = way(relu(conv2(way(relu(conv1(images))))))
    return fc(head == .places ? x.flattened(from: 1) : globalAvgPool2d(x))
  }

  /// What the first convolution's filters see, after ReLU: `[N, C, 28, 28]`, or half of that with a stride.
  public func firstMaps(_ images: Variable) -> Tensor { withoutGradients { relu(conv1(images)).value } }
}
