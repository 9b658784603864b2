import Engine

/// A convolution layer by its sizes.
struct ConvolutionShape: Sendable {
  let name: String
  let batch: Int
  let channels: Int
  let size: Int
  let filters: Int
  let kernel: Int
  var stride = 1
  var padding = 0
  var dilation = 1
  var groups = 1
  /// Whether images come in: nobody asks for their gradient.
  var isFirst = false

  /// Multiplications and additions forward.
  var flops: Double {
    let side = (size + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1
    return 2 * Double(batch * filters * side * side) * Double(channels / groups * kernel * kernel)
  }

  var text: String {
    var text = "\(kernel)×\(kernel), \(channels) → \(filters), \(size)²"
    if stride > 1 { text += ", stride \(stride)" }
    if dilation > 1 { text += ", dilation \(dilation)" }
    if groups > 1 { text += ", \(groups) groups" }
    return text
  }

  /// The layers of well-known networks, and what they leave out.
  static let all: [ConvolutionShape] = [
    .init(
      name: "article 1", batch: 64, channels: 1, size: 28, filters: 32, kernel: 5, padding: 2, isFirst: true),
    .init(name: "article 2", batch: 64, channels: 32, size: 14, filters: 64, kernel: 5, padding: 2),
    .init(name: "article 2, one image", batch: 1, channels: 32, size: 14, filters: 64, kernel: 5, padding: 2),
    .init(
      name: "LeNet 1", batch: 64, channels: 1, size: 28, filters: 6, kernel: 5, padding: 2, isFirst: true),
    .init(name: "LeNet 2", batch: 64, channels: 6, size: 14, filters: 16, kernel: 5),
    .init(
      name: "AlexNet 1", batch: 8, channels: 3, size: 224, filters: 64, kernel: 11, stride: 4, padding: 2,
      isFirst: true),
    .init(name: "AlexNet 2", batch: 8, channels: 64, size: 27, filters: 192, kernel: 5, padding: 2),
    .init(name: "AlexNet 3", batch: 8, channels: 192, size: 13, filters: 384, kernel: 3, padding: 1),
    .init(
      name: "VGG 1.1", batch: 2, channels: 3, size: 224, filters: 64, kernel: 3, padding: 1, isFirst: true),
    .init(name: "VGG 1.2", batch: 2, channels: 64, size: 224, filters: 64, kernel: 3, padding: 1),
    .init(name: "VGG 3.2", batch: 2, channels: 256, size: 56, filters: 256, kernel: 3, padding: 1),
    .init(name: "VGG 5.1", batch: 8, channels: 512, size: 14, filters: 512, kernel: 3, padding: 1),
    .init(
      name: "ResNet 1", batch: 8, channels: 3, size: 112, filters: 64, kernel: 7, stride: 2, padding: 3,
      isFirst: true),
    .init(
      name: "ResNet stride 2", batch: 8, channels: 128, size: 28, filters: 256, kernel: 3, stride: 2,
      padding: 1),
    .init(name: "1×1", batch: 16, channels: 256, size: 28, filters: 64, kernel: 1),
    .init(name: "1×1, stride 2", batch: 16, channels: 128, size: 28, filters: 256, kernel: 1, stride: 2),
    .init(
      name: "depthwise", batch: 16, channels: 128, size: 28, filters: 128, kernel: 3, padding: 1, groups: 128),
    .init(
      name: "dilated", batch: 16, channels: 64, size: 28, filters: 64, kernel: 3, padding: 2, dilation: 2),
    .init(
      name: "grouped", batch: 16, channels: 128, size: 28, filters: 128, kernel: 3, padding: 1, groups: 4),
    .init(name: "7×7", batch: 16, channels: 32, size: 28, filters: 32, kernel: 7, padding: 3),
    .init(
      name: "4×4, stride 2", batch: 16, channels: 32, size: 28, filters: 64, kernel: 4, stride: 2, padding: 1),
  ]
}

/// A layer at work: forward, or forward and back to the filters, the bias and, but for a first layer, the input.
final class ConvolutionJob {
  private let shape: ConvolutionShape
  private let x: Tensor
  private let dy: Tensor
  private let weight: Parameter
  private let bias: Parameter

  init(_ shape: ConvolutionShape, seed: UInt64) {
    self.shape = shape
    var stream = RandomStream(seed: seed)
    x = stream.normal(shape: [shape.batch, shape.channels, shape.size, shape.size])
    weight = Parameter(
      stream.normal(
        deviation: 0.05, shape: [shape.filters, shape.channels / shape.groups, shape.kernel, shape.kernel]))
    bias = Parameter(stream.normal(shape: [shape.filters]))
    let side = (shape.size + 2 * shape.padding - shape.dilation * (shape.kernel - 1) - 1) / shape.stride + 1
    dy = stream.normal(shape: [shape.batch, shape.filters, side, side])
  }

  private func run() -> (input: Variable, output: Variable) {
    let input = Variable(x, requiresGradient: !shape.isFirst)
    let output = conv2d(
      input, weight, bias: bias, stride: shape.stride, padding: shape.padding, dilation: shape.dilation,
      groups: shape.groups)
    return (input, output)
  }

  func forward() { _ = run().output.value }

  /// - Returns: The output, and the gradients at the filters, the bias and the input.
  @discardableResult
  func forwardAndBackward() -> [Tensor] {
    let (input, output) = run()
    weight.clearGradient()
    bias.clearGradient()
    output.backward(from: dy)
    return [output.value, weight.gradient!, bias.gradient!] + (input.gradient.map { [$0] } ?? [])
  }

  /// What both sides must agree on, a number for each result: its product with fixed numbers of its shape.
  var projections: [Double] {
    zip(forwardAndBackward(), [dy, weight.value, bias.value, x]).map { a, b in
      zip(a.scalars, b.scalars).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
  }

  var arrays: NamedArrays {
    var arrays = NamedArrays()
    for (name, tensor) in [("x", x), ("dy", dy), ("weight", weight.value), ("bias", bias.value)] {
      arrays[name] = StoredArray(tensor)
    }
    return arrays
  }

  var request: [String: any Sendable] {
    [
      "model": "convolution", "stride": shape.stride, "padding": shape.padding, "dilation": shape.dilation,
      "groups": shape.groups, "first": shape.isFirst,
    ]
  }
}
