import Tensors
import Testing

private func geometry(
  _ batch: Int, _ channels: Int, _ height: Int, _ width: Int, filters: Int, kernel: (Int, Int),
  stride: (Int, Int) = (1, 1), padding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1
) -> ConvolutionGeometry {
  ConvolutionGeometry(
    input: [batch, channels, height, width], weight: [filters, channels / groups, kernel.0, kernel.1],
    stride: Size2d(stride.0, stride.1), padding: Size2d(padding.0, padding.1),
    dilation: Size2d(dilation.0, dilation.1), groups: groups)
}

/// Steps of one, two and more, panels that end within a row and rows within a panel, blocks of more than 256 taps, strips
/// of an image, and one side unlike the other.
private let cases = [
  geometry(2, 3, 9, 11, filters: 4, kernel: (3, 2), stride: (2, 1), padding: (1, 0)),
  geometry(3, 2, 40, 37, filters: 5, kernel: (7, 7), stride: (2, 2), padding: (3, 3)),
  geometry(1, 3, 61, 50, filters: 7, kernel: (11, 11), stride: (4, 4), padding: (2, 2)),
  geometry(2, 4, 12, 13, filters: 6, kernel: (3, 3), padding: (2, 4), dilation: (2, 3)),
  geometry(2, 12, 8, 9, filters: 8, kernel: (3, 3), stride: (1, 2), padding: (1, 1), groups: 4),
  geometry(18, 6, 5, 5, filters: 6, kernel: (1, 1), groups: 3),
  geometry(2, 5, 7, 6, filters: 3, kernel: (1, 1), stride: (2, 3)),
  geometry(2, 5, 33, 34, filters: 3, kernel: (1, 1)),
  geometry(2, 4, 3, 3, filters: 2, kernel: (3, 3), padding: (4, 5)),
  geometry(1, 70, 20, 19, filters: 20, kernel: (2, 2), stride: (1, 1), padding: (1, 0)),
  geometry(1, 1024, 4, 4, filters: 17, kernel: (1, 1), stride: (1, 2)),
  geometry(1, 1, 70, 3, filters: 2, kernel: (2, 3), padding: (0, 0)),
  geometry(0, 2, 6, 6, filters: 3, kernel: (3, 3)),
  geometry(2, 0, 6, 6, filters: 3, kernel: (3, 3)),
  geometry(2, 0, 6, 6, filters: 3, kernel: (3, 3), stride: (2, 2), padding: (1, 1)),
  // Panels that several images share; planes that no window sees; a row that is wider than what is set aside for those.
  geometry(5, 9, 14, 14, filters: 30, kernel: (3, 3), stride: (2, 2), padding: (1, 1)),
  geometry(11, 30, 7, 7, filters: 26, kernel: (4, 4), stride: (2, 2), padding: (1, 1)),
  geometry(40, 4, 5, 5, filters: 40, kernel: (3, 3), padding: (0, 0)),
  geometry(3, 6, 15, 15, filters: 32, kernel: (1, 1), stride: (2, 2)),
  geometry(3, 6, 17, 19, filters: 25, kernel: (2, 3), stride: (4, 4), padding: (1, 2)),
  // Images of one place, of which many share a panel; so many filters that one panel is computed at a time; and windows
  // that are copied block by block.
  geometry(40, 3, 4, 4, filters: 20, kernel: (4, 4)),
  geometry(2, 2, 5, 9, filters: 2100, kernel: (2, 2), stride: (1, 2)),
  geometry(3, 40, 14, 14, filters: 24, kernel: (3, 3), stride: (2, 2), padding: (1, 1)),
  // Filters enough that the products for their gradient pack both sides; rows of fewer numbers than a vector's, and of
  // as many, dealt out to two planes and to four.
  geometry(2, 3, 9, 8, filters: 260, kernel: (3, 3), stride: (2, 2), padding: (1, 1)),
  geometry(2, 2, 6, 21, filters: 3, kernel: (2, 2), stride: (2, 2)),
  geometry(2, 2, 5, 30, filters: 3, kernel: (3, 3), stride: (1, 2), padding: (0, 1)),
  geometry(2, 2, 9, 23, filters: 3, kernel: (5, 5), stride: (4, 4)),
  geometry(1, 2, 3, 4501, filters: 3, kernel: (1, 2), stride: (1, 4), padding: (0, 1)),
]

