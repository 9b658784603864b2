import Engine

/// Two linear layers with ReLU between them, for images: the smallest network that can bend.
///
/// - PyTorch: a class of two `torch.nn.Linear`.
/// - Book: sections 4.2 and 4.8.
public final class Perceptron: Module, Layer {
  public let fc1: Linear
  public let fc2: Linear

  public init(inputs: Int, hidden: Int, classes: Int) {
    fc1 = Linear(inFeatures: inputs, outFeatures: hidden)
    fc2 = Linear(inFeatures: hidden, outFeatures: classes)
  }

  /// - Parameter images: `[N, …]`
  /// - Returns: Logits, `[N, C]`.
  public func callAsFunction(_ images: Variable) -> Variable { fc2(relu(fc1(images.flattened(from: 1)))) }

  /// How many hidden units bring the number of parameters closest to `count`.
  public static func hidden(forParameters count: Int, inputs: Int, classes: Int) -> Int {
    max(1, (count - classes + (inputs + 1 + classes) / 2) / (inputs + 1 + classes))
  }
}

/// One linear layer for images: a score for each class, a weighted sum of the pixels.
///
/// It begins with weights of 0, which one layer alone may: there is nothing between layers that would stay equal.
///
/// - PyTorch: `torch.nn.Linear` after `torch.nn.Flatten`.
/// - Book: section 4.8.
public final class LinearClassifier: Module, Layer {
  public let fc: Linear

  public init(inputs: Int, classes: Int) {
    fc = Linear(inFeatures: inputs, outFeatures: classes)
    super.init()
    fc.weight.value = .zeros([classes, inputs])
    fc.bias?.value = .zeros([classes])
  }

  /// - Parameter images: `[N, …]`
  /// - Returns: Logits, `[N, C]`.
  public func callAsFunction(_ images: Variable) -> Variable { fc(images.flattened(from: 1)) }
}
