import Autograd
import Tensors

/// The gradient of one class's score with respect to the input, for each example of a batch by itself: which numbers of
/// the input would change the score most.
///
///     g_n = ∂F_c(x_n) / ∂x_n
///
/// The network's parameters keep the gradients that they have.
///
/// - Parameters:
///   - x: `[N, …]`
///   - classes: The class c of each example, N of them.
///   - scores: The network, or what is left of it from some layer on: `[N, …]` to logits `[N, C]`. Examples must not
///     touch one another in it: no batch norm that measures the batch.
/// - Returns: The scores, `[N, C]`, and the gradient, of the shape of `x`.
/// - PyTorch: `torch.autograd.grad(y[torch.arange(N), classes].sum(), x)`.
/// - Source: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks", ICLR workshop 2014. Its map, the
///   *saliency*, is the magnitude of this.
/// - Book: section 9.1.
public func inputGradient(at x: Tensor, of classes: [Int], scores: (Variable) -> Variable) -> (
  scores: Tensor, gradient: Tensor
) {
  let input = Variable(x, requiresGradient: true)
  let y = scores(input)
  checkClasses(classes, y.shape, examples: x.shape.first ?? 0, "inputGradient")
  let gradient = y.gradients(at: [input], from: IntTensor(classes).oneHot(classes: y.shape[1]))[0]
  return (y.value, gradient ?? Tensor.zeros(x.shape))
}

/// Traps where the classes do not fit the scores.
func checkClasses(_ classes: [Int], _ scores: [Int], examples: Int, _ caller: String) {
  if scores.count != 2 || scores[0] != examples {
    trap("\(caller): scores \(scores) for \(examples) examples: [\(examples), C] is needed")
  }
  if classes.count != examples { trap("\(caller): \(classes.count) classes for \(examples) examples") }
  if let bad = classes.first(where: { !(0..<scores[1]).contains($0) }) {
    trap("\(caller): class \(bad) is not among the \(scores[1]) of scores \(scores)")
  }
}
