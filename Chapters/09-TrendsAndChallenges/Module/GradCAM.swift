/// Grad-CAM, as the equation has it: each map of a layer counts as much as the score rises with it, on average over its
/// places.
///
///     w_k = (1/(H W)) Σ_ij ∂F_c / ∂A_kij,      map_ij = max(0, Σ_k w_k A_kij)
///
/// - Parameters:
///   - maps: `A`, K maps of equal size, each row by row.
///   - slopes: `∂F_c/∂A`, of the same sizes.
///   - isRectified: Whether what speaks against the class is set to 0.
/// - Source: Selvaraju et al., "Grad-CAM: visual explanations from deep networks via gradient-based localization", ICCV
///   2017.
/// - Book: section 9.4.
public func gradCAM<Scalar: BinaryFloatingPoint>(
  maps: [[Scalar]], slopes: [[Scalar]], isRectified: Bool = true
) -> [Scalar] {
  if maps.map(\.count) != slopes.map(\.count) || Set(maps.map(\.count)).count > 1 {
    fatalError("gradCAM: maps of \(maps.map(\.count)) numbers and slopes of \(slopes.map(\.count))")
  }
  let weights = slopes.map { $0.reduce(0, +) / Scalar($0.count) }
  let map = classActivationMap(maps: maps, weights: weights)
  return isRectified ? map.map { max(0, $0) } : map
}

/// The class activation map of a network that ends with a global mean and one linear layer: the maps, weighted by the
/// class's row of that layer.
///
///     F_c = Σ_k v_ck mean(A_k) + b_c,      map_ij = Σ_k v_ck A_kij
///
/// There `∂F_c/∂A_kij = v_ck / (H W)` at every place, so that Grad-CAM without its rectifier is this divided by `H W`.
///
/// - Parameter weights: `v_c`, K numbers.
/// - Source: Zhou, Khosla, Lapedriza, Oliva, Torralba, "Learning deep features for discriminative localization", CVPR 2016.
/// - Book: section 9.4.
public func classActivationMap<Scalar: BinaryFloatingPoint>(maps: [[Scalar]], weights: [Scalar]) -> [Scalar] {
  if maps.count != weights.count {
    fatalError("classActivationMap: \(maps.count) maps and \(weights.count) weights")
  }
  var sum = [Scalar](repeating: 0, count: maps.first?.count ?? 0)
  for (map, weight) in zip(maps, weights) {
    for i in sum.indices { sum[i] += weight * map[i] }
  }
  return sum
}

/// A map enlarged by a whole factor, with straight lines between the middles of its cells.
///
/// - Parameters:
///   - map: `height · width` numbers, row by row.
/// - Returns: `height · factor · width · factor` numbers.
/// - PyTorch: `interpolate(map, scale_factor=factor, mode='bilinear', align_corners=False)`.
/// - Book: section 9.4.
public func enlarged<Scalar: BinaryFloatingPoint>(
  _ map: [Scalar], height: Int, width: Int, by factor: Int
) -> [Scalar] {
  if map.count != height * width || factor < 1 {
    fatalError("enlarged: \(map.count) numbers are no map of \(height)×\(width), or \(factor) is below 1")
  }
  /// The two cells around a fine place, and the share of the second.
  func neighbours(_ place: Int, _ count: Int) -> (Int, Int, Scalar) {
    let at = max(0, (Scalar(place) + 0.5) / Scalar(factor) - 0.5)
    let first = min(Int(at), count - 1)
    return (first, min(first + 1, count - 1), at - Scalar(first))
  }
  return (0..<height * factor).flatMap { i in
    let (top, below, down) = neighbours(i, height)
    return (0..<width * factor).map { j in
      let (left, right, across) = neighbours(j, width)
      let upper = (1 - across) * map[top * width + left] + across * map[top * width + right]
      let lower = (1 - across) * map[below * width + left] + across * map[below * width + right]
      return (1 - down) * upper + down * lower
    }
  }
}
