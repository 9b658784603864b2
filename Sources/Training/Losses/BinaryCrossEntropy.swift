import Autograd
import Foundation
import Tensors

/// The cross-entropy of yes-or-no answers, given as logits `x` with `p = σ(x)`:
/// `−w t log p − (1 − t) log(1 − p)`.
///
///     backward:  dx = ((1 − t) − (1 + (w − 1) t) (1 − p)) · dy / count
///
/// Computed from the logits as `(1 − t) x + (1 + (w − 1) t) (log(1 + exp(−|x|)) + max(−x, 0))`, which neither
/// overflows nor takes the logarithm of 0.
///
/// - Parameters:
///   - x: Logits, of any shape.
///   - target: The probability of yes, from 0 to 1, of the same shape.
///   - positiveWeight: `w`: how much more a yes counts; of the shape of the last axes of `x`.
///   - reduction: What becomes of the single losses: their mean unless said otherwise.
/// - Returns: A single number, `[]`; with `.none`, one for each logit.
/// - PyTorch: `torch.nn.functional.binary_cross_entropy_with_logits(x, target, pos_weight=w)`.
/// - Book: chapter 4.
public func binaryCrossEntropy(
  _ x: Variable, _ target: Tensor, positiveWeight: Tensor? = nil, reduction: Reduction = .mean
) -> Variable {
  let weights = positiveWeight?.scalars ?? [1]
  if let positiveWeight, positiveWeight.shape != x.shape.suffix(positiveWeight.rank) || weights.isEmpty {
    trap(
      "binaryCrossEntropy: positive weights \(positiveWeight.shape) do not fit the end of logits \(x.shape)")
  }
  let period = weights.count
  return pointwiseLoss("binaryCrossEntropy", x, target, reduction) { x, t, i in
    let yes = 1 + (weights[i % period] - 1) * t
    return (1 - t) * x + yes * (log1pf(expf(-abs(x))) + (x < 0 ? -x : 0))
  } derivative: { x, t, i in
    let yes = 1 + (weights[i % period] - 1) * t
    return (1 - t) - yes / (1 + expf(x))
  }
}
