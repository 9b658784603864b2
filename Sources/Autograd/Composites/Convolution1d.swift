import Tensors

/// The convolution of sequences with a bank of filters: `conv2d` on images of height 1.
///
/// - Parameters:
///   - x: `[N, C, L]`
///   - weight: `[O, C/groups, K]`
///   - bias: `[O]`
///   - stride: Steps from window to window.
///   - padding: Zeros added at either end; `(K − 1)/2` keeps the length for odd K.
///   - dilation: The distance between neighbouring weights of a filter; 1 when they lie side by side.
///   - groups: Into how many parts the channels are split, each with filters of its own; it must divide C and O, or this
///     traps.
/// - Returns: `[N, O, OL]`
/// - PyTorch: `torch.nn.functional.conv1d`; padding by numbers only.
/// - Book: chapter 2.
public func conv1d(
  _ x: Variable, _ weight: Variable, bias: Variable? = nil, stride: Int = 1, padding: Int = 0,
  dilation: Int = 1,
  groups: Int = 1
) -> Variable {
  let (xShape, wShape) = (x.shape, weight.shape)
  if xShape.count != 3 || wShape.count != 3 {
    trap("conv1d: input [N, C, L] and weight [O, C/groups, K] are needed: \(xShape), \(wShape)")
  }
  if groups < 1 || wShape[1] * groups != xShape[1] || wShape[0] % groups != 0 {
    trap("conv1d: channels differ: input \(xShape), weight \(wShape), groups \(groups)")
  }
  if xShape[2] + 2 * padding < dilation * (wShape[2] - 1) + 1 {
    trap(
      "conv1d: the kernel is larger than the padded input: input \(xShape), weight \(wShape), padding \(padding)"
    )
  }
  let y = conv2d(
    x.reshaped([xShape[0], xShape[1], 1, xShape[2]]), weight.reshaped([wShape[0], wShape[1], 1, wShape[2]]),
    bias: bias, stride: Size2d(1, stride), padding: Size2d(0, padding), dilation: Size2d(1, dilation),
    groups: groups)
  let shape = y.shape
  return y.reshaped([shape[0], shape[1], shape[3]])
}
