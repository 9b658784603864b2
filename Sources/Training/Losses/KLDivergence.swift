import Autograd
import Foundation
import Tensors

/// The Kullback–Leibler divergence `Σ p (log p − log q)`: how far the distribution `q` is from the true one, `p`.
///
///     backward:  d log q = −p · dy / N
///
/// - Parameters:
///   - logQ: The logarithms of the probabilities `q`, of any shape, examples along the first axis.
///   - p: The true probabilities, of the same shape. A probability of 0 adds nothing.
///   - reduction: `.batchMean` gives the mean divergence of the examples; `.mean` divides by the classes too.
/// - Returns: A single number, `[]`; with `.none`, one for each probability.
/// - PyTorch: `torch.nn.functional.kl_div(log_q, p, reduction="batchmean")`; PyTorch's default is `"mean"`.
/// - Source: Kullback and Leibler, "On information and sufficiency", Ann. Math. Statist. 22, 1951.
/// - Book: chapter 12.
public func klDivergence(_ logQ: Variable, _ p: Tensor, reduction: Reduction = .batchMean) -> Variable {
  pointwiseLoss("klDivergence", logQ, p, reduction) { logQ, p, _ in
    p == 0 ? 0 : p * (logf(p) - logQ)
  } derivative: { _, p, _ in
    -p
  }
}
