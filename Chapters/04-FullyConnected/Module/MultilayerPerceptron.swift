import Engine

/// Linear layers with an activation between each two, and the way back written by hand.
///
///     x → linear → activation → linear → activation → … → linear → logits
///
/// - PyTorch: `torch.nn.Sequential` of `Linear` and `Tanh`, say.
/// - Source: Rumelhart, Hinton, Williams, "Learning representations by back-propagating errors", Nature 323, 1986.
/// - Book: section 4.4.
public struct MultilayerPerceptron<Scalar: Real>: Sendable {
  /// What a layer learns; or, in the same form, the gradients of that.
  public struct Layer: Sendable, Equatable {
    /// `[O, D]`
    public var weight: Matrix<Scalar>
    public var bias: [Scalar]

    public init(weight: Matrix<Scalar>, bias: [Scalar]) {
      self.weight = weight
      self.bias = bias
    }
  }

  public var layers: [Layer]
  public let activation: Activation

  public init(layers: [Layer], activation: Activation) {
    self.layers = layers
    self.activation = activation
  }

  /// Layers with first weights drawn by a rule, and biases of 0.
  ///
  /// - Parameter sizes: How many numbers go in, how many stand between each two layers, and how many come out.
  public init(
    sizes: [Int], activation: Activation, firstWeights: FirstWeights, from stream: inout RandomStream
  ) {
    layers = zip(sizes, sizes.dropFirst()).map { inputs, outputs in
      Layer(
        weight: Matrix(firstWeights.draw(fanIn: inputs, fanOut: outputs, from: &stream)),
        bias: [Scalar](repeating: 0, count: outputs))
    }
    self.activation = activation
  }

  public var parameterCount: Int { layers.reduce(0) { $0 + $1.weight.scalars.count + $1.bias.count } }

  /// - Parameter x: `[N, D]`
  /// - Returns: Logits, `[N, C]`.
  @inlinable
  public func callAsFunction(_ x: Matrix<Scalar>) -> Matrix<Scalar> {
    var x = x
    for (k, layer) in layers.enumerated() {
      x = linear(x, weight: layer.weight, bias: layer.bias)
      if k + 1 < layers.count { x = activation(x) }
    }
    return x
  }

  /// The mean cross-entropy of a batch, and its gradient with respect to every weight and bias: back-propagation.
  ///
  /// - Parameters:
  ///   - x: `[N, D]`
  ///   - t: The right classes, `N` of them.
  @inlinable
  public func lossAndGradients(_ x: Matrix<Scalar>, _ t: [Int]) -> (loss: Scalar, gradients: [Layer]) {
    // There. What goes into each layer is kept: the way back needs it.
    var inputs = [x]
    for layer in layers.dropLast() {
      inputs.append(activation(linear(inputs.last!, weight: layer.weight, bias: layer.bias)))
    }
    let logits = linear(inputs.last!, weight: layers.last!.weight, bias: layers.last!.bias)

    // Back, from the loss through the last layer to the first.
    var gradients = layers
    var dy = crossEntropyGradient(logits, t)
    for k in layers.indices.reversed() {
      let (dx, dw, db) = linearBackward(dy, input: inputs[k], weight: layers[k].weight)
      gradients[k] = Layer(weight: dw, bias: db)
      if k > 0 { dy = activation.backward(dx, output: inputs[k]) }
    }
    return (crossEntropy(logits, t), gradients)
  }

  /// One step against the gradient, `w ← w − η dw`.
  @inlinable
  public mutating func step(against gradients: [Layer], learningRate: Scalar) {
    for k in layers.indices {
      for i in layers[k].weight.scalars.indices {
        layers[k].weight.scalars[i] -= learningRate * gradients[k].weight.scalars[i]
      }
      for o in layers[k].bias.indices { layers[k].bias[o] -= learningRate * gradients[k].bias[o] }
    }
  }
}
