internal import CKernels

/// The convolution (cross-correlation) of a batch of images with a bank of filters.
///
///     yₙₒᵢⱼ = bₒ + Σ_c Σ_a Σ_b  w_ocab · xₙ,c,(i·stride + a·dilation − padding),(j·stride + b·dilation − padding)
///
/// - Parameters:
///   - x: Images, `[N, C, H, W]`; zeros lie outside them.
///   - weight: Filters, `[O, C/groups, KH, KW]`.
///   - bias: `[O]`.
///   - stride: Steps from window to window; 2 halves height and width.
///   - padding: Zeros added at either side; `(K − 1)/2` keeps height and width for odd K.
///   - dilation: The distance between neighbouring weights of a filter; 1 when they lie side by side.
///   - groups: Into how many parts the channels are split, each with filters of its own; it must divide C and O, or this
///     traps.
/// - Returns: Feature maps, `[N, O, OH, OW]`; see `ConvolutionGeometry` for their size.
/// - PyTorch: `torch.nn.functional.conv2d`; padding is by numbers only, not by name.
/// - Book: chapter 2.
public func conv2d(
  _ x: Tensor, _ weight: Tensor, bias: Tensor? = nil, stride: some Size2dConvertible = 1,
  padding: some Size2dConvertible = 0, dilation: some Size2dConvertible = 1, groups: Int = 1
) -> Tensor {
  let geometry = ConvolutionGeometry(
    input: x.shape, weight: weight.shape, bias: bias?.shape, stride: stride.asSize2d,
    padding: padding.asSize2d,
    dilation: dilation.asSize2d, groups: groups)
  return convolve(geometry, x, weight, bias)
}

/// The convolution of `geometry`, forward.
package func convolve(_ g: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?) -> Tensor {
  var y = Tensor(uninitialized: g.outputShape)
  let method = ConvolutionMethod.plain(g, isForward: true)
  y.withMutablePointer { method.forward(g, x, weight, bias, into: $0, route: nil) }
  return y
}

/// `maxPool2d(relu(conv2d(x)), kernelSize: 2)` in one pass, and for each pooled number which of its four places
/// it came from (0…3, or 4 where ReLU cut it off).
package func convolveReluPool2(
  _ g: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?
) -> (y: Tensor, route: [UInt8]) {
  var y = Tensor(uninitialized: [g.batch, g.outChannels, g.outputHeight / 2, g.outputWidth / 2])
  let route = [UInt8](unsafeUninitializedCapacity: y.count) { route, count in
    count = y.count
    let route = route.baseAddress!
    y.withMutablePointer { ConvolutionMethod.pooled(g).forward(g, x, weight, bias, into: $0, route: route) }
  }
  return (y, route)
}

/// The gradient at the raw output of a fused convolution, from the gradient `dy` of the pooled maps.
package func unpool2(_ g: ConvolutionGeometry, _ dy: Tensor, route: [UInt8]) -> Tensor {
  var dx = Tensor(uninitialized: g.outputShape)
  let pooledImage = g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
  dx.withMutablePointer { dx in
    dy.withPointer { dy in
      route.withUnsafeBufferPointer { route in
        Parallel.forEachRange(of: g.batch, grain: max(1, (g.batch + 15) / 16)) { images in
          for n in images {
            ck_bias_relu_pool2_backward(
              dy + n * pooledImage, route.baseAddress! + n * pooledImage, dx + n * g.outputImage,
              g.outChannels,
              g.outputHeight, g.outputWidth)
          }
        }
      }
    }
  }
  return dx
}

/// The gradients of `convolveReluPool2`, from the gradient `dy` at the pooled maps.
package func convolveReluPool2Backward(
  _ g: ConvolutionGeometry, dy: Tensor, route: [UInt8], x: Tensor, weight: Tensor, needsInput: Bool,
  needsWeight: Bool, needsBias: Bool
) -> (dx: Tensor?, dw: Tensor?, db: Tensor?) {
  let method = ConvolutionMethod.pooled(g)
  if method.poolsBackward && g.groups == 1 {
    return route.withUnsafeBufferPointer {
      method.gradients(
        g, dy: dy, route: $0.baseAddress, x: x, weight: weight, needsInput: needsInput,
        needsWeight: needsWeight,
        needsBias: needsBias)
    }
  }
  return convolveBackward(
    g, dy: unpool2(g, dy, route: route), x: x, weight: weight, needsInput: needsInput,
    needsWeight: needsWeight,
    needsBias: needsBias)
}

/// The gradients of the convolution of `geometry`; `db = Σ dy`.
///
/// - Parameter dy: The upstream gradient, `[N, O, OH, OW]`.
package func convolveBackward(
  _ g: ConvolutionGeometry, dy: Tensor, x: Tensor, weight: Tensor, needsInput: Bool, needsWeight: Bool,
  needsBias: Bool
) -> (dx: Tensor?, dw: Tensor?, db: Tensor?) {
  let method = ConvolutionMethod.plain(g, isForward: false)
  if method != .windows {
    return method.gradients(
      g, dy: dy, route: nil, x: x, weight: weight, needsInput: needsInput, needsWeight: needsWeight,
      needsBias: needsBias)
  }
  let (dx, dw) = WindowsConvolution(g).gradients(
    dy: dy, x: x, weight: weight, needsInput: needsInput, needsWeight: needsWeight)
  return (dx, dw, needsBias ? dy.sumOverChannels() : nil)
}

func withBias<Result>(_ bias: Tensor?, _ body: (UnsafePointer<Float>?) -> Result) -> Result {
  guard let bias else { return body(nil) }
  return bias.withPointer { body($0) }
}

func withOptionalPointer(_ tensor: inout Tensor?, _ body: (UnsafeMutablePointer<Float>?) -> Void) {
  guard var present = tensor else { return body(nil) }
  tensor = nil  // so that writing to `present` copies nothing
  present.withMutablePointer { body($0) }
  tensor = present
}
