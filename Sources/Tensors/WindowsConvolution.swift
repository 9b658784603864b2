internal import CKernels

/// The convolution as a product of matrices, for any stride, dilation and groups: the filters, times the windows of the
/// image as columns. (The windows' matrix is known as "im2col".)
///
/// That matrix is hardly ever made. Forward, the product reads its rows where they stand in the image, and only where a row
/// of maps ends, a panel of it is copied; see `PanelledWindows.swift`. So does the product that makes the filters' gradient.
/// The input's gradient, where windows step further than by one, is a matrix of that kind, made in strips that stay in the
/// processor's cache; see `WindowsGradients.swift`.
struct WindowsConvolution {
  let g: ConvolutionGeometry
  let layout: PhasedLayout
  var inGroup: Int { g.inputImage / g.groups }
  var outGroup: Int { g.outChannels / g.groups }

  init(_ g: ConvolutionGeometry) {
    self.g = g
    layout = PhasedLayout(g)
  }

  /// Work whose parts are summed is cut into this many pieces, whatever the number of threads.
  static let mostPieces = 16

  /// The maps; or with `route` the rectified and pooled ones, see `convolveReluPool2`.
  func forward(
    _ xs: Tensor, _ weight: Tensor, _ bias: Tensor?, into out: UnsafeMutablePointer<Float>,
    route: UnsafeMutablePointer<UInt8>?
  ) {
    let filters = PackedFilters(weight, groups: g.groups, count: outGroup, taps: g.taps)
    let windows = PanelledWindows(self)
    xs.withPointer { xs in
      withBias(bias) { bias in
        guard let route else { return windows.forward(xs, filters, bias, into: out) }
        let pooledImage = g.outChannels * (g.outputHeight / 2) * (g.outputWidth / 2)
        forEachPiece { _, images in
          var room = windows.room()
          let raw = Storage(count: g.outputImage)
          for n in images {
            for group in 0..<g.groups {
              windows.multiply(
                image: n, ofGroup: group, xs, filters, nil, &room, into: raw.pointer - n * g.outputImage)
            }
            ck_bias_relu_pool2(
              raw.pointer, bias, out + n * pooledImage, route + n * pooledImage, g.outChannels,
              g.outputHeight, g.outputWidth)
          }
          withExtendedLifetime((room, raw)) {}
        }
      }
    }
  }
}
