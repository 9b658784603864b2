import Testing

@testable import Tensors

private func geometry(
  _ batch: Int, _ channels: Int, _ height: Int, _ width: Int, filters: Int, kernel: Int = 3, stride: Int = 1,
  padding: (Int, Int) = (1, 1), dilation: (Int, Int) = (1, 1), groups: Int = 1
) -> ConvolutionGeometry {
  ConvolutionGeometry(
    input: [batch, channels, height, width], weight: [filters, channels / groups, kernel, kernel],
    stride: Size2d(stride, stride), padding: Size2d(padding.0, padding.1),
    dilation: Size2d(dilation.0, dilation.1), groups: groups)
}

/// Odd and even sizes, all paddings, a single output, more channels than a block of a product, many pieces, and tiles
/// that step over others; then the same with a stride of two, and rows that no window sees; then windows of 2 × 2.
private let cases = [
  geometry(2, 16, 9, 11, filters: 8),
  geometry(1, 8, 14, 14, filters: 24, padding: (0, 0)),
  geometry(3, 24, 7, 5, filters: 16, padding: (2, 1)),
  geometry(2, 8, 12, 13, filters: 8, padding: (2, 4), dilation: (2, 3)),
  geometry(2, 16, 10, 9, filters: 16, padding: (2, 0), dilation: (2, 1)),
  geometry(2, 32, 8, 9, filters: 16, groups: 2),
  geometry(1, 8, 3, 3, filters: 8, padding: (0, 0)),
  geometry(20, 16, 13, 6, filters: 16),
  geometry(1, 264, 6, 5, filters: 40),
  geometry(2, 16, 14, 14, filters: 24, stride: 2),
  geometry(1, 8, 9, 12, filters: 16, stride: 2, padding: (0, 2)),
  geometry(2, 136, 11, 7, filters: 40, stride: 2, padding: (2, 0)),
  geometry(1, 8, 3, 4, filters: 8, stride: 2, padding: (0, 0)),
  geometry(20, 16, 13, 6, filters: 16, stride: 2),
  geometry(2, 16, 14, 14, filters: 24, kernel: 4, stride: 2),
  geometry(1, 8, 9, 13, filters: 16, kernel: 4, stride: 2, padding: (0, 3)),
  geometry(2, 136, 11, 7, filters: 40, kernel: 4, stride: 2, padding: (2, 0)),
  geometry(1, 8, 5, 4, filters: 8, kernel: 4, stride: 2, padding: (0, 0)),
  geometry(20, 24, 13, 6, filters: 16, kernel: 4, stride: 2),
  geometry(2, 16, 14, 14, filters: 24, kernel: 2),
  geometry(1, 8, 9, 13, filters: 40, kernel: 2, padding: (0, 1)),
  geometry(3, 40, 5, 2, filters: 8, kernel: 2, padding: (0, 0)),
  geometry(2, 32, 8, 9, filters: 16, kernel: 2, groups: 2),
]

