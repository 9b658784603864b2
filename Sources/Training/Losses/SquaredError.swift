import Autograd
import Tensors

/// The squared error, `(x − t)²`: the loss of predictions whose errors are normally distributed.
///
///     backward:  dx = 2 (x − t) · dy / count
///
/// - Parameters:
///   - x: Predictions, of any shape.
///   - target: What they should be, of the same shape.
///   - reduction: What becomes of the single losses: their mean unless said otherwise.
/// - Returns: A single number, `[]`; with `.none`, one for each prediction.
/// - PyTorch: `torch.nn.functional.mse_loss`; shapes must be equal, nothing is stretched.
/// - Source: Goodfellow, Bengio, Courville, *Deep Learning*, 2016, section 5.1.4.
/// - Book: chapter 4.
public func squaredError(_ x: Variable, _ target: Tensor, reduction: Reduction = .mean) -> Variable {
  pointwiseLoss("squaredError", x, target, reduction) { x, t, _ in
    (x - t) * (x - t)
  } derivative: { x, t, _ in
    2 * (x - t)
  }
}