@Suite struct WindowsConvolutionTests {
  @Test(arguments: cases.indices) func agreesWithTheDefinition(_ number: Int) {
    let g = cases[number]
    let (x, w, b) = (random(g.inputShape, 1), random(g.weightShape, 2), random([g.outChannels], 3))
    let dy = random(g.outputShape, 4)
    let exact = NaiveConvolution<Double>(g, x, w)
    let gradients = exact.backward(dy.scalars.map { Double($0) })
    ConvolutionMethod.$forced.withValue(.windows) {
      #expect(error(convolve(g, x, w, b).scalars, exact.forward(b)) <= 1e-6)
      let d = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
      #expect(error(d.dx!.scalars, gradients.dx) <= 1e-6)
      #expect(error(d.dw!.scalars, gradients.dw) <= 1e-6)
      #expect(error(d.db!.scalars, gradients.db) <= 1e-6)
      let inputOnly = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: false, needsBias: false)
      #expect(inputOnly.dx == d.dx && inputOnly.dw == nil && inputOnly.db == nil)
      let filtersOnly = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: false, needsWeight: true, needsBias: false)
      #expect(filtersOnly.dw == d.dw && filtersOnly.dx == nil)
    }
  }

  @Test(arguments: cases.indices) func poolingIsThatOfTheMaps(_ number: Int) {
    let g = cases[number]
    if g.outputHeight < 2 || g.outputWidth < 2 { return }
    let (x, w, b) = (random(g.inputShape, 5), random(g.weightShape, 6), random([g.outChannels], 7))
    ConvolutionMethod.$forced.withValue(.windows) {
      let (pooled, _) = convolveReluPool2(g, x, w, b)
      let maps = convolve(g, x, w, b)
      let (h, v) = (g.outputWidth / 2, g.outputHeight / 2)
      let (small, large) = (pooled.scalars, maps.scalars)
      let expected = (0..<pooled.count).map { place -> Float in
        let (plane, i, j) = (place / (h * v), place / h % v, place % h)
        let corner = (plane * g.outputHeight + 2 * i) * g.outputWidth + 2 * j
        return max(0, [0, 1, g.outputWidth, g.outputWidth + 1].map { large[corner + $0] }.max()!)
      }
      #expect(zip(small, expected).allSatisfy { abs($0 - $1) <= 1e-5 })
    }
  }

  @Test(arguments: cases.indices) func theSameBitsWithAnyNumberOfThreads(_ number: Int) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    let g = cases[number]
    let (x, w, dy) = (random(g.inputShape, 8), random(g.weightShape, 9), random(g.outputShape, 10))
    var first: [Tensor] = []
    for threads in [1, 2, 3, 5] {
      Parallel.threads = threads
      ConvolutionMethod.$forced.withValue(.windows) {
        let d = convolveBackward(
          g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
        let all = [convolve(g, x, w, nil), d.dx!, d.dw!, d.db!]
        if first.isEmpty { first = all }
        #expect(all == first)
      }
    }
  }

  /// Images share panels of places, and their planes the same room; what is no number stays with its own image.
  @Test(arguments: cases.indices) func whatIsNoNumberStaysInItsImage(_ number: Int) {
    let g = cases[number]
    if g.batch < 3 { return }
    let (w, one) = (random(g.weightShape, 9), g.inputShape.dropFirst().reduce(1, *))
    var scalars = random(g.inputShape, 8).scalars
    for i in one..<2 * one { scalars[i] = .nan }
    ConvolutionMethod.$forced.withValue(.windows) {
      let y = convolve(g, Tensor(scalars, shape: g.inputShape), w, nil).scalars
      let map = y.count / g.batch
      #expect((0..<y.count).filter { $0 / map != 1 }.allSatisfy { y[$0].isFinite })
      #expect(y[map..<2 * map].contains { $0.isNaN })
    }
  }
}
