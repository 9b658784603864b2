import Tensors

/// Variables of one shape laid side by side along a new axis.
///
/// - PyTorch: `torch.stack(variables, axis)`.
public func stack(_ variables: [Variable], axis: Int = 0) -> Variable {
  guard let shape = variables.first?.shape else { trap("stack: nothing to join") }
  if let other = variables.first(where: { $0.shape != shape }) {
    trap("stack: shapes differ: \(shape) and \(other.shape)")
  }
  let axis = resolve(axis: axis, rank: shape.count + 1, "stack")
  return concatenate(variables.map { $0.expandingAxis(axis) }, axis: axis)
}

extension Variable {
  /// The parts of sizes `sizes` along `axis`, in order.
  ///
  /// - PyTorch: `x.split(sizes, axis)`.
  public func split(sizes: [Int], axis: Int) -> [Variable] {
    let place = resolve(axis: axis, rank: rank, "split")
    if rank == 0 || sizes.reduce(0, +) != shape[place] || sizes.contains(where: { $0 < 0 }) {
      trap("split: sizes \(sizes) do not add up along axis \(place) of shape \(shape)")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return sliced(start..<start + size, axis: place)
    }
  }

  /// `parts` parts of equal size along `axis`.
  ///
  /// - PyTorch: `x.chunk(parts, axis)`, where the parts come out equal; others trap here.
  public func split(into parts: Int, axis: Int) -> [Variable] {
    let place = resolve(axis: axis, rank: rank, "split")
    if rank == 0 || parts < 1 || shape[place] % parts != 0 {
      trap("split: axis \(place) of shape \(shape) does not divide into \(parts) parts")
    }
    return split(sizes: Array(repeating: shape[place] / parts, count: parts), axis: place)
  }

  /// The same numbers with a new axis of size 1 at `axis`.
  ///
  /// - PyTorch: `x.unsqueeze(axis)`.
  public func expandingAxis(_ axis: Int) -> Variable {
    let place = resolve(axis: axis, rank: rank + 1, "expandingAxis")
    var newShape = shape
    newShape.insert(1, at: place)
    return reshaped(newShape)
  }

  /// The mean square distance from the mean along `axis`, `Σ (x − x̄)² / (n − correction)`.
  ///
  /// - PyTorch: `x.var(axis, correction, keepdim)`.
  public func variance(axis: Int, correction: Int = 1, keepingAxis keep: Bool = false) -> Variable {
    let place = resolve(axis: axis, rank: rank, "variance")
    let centered = self - mean(axis: place, keepingAxis: true)
    let count = shape.isEmpty ? 1 : shape[place]
    return pow(centered, 2).sum(axis: place, keepingAxis: keep) / Float(max(count - correction, 0))
  }

  /// The root of the variance along `axis`.
  ///
  /// - PyTorch: `x.std(axis, correction, keepdim)`.
  public func standardDeviation(axis: Int, correction: Int = 1, keepingAxis keep: Bool = false) -> Variable {
    sqrt(variance(axis: axis, correction: correction, keepingAxis: keep))
  }
}
