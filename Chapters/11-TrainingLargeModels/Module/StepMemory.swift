import Engine

/// What a training step keeps in memory, by kind, in bytes.
///
/// - Book: section 11.3.
public struct StepMemory: Sendable, Equatable {
  /// The parameters themselves.
  public var weights = 0
  /// One number for each parameter.
  public var gradients = 0
  /// What the optimiser remembers: with Adam, two numbers for each parameter.
  public var optimizer = 0
  /// What the forward pass keeps for `backward`, the batch included.
  public var activations = 0
  /// The most that was there at one time.
  public var peak = 0

  /// Nothing.
  public init() {}
}

/// Makes two steps, the first of which lets the optimiser make its memory, and measures the second.
///
/// The loss is cut into `parts`, which are computed one after the other; each must be the sum over its examples, divided by
/// the number of all.
///
/// - Parameters:
///   - parts: Each computes its part of the loss.
/// - Book: section 11.3.
public func measureStep(
  _ parameters: [Parameter], _ optimizer: some Optimizer, parts: [() -> Variable]
) -> (memory: StepMemory, seconds: Double) {
  var memory = StepMemory()
  var seconds = 0.0
  let weights = parameters.reduce(0) { $0 + $1.value.count * 4 }
  for _ in 0..<2 {
    optimizer.clearGradients()
    let before = TensorMemory.bytes
    TensorMemory.resetPeak()
    let watch = Stopwatch()
    var activations = 0
    for part in parts {
      let held = TensorMemory.bytes
      let loss = part()
      activations = max(activations, TensorMemory.bytes - held)
      loss.backward()
    }
    let gradients = parameters.reduce(0) { $0 + ($1.gradient?.count ?? 0) * 4 }
    optimizer.step()
    seconds = watch.seconds
    // What was there before the step: weights, the optimiser's memory, and whatever else this process holds.
    let optimizer = optimizer.memory.tensors.reduce(0) { $0 + $1.values.reduce(0) { $0 + $1.count * 4 } }
    (memory.weights, memory.gradients, memory.optimizer) = (weights, gradients, optimizer)
    (memory.activations, memory.peak) = (activations, TensorMemory.peakBytes - before + weights + optimizer)
  }
  return (memory, seconds)
}
