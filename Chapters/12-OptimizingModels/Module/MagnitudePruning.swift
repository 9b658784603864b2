/// Which weights stay when the least ones go: true for a weight that stays.
///
///     m_i = 0 for the k weights of least |w_i|, else 1,    k = amount · n, rounded
///
/// - Parameters:
///   - weights: The numbers of one layer, in any order.
///   - amount: The share to take away, from 0 to 1. Halves round to the even neighbour; among equals the first go first.
///   - mask: What stayed so far; what is gone counts as gone. Nil for everything.
/// - Returns: The mask, one for each weight.
/// - PyTorch: the mask of `torch.nn.utils.prune.l1_unstructured`.
/// - Source: Han, Pool, Tran, Dally, "Learning both weights and connections for efficient neural networks", NIPS 2015.
/// - Book: section 12.1.
public func magnitudeMask<Scalar: BinaryFloatingPoint>(
  _ weights: [Scalar], amount: Double, within mask: [Bool]? = nil
) -> [Bool] {
  if !(0...1).contains(amount) {
    fatalError("magnitudeMask: the amount must be from 0 to 1, given \(amount)")
  }
  if let mask, mask.count != weights.count {
    fatalError("magnitudeMask: a mask of \(mask.count) for \(weights.count) weights")
  }
  let count = Int((amount * Double(weights.count)).rounded(.toNearestOrEven))
  func size(_ i: Int) -> Scalar { mask?[i] ?? true ? abs(weights[i]) : 0 }
  let order = weights.indices.sorted { (size($0), $0) < (size($1), $1) }
  var kept = mask ?? [Bool](repeating: true, count: weights.count)
  for i in order.prefix(count) { kept[i] = false }
  return kept
}

/// Which weights stay above a threshold that is measured in standard deviations of the layer.
///
///     m_i = 1 where |w_i| > q · σ,    σ² = Σ (w_i − mean)² / n
///
/// - Parameters:
///   - weights: The numbers of one layer.
///   - quality: q, at least 0: 1 takes away what is smaller than one standard deviation.
/// - Returns: The mask, one for each weight.
/// - Source: Han, Pool, Tran, Dally, "Learning both weights and connections for efficient neural networks", NIPS 2015,
///   section 3: the threshold is a quality parameter times the standard deviation of the layer's weights.
/// - Book: section 12.1.
public func thresholdMask<Scalar: BinaryFloatingPoint>(_ weights: [Scalar], quality: Scalar) -> [Bool] {
  if !(quality >= 0) { fatalError("thresholdMask: the quality must be at least 0, given \(quality)") }
  let threshold = quality * standardDeviation(weights)
  return weights.map { abs($0) > threshold }
}

/// The quality at which a share of the weights goes: the threshold between the last that goes and the first that stays,
/// in standard deviations of the layer.
///
/// - Parameter amount: The share to take away, from 0 to 1.
/// - Book: section 12.1.
public func quality<Scalar: BinaryFloatingPoint>(of weights: [Scalar], amount: Double) -> Scalar {
  let sizes = weights.map { abs($0) }.sorted()
  let count = Int((amount * Double(sizes.count)).rounded(.toNearestOrEven))
  return count == 0 ? 0 : sizes[count - 1] / standardDeviation(weights)
}

/// `√(Σ (w_i − mean)² / n)`
func standardDeviation<Scalar: BinaryFloatingPoint>(_ weights: [Scalar]) -> Scalar {
  let count = Scalar(weights.count)
  let mean = weights.reduce(0, +) / count
  return (weights.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count).squareRoot()
}

/// The weights that the survivors of pruning begin with again: those of an early step, with the others at zero.
///
/// - Parameters:
///   - early: The weights as they were early in the training.
///   - mask: Which survive, chosen by their size at its end.
/// - Source: Frankle, Dziugaite, Roy, Carbin, "Linear mode connectivity and the lottery ticket hypothesis", ICML 2020; to
///   the first weights of all: Frankle, Carbin, "The lottery ticket hypothesis", ICLR 2019.
/// - Book: section 12.2.
public func rewound<Scalar: BinaryFloatingPoint>(to early: [Scalar], mask: [Bool]) -> [Scalar] {
  if early.count != mask.count { fatalError("rewound: a mask of \(mask.count) for \(early.count) weights") }
  return zip(early, mask).map { $1 ? $0 : 0 }
}

/// Each weight within ±limit: what lies beyond becomes the limit.
///
///     w_i = min(max(w_i, −c), c)
///
/// Done after each step of training, it keeps weights small; nothing becomes zero.
///
/// - Parameter limit: c, above 0.
/// - PyTorch: `parameter.data.clamp_(-c, c)`.
/// - Source: Courbariaux, Bengio, David, "BinaryConnect", NIPS 2015, section 2.4; Arjovsky, Chintala, Bottou,
///   "Wasserstein GAN", 2017.
/// - Book: section 12.1.
public func clipped<Scalar: BinaryFloatingPoint>(_ weights: [Scalar], to limit: Scalar) -> [Scalar] {
  if !(limit > 0) { fatalError("clipped: the limit must be above 0, given \(limit)") }
  return weights.map { min(max($0, -limit), limit) }
}
