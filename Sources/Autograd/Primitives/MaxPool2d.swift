import Tensors

/// The largest number of each window.
///
///     backward:  each dy goes to the place its maximum came from; elsewhere 0
///
/// - Parameters:
///   - x: `[N, C, H, W]`
///   - kernelSize: The window.
///   - stride: From window to window; the kernel's size when nil.
///   - padding: At most half of the kernel; padded places never win.
///   - dilation: The distance between neighbouring places of a window; 1 when they lie side by side.
///   - ceilMode: Whether a last, partial window is added where the windows do not fill the image: sizes are rounded up,
///     not down.
/// - Returns: `[N, C, OH, OW]`
/// - PyTorch: `torch.nn.functional.max_pool2d`; among equals the first in row order wins, as there.
/// - Book: chapter 3.
public func maxPool2d(
  _ x: Variable, kernelSize: some Size2dConvertible, stride: (any Size2dConvertible)? = nil,
  padding: some Size2dConvertible = 0, dilation: some Size2dConvertible = 1, ceilMode: Bool = false
) -> Variable {
  let geometry = PoolingGeometry(
    "maxPool2d", input: x.shape, kernel: kernelSize.asSize2d, stride: stride?.asSize2d,
    padding: padding.asSize2d,
    dilation: dilation.asSize2d, ceilMode: ceilMode)
  let tiles =
    geometry.kernel == Size2d(2, 2) && geometry.stride == Size2d(2, 2) && geometry.padding == Size2d(0, 0)
    && geometry.dilation == Size2d(1, 1)
    && !(ceilMode && (geometry.height % 2 == 1 || geometry.width % 2 == 1))
  if tiles, let convolution = x.deferred as? DeferredConvolution, convolution.tail == .relu {
    return Variable(deferred: convolution.followed(by: .reluAndPool2), joining: x, given: [x])
  }
  let (y, indices) = maxPool2d(geometry, x.value)
  return Variable(y, op: "maxPool2d", cost: .perInput(), inputs: [x]) { dy in
    [maxPool2dBackward(geometry, dy: dy, indices: indices)]
  }
}
