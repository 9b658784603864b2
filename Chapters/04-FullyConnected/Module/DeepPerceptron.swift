import Engine

/// A perceptron so deep that it shows what first weights do: many hidden layers of one width, then ten scores or so.
///
/// - Book: section 4.5.
public final class DeepPerceptron: Module, Layer {
  public let hidden: [Linear]
  public let last: Linear
  public let activation: Activation

  /// The mean and the deviation of what goes in: they are taken off, so that it has the mean 0 and the mean square 1.
  private let mean, deviation: Float

  /// Layers with first weights drawn by a rule, and biases of 0.
  ///
  /// - Parameter examples: Images, `[N, …]`, to measure mean and deviation on.
  public init(
    examples: Tensor, depth: Int, width: Int, classes: Int, activation: Activation,
    firstWeights: FirstWeights, seed: UInt64
  ) {
    let inputs = examples.count / max(examples.shape[0], 1)
    hidden = (0..<depth).map { Linear(inFeatures: $0 == 0 ? inputs : width, outFeatures: width) }
    last = Linear(inFeatures: width, outFeatures: classes)
    self.activation = activation
    mean = examples.mean()
    deviation = examples.standardDeviation()
    super.init()
    for (k, layer) in (hidden + [last]).enumerated() {
      var stream = RandomStream(seed: seed, stream: UInt64(k))
      let shape = layer.weight.shape
      layer.weight.value = firstWeights.draw(fanIn: shape[1], fanOut: shape[0], from: &stream)
      layer.bias?.value = .zeros([shape[0]])
    }
  }

  /// What every hidden layer gives, after its activation, and the logits.
  ///
  /// - Parameter images: `[N, …]`
  public func layers(_ images: Variable) -> (hidden: [Variable], logits: Variable) {
    var x = (images.flattened(from: 1) - mean) / deviation
    var results: [Variable] = []
    for layer in hidden {
      x =
        switch activation {
        case .relu: relu(layer(x))
        case .sigmoid: sigmoid(layer(x))
        case .tanh: tanh(layer(x))
        }
      results.append(x)
    }
    return (results, last(x))
  }

  public func callAsFunction(_ images: Variable) -> Variable { layers(images).logits }
}

/// What one hidden layer gives for a batch, and what reaches it on the way back.
///
/// - Book: section 4.5.
public struct LayerStatistics: Sendable {
  /// What the layer gave, for all images and units.
  public let values: [Double]
  public let mean: Double
  public let deviation: Double
  /// The deviation of the loss's gradient with respect to these values.
  public let gradientDeviation: Double
  /// The share of what does not learn: of ReLU's units, those that are 0 for every image; of tanh's and sigmoid's
  /// values, those within 1 % of the ends of their range.
  public let idle: Double
}

extension DeepPerceptron {
  /// The statistics of every hidden layer for a batch.
  ///
  /// - Parameters:
  ///   - images: `[N, …]`
  ///   - labels: `[N]`
  public func statistics(_ images: Tensor, _ labels: IntTensor) -> [LayerStatistics] {
    let (hidden, logits) = layers(Variable(images))
    for layer in hidden { layer.retainGradient() }
    crossEntropy(logits, labels).backward()
    for parameter in parameters { parameter.clearGradient() }
    return hidden.map { layer in
      let values = layer.value.scalars.map(Double.init)
      let gradients = layer.gradient?.scalars.map(Double.init) ?? []
      let (mean, deviation) = meanAndDeviation(values)
      return LayerStatistics(
        values: values, mean: mean, deviation: deviation,
        gradientDeviation: meanAndDeviation(gradients).deviation,
        idle: idleShare(values, width: layer.shape[1]))
    }
  }

  private func idleShare(_ values: [Double], width: Int) -> Double {
    switch activation {
    case .relu:
      let dead = (0..<width).count { unit in
        stride(from: unit, to: values.count, by: width).allSatisfy { values[$0] == 0 }
      }
      return Double(dead) / Double(width)
    case .sigmoid: return Double(values.count { $0 < 0.01 || $0 > 0.99 }) / Double(values.count)
    case .tanh: return Double(values.count { abs($0) > 0.98 }) / Double(values.count)
    }
  }
}

/// In `Double`: the squares of numbers of 10²⁰ have no place in a `Float`.
private func meanAndDeviation(_ values: [Double]) -> (mean: Double, deviation: Double) {
  let count = Double(max(values.count, 1))
  let mean = values.reduce(0, +) / count
  return (mean, (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot())
}
