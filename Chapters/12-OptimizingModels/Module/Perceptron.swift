import Engine

/// A multilayer perceptron for 28×28 images of ten classes: with 300 and 100 hidden units it is LeNet-300-100.
///
///     image 784 → linear → ReLU → linear → ReLU → linear → 10 logits
///
/// - Source: LeCun, Bottou, Bengio, Haffner, "Gradient-based learning applied to document recognition", 1998.
/// - Book: section 12.1.
public final class Perceptron: Module, Layer {
  public let fc1: Linear
  public let fc2: Linear
  public let fc3: Linear

  /// - Parameter hidden: The units of the two hidden layers.
  public init(hidden: (Int, Int) = (300, 100)) {
    fc1 = Linear(inFeatures: 784, outFeatures: hidden.0)
    fc2 = Linear(inFeatures: hidden.0, outFeatures: hidden.1)
    fc3 = Linear(inFeatures: hidden.1, outFeatures: 10)
  }

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable {
    fc3(relu(fc2(relu(fc1(images.flattened(from: 1))))))
  }

  /// The weights that pruning is about: biases stay.
  public var weights: [Parameter] { [fc1.weight, fc2.weight, fc3.weight] }

  /// A smaller network that has a share of each layer's hidden units, those with the largest weights.
  ///
  /// - Parameter amount: The share of units to take away, from 0 up to but not including 1.
  /// - Source: Li, Kadav, Durdanovic, Samet, Graf, "Pruning filters for efficient ConvNets", ICLR 2017.
  public func withoutUnits(_ amount: Double) -> Perceptron {
    let (first, second) = (
      keptChannels(of: fc1.weight.value, amount), keptChannels(of: fc2.weight.value, amount)
    )
    let smaller = Perceptron(hidden: (first.count, second.count))
    smaller.fc1.take(from: fc1, outputs: first)
    smaller.fc2.take(from: fc2, inputs: first, outputs: second)
    smaller.fc3.take(from: fc3, inputs: second)
    return smaller
  }
}
