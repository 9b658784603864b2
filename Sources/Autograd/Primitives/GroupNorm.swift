import Tensors

/// The channels of each image in groups, each group brought to mean 0 and variance 1, then each channel scaled and
/// shifted: `y = (x − μ) / √(σ² + ε) · w + b`.
///
///     x̂ = (x − μ) / √(σ² + ε),  dx̂ = dy · w
///     backward:  dx = (dx̂ − mean dx̂ − x̂ · mean(dx̂ · x̂)) / √(σ² + ε),  dw = Σ dy · x̂,  db = Σ dy
///
/// - Parameters:
///   - x: `[N, C, …]`
///   - groups: How many; C must be a multiple. As many as channels is instance norm, 1 is layer norm over the image.
///   - weight: `[C]`; nil for 1.
///   - bias: `[C]`; nil for 0.
///   - epsilon: `ε`, above 0: it keeps the division safe where a group has nearly the same number everywhere.
/// - PyTorch: `torch.nn.functional.group_norm`.
/// - Source: Wu and He, "Group normalization", ECCV 2018.
/// - Book: chapter 7.
public func groupNorm(
  _ x: Variable, groups: Int, weight: Variable? = nil, bias: Variable? = nil, epsilon: Float = 1e-5
) -> Variable {
  let planes = Planes("groupNorm", x.shape)
  if groups < 1 || planes.channels % groups != 0 {
    trap("groupNorm: the channels of \(x.shape) do not divide into \(groups) groups")
  }
  checkChannels("groupNorm", planes.channels, weight, bias)
  if planes.channels == 0 {
    // Nothing to normalise: nothing comes out, and no gradient goes back.
    let parameters = [weight, bias].compactMap { $0 }
    return Variable(x.value, op: "groupNorm", cost: .perResult(), inputs: [x] + parameters) { dy in
      [dy] + parameters.map { Tensor.zeros($0.shape) }
    }
  }
  let members = planes.channels / groups
  let n = Double(members * planes.size)
  let value = x.value
  /// For numbers of each plane, the sum over each group, as a number for each of its planes.
  func overGroup(_ numbers: [Double]) -> [Double] {
    var sums = numbers
    for start in stride(from: 0, to: numbers.count, by: members) {
      let total = numbers[start..<start + members].reduce(0, +)
      for plane in start..<start + members { sums[plane] = total }
    }
    return sums
  }
  let moments = planes.moments(value)
  let means = overGroup(moments.sums).map { $0 / n }
  let centers = means.map { Float($0) }
  let inverse = overGroup(moments.squares(about: means)).map {
    1 / ($0 / n + Double(epsilon)).squareRoot()
  }
  let w = planes.everyBatch(weight?.value.scalars ?? Array(repeating: 1, count: planes.channels)).map {
    Double($0)
  }
  let scales = zip(w, inverse).map { Float($0 * $1) }
  let shifts = planes.everyBatch(bias?.value.scalars ?? Array(repeating: 0, count: planes.channels))
  let (hasWeight, hasBias) = (weight != nil, bias != nil)

  let normalization = DeferredNormalization(
    op: "groupNorm", planes, value, PlaneMap(centers: centers, scales: scales, shifts: shifts),
    inputs: [x] + [weight, bias].compactMap { $0 }
  ) { dy, map in
    let (sums, products) = planes.sumsAndProducts(dy, map, value)
    let groupSums = overGroup(zip(sums, w).map(*))
    let groupProducts = overGroup(zip(products, w).map(*))
    let b = zip(groupProducts, inverse).map { Float(-$0 * $1 * $1 * $1 / n) }
    let c = zip(groupSums, inverse).map { Float(-$0 * $1 / n) }
    let dx = planes.combine(dy, map, value, b: b, c: c)
    let dw = planes.overBatch(zip(products, inverse).map(*))
    return [dx] + (hasWeight ? [Tensor(dw.map { Float($0) })] : [])
      + (hasBias ? [Tensor(planes.overBatch(sums).map { Float($0) })] : [])
  }
  return Variable(deferred: normalization)
}
