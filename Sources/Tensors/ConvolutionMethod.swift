internal import CKernels

/// The ways to compute one convolution; the fastest is chosen by the sizes and the processor's vectors.
package enum ConvolutionMethod: Sendable {
  /// The product of the filters with the matrix of windows: any stride, dilation and groups.
  case windows
  /// The product of Fourier transforms.
  case transforms
  /// The sums of the definition.
  case direct
  /// Winograd's products, of fewer multiplications.
  case winograd
  /// Those products over the phases of the images, for windows that step further than by one; forward only.
  case phases

  /// The one to use wherever it can be, for tests and measurements; `nil` to choose.
  @TaskLocal package static var forced: ConvolutionMethod?

  /// The method for a convolution by itself, or for its gradients.
  static func plain(_ g: ConvolutionGeometry, isForward: Bool) -> ConvolutionMethod {
    switch forced ?? (isForward ? fastestForward(g) : fastest(g)) {
    case .transforms where FFTConvolution.canDo(g): .transforms
    case .direct where DirectConvolution.canDo(g): .direct
    case .winograd where WinogradConvolution.canDo(g): .winograd
    case .phases where isForward && PhasedConvolution.canDo(g): .phases
    default: .windows
    }
  }

  /// The method for a convolution with ReLU and pooling. (Direct sums are pooled while they are in registers.)
  static func pooled(_ g: ConvolutionGeometry) -> ConvolutionMethod {
    let method =
      forced == nil && isThin(g) && DirectConvolution.canDo(g) ? .direct : plain(g, isForward: false)
    if method == .winograd || method == .direct && g.groups > 1 { return method }
    return method != .windows && !FFTConvolution(g).canPool ? .windows : method
  }

  private static func fastest(_ g: ConvolutionGeometry) -> ConvolutionMethod {
    if isThin(g) && DirectConvolution.canDo(g) && !isBetterByWindows(g) { return .direct }
    var (method, least) = (ConvolutionMethod.windows, windowsCost(g))
    if FFTConvolution.canDo(g) && FFTConvolution(g).cost <= least {
      (method, least) = (.transforms, FFTConvolution(g).cost)
    }
    // Their cost is that of many channels; for windows of 2 × 2 it is somewhat more.
    let isSmall = g.kernel.height == 2
    let isWide = min(g.inChannels, g.outChannels) / g.groups >= (isSmall || g.stride.height == 2 ? 32 : 16)
    if isWide && WinogradConvolution.canDo(g) {
      if (isSmall ? 1.15 : 1) * WinogradConvolution(g).cost() < least { method = .winograd }
    }
    return method
  }

  /// Few products for each number: three channels at most, or three times three and a few.
  private static func isThin(_ g: ConvolutionGeometry) -> Bool {
    g.taps <= 32 || g.inChannels / g.groups <= 3
  }

  /// Whether many filters of a thin convolution make windows the faster way, as they do with AVX2.
  ///
  /// For 3 → 64 channels at 224 × 224 and windows of 3 × 3, windows take there 0.88 to 1.01 of the time of direct sums, and
  /// 0.71 to 0.93 with the gradients (three runs); for 6 filters, more than twice with them. With AVX-512, on a
  /// Zen 4, they take 1.12 and 1.47 of it.
  private static func isBetterByWindows(_ g: ConvolutionGeometry) -> Bool {
    ck_uses_wide() == 0 && g.outChannels / g.groups >= 64
  }

  /// The method of the forward pass alone, which is not always the one that is fastest with the gradients.
  ///
  /// By phases, AlexNet's first layer takes 8.8 ms on one core of a Zen 4, and by windows 11.1. Its filters' gradient
  /// took 15.5 ms by phases and 11.5 by windows: it would be a product as wide as there are phases, and 48 columns do
  /// not fill panels.
  ///
  /// Intel's AVX-512 multiplies two vectors at once, which products use better than transforms (that is reckoned).
  /// Milliseconds on a Xeon with two threads, by Winograd's products and by transforms (two runs): 64 → 64 channels at
  /// 224 × 224, 2 images, 21.4 and 26.3, 19.5 and 28.2; at 112 × 112, 4 images, 11.1 and 12.4, 9.8 and 11.4; at 56 × 56,
  /// 8 images, 5.3 and 6.1, 5.5 and 5.3. The gradients of the first took 56 and 47, 53 and 40. With 48 channels transforms
  /// are faster.
  ///
  /// And 3 → 64 channels at 224 × 224, by windows and by direct sums (four runs): 1.5 and 1.9, 1.7 and 1.9, 1.5 and 1.9,
  /// 2.1 and 2.1; the gradients 2.9 and 2.4, 4.0 and 3.0, 2.9 and 3.4, 4.5 and 3.7.
  private static func fastestForward(_ g: ConvolutionGeometry) -> ConvolutionMethod {
    let method = fastest(g)
    if method == .windows && PhasedConvolution.canDo(g) && !WinogradConvolution.canDo(g)
      && PhasedConvolution(g).cost < windowsCost(g)
    {
      return .phases
    }
    if ck_prefers_folding() == 0 || g.outChannels / g.groups < 64 { return method }
    return switch method {
    case .transforms where g.inChannels >= 64 && WinogradConvolution.canDo(g): .winograd
    case .direct where g.inChannels <= 3: .windows
    default: method
    }
  }

  /// The time of the forward pass by the matrix of windows, as the multiplications that fit into it: to copy a number of
  /// the matrix and have it ready takes as long as sixteen of them.
  ///
  /// With it and the like for transforms, the method chosen is the faster one for all eleven shapes of AlexNet, VGG and
  /// smaller networks that were measured both ways on a Zen 3, forward and backward together. Milliseconds on two threads
  /// while others were at work, transforms and windows: 32 → 32 channels at 32 × 32, 64 images, 82 and 105; 192 → 384 at
  /// 13 × 13, 8 images, 210 and 141; 128 → 128 at 112 × 112, 2 images, 453 and 638; 512 → 512 at 28 × 28, 2 images, 631
  /// and 282.
  private static func windowsCost(_ g: ConvolutionGeometry) -> Double {
    Double(g.batch * g.places * g.groups) * Double(g.taps) * (1.1 * Double(g.outChannels / g.groups) + 16)
  }

  /// The maps, or with `route` the rectified and pooled ones.
  func forward(
    _ g: ConvolutionGeometry, _ x: Tensor, _ weight: Tensor, _ bias: Tensor?,
    into out: UnsafeMutablePointer<Float>, route: UnsafeMutablePointer<UInt8>?
  ) {
    switch self {
    case .windows: WindowsConvolution(g).forward(x, weight, bias, into: out, route: route)
    case .transforms: FFTConvolution(g).forward(x, weight, bias, into: out, route: route)
    case .direct: DirectConvolution(g).forward(x, weight, bias, into: out, route: route)
    case .winograd:
      guard let route else { return WinogradConvolution(g).forward(x, weight, bias, into: out) }
      let maps = Storage(count: g.batch * g.outputImage)
      WinogradConvolution(g).forward(x, weight, nil, into: maps.pointer)
      pool(g, maps, bias, into: out, route: route)
    case .phases: PhasedConvolution(g).forward(x, weight, bias, into: out)
    }
  }

  /// Bias, ReLU and pooling of maps that are there already.
  private func pool(
    _ g: ConvolutionGeometry, _ maps: Storage, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>
  ) {
    let pooledImage = g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
    withBias(bias) { bias in
      Parallel.forEachRange(of: g.batch, grain: max(1, (g.batch + 15) / 16)) { images in
        for n in images {
          ck_bias_relu_pool2(
            maps.pointer + n * g.outputImage, bias, out + n * pooledImage, route + n * pooledImage,
            g.outChannels, g.outputHeight, g.outputWidth)
        }
      }
    }
    withExtendedLifetime(maps) {}
  }

  /// Whether its gradients take those at the pooled maps, with their route.
  var poolsBackward: Bool { self == .transforms || self == .direct }

  /// The gradients of a method other than `windows`. With groups, and with `winograd`, there must be no route.
  func gradients(
    _ g: ConvolutionGeometry, dy: Tensor, route: UnsafePointer<UInt8>?, x: Tensor, weight: Tensor,
    needsInput: Bool, needsWeight: Bool, needsBias: Bool
  ) -> (dx: Tensor?, dw: Tensor?, db: Tensor?) {
    if self == .winograd {
      let plan = WinogradConvolution(g)
      return (
        needsInput ? plan.inputGradient(dy: dy, weight) : nil,
        needsWeight ? weightGradient(plan, dy: dy, x: x) : nil,
        needsBias ? dy.sumOverChannels() : nil
      )
    }
    var (dx, dw, db) = (Tensor?.none, Tensor?.none, Tensor?.none)
    let direct = self == .direct && (needsWeight || needsBias)
    if direct { (dw, db) = DirectConvolution(g).gradients(dy: dy, route: route, x: x) }
    // A first layer has no use for the gradient of its input; who wants it gets it by transforms.
    if g.groups > 1 {
      if needsInput { dx = DirectConvolution(g).inputGradient(dy: dy, weight: weight) }
    } else if needsInput || !direct {
      let rest = FFTConvolution(g).gradients(
        dy: dy, route: route, x: x, weight: weight, needsInput: needsInput,
        needsWeight: needsWeight && !direct,
        needsBias: needsBias && !direct)
      (dx, dw, db) = (rest.dx, rest.dw ?? dw, rest.db ?? db)
    }
    return (dx, needsWeight ? dw : nil, needsBias ? db : nil)
  }

  /// The filters' gradient beside Winograd's products for the rest: where few channels meet, by windows.
  ///
  /// Milliseconds for 16 images of 28 × 28 on a Xeon, by Winograd's products and by windows (medians of three): 32 channels
  /// in each of 4 groups 6.2 and 4.0, with AVX2 7.0 and 6.1; 64 in each of 2, 7.6 and 6.6, with AVX2 10.7 and 13.1.
  private func weightGradient(_ plan: WinogradConvolution, dy: Tensor, x: Tensor) -> Tensor {
    let g = plan.g
    let isByWindows = Self.forced == nil && min(g.inChannels, g.outChannels) / g.groups < 64
    return isByWindows
      ? WindowsConvolution(g).weightGradient(dy, x) : plan.weightGradient(dy: dy, x: x)
  }
}
