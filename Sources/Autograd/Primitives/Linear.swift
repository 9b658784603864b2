import Tensors

/// The affine map `y = x Wᵀ + b`.
///
///     backward:  dx = dy W,  dW = dyᵀ x,  db = Σ dy over all rows
///
/// Not computed until it is read, so that a GELU or a sum that follows is done in the same pass.
///
/// - Parameters:
///   - x: `[…, D]`
///   - weight: `[O, D]`
///   - bias: `[O]`
/// - Returns: `[…, O]`
/// - PyTorch: `torch.nn.functional.linear`.
/// - Book: chapter 4.
public func linear(_ x: Variable, _ weight: Variable, bias: Variable? = nil) -> Variable {
  let (xShape, wShape) = (x.shape, weight.shape)
  if wShape.count != 2 || xShape.isEmpty || xShape.last != wShape[1] {
    trap("linear: input \(xShape) does not fit weight \(wShape): […, D] and [O, D] are needed")
  }
  if let bias, bias.shape != [wShape[0]] {
    trap("linear: bias \(bias.shape) does not fit weight \(wShape): [\(wShape[0])] is needed")
  }
  return Variable(deferred: DeferredLinear(x: x, weight: weight, bias: bias))
}

/// A linear layer, and what has joined it so far.
struct DeferredLinear: Deferred {
  enum Tail {
    case none
    case gelu
    case plus(Variable, value: Tensor)
  }

  let x: Variable
  let weight: Variable
  let bias: Variable?
  /// As they were when the op was called: a later step of an optimiser must not reach back.
  let xValue: Tensor
  let weightValue: Tensor
  let biasValue: Tensor?
  private(set) var tail = Tail.none

  init(x: Variable, weight: Variable, bias: Variable?) {
    self.x = x
    self.weight = weight
    self.bias = bias
    xValue = x.value
    weightValue = weight.value
    biasValue = bias?.value
  }

  /// What `variable` waits to compute, if that is a linear layer that nothing has joined.
  static func unread(_ variable: Variable) -> DeferredLinear? {
    guard let linear = variable.deferred as? DeferredLinear, case .none = linear.tail else { return nil }
    return linear
  }

  func followed(by tail: Tail) -> DeferredLinear {
    var next = self
    next.tail = tail
    return next
  }

  var op: String {
    switch tail {
    case .none: "linear"
    case .gelu: "linear + gelu"
    case .plus: "linear + +"
    }
  }

  var inputs: [Variable] {
    let own = [x, weight] + (bias.map { [$0] } ?? [])
    if case .plus(let other, _) = tail { return own + [other] }
    return own
  }

  var shape: [Int] { xValue.shape.dropLast() + [weightValue.shape[0]] }

  func compute(recording: Bool) -> (value: Tensor, pullback: ((Tensor) -> [Tensor?])?) {
    let (xShape, shape) = (xValue.shape, shape)
    let (x, w, hasBias) = (xValue.reshaped([-1, weightValue.shape[1]]), weightValue, bias != nil)
    let rowShape = [x.shape[0], w.shape[0]]
    let needs = (
      input: self.x.requiresGradient, weight: weight.requiresGradient, bias: bias?.requiresGradient ?? false
    )
    func gradients(_ dy: Tensor, slope: Tensor? = nil) -> [Tensor?] {
      let d = affineGradients(dy: dy.reshaped(rowShape), slope: slope, x: x, weight: w, needs: needs)
      return [d.x?.reshaped(xShape), d.weight] + (hasBias ? [d.bias] : [])
    }
    switch tail {
    case .none:
      return (affineProduct(x, w, bias: biasValue).reshaped(shape), { gradients($0) })
    case .gelu:
      let (y, slope) = affineGELU(x, w, bias: biasValue, withSlope: recording)
      return (y.reshaped(shape), { gradients($0, slope: slope) })
    case .plus(_, let other):
      let y = affineProduct(x, w, bias: biasValue, plus: other.reshaped(rowShape))
      return (y.reshaped(shape), { gradients($0) + [$0] })
    }
  }
}
