import Engine

/// The line again, with the engine: it finds the slopes by itself.
///
/// - Parameters:
///   - x: What goes in, `[N]`.
///   - t: What should come out, `[N]`.
///   - learningRate: How far a step goes.
///   - steps: How many.
/// - Returns: The parameters, and the loss before each step.
/// - PyTorch: the same loop with `torch.optim.SGD([w, b], lr=learning_rate)`.
/// - Book: section 0.6.
public func lineByEngine(_ x: Tensor, _ t: Tensor, learningRate: Double, steps: Int) -> (
  w: Float, b: Float, losses: [Float]
) {
  let w = Parameter(Tensor(0))
  let b = Parameter(Tensor(0))
  let optimizer = SGD([w, b], learningRate: learningRate)
  var losses: [Float] = []
  for _ in 0..<steps {
    let y = w * Variable(x) + b
    let loss = squaredError(y, t)
    losses.append(loss.scalar)
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
  }
  return (w.value.scalar, b.value.scalar, losses)
}

/// The neuron again, as a layer of the engine.
///
/// - Parameters:
///   - x: Points, `[N, 2]`.
///   - t: Their classes, 0 or 1: `[N, 1]`.
/// - Returns: The neuron that was trained, and the loss before each step.
/// - PyTorch: `torch.nn.Linear(2, 1)` with `binary_cross_entropy_with_logits`.
/// - Book: section 0.8.
public func neuronByEngine(_ x: Tensor, _ t: Tensor, learningRate: Double, steps: Int) -> (
  neuron: Neuron, losses: [Float]
) {
  let layer = Linear(inFeatures: 2, outFeatures: 1)
  layer.weight.update { $0 = Tensor.zeros([1, 2]) }
  layer.bias?.update { $0 = Tensor.zeros([1]) }
  let optimizer = SGD(layer.parameters, learningRate: learningRate)
  var losses: [Float] = []
  for _ in 0..<steps {
    let loss = binaryCrossEntropy(layer(Variable(x)), t)
    losses.append(loss.scalar)
    optimizer.step(on: loss)
  }
  let w = layer.weight.value
  let b = layer.bias?.value[0] ?? 0
  return (Neuron(w1: Double(w[0, 0]), w2: Double(w[0, 1]), b: Double(b)), losses)
}
