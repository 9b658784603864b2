import Autograd
import Tensors

/// Huber's loss: squared for small errors `e = x − t`, straight for large ones.
///
///     ½ e²             where |e| ≤ δ
///     δ (|e| − ½ δ)    elsewhere
///     backward:  dx = e, held within ±δ, · dy / count
///
/// - Parameters:
///   - x: Predictions, of any shape.
///   - target: What they should be, of the same shape.
///   - delta: Where it turns straight, above 0.
///   - reduction: What becomes of the single losses: their mean unless said otherwise.
/// - Returns: A single number, `[]`; with `.none`, one for each prediction.
/// - PyTorch: `torch.nn.functional.huber_loss`; shapes must be equal, nothing is stretched.
/// - Source: Huber, "Robust estimation of a location parameter", Ann. Math. Statist. 35, 1964.
/// - Book: chapter 4.
public func huberLoss(
  _ x: Variable, _ target: Tensor, delta: Float = 1, reduction: Reduction = .mean
) -> Variable {
  if !(delta > 0) { trap("huberLoss: delta must be above 0, given \(delta)") }
  return pointwiseLoss("huberLoss", x, target, reduction) { x, t, _ in
    let e = abs(x - t)
    return e <= delta ? e * e / 2 : delta * (e - delta / 2)
  } derivative: { x, t, _ in
    let e = x - t
    return e > delta ? delta : e < -delta ? -delta : e
  }
}
