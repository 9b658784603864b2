import Autograd
import Tensors

/// The absolute error, `|x − t|`: a few predictions far off weigh less than with the squared error.
///
///     backward:  dx = sign(x − t) · dy / count, 0 where x = t
///
/// - Parameters:
///   - x: Predictions, of any shape.
///   - target: What they should be, of the same shape.
///   - reduction: What becomes of the single losses: their mean unless said otherwise.
/// - Returns: A single number, `[]`; with `.none`, one for each prediction.
/// - PyTorch: `torch.nn.functional.l1_loss`; shapes must be equal, nothing is stretched.
/// - Book: chapter 4.
public func absoluteError(_ x: Variable, _ target: Tensor, reduction: Reduction = .mean) -> Variable {
  pointwiseLoss("absoluteError", x, target, reduction) { x, t, _ in
    abs(x - t)
  } derivative: { x, t, _ in
    x > t ? 1 : x < t ? -1 : x - t  // NaN stays NaN
  }
}
