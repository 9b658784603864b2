import Testing

@testable import Tensors

private func geometry(
  _ batch: Int, _ channels: Int, _ height: Int, _ width: Int, filters: Int, kernel: Int, stride: Int,
  padding: (Int, Int) = (0, 0)
) -> ConvolutionGeometry {
  ConvolutionGeometry(
    input: [batch, channels, height, width], weight: [filters, channels, kernel, kernel],
    stride: Size2d(stride, stride), padding: Size2d(padding.0, padding.1))
}

/// Windows of two and three steps, full ones and others; steps of 2 to 7; phases that are dealt out in a piece or number
/// by number; rows and columns that no window sees; channels that fill vectors and that do not; a single output.
private let cases = [
  geometry(2, 3, 39, 43, filters: 16, kernel: 11, stride: 4, padding: (2, 2)),
  geometry(1, 3, 37, 30, filters: 24, kernel: 11, stride: 4, padding: (0, 10)),
  geometry(3, 8, 21, 18, filters: 8, kernel: 5, stride: 2, padding: (2, 1)),
  geometry(2, 5, 22, 22, filters: 40, kernel: 6, stride: 2),
  geometry(1, 2, 50, 41, filters: 8, kernel: 9, stride: 3, padding: (3, 8)),
  geometry(1, 1, 19, 23, filters: 8, kernel: 7, stride: 3),
  geometry(2, 4, 36, 31, filters: 16, kernel: 8, stride: 4, padding: (0, 3)),
  geometry(2, 3, 34, 29, filters: 16, kernel: 7, stride: 4, padding: (3, 3)),
  geometry(1, 3, 17, 12, filters: 8, kernel: 5, stride: 4, padding: (1, 4)),
  geometry(1, 2, 40, 47, filters: 8, kernel: 13, stride: 5, padding: (6, 2)),
  geometry(1, 1, 30, 28, filters: 8, kernel: 8, stride: 7),
  geometry(2, 10, 12, 13, filters: 8, kernel: 3, stride: 2, padding: (1, 2)),
  geometry(1, 3, 11, 14, filters: 8, kernel: 11, stride: 4),
  geometry(12, 3, 15, 15, filters: 136, kernel: 5, stride: 2, padding: (2, 2)),
]

@Suite struct PhasedConvolutionTests {
  @Test(arguments: cases.indices) func agreesWithTheDefinition(_ number: Int) {
    let g = cases[number]
    #expect(PhasedConvolution.canDo(g))
    let (x, w, b) = (random(g.inputShape, 1), random(g.weightShape, 2), random([g.outChannels], 3))
    let exact = NaiveConvolution<Double>(g, x, w)
    ConvolutionMethod.$forced.withValue(.phases) {
      #expect(ConvolutionMethod.plain(g, isForward: true) == .phases)
      #expect(error(convolve(g, x, w, b).scalars, exact.forward(b)) <= 1e-6)
      #expect(error(convolve(g, x, w, nil).scalars, exact.forward(nil)) <= 1e-6)
    }
  }

  /// What it cannot do is left to the windows.
  @Test func otherShapesAreLeftToWindows() {
    let others = [
      geometry(1, 3, 20, 20, filters: 12, kernel: 5, stride: 2),
      geometry(1, 3, 20, 20, filters: 8, kernel: 7, stride: 2),
      geometry(1, 3, 20, 20, filters: 8, kernel: 2, stride: 2),
      geometry(1, 3, 20, 20, filters: 8, kernel: 3, stride: 1),
      geometry(1, 3, 20, 20, filters: 8, kernel: 5, stride: 2, padding: (5, 0)),
      ConvolutionGeometry(input: [1, 8, 20, 20], weight: [8, 8, 5, 4], stride: Size2d(2, 2)),
      ConvolutionGeometry(input: [1, 8, 20, 20], weight: [8, 8, 5, 5], stride: Size2d(2, 3)),
      ConvolutionGeometry(
        input: [1, 8, 20, 20], weight: [8, 8, 5, 5], stride: Size2d(2, 2), dilation: Size2d(2, 2)),
      ConvolutionGeometry(input: [1, 8, 20, 20], weight: [8, 4, 5, 5], stride: Size2d(2, 2), groups: 2),
      ConvolutionGeometry(input: [0, 3, 20, 20], weight: [8, 3, 5, 5], stride: Size2d(2, 2)),
    ]
    for g in others {
      #expect(!PhasedConvolution.canDo(g))
      let (x, w) = (random(g.inputShape, 1), random(g.weightShape, 2))
      let expected = ConvolutionMethod.$forced.withValue(.windows) { convolve(g, x, w, nil) }
      #expect(ConvolutionMethod.$forced.withValue(.phases) { convolve(g, x, w, nil) } == expected)
    }
  }

  /// The last row or column of the phases, which no window sees, holds numbers far above the others.
  @Test(arguments: [true, false]) func whatNoWindowSees(_ isRow: Bool) {
    let g = geometry(1, 3, 12, 12, filters: 8, kernel: 11, stride: 4)
    var x = Tensor(random(g.inputShape, 1).scalars.map { 1e-5 * $0 }, shape: g.inputShape)
    for c in 0..<3 { for i in 0..<12 { x[0, c, isRow ? 11 : i, isRow ? i : 11] = 1 + Float(i) / 8 } }
    let w = random(g.weightShape, 2)
    let exact = NaiveConvolution<Double>(g, x, w).forward(nil)
    let y = ConvolutionMethod.$forced.withValue(.phases) { convolve(g, x, w, nil) }
    #expect(error(y.scalars, exact) <= 2 * error(NaiveConvolution<Float>(g, x, w).forward(nil), exact) + 1e-7)
  }

  /// Channels that only fill up a vector are zero, whatever was in their memory.
  @Test func roomThatIsNotFresh() {
    let g = geometry(1, 3, 27, 27, filters: 8, kernel: 7, stride: 3)
    let (x, w) = (random(g.inputShape, 1), random(g.weightShape, 2))
    let expected = ConvolutionMethod.$forced.withValue(.windows) { convolve(g, x, w, nil) }
    func spoil() { _ = Tensor(repeating: .nan, shape: PhasedConvolution(g).phased.inputShape) }
    spoil()
    let y = ConvolutionMethod.$forced.withValue(.phases) { convolve(g, x, w, nil) }
    #expect(error(y.scalars, expected.scalars.map { Double($0) }) <= 1e-6)
  }

  /// More uneven windows than are multiplied at once among even ones.
  @Test func theSameBitsWithAnyNumberOfThreads() {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    let g = geometry(7, 3, 83, 83, filters: 16, kernel: 11, stride: 4, padding: (2, 2))
    var x = random(g.inputShape, 8)
    for n in 0..<g.batch { for i in 0..<8 { x[n, 1, 10 * i + 3, 5 * i] = 1e4 } }
    let (w, b) = (random(g.weightShape, 9), random([g.outChannels], 10))
    let exact = NaiveConvolution<Double>(g, x, w).forward(b)
    let plain = error(NaiveConvolution<Float>(g, x, w).forward(b), exact)
    var first: [UInt32] = []
    for threads in [1, 2, 3] {
      Parallel.threads = threads
      let y = ConvolutionMethod.$forced.withValue(.phases) { convolve(g, x, w, b) }
      #expect(error(y.scalars, exact) <= 2 * plain)
      let bits = y.scalars.map(\.bitPattern)
      if first.isEmpty { first = bits }
      #expect(zip(bits, first).allSatisfy { $0 == $1 }, "\(threads) threads")
    }
  }
}
