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
    expectTheDefinition(geometry(2, 3, height, width), by: .direct)
  }

  /// The same with the narrower vectors, of which one block is computed at a time, in a process of its own.
  @Test func withNarrowerVectors() async {
    await #expect(processExitsWith: .success) {
      ProcessorKernels.useNarrowProducts()
      for width in [16, 17, 28, 33, 48, 49] {
        let g = ConvolutionGeometry(
          input: [1, 2, 3, width], weight: [2, 1, 3, 3], padding: Size2d(1, 1), groups: 2)
        let (x, w) = (random(g.inputShape, 1), random(g.weightShape, 2))
        let y = ConvolutionMethod.$forced.withValue(.direct) { convolve(g, x, w, nil) }
        let exact = NaiveConvolution<Double>(g, x, w).forward(nil)
        precondition(error(y.scalars, exact) <= 1e-6, "\(width) columns")
      }
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
