internal import CKernels

/// The convolution of many channels by Winograd's products, which has fewer multiplications than the definition; see
/// `winograd.c`.
///
/// Windows of 3 × 3 that step by one, with any dilation and groups: 16 products for 2 × 2 outputs, in place of 36. Those
/// of 2 × 2: 16 for 3 × 3, in place of 36 as well.
///
/// Windows that step by two see each phase of the image, the even or the odd rows and columns, by a step of one.
/// Those of 4 × 4 are windows of 2 × 2 in each of the four: 64 products for 3 × 3 outputs, in place of 144. Those of
/// 3 × 3 are windows of 2 × 2, 2 × 1, 1 × 2 and 1 × 1: 49 products, in place of 81.
struct WinogradConvolution {
  let g: ConvolutionGeometry

  init(_ g: ConvolutionGeometry) { self.g = g }

  /// Whether it can do it: the channels of a group fill whole vectors, and backward the padding is not negative.
  static func canDo(_ g: ConvolutionGeometry) -> Bool {
    let lanes = Int(CK_WINOGRAD_LANES)
    let (kernel, stride) = (g.kernel.height, g.stride.height)
    let isOfItsKind =
      stride == 1
      ? kernel == 3 || kernel == 2 && g.dilation == Size2d(1, 1)
      : stride == 2 && (kernel == 3 || kernel == 4) && g.dilation == Size2d(1, 1) && g.groups == 1
    return isOfItsKind && g.kernel == Size2d(kernel, kernel) && g.stride == Size2d(stride, stride)
      && g.padding.height <= (kernel - 1) * g.dilation.height
      && g.padding.width <= (kernel - 1) * g.dilation.width && g.inChannels / g.groups % lanes == 0
      && g.outChannels / g.groups % lanes == 0 && g.batch > 0 && g.inChannels > 0 && g.outChannels > 0
  }

  /// The time of the forward pass, as the multiplications that fit into it.
  ///
  /// - Parameter filters: How many tiles' products take as long as it takes to transform the filters. By reckoning from
  ///   measured times some twenty: 17, where they fit into the third cache, and 28 to 37, where they do not.
  func cost(filters: Double = 20) -> Double {
    let pass = WinogradPass(g, isBackward: false)
    let tiles = Double(pass.units * pass.columns.firsts.count)
    let taken = pass.phases.map(\.products).reduce(0, +)
    let products = 1.2 * Double(taken * g.inChannels * g.outChannels / g.groups)
    return (tiles + filters) * products + 350 * tiles
      * Double(pass.from.phases * g.inChannels + g.outChannels)
  }

  /// The maps.
  func forward(_ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>) {
    WinogradPass(g, isBackward: false).run(xs, weight, bias, into: out)
  }

  /// The gradient of the input, which is the convolution of that of the maps with the filters turned.
  func inputGradient(dy: Tensor, _ weight: Tensor) -> Tensor {
    var dx = Tensor(uninitialized: g.inputShape)
    dx.withMutablePointer { WinogradPass(g, isBackward: true).run(dy, weight, nil, into: $0) }
    return dx
  }
}
