import Tensors

/// The rectifier, `y = max(x, 0)`.
///
///     backward:  dx = 0 where y ≤ 0, else dy
///
/// - PyTorch: `torch.relu`; the gradient at 0 is 0 there too, and at NaN, whose rectified value is NaN, it is dy.
/// - Source: Nair and Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.
/// - Book: chapter 4.
public func relu(_ x: Variable) -> Variable {
  if let convolution = x.deferred as? DeferredConvolution, convolution.tail == .none {
    return Variable(deferred: convolution.followed(by: .relu), joining: x, given: [x])
  }
  if let rectified = (x.deferred as? DeferredNormalization)?.rectified() {
    return Variable(deferred: rectified, joining: x, given: [x])
  }
  let (inputs, y, pullback) = rectify(x)
  return Variable(y, op: "relu", cost: .perResult(), inputs: inputs, pullback: pullback)
}

/// ReLU by itself.
func rectify(_ x: Variable) -> RestOfJoined {
  let y = x.value.relu()
  return ([x], y, { dy in [Tensor.reluBackward(dy: dy, y: y)] })
}
