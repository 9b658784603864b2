import Autograd
import Tensors

/// The cross-entropy of class scores with the true classes, the loss of classifiers: `−log softmax(logits)[target]`,
/// and its mean over the batch.
///
/// With class weights `w` and label smoothing `s`, the target is the distribution `q = (1 − s) onehot(target) + s/C`
/// and an example's loss is `−Σ_c w_c q_c log softmax(logits)_c`; the mean divides by the sum of `w[target]`.
///
///     backward:  dlogits = (softmax(logits) − onehot(target)) · dy / N
///     in full:   dlogits_c = (softmax(logits)_c Σ_k w_k q_k − w_c q_c) · dy / Σ w[target]
///
/// - Parameters:
///   - logits: Scores before any softmax, `[N, C]` or `[N, C, …]`.
///   - target: Class numbers, each in `0..<C`, `[N]` or `[N, …]`.
///   - classWeights: How much each class counts, `[C]`; all the same when nil.
///   - ignoring: A target that stands for "no answer": its loss is 0, and it counts in no mean. If all are, the mean is
///     NaN and the gradient 0.
///   - labelSmoothing: The share `s` of each target that is spread evenly over all classes, from 0 to 1.
///   - reduction: What becomes of the single losses: their mean unless said otherwise.
/// - Returns: A single number, `[]`; with `.none`, one for each target.
/// - PyTorch: `torch.nn.functional.cross_entropy`; there `ignore_index` is −100 unless said otherwise, here no target
///   is ignored unless said so.
/// - Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 6.2.2; label smoothing: Szegedy et al.,
///   "Rethinking the Inception architecture for computer vision", CVPR 2016, section 7.
/// - Book: chapter 4.
public func crossEntropy(
  _ logits: Variable, _ target: IntTensor, classWeights: Tensor? = nil, ignoring: Int? = nil,
  labelSmoothing: Float = 0, reduction: Reduction = .mean
) -> Variable {
  let shape = logits.shape
  if shape.count < 2 || target.shape != [shape[0]] + shape[2...] {
    trap("crossEntropy: logits \(shape) and target \(target.shape): [N, C] and [N] are needed")
  }
  let classes = shape[1]
  if let bad = target.scalars.first(where: { $0 != ignoring && !(0..<classes).contains($0) }) {
    trap("crossEntropy: target \(bad) is not a class: logits \(shape)")
  }
  if let classWeights, classWeights.shape != [classes] {
    trap(
      "crossEntropy: class weights \(classWeights.shape) do not fit logits \(shape): [\(classes)] is needed")
  }
  if !(0...1).contains(labelSmoothing) {
    trap("crossEntropy: label smoothing must be from 0 to 1, given \(labelSmoothing)")
  }

  let targets = SmoothedTargets(
    classes: classes, target: target.scalars, weights: classWeights?.scalars, ignored: ignoring,
    smoothing: labelSmoothing)
  let logProbabilities = logits.value.withClassesLast().logSoftmax()
  let losses = targets.losses(logProbabilities)
  let divisor = reduction.divisor(batch: shape[0], weights: targets.weightSum)
  let value =
    reduction == .none
    ? Tensor(losses.map { Float($0) }, shape: target.shape) : Tensor(Float(losses.reduce(0, +) / divisor))
  return Variable(value, op: "crossEntropy", cost: .perInput(), inputs: [logits]) { dy in
    let scales = dy.scalars.map { Float(Double($0) / divisor) }
    var d = logProbabilities.exp()
    targets.turnIntoGradient(&d, scales: scales)
    return [d.withClassesSecond(shape)]
  }
}

/// The distribution that each example's answer is held to.
private struct SmoothedTargets {
  let classes: Int
  let target: [Int]
  /// All 1 when nil.
  let weights: [Float]?
  let ignored: Int?
  let smoothing: Float

  /// The sum of the weights of the targets that count.
  var weightSum: Double {
    target.reduce(0) { $0 + ($1 == ignored ? 0 : Double(weights?[$1] ?? 1)) }
  }

  private static let rowsPerPiece = 256

  /// For each example, `−Σ_c w_c q_c log p_c`.
  func losses(_ logProbabilities: Tensor) -> [Double] {
    var losses = [Double](repeating: 0, count: target.count)
    losses.withUnsafeMutableBufferPointer { losses in
      nonisolated(unsafe) let losses = losses  // pieces write to places of their own
      logProbabilities.withPointer { logP in
        Parallel.forEachRange(of: target.count, grain: Self.rowsPerPiece) { rows in
          for i in rows where target[i] != ignored {
            let row = logP + i * classes
            let own = Double(weights?[target[i]] ?? 1) * Double(row[target[i]])
            losses[i] = -Double(1 - smoothing) * own
            if smoothing > 0 {
              var spread = 0.0
              for c in 0..<classes { spread += Double(weights?[c] ?? 1) * Double(row[c]) }
              losses[i] -= Double(smoothing) / Double(classes) * spread
            }
          }
        }
      }
    }
    return losses
  }

  /// Turns each row of probabilities `p` into `(p_c Σ_k w_k q_k − w_c q_c) · scale`.
  ///
  /// - Parameter scales: One for each row, or one for all.
  func turnIntoGradient(_ p: inout Tensor, scales: [Float]) {
    let everywhere = smoothing / Float(classes)
    let allWeights = weights?.reduce(0, +) ?? Float(classes)
    p.withMutablePointer { p in
      Parallel.forEachRange(of: target.count, grain: Self.rowsPerPiece) { rows in
        for i in rows {
          let row = p + i * classes
          if target[i] == ignored {
            row.update(repeating: 0, count: classes)
            continue
          }
          let own = (1 - smoothing) * (weights?[target[i]] ?? 1)
          let total = own + everywhere * allWeights
          let scale = scales.count == 1 ? scales[0] : scales[i]
          if let weights {
            for c in 0..<classes { row[c] = (row[c] * total - everywhere * weights[c]) * scale }
          } else {
            for c in 0..<classes { row[c] = (row[c] * total - everywhere) * scale }
          }
          row[target[i]] -= own * scale
        }
      }
    }
  }
}

extension Tensor {
  /// `[N, C, …]` as `[N, …, C]`.
  fileprivate func withClassesLast() -> Tensor {
    rank == 2
      ? self
      : swappingInner(outer: shape[0], shape[1], shape[2...].reduce(1, *)).reshaped(
        [shape[0]] + shape[2...] + [shape[1]])
  }

  /// `[N, …, C]` back as `[N, C, …]`, which is `target`.
  fileprivate func withClassesSecond(_ target: [Int]) -> Tensor {
    rank == 2 ? self : swappingInner(outer: target[0], target[2...].reduce(1, *), target[1]).reshaped(target)
  }

  /// `[outer, a, b]` as `[outer, b, a]`.
  private func swappingInner(outer: Int, _ a: Int, _ b: Int) -> Tensor {
    var y = Tensor(uninitialized: [outer, b, a])
    withPointer { x in
      y.withMutablePointer { y in
        for o in 0..<outer {
          for i in 0..<a {
            for j in 0..<b { y[(o * b + j) * a + i] = x[(o * a + i) * b + j] }
          }
        }
      }
    }
    return y
  }
}