@Suite struct WinogradConvolutionTests {
  @Test(arguments: cases.indices) func agreesWithTheDefinition(_ number: Int) {
    let g = cases[number]
    #expect(WinogradConvolution.canDo(g))
    let d = expectTheDefinition(g, by: .winograd)
    let (x, w, dy) = (random(g.inputShape, 1), random(g.weightShape, 2), random(g.outputShape, 4))
    ConvolutionMethod.$forced.withValue(.winograd) {
      let filtersOnly = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: false, needsWeight: true, needsBias: false)
      #expect(filtersOnly.dw == d.dw && filtersOnly.dx == nil && filtersOnly.db == nil)
    }
  }

  /// What it cannot do is left to the windows.
  @Test func otherShapesAreLeftToWindows() {
    let others = [
      geometry(1, 12, 8, 8, filters: 8), geometry(1, 8, 8, 8, filters: 8, padding: (3, 1)),
      geometry(1, 8, 8, 8, filters: 8, stride: 2, dilation: (1, 2)),
      geometry(1, 16, 8, 8, filters: 16, stride: 2, groups: 2), geometry(1, 8, 8, 8, filters: 8, kernel: 4),
      geometry(1, 8, 9, 9, filters: 8, kernel: 2, dilation: (2, 2)),
      geometry(1, 8, 9, 9, filters: 8, stride: 3), geometry(1, 8, 8, 8, filters: 8, kernel: 2, stride: 2),
      ConvolutionGeometry(input: [1, 8, 8, 8], weight: [8, 8, 3, 3], stride: Size2d(2, 1)),
      ConvolutionGeometry(input: [1, 8, 8, 8], weight: [8, 8, 3, 1]),
    ]
    for g in others {
      #expect(!WinogradConvolution.canDo(g))
      let (x, w) = (random(g.inputShape, 1), random(g.weightShape, 2))
      let expected = ConvolutionMethod.$forced.withValue(.windows) { convolve(g, x, w, nil) }
      #expect(ConvolutionMethod.$forced.withValue(.winograd) { convolve(g, x, w, nil) } == expected)
    }
  }

  /// Few numbers stand out in a few maps; most tiles stay as they are.
  @Test func unevenMapsAmongOthers() {
    let g = geometry(2, 48, 12, 12, filters: 32)
    var (x, dy) = (random(g.inputShape, 5), random(g.outputShape, 6))
    x[1, 5, 7, 2] = 1e5
    dy[0, 3, 4, 4] = -1e6
    let w = random(g.weightShape, 7)
    let exact = NaiveConvolution<Double>(g, x, w)
    let gradients = exact.backward(dy.scalars.map { Double($0) })
    func worst(_ fast: [Float], _ exact: [Double], of index: (Int) -> Bool) -> Double {
      zip(fast, exact).enumerated().filter { index($0.offset) }
        .map { abs(Double($0.element.0) - $0.element.1) }.max()!
    }
    ConvolutionMethod.$forced.withValue(.winograd) {
      let d = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: false)
      // Far from what stands out, numbers are as exact as without it: in the other image, and in other maps.
      let image = g.outputShape.dropFirst().reduce(1, *)
      #expect(worst(convolve(g, x, w, nil).scalars, exact.forward(nil)) { $0 < image } < 1e-4)
      let back = g.inputShape.dropFirst().reduce(1, *)
      #expect(worst(d.dx!.scalars, gradients.dx) { $0 >= back } < 1e-4)
      #expect(worst(d.dw!.scalars, gradients.dw) { $0 / g.taps != 3 && $0 % g.taps / 9 != 5 } < 1e-4)
    }
  }

  /// In a phase of small numbers one stands out that would not among those of the others; no gradient meets it.
  @Test(arguments: [3, 4]) func unevenPhases(_ kernel: Int) {
    let g = geometry(2, 16, 12, 12, filters: 16, kernel: kernel, stride: 2)
    var (x, dy) = (random(g.inputShape, 5), random(g.outputShape, 6))
    for n in 0..<g.batch {
      for c in 0..<g.inChannels {
        for i in stride(from: 1, to: g.height, by: 2) {
          for j in stride(from: 1, to: g.width, by: 2) { x[n, c, i, j] *= 1e-5 }
        }
      }
    }
    for c in 0..<g.inChannels { x[0, c, 7, 7] = 1 }
    for o in 0..<g.outChannels {
      for i in 3...4 { for j in 3...4 { dy[0, o, i, j] = 0 } }
    }
    let exact = NaiveConvolution<Double>(g, x, random(g.weightShape, 7)).backward(
      dy.scalars.map { Double($0) })
    let dw = ConvolutionMethod.$forced.withValue(.winograd) {
      convolveBackward(
        g, dy: dy, x: x, weight: random(g.weightShape, 7), needsInput: false, needsWeight: true,
        needsBias: false
      ).dw!
    }
    // The first weight of each filter meets that phase alone.
    let side = kernel * kernel
    for at in stride(from: 0, to: dw.count, by: side) {
      #expect(abs(Double(dw.scalars[at]) - exact.dw[at]) < 1e-9, "weight \(at)")
    }
  }

  @Test func theSameBitsWithAnyNumberOfThreads() {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    for g in [cases[7], cases[3], cases[13], cases[18]] {
      var x = random(g.inputShape, 8)
      x[1, 3, 2, 2] = 1e4
      let (w, dy) = (random(g.weightShape, 9), random(g.outputShape, 10))
      var first: [[UInt32]] = []
      for threads in [1, 2, 4] {
        Parallel.threads = threads
        let all = ConvolutionMethod.$forced.withValue(.winograd) {
          let d = convolveBackward(
            g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
          return [convolve(g, x, w, nil), d.dx!, d.dw!, d.db!].map { $0.scalars.map(\.bitPattern) }
        }
        if first.isEmpty { first = all }
        #expect(all == first, "\(threads) threads")
      }
    }
  }
}
