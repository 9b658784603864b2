import Tensors

/// Each channel brought to mean 0 and variance 1 over the whole batch, then scaled and shifted:
/// `y = (x − μ) / √(σ² + ε) · w + b`, with the batch's own mean and variance. For training.
///
///     x̂ = (x − μ) / √(σ² + ε),  dx̂ = dy · w
///     backward:  dx = (dx̂ − mean dx̂ − x̂ · mean(dx̂ · x̂)) / √(σ² + ε),  dw = Σ dy · x̂,  db = Σ dy
///
/// - Parameters:
///   - x: `[N, C, …]`; more than one number a channel, or none at all.
///   - weight: `[C]`; nil for 1.
///   - bias: `[C]`; nil for 0.
///   - epsilon: `ε`, above 0: it keeps the division safe where a channel has nearly the same number everywhere.
/// - Returns: The result, of the shape of `x`; and the channels' means and variances, `[C]`, the variances with
///   `n − 1`, as running statistics take them.
/// - PyTorch: `torch.nn.functional.batch_norm(…, training=True)`.
/// - Source: Ioffe and Szegedy, "Batch normalization", ICML 2015.
/// - Book: chapter 7.
public func batchNorm(
  _ x: Variable, weight: Variable? = nil, bias: Variable? = nil, epsilon: Float = 1e-5
) -> (output: Variable, mean: Tensor, variance: Tensor) {
  let planes = Planes("batchNorm", x.shape)
  checkChannels("batchNorm", planes.channels, weight, bias)
  let n = planes.batch * planes.size
  if n == 0 {
    // Nothing to normalise: nothing comes out, and no gradient goes back.
    let parameters = [weight, bias].compactMap { $0 }
    let output = Variable(x.value, op: "batchNorm", cost: .perResult(), inputs: [x] + parameters) { dy in
      [dy] + parameters.map { Tensor.zeros($0.shape) }
    }
    return (output, .zeros([planes.channels]), .ones([planes.channels]))
  }
  if n < 2 { trap("batchNorm: more than one number a channel is needed for training: \(x.shape)") }
  let value = x.value
  let moments = planes.moments(value)
  let mean = planes.overBatch(moments.sums).map { $0 / Double(n) }
  let centers = planes.everyBatch(mean.map { Float($0) })
  let variance = planes.overBatch(moments.squares(about: planes.everyBatch(mean))).map { $0 / Double(n) }
  let inverse = variance.map { 1 / ($0 + Double(epsilon)).squareRoot() }
  let w = weight?.value.scalars.map { Double($0) } ?? Array(repeating: 1, count: planes.channels)
  let scales = planes.everyBatch(zip(w, inverse).map { Float($0 * $1) })
  let shifts = planes.everyBatch(bias?.value.scalars ?? Array(repeating: 0, count: planes.channels))
  let (hasWeight, hasBias) = (weight != nil, bias != nil)

  let normalization = DeferredNormalization(
    op: "batchNorm", planes, value, PlaneMap(centers: centers, scales: scales, shifts: shifts),
    inputs: [x] + [weight, bias].compactMap { $0 }
  ) { dy, map in
    let each = planes.sumsAndProducts(dy, map, value)
    let (sums, products) = (planes.overBatch(each.sums), planes.overBatch(each.products))
    let b = (0..<w.count).map {
      Float(-w[$0] * inverse[$0] * inverse[$0] * inverse[$0] * products[$0] / Double(n))
    }
    let c = (0..<w.count).map { Float(-w[$0] * inverse[$0] * sums[$0] / Double(n)) }
    let dx = planes.combine(dy, map, value, b: planes.everyBatch(b), c: planes.everyBatch(c))
    let dw = Tensor(zip(products, inverse).map { Float($0 * $1) })
    return [dx] + (hasWeight ? [dw] : []) + (hasBias ? [Tensor(sums.map { Float($0) })] : [])
  }
  let correction = Double(n) / Double(n - 1)
  return (
    Variable(deferred: normalization), Tensor(mean.map { Float($0) }),
    Tensor(variance.map { Float($0 * correction) })
  )
}

/// Each channel scaled and shifted by given statistics: `y = (x − mean) / √(variance + ε) · w + b`. For evaluation.
///
///     backward:  dx = dy · w / √(variance + ε),  dw = Σ dy · x̂,  db = Σ dy
///
/// - Parameters:
///   - x: `[N, C, …]`
///   - mean: The mean of each channel, `[C]`: usually a running mean from training.
///   - variance: The variance of each channel, `[C]`, none below 0.
///   - weight: `[C]`; nil for 1.
///   - bias: `[C]`; nil for 0.
///   - epsilon: `ε`, above 0: it keeps the division safe where a variance is nearly 0.
/// - PyTorch: `torch.nn.functional.batch_norm(…, training=False)`.
/// - Book: chapter 7.
public func batchNorm(
  _ x: Variable, mean: Tensor, variance: Tensor, weight: Variable? = nil, bias: Variable? = nil,
  epsilon: Float = 1e-5
) -> Variable {
  let planes = Planes("batchNorm", x.shape)
  checkChannels("batchNorm", planes.channels, weight, bias)
  if mean.shape != [planes.channels] || variance.shape != [planes.channels] {
    trap("batchNorm: mean \(mean.shape) and variance \(variance.shape) for input \(x.shape)")
  }
  let value = x.value
  let centers = planes.everyBatch(mean.scalars)
  let inverse = variance.scalars.map { 1 / (Double($0) + Double(epsilon)).squareRoot() }
  let w = weight?.value.scalars.map { Double($0) } ?? Array(repeating: 1, count: planes.channels)
  let scales = planes.everyBatch(zip(w, inverse).map { Float($0 * $1) })
  let shifts = planes.everyBatch(bias?.value.scalars ?? Array(repeating: 0, count: planes.channels))
  let (hasWeight, hasBias) = (weight != nil, bias != nil)
  let normalization = DeferredNormalization(
    op: "batchNorm", planes, value, PlaneMap(centers: centers, scales: scales, shifts: shifts),
    inputs: [x] + [weight, bias].compactMap { $0 }
  ) { dy, map in
    let dx = planes.scaled(dy, map, value)
    if !hasWeight && !hasBias { return [dx] }
    let each = planes.sumsAndProducts(dy, map, value)
    let dw = zip(planes.overBatch(each.products), inverse).map { Float($0 * $1) }
    return [dx] + (hasWeight ? [Tensor(dw)] : [])
      + (hasBias ? [Tensor(planes.overBatch(each.sums).map { Float($0) })] : [])
  }
  return Variable(deferred: normalization)
}

/// Traps when `weight` or `bias` is not `[C]`.
func checkChannels(_ op: String, _ channels: Int, _ weight: Variable?, _ bias: Variable?) {
  for (name, parameter) in [("weight", weight), ("bias", bias)] {
    if let parameter, parameter.shape != [channels] {
      trap("\(op): \(name) \(parameter.shape) where [\(channels)] is needed")
    }
  }
}

extension Planes {
  /// Of numbers for each plane, the sum over the batch for each channel, in order.
  func overBatch(_ numbers: [Double]) -> [Double] {
    (0..<channels).map { c in (0..<batch).reduce(0) { $0 + numbers[$1 * channels + c] } }
  }

  /// A number for each channel, as a number for each plane.
  func everyBatch<Number>(_ numbers: [Number]) -> [Number] {
    var all: [Number] = []
    all.reserveCapacity(count)
    for _ in 0..<batch { all += numbers }
    return all
  }
}
