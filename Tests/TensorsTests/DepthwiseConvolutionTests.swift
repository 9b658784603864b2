import Testing

@testable import Tensors

/// Depthwise convolutions whose maps are as large as the images: their edges are not copied with a padding, but shifted in.
@Suite struct DepthwiseConvolutionTests {
  private func geometry(_ batch: Int, _ channels: Int, _ height: Int, _ width: Int) -> ConvolutionGeometry {
    ConvolutionGeometry(
      input: [batch, channels, height, width], weight: [channels, 1, 3, 3], padding: Size2d(1, 1),
      groups: channels)
  }

  /// One block of sixteen columns, blocks that overlap, pairs of them, and some between the first and the last; few rows.
  @Test(arguments: [15, 16, 17, 28, 31, 32, 33, 47, 48, 49, 64, 80, 97], [1, 2, 3, 8])
  func agreesWithTheDefinition(_ width: Int, _ height: Int) {
    let g = geometry(2, 3, height, width)
    let (x, w, b) = (random(g.inputShape, 1), random(g.weightShape, 2), random([3], 3))
    let dy = random(g.outputShape, 4)
    let exact = NaiveConvolution<Double>(g, x, w)
    let gradients = exact.backward(dy.scalars.map { Double($0) })
    ConvolutionMethod.$forced.withValue(.direct) {
      #expect(error(convolve(g, x, w, b).scalars, exact.forward(b)) <= 1e-6)
      #expect(error(convolve(g, x, w, nil).scalars, exact.forward(nil)) <= 1e-6)
      let d = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
      #expect(error(d.dx!.scalars, gradients.dx) <= 1e-6)
      #expect(error(d.dw!.scalars, gradients.dw) <= 1e-6)
    }
  }

  /// The neighbour of a row's last number in memory is the next row's first one, which its window does not see.
  @Test(arguments: [16, 28, 33]) func whatIsNoNumberStaysUnderItsWindows(_ width: Int) {
    let g = geometry(1, 2, 5, width)
    for column in [0, width - 1] {
      var x = random(g.inputShape, 1)
      x[0, 1, 2, column] = .nan
      let w = random(g.weightShape, 2)
      let y = ConvolutionMethod.$forced.withValue(.direct) { convolve(g, x, w, nil) }
      let plain = NaiveConvolution<Float>(g, x, w).forward(nil)
      #expect(y.scalars.map(\.isNaN) == plain.map(\.isNaN), "column \(column)")
    }
  }
}
