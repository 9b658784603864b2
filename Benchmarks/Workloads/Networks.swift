import Engine

// Networks that no chapter trains and that are common: measured beside the same ones in the peers' scripts, whose names for
// the parts are these.

private func normalized(_ x: Variable, _ convolution: Conv2d, _ norm: BatchNorm2d) -> Variable {
  norm(convolution(x))
}

/// Two convolutions with batch norm, and the input beside them; where the size changes, through one of 1 × 1.
final class ResidualPair: Module {
  let conv1: Conv2d
  let norm1: BatchNorm2d
  let conv2: Conv2d
  let norm2: BatchNorm2d
  let beside: Conv2d?
  let normBeside: BatchNorm2d?

  init(_ channels: Int, _ filters: Int, stride: Int) {
    conv1 = Conv2d(
      inChannels: channels, outChannels: filters, kernelSize: 3, stride: stride, padding: 1, bias: false)
    norm1 = BatchNorm2d(features: filters)
    conv2 = Conv2d(inChannels: filters, outChannels: filters, kernelSize: 3, padding: 1, bias: false)
    norm2 = BatchNorm2d(features: filters)
    let changes = stride > 1 || channels != filters
    beside =
      changes
      ? Conv2d(inChannels: channels, outChannels: filters, kernelSize: 1, stride: stride, bias: false) : nil
    normBeside = changes ? BatchNorm2d(features: filters) : nil
  }

  func callAsFunction(_ x: Variable) -> Variable {
    let inner = normalized(relu(normalized(x, conv1, norm1)), conv2, norm2)
    guard let beside, let normBeside else { return relu(inner + x) }
    return relu(inner + normalized(x, beside, normBeside))
  }
}

/// A small residual network for images of 32 × 32 (He and others 2016): 32, 64 and 128 maps.
final class SmallResNet: Module {
  let conv = Conv2d(inChannels: 3, outChannels: 32, kernelSize: 3, padding: 1, bias: false)
  let norm = BatchNorm2d(features: 32)
  let pair1 = ResidualPair(32, 32, stride: 1)
  let pair2 = ResidualPair(32, 64, stride: 2)
  let pair3 = ResidualPair(64, 128, stride: 2)
  let fc = Linear(inFeatures: 128, outFeatures: 10)

  func callAsFunction(_ images: Variable) -> Variable {
    let maps = pair3(pair2(pair1(relu(normalized(images, conv, norm)))))
    return fc(maps.mean(axes: [2, 3]))
  }

  /// Multiplications and additions of the convolutions and the linear layer for one image, forward.
  static var flops: Double {
    // Weights of each size of maps: 3 × 3 and, between sizes, 1 × 1.
    let weights: [Int] = [
      9 * (3 + 2 * 32) * 32,
      9 * (32 + 64) * 64 + 32 * 64,
      9 * (64 + 128) * 128 + 64 * 128,
    ]
    return Double(2 * (1024 * weights[0] + 256 * weights[1] + 64 * weights[2] + 128 * 10))
  }
}

/// A depthwise convolution, then one of 1 × 1, each with batch norm (Howard and others 2017).
final class SeparablePair: Module {
  let depthwise: Conv2d
  let norm1: BatchNorm2d
  let pointwise: Conv2d
  let norm2: BatchNorm2d

  init(_ channels: Int, _ filters: Int, stride: Int) {
    depthwise = Conv2d(
      inChannels: channels, outChannels: channels, kernelSize: 3, stride: stride, padding: 1,
      groups: channels, bias: false)
    norm1 = BatchNorm2d(features: channels)
    pointwise = Conv2d(inChannels: channels, outChannels: filters, kernelSize: 1, bias: false)
    norm2 = BatchNorm2d(features: filters)
  }

  func callAsFunction(_ x: Variable) -> Variable {
    relu(normalized(relu(normalized(x, depthwise, norm1)), pointwise, norm2))
  }
}

/// A small network of them for images of 32 × 32.
final class SmallMobileNet: Module {
  let conv = Conv2d(inChannels: 3, outChannels: 32, kernelSize: 3, padding: 1, bias: false)
  let norm = BatchNorm2d(features: 32)
  let pair1 = SeparablePair(32, 64, stride: 1)
  let pair2 = SeparablePair(64, 128, stride: 2)
  let pair3 = SeparablePair(128, 128, stride: 1)
  let pair4 = SeparablePair(128, 256, stride: 2)
  let fc = Linear(inFeatures: 256, outFeatures: 10)

  func callAsFunction(_ images: Variable) -> Variable {
    let maps = pair4(pair3(pair2(pair1(relu(normalized(images, conv, norm))))))
    return fc(maps.mean(axes: [2, 3]))
  }

  static var flops: Double {
    let pairs: [(channels: Int, filters: Int, places: Int)] = [
      (32, 64, 1024), (64, 128, 256), (128, 128, 256), (128, 256, 64),
    ]
    var products = 1024 * 27 * 32 + 256 * 10
    for pair in pairs { products += pair.channels * (9 + pair.filters) * pair.places }
    return Double(2 * products)
  }
}

/// A text's words by the mean of their vectors, and a linear layer (Joulin and others 2017).
final class MeanOfWords: Module {
  let embedding: Embedding
  let fc: Linear

  init(words: Int, width: Int, classes: Int) {
    embedding = Embedding(count: words, dimension: width)
    fc = Linear(inFeatures: width, outFeatures: classes)
  }

  func callAsFunction(_ texts: IntTensor) -> Variable { fc(embedding(texts).mean(axis: 1)) }
}
