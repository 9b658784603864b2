/// The ways to compute one convolution; the fastest is chosen by the sizes alone.
package enum ConvolutionMethod: Sendable {
  /// The product of the filters with the matrix of windows: any stride, dilation and groups.
  case windows
  /// The product of Fourier transforms.
  case transforms

  /// The one to use wherever it can be, for tests and measurements; `nil` to choose.
  @TaskLocal package static var forced: ConvolutionMethod?

  /// The method for a convolution by itself.
  static func plain(_ g: ConvolutionGeometry) -> ConvolutionMethod {
    if !FFTConvolution.canDo(g) { return .windows }
    return forced ?? (FFTConvolution.pays(g) ? .transforms : .windows)
  }

  /// The method for a convolution with ReLU and pooling.
  static func pooled(_ g: ConvolutionGeometry) -> ConvolutionMethod {
    let method = plain(g)
    return method == .transforms && !FFTConvolution(g).canPool ? .windows : method
  }
}
