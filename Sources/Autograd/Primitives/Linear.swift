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
  if let integers = weight.integers { return linear(x, weight, integers, bias: bias) }
  let (x, weight) = rounded(x, weight)
  return Variable(deferred: DeferredLinear(layer: LayerInputs(x, weight, bias)))
}

/// A linear layer, and what has joined it so far.
struct DeferredLinear: Deferred {
  enum Tail {
    case none
    case gelu
    case plus(Variable, value: Tensor)
  }

  let layer: LayerInputs
  var tail = Tail.none

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

  private static let alone = ["linear"]
  private static let withGELU = alone + ["gelu"]
  private static let withSum = alone + ["+"]

  var names: [String] {
    switch tail {
    case .none: Self.alone
    case .gelu: Self.withGELU
    case .plus: Self.withSum
    }
  }

  var cost: OperationCost {
    if case .none = tail { return .perResult(2 * layer.values.weight.shape[1] - (layer.bias == nil ? 1 : 0)) }
    return .perResult()
  }

  var inputs: [Variable] {
    if case .plus(let other, _) = tail { return layer.variables + [other] }
    return layer.variables
  }

  var shape: [Int] { layer.values.x.shape.dropLast() + [layer.values.weight.shape[0]] }

  func compute(recording: Bool) -> (value: Tensor, pullback: ((Tensor) -> [Tensor?])?) {
    let (layer, shape, w, bias) = (layer, shape, layer.values.weight, layer.values.bias)
    let x = layer.values.x.reshaped([-1, w.shape[1]])
    let rowShape = [x.shape[0], w.shape[0]]
    func gradients(_ dy: Tensor, slope: Tensor? = nil) -> [Tensor?] {
      let d = affineGradients(dy: dy.reshaped(rowShape), slope: slope, x: x, weight: w, needs: layer.needs)
      return layer.listed(d.x?.reshaped(layer.values.x.shape), d.weight, d.bias)
    }
    switch tail {
    case .none:
      return (affineProduct(x, w, bias: bias).reshaped(shape), { gradients($0) })
    case .gelu:
      let (y, slope) = affineGELU(x, w, bias: bias, withSlope: recording)
      return (y.reshaped(shape), { gradients($0, slope: slope) })
    case .plus(_, let other):
      let y = affineProduct(x, w, bias: bias, plus: other.reshaped(rowShape))
      return (y.reshaped(shape), { gradients($0) + [$0] })
    }
  }

  func rest(after count: Int, of result: Variable) -> RestOfJoined {
    let x = result.value
    if case .plus(let other, let addend) = tail {
      return ([result, other], x + addend, { dy in [dy, dy] })
    }
    let (y, slope) = x.geluWithSlope()
    return ([result], y, { dy in [dy * slope] })
  }
}
