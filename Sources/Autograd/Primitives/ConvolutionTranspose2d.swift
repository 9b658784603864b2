import Tensors

/// The transpose of a convolution: what `conv2d` with the same weight does to gradients, done to images. Each pixel
/// paints a copy of its filter, and the copies are added; with a stride of 2 the image comes out twice as large.
///
///     OH = (H − 1) · stride − 2 · padding + dilation · (KH − 1) + outputPadding + 1
///     backward:  dx = conv2d(dy, W),  dW = the convolution's own weight gradient with x and dy exchanged,  db = Σ dy
///
/// - Parameters:
///   - x: `[N, C, H, W]`
///   - weight: `[C, O/groups, KH, KW]`
///   - bias: `[O]`
///   - stride: How far apart neighbouring pixels of the input paint: 2 doubles height and width.
///   - padding: Rows and columns taken off at either side of the result: the padding of the convolution that this is the
///     transpose of.
///   - outputPadding: Rows and columns added at the end; less than the stride.
///   - dilation: The distance between neighbouring weights of a filter; 1 when they lie side by side.
///   - groups: Into how many parts the channels are split, each with filters of its own; it must divide C and O, or this
///     traps.
/// - Returns: `[N, O, OH, OW]`
/// - PyTorch: `torch.nn.functional.conv_transpose2d`, which also allows an output padding below the dilation.
/// - Source: Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285, chapter 4.
/// - Book: chapter 2.
public func convTranspose2d(
  _ x: Variable, _ weight: Variable, bias: Variable? = nil, stride: some Size2dConvertible = 1,
  padding: some Size2dConvertible = 0, outputPadding: some Size2dConvertible = 0,
  dilation: some Size2dConvertible = 1, groups: Int = 1
) -> Variable {
  let (s, p, extra, d) = (stride.asSize2d, padding.asSize2d, outputPadding.asSize2d, dilation.asSize2d)
  let (xShape, wShape) = (x.shape, weight.shape)
  if xShape.count != 4 || wShape.count != 4 {
    trap(
      "convTranspose2d: input [N, C, H, W] and weight [C, O/groups, KH, KW] are needed: \(xShape), \(wShape)")
  }
  if groups < 1 || wShape[0] != xShape[1] || wShape[0] % groups != 0 {
    trap("convTranspose2d: channels differ: input \(xShape), weight \(wShape), groups \(groups)")
  }
  if extra.height < 0 || extra.width < 0 || extra.height >= s.height || extra.width >= s.width {
    trap("convTranspose2d: output padding \(extra) must be less than stride \(s)")
  }
  let outChannels = wShape[1] * groups
  if let bias, bias.shape != [outChannels] {
    trap("convTranspose2d: bias \(bias.shape) does not fit weight \(wShape): [\(outChannels)] is needed")
  }
  func size(_ n: Int, _ k: Int, _ s: Int, _ p: Int, _ d: Int, _ extra: Int) -> Int {
    (n - 1) * s - 2 * p + d * (k - 1) + extra + 1
  }
  let output = [
    xShape[0], outChannels, size(xShape[2], wShape[2], s.height, p.height, d.height, extra.height),
    size(xShape[3], wShape[3], s.width, p.width, d.width, extra.width),
  ]
  if output[2] < 1 || output[3] < 1 {
    trap("convTranspose2d: nothing is left of input \(xShape) with weight \(wShape), padding \(p)")
  }
  // The convolution whose transpose this is: from the output's shape to the input's.
  let geometry = ConvolutionGeometry(
    input: output, weight: wShape, stride: s, padding: p, dilation: d, groups: groups)
  let (xValue, w) = (x.value, weight.value)
  let needs = (x.requiresGradient, weight.requiresGradient, bias?.requiresGradient ?? false)
  var y = convolveBackward(
    geometry, dy: xValue, x: Tensor.zeros([0]), weight: w, needsInput: true, needsWeight: false,
    needsBias: false
  ).dx!
  if let bias { y = y + bias.value.reshaped([outChannels, 1, 1]) }
  // Each number of the input paints a filter into each output channel of its group.
  let cost = OperationCost.perInput(2 * wShape[1] * wShape[2] * wShape[3])
  return Variable(y, op: "convTranspose2d", cost: cost, inputs: [x, weight] + (bias.map { [$0] } ?? [])) {
    dy in
    let dx = needs.0 ? convolve(geometry, dy, w, nil) : nil
    let dw =
      needs.1
      ? convolveBackward(
        geometry, dy: xValue, x: dy, weight: w, needsInput: false, needsWeight: true, needsBias: false
      ).dw : nil
    return [dx, dw] + (bias == nil ? [] : [needs.2 ? dy.sumOverChannels() : nil])
  }
}
