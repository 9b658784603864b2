import Engine

/// The article's network in any width: with 32 and 64 filters and 128 hidden units it is chapter 7's `CNN`, weight by weight.
///
///     image 1×28×28 → conv 5×5 → ReLU → max-pool 2 → A×14×14
///                   → conv 5×5 → ReLU → max-pool 2 → B×7×7
///                   → linear → ReLU → H → linear → 10 logits
///
/// - Book: section 12.2.
public final class SizedCNN: Module, Layer {
  public let conv1: Conv2d
  public let conv2: Conv2d
  public let fc1: Linear
  public let fc2: Linear

  /// - Parameters:
  ///   - filters: A and B.
  ///   - hidden: H.
  public init(filters: (Int, Int), hidden: Int) {
    conv1 = Conv2d(inChannels: 1, outChannels: filters.0, kernelSize: 5, padding: 2)
    conv2 = Conv2d(inChannels: filters.0, outChannels: filters.1, kernelSize: 5, padding: 2)
    fc1 = Linear(inFeatures: filters.1 * 49, outFeatures: hidden)
    fc2 = Linear(inFeatures: hidden, outFeatures: 10)
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    x = maxPool2d(relu(conv2(x)), kernelSize: 2)
    x = relu(fc1(x.flattened(from: 1)))
    return fc2(x)
  }

  /// The weights that pruning is about: biases stay.
  public var weights: [Parameter] { [conv1.weight, conv2.weight, fc1.weight, fc2.weight] }

  /// Multiplications and additions for one image.
  public var flops: Int {
    2
      * (conv1.weight.value.count * 784 + conv2.weight.value.count * 196 + fc1.weight.value.count
        + fc2.weight.value.count)
  }

  /// A smaller network that has a share of each layer's filters and hidden units, those with the largest weights.
  ///
  /// Who reads a filter loses the weights with which it read it: a filter of the second convolution is 49 inputs of
  /// the first fully connected layer.
  ///
  /// - Parameters:
  ///   - amount: The share of filters to take away, from 0 up to but not including 1.
  ///   - units: The share of hidden units.
  /// - Source: Li, Kadav, Durdanovic, Samet, Graf, "Pruning filters for efficient ConvNets", ICLR 2017.
  public func withoutFilters(_ amount: Double, units: Double) -> SizedCNN {
    let first = keptChannels(of: conv1.weight.value, amount)
    let second = keptChannels(of: conv2.weight.value, amount)
    let hidden = keptChannels(of: fc1.weight.value, units)
    let smaller = SizedCNN(filters: (first.count, second.count), hidden: hidden.count)
    smaller.conv1.take(from: conv1, outputs: first)
    smaller.conv2.take(from: conv2, inputs: first, outputs: second)
    smaller.fc1.take(from: fc1, inputs: second.flatMap { c in (c * 49)..<(c * 49 + 49) }, outputs: hidden)
    smaller.fc2.take(from: fc2, inputs: hidden)
    return smaller
  }
}
