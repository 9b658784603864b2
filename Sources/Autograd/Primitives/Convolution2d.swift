import Tensors

/// The convolution of a batch of images with a bank of filters; see `Tensors.conv2d` for the formula.
///
///     backward:  dx = Wᵀ dy, each window added back to where it came from;  dW = dy · windows(x)ᵀ;  db = Σ dy
///
/// Not computed until it is read, so that a ReLU and a 2×2 max-pooling that follow are done in the same pass. A weight
/// in eight bits is multiplied as it is; its gradients are those of the weight widened.
///
/// - Parameters:
///   - x: `[N, C, H, W]`
///   - weight: `[O, C/groups, KH, KW]`
///   - bias: `[O]`
///   - stride: Steps from window to window; 2 halves height and width.
///   - padding: Zeros added at either side; `(K − 1)/2` keeps height and width for odd K.
///   - dilation: The distance between neighbouring weights of a filter; 1 when they lie side by side.
///   - groups: Into how many parts the channels are split, each with filters of its own; it must divide C and O, or this
///     traps.
/// - Returns: `[N, O, OH, OW]`
/// - PyTorch: `torch.nn.functional.conv2d`; padding by numbers only.
/// - Book: chapter 2.
public func conv2d(
  _ x: Variable, _ weight: Variable, bias: Variable? = nil, stride: some Size2dConvertible = 1,
  padding: some Size2dConvertible = 0, dilation: some Size2dConvertible = 1, groups: Int = 1
) -> Variable {
  let geometry = ConvolutionGeometry(
    input: x.shape, weight: weight.shape, bias: bias?.shape, stride: stride.asSize2d,
    padding: padding.asSize2d,
    dilation: dilation.asSize2d, groups: groups)
  let (x, weight) = rounded(x, weight)
  return Variable(deferred: DeferredConvolution(geometry: geometry, layer: LayerInputs(x, weight, bias)))
}

/// A convolution, and what of ReLU and pooling has joined it so far.
struct DeferredConvolution: Deferred {
  enum Tail { case none, relu, reluAndPool2 }

  let geometry: ConvolutionGeometry
  let layer: LayerInputs
  var tail = Tail.none

  private static let one = ["conv2d"]
  private static let two = one + ["relu"]
  private static let three = two + ["maxPool2d"]

  var names: [String] {
    switch tail {
    case .none: Self.one
    case .relu: Self.two
    case .reluAndPool2: Self.three
    }
  }

  var cost: OperationCost {
    switch tail {
    case .none:
      // Each number of the result: a product for each weight of its filter, and one sum less, or as many with a bias.
      let products = geometry.inChannels / geometry.groups * geometry.kernel.height * geometry.kernel.width
      return .perResult(2 * products - (layer.bias == nil ? 1 : 0))
    case .relu: return .perResult()
    case .reluAndPool2: return .perInput()
    }
  }

  var inputs: [Variable] { layer.variables }

  var shape: [Int] {
    let g = geometry
    return tail == .reluAndPool2
      ? [g.batch, g.outChannels, g.outputHeight / 2, g.outputWidth / 2] : g.outputShape
  }

  func followed(by tail: Tail) -> DeferredConvolution {
    var next = self
    next.tail = tail
    return next
  }

  func compute(recording: Bool) -> (value: Tensor, pullback: ((Tensor) -> [Tensor?])?) {
    let g = geometry
    let (layer, needs, (x, w, b)) = (layer, layer.needs, layer.values)
    func gradients(_ dy: Tensor) -> [Tensor?] {
      let d = convolveBackward(
        g, dy: dy, x: x, weight: layer.floats, needsInput: needs.input, needsWeight: needs.weight,
        needsBias: needs.bias)
      return layer.listed(d.dx, d.dw, d.db)
    }
    func result() -> Tensor { layer.integers?.convolve(g, x, bias: b) ?? convolve(g, x, w, b) }
    switch tail {
    case .none:
      return (result(), gradients)
    case .relu:
      let y = result().relu()
      return (y, { dy in gradients(Tensor.reluBackward(dy: dy, y: y)) })
    case .reluAndPool2:
      let (y, route) =
        layer.integers?.convolveReluPool2(g, x, bias: b) ?? convolveReluPool2(g, x, w, b)
      return (
        y,
        { dy in
          let d = convolveReluPool2Backward(
            g, dy: dy, route: route, x: x, weight: layer.floats, needsInput: needs.input,
            needsWeight: needs.weight,
            needsBias: needs.bias)
          return layer.listed(d.dx, d.dw, d.db)
        }
      )
    }
  }

  func rest(after count: Int, of result: Variable) -> RestOfJoined {
    if tail == .relu { return rectify(result) }
    let x = result.value
    let rectified = count == 1 ? x.relu() : x
    let window = PoolingGeometry("maxPool2d", input: x.shape, kernel: Size2d(2, 2))
    let (y, indices) = maxPool2d(window, rectified)
    return (
      [result], y,
      { dy in
        let d = maxPool2dBackward(window, dy: dy, indices: indices)
        return [count == 1 ? Tensor.reluBackward(dy: d, y: rectified) : d]
      }
    )
  }
}
