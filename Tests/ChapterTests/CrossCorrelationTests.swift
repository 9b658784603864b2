import Chapter02Convolution
import Engine
import Testing

/// Chapter 2's loops and the engine agree; on whole numbers to the last bit.
@Suite struct CrossCorrelationTests {
  @Test func oneDimension() {
    #expect(crossCorrelate([1, 2, 4, 7, 11] as [Float], with: [-1, 1]) == [1, 2, 3, 4])
  }

  @Test(arguments: [(1, 0, 1, 1), (2, 1, 1, 1), (1, 2, 2, 1), (1, 1, 1, 2)])
  func twoDimensions(stride: Int, padding: Int, dilation: Int, groups: Int) {
    var stream = RandomStream(seed: 21)
    let x = stream.normal(shape: [2, 4, 7, 6]).map { ($0 * 3).rounded() }
    let w = stream.normal(shape: [6, 4 / groups, 3, 2]).map { ($0 * 3).rounded() }
    let geometry = ConvolutionGeometry(
      input: x.shape, weight: w.shape, stride: Size2d(stride, stride), padding: Size2d(padding, padding),
      dilation: Size2d(dilation, dilation), groups: groups)
    let plain = crossCorrelate2d(x.scalars, with: w.scalars, geometry)
    let windows = ConvolutionMethod.$forced.withValue(.windows) {
      conv2d(x, w, stride: stride, padding: padding, dilation: dilation, groups: groups)
    }
    #expect(windows.scalars == plain)
    #expect(windows.shape == geometry.outputShape)
  }
}
