import Engine

/// The article's network with any number of channels: `width` in the first convolution, twice as many in the second,
/// and four times as many numbers between the two linear layers. With 32 it is the article's own.
///
///     image 1×28×28 → conv 5×5 → ReLU → max-pool 2 →  width × 14×14
///                   → conv 5×5 → ReLU → max-pool 2 → 2 width × 7×7
///                   → linear → ReLU → 4 width → linear → 10 logits
///
/// - Book: section 1.5.
public final class DigitNetwork: Module, Layer {
  public let conv1, conv2: Conv2d
  public let fc1, fc2: Linear

  public init(width: Int) {
    conv1 = Conv2d(inChannels: 1, outChannels: width, kernelSize: 5, padding: 2)
    conv2 = Conv2d(inChannels: width, outChannels: 2 * width, kernelSize: 5, padding: 2)
    fc1 = Linear(inFeatures: 2 * width * 7 * 7, outFeatures: 4 * width)
    fc2 = Linear(inFeatures: 4 * width, outFeatures: 10)
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    x = maxPool2d(relu(conv2(x)), kernelSize: 2)
    x = relu(fc1(x.flattened(from: 1)))
    return fc2(x)
  }

  /// The same network, for counting.
  public static func description(width: Int) -> ModelDescription {
    ModelDescription(
      "The article's CNN", year: 0, input: [1, 28, 28],
      [
        .convolution(1, width, kernel: 5, padding: 2), .activation, .pooling(kernel: 2, stride: 2),
        .convolution(width, 2 * width, kernel: 5, padding: 2), .activation, .pooling(kernel: 2, stride: 2),
        .flatten, .linear(2 * width * 49, 4 * width), .activation, .linear(4 * width, 10),
      ])
  }
}
