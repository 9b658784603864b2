import Engine

/// The article's convolutional network for 28×28 images of ten classes.
///
///     image 1×28×28 → conv 5×5 → ReLU → max-pool 2 → 32×14×14
///                   → conv 5×5 → ReLU → max-pool 2 → 64×7×7
///                   → linear → ReLU → 128 → linear → 10 logits
///
/// - PyTorch: the article's class `CNN`; weights travel both ways by name.
/// - Book: chapter 7.
public final class CNN: Module, Layer {
  public let conv1 = Conv2d(inChannels: 1, outChannels: 32, kernelSize: 5, padding: 2)
  public let conv2 = Conv2d(inChannels: 32, outChannels: 64, kernelSize: 5, padding: 2)
  public let fc1 = Linear(inFeatures: 64 * 7 * 7, outFeatures: 128)
  public let fc2 = Linear(inFeatures: 128, outFeatures: 10)

  /// - Parameter images: `[N, 1, 28, 28]`
  /// - Returns: Logits, `[N, 10]`.
  public func callAsFunction(_ images: Variable) -> Variable {
    var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
    x = maxPool2d(relu(conv2(x)), kernelSize: 2)
    x = relu(fc1(x.flattened(from: 1)))
    return fc2(x)
  }

  /// What each convolution's filters see, after ReLU: `[N, 32, 28, 28]` and `[N, 64, 14, 14]`.
  public func featureMaps(_ images: Variable) -> (conv1: Tensor, conv2: Tensor) {
    withoutGradients {
      let first = relu(conv1(images))
      let second = relu(conv2(maxPool2d(first, kernelSize: 2)))
      return (first.value, second.value)
    }
  }

  /// One line of the table of layers.
  public struct LayerSize: Sendable {
    public let name: String
    public let shape: String
    public let parameters: Int
    /// Multiplications and additions for one image.
    public let flops: Int
  }

  /// The layers with their parameters and their work: each weight is multiplied and added once for every place of its
  /// output.
  public var layerSizes: [LayerSize] {
    let convolutions = [("conv1", conv1, 28 * 28), ("conv2", conv2, 14 * 14)].map { name, layer, places in
      let w = layer.weight.shape
      return LayerSize(
        name: name, shape: "\(w[2])×\(w[3]), \(w[1]) → \(w[0])", parameters: layer.parameterCount,
        flops: 2 * w.reduce(1, *) * places)
    }
    let linears = [("fc1", fc1), ("fc2", fc2)].map { name, layer in
      let w = layer.weight.shape
      return LayerSize(
        name: name, shape: "\(w[1]) → \(w[0])", parameters: layer.parameterCount, flops: 2 * w.reduce(1, *))
    }
    return convolutions + linears
  }
}
