import Engine

/// How a deep network is built: what the experiment of section 7.10 compares.
///
/// - Book: section 7.10.
public enum DeepDesign: String, CaseIterable, Sendable {
  case plain, normed, skips, normedSkips

  /// In words.
  public var name: String {
    switch self {
    case .plain: "plain"
    case .normed: "batch norm"
    case .skips: "skips"
    case .normedSkips: "batch norm and skips"
    }
  }

  public var isNormed: Bool { self == .normed || self == .normedSkips }
  public var hasSkips: Bool { self == .skips || self == .normedSkips }
}

/// A network of many small convolutions: a first layer that makes maps of 7×7, then blocks of two convolutions of 3×3,
/// then a linear layer. The same layers with and without batch norm, and with and without a way around each block.
///
///     plain:      x ← ReLU(conv(ReLU(conv(x))))
///     with skips: x ← ReLU(x + conv(ReLU(conv(x))))
///
/// - Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, section 4.2, with fewer
///   channels and one size of maps, which are not averaged at the end.
/// - Book: section 7.10.
public final class DeepCNN: Module, Layer {
  public let first: Conv2d
  public let blocks: [DeepBlock]
  public let last: Linear

  /// - Parameters:
  ///   - convolutions: How many of 3×3 there are: an even number; others trap.
  ///   - channels: How many maps each has.
  public init(convolutions: Int, channels: Int = 16, design: DeepDesign) {
    if convolutions < 0 || convolutions % 2 != 0 {
      trap("DeepCNN: the number of convolutions must be even, given \(convolutions)")
    }
    first = Conv2d(inChannels: 1, outChannels: channels, kernelSize: 5, stride: 4, padding: 2)
    blocks = (0..<convolutions / 2).map { _ in DeepBlock(channels: channels, design: design) }
    last = Linear(inFeatures: channels * 7 * 7, outFeatures: 10)
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable {
    last(features(images).last!.flattened(from: 1))
  }

  /// What comes out of the first layer and of each block, `[N, channels, 7, 7]` each.
  public func features(_ images: Variable) -> [Variable] {
    blocks.reduce(into: [relu(first(images))]) { $0.append($1($0.last!)) }
  }
}

/// Two convolutions of 3×3, and a way around them or none.
///
/// - Book: section 7.10.
public final class DeepBlock: Module, Layer {
  public let conv1, conv2: Conv2d
  public let norm1, norm2: BatchNorm2d?
  /// Whether what comes in is added to what the convolutions make of it.
  public let hasSkip: Bool

  public init(channels: Int, design: DeepDesign) {
    func convolution() -> Conv2d {
      Conv2d(inChannels: channels, outChannels: channels, kernelSize: 3, padding: 1, bias: !design.isNormed)
    }
    (conv1, conv2) = (convolution(), convolution())
    norm1 = design.isNormed ? BatchNorm2d(features: channels) : nil
    norm2 = design.isNormed ? BatchNorm2d(features: channels) : nil
    hasSkip = design.hasSkips
    // Of such a size that ReLU's output is as large as its input on average: with the engine's usual weights the numbers
    // would shrink from layer to layer.
    for conv in [conv1, conv2] { conv.weight.value = Initial.kaimingNormal(shape: conv.weight.shape) }
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    var y = conv1(x)
    y = conv2(relu(norm1?(y) ?? y))
    y = norm2?(y) ?? y
    return relu(hasSkip ? x + y : y)
  }
}
