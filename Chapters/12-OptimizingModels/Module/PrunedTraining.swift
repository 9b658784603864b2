import Engine

/// Masks for several layers at once, by one quality: each layer's threshold is the same number of its own standard
/// deviations, chosen so that a share of all weights goes.
///
/// Weights at zero are taken for pruned: they go first, and the deviation is that of the others.
///
/// - Parameters:
///   - weights: One tensor for each layer.
///   - amount: The share of all weights to take away, from 0 to 1.
/// - Returns: A mask for each layer, 1 for a weight that stays.
/// - Source: Han, Pool, Tran, Dally, "Learning both weights and connections for efficient neural networks", NIPS 2015.
/// - Book: section 12.1.
public func qualityMasks(of weights: [Tensor], amount: Double) -> [Tensor] {
  let relative = weights.flatMap { weight -> [Float] in
    let alive = weight.scalars.filter { $0 != 0 }
    let deviation = alive.isEmpty ? 1 : standardDeviation(alive)
    return weight.scalars.map { $0 / max(deviation, .leastNormalMagnitude) }
  }
  let mask = magnitudeMask(of: Tensor(relative), amount: amount).scalars
  var start = 0
  return weights.map { weight in
    defer { start += weight.count }
    return Tensor(Array(mask[start..<start + weight.count]), shape: weight.shape)
  }
}

/// Trains a network that is there already, for some more epochs, and holds the pruned weights at zero.
///
/// The mask is applied after each step: the optimiser's running means would move a weight that has no gradient any more.
///
/// - Parameters:
///   - model: Goes on from the weights that it has.
///   - pruning: What is held at zero; nil for nothing.
///   - limit: Weights are clipped to ±limit after each step; nil for not.
///   - advance: Told how many examples were seen since it was called last.
/// - Book: section 12.2.
public func train<Task: TrainingTask>(
  _ model: Task.Model, on task: Task, _ settings: TrainingSettings, holding pruning: Pruning? = nil,
  clippedTo limit: Float? = nil, advance: (Int) -> Void = { _ in }
) throws {
  let run = TrainingRun(task, settings) { model }
  var seen = 0
  try run.finish { examples in
    pruning?.apply()
    if let limit {
      for parameter in model.parameters { parameter.value = parameter.value.clamped(to: -limit...limit) }
    }
    advance(examples - seen)
    seen = examples
  }
}

extension Module {
  /// Takes the weights of another network of the same layers.
  public func take(_ state: [(name: String, tensor: Tensor)]) {
    do { try load(state) } catch { fatalError("the networks differ: \(error)") }
  }
}
