import Engine

/// A block of ResNet: some convolutions, each with a batch norm, and a way around them.
///
///     y = ReLU(x + F(x))
///
/// Where the maps become smaller or more, the way around has a convolution of 1×1.
///
/// - PyTorch: torchvision's `BasicBlock`, and `Bottleneck` where `isBottleneck`.
/// - Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, figures 2 and 5.
/// - Book: section 7.10.
public final class ResNetBlock: Module, Layer {
  public let conv1: Conv2d
  public let bn1: BatchNorm2d
  public let conv2: Conv2d
  public let bn2: BatchNorm2d
  public let conv3: Conv2d?
  public let bn3: BatchNorm2d?
  public let downsample: Sequential?

  /// - Parameters:
  ///   - inputs: The number of maps that come in.
  ///   - width: The number of filters of the 3×3 convolutions.
  ///   - stride: 2 where the maps are halved.
  ///   - isBottleneck: Whether one convolution of 3×3 stands between two of 1×1, the second of which has four times
  ///     `width` filters; otherwise there are two of 3×3.
  public init(inputs: Int, width: Int, stride: Int, isBottleneck: Bool) {
    func convolution(_ inputs: Int, _ outputs: Int, kernel: Int, stride: Int = 1) -> Conv2d {
      Conv2d(
        inChannels: inputs, outChannels: outputs, kernelSize: kernel, stride: stride, padding: kernel / 2,
        bias: false)
    }
    let outputs = isBottleneck ? 4 * width : width
    conv1 = convolution(inputs, width, kernel: isBottleneck ? 1 : 3, stride: isBottleneck ? 1 : stride)
    bn1 = BatchNorm2d(features: width)
    conv2 = convolution(width, width, kernel: 3, stride: isBottleneck ? stride : 1)
    bn2 = BatchNorm2d(features: width)
    conv3 = isBottleneck ? convolution(width, outputs, kernel: 1) : nil
    bn3 = isBottleneck ? BatchNorm2d(features: outputs) : nil
    downsample =
      inputs == outputs && stride == 1
      ? nil
      : Sequential(
        convolution(inputs, outputs, kernel: 1, stride: stride), BatchNorm2d(features: outputs))
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    var y = bn2(conv2(relu(bn1(conv1(x)))))
    if let conv3, let bn3 { y = bn3(conv3(relu(y))) }
    return relu((downsample?(x) ?? x) + y)
  }
}

/// ResNet: a first convolution, four groups of blocks, the mean of each map, and one linear layer.
///
/// Its parameters are named as torchvision's are (`conv1.weight`, `layer1.0.conv1.weight`, …, `fc.bias`), so its weights
/// fit. Images may have any size that leaves something of the maps.
///
/// - Shape: `[N, 3, H, W]` → `[N, classes]`.
/// - PyTorch: `torchvision.models.resnet18()`, `resnet50()`.
/// - Source: He, Zhang, Ren, Sun, "Deep residual learning for image recognition", CVPR 2016, table 1; a bottleneck that
///   halves its maps does so in its 3×3, as torchvision's do.
/// - Book: section 7.10.
public final class ResNet: Module, Layer {
  public let conv1: Conv2d
  public let bn1: BatchNorm2d
  public let layer1, layer2, layer3, layer4: Sequential
  public let fc: Linear

  /// - Parameters:
  ///   - blocks: How many blocks each of the four groups has.
  ///   - isBottleneck: Which kind of block; see `ResNetBlock`.
  ///   - width: The number of filters in the first group; each later one has twice as many as the one before.
  ///   - classes: How many classes there are.
  public init(blocks: [Int], isBottleneck: Bool, width: Int = 64, classes: Int = 1000) {
    if blocks.count != 4 { trap("ResNet: there are four groups of blocks, given \(blocks)") }
    conv1 = Conv2d(
      inChannels: 3, outChannels: width, kernelSize: 7, stride: 2, padding: 3, bias: false)
    bn1 = BatchNorm2d(features: width)
    var channels = width
    let groups = blocks.enumerated().map { group, count in
      Sequential(
        (0..<count).map { block in
          let made = ResNetBlock(
            inputs: channels, width: width << group, stride: group > 0 && block == 0 ? 2 : 1,
            isBottleneck: isBottleneck)
          channels = (width << group) * (isBottleneck ? 4 : 1)
          return made
        })
    }
    (layer1, layer2, layer3, layer4) = (groups[0], groups[1], groups[2], groups[3])
    fc = Linear(inFeatures: channels, outFeatures: classes)
  }

  /// ResNet-18: blocks of two convolutions of 3×3.
  public static func eighteen() -> ResNet { ResNet(blocks: [2, 2, 2, 2], isBottleneck: false) }

  /// ResNet-50: bottlenecks.
  public static func fifty() -> ResNet { ResNet(blocks: [3, 4, 6, 3], isBottleneck: true) }

  /// - Parameter images: `[N, 3, H, W]`
  public func callAsFunction(_ images: Variable) -> Variable {
    let x = maxPool2d(relu(bn1(conv1(images))), kernelSize: 3, stride: 2, padding: 1)
    return fc(globalAvgPool2d(layer4(layer3(layer2(layer1(x))))))
  }
}
