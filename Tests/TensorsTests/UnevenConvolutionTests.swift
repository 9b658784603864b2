import Tensors
import Testing

/// Images with numbers that stand out, or with next to none: a result's error follows the numbers under its own window.
@Suite struct UnevenConvolutionTests {
  struct Subject: CustomTestStringConvertible, Sendable {
    let method: ConvolutionMethod
    let shape: Case
    var g: ConvolutionGeometry { shape.g }
    var testDescription: String { "\(method), \(shape.testDescription)" }
  }

  /// One tile, several tiles, and a kernel with more room than it needs; pairs of outputs, and some that end alone.
  private static let subjects = [
    Subject(
      method: .transforms,
      shape: Case(batch: 2, channels: 16, height: 14, width: 14, filters: 8, kernel: (5, 5), padding: (2, 2))),
    Subject(
      method: .transforms,
      shape: Case(batch: 1, channels: 8, height: 30, width: 19, filters: 16, kernel: (3, 3), padding: (1, 1))),
    Subject(
      method: .winograd,
      shape: Case(batch: 2, channels: 32, height: 14, width: 14, filters: 16, kernel: (3, 3), padding: (1, 1))
    ),
    Subject(
      method: .winograd,
      shape: Case(batch: 1, channels: 16, height: 9, width: 19, filters: 24, kernel: (3, 3), padding: (0, 2))),
    Subject(
      method: .winograd,
      shape: Case(
        batch: 2, channels: 32, height: 14, width: 15, filters: 16, kernel: (3, 3), padding: (1, 1), stride: 2
      )),
    Subject(
      method: .winograd,
      shape: Case(
        batch: 1, channels: 16, height: 19, width: 12, filters: 24, kernel: (4, 4), padding: (1, 1), stride: 2
      )),
    Subject(
      method: .winograd,
      shape: Case(batch: 1, channels: 16, height: 13, width: 15, filters: 16, kernel: (2, 2), padding: (1, 0))
    ),
    Subject(
      method: .phases,
      shape: Case(
        batch: 2, channels: 3, height: 42, width: 39, filters: 16, kernel: (11, 11), padding: (2, 2),
        stride: 4
      )),
    Subject(
      method: .phases,
      shape: Case(
        batch: 1, channels: 6, height: 30, width: 34, filters: 8, kernel: (7, 7), padding: (3, 0), stride: 4)),
    Subject(
      method: .transforms,
      shape: Case(batch: 1, channels: 17, height: 16, width: 16, filters: 3, kernel: (7, 7), padding: (3, 3))),
  ]

  enum Kind: CustomTestStringConvertible, Sendable {
    /// One pixel, in all channels or in one, is so many times the rest; the second, of the gradient.
    case outlier(Float, allChannels: Bool)
    case upstreamOutlier(Float)
    /// This part of the places is not 0.
    case sparse(Float)
    case sparseUpstream(Float)
    case onePixel
    /// The lower half of the images is so many times the upper one.
    case lowerHalf(Float)

    var testDescription: String { "\(self)" }

    static let all: [Kind] =
      [1e2, 1e3, 1e5, 1e7, 1e9].flatMap { m in
        [.outlier(m, allChannels: true), .outlier(m, allChannels: false), .upstreamOutlier(m)]
      } + [0.3, 0.1, 0.02].flatMap { [.sparse($0), .sparseUpstream($0)] }
      + [.onePixel, .lowerHalf(1e3), .lowerHalf(1e6)]
  }

  private static func thinned(_ t: Tensor, to part: Float) -> Tensor {
    let chance = random(t.shape, 77)
    return Tensor(zip(t.scalars, chance.scalars).map { abs($1) < part ? $0 : 0 }, shape: t.shape)
  }

  private static func inputs(_ g: ConvolutionGeometry, _ kind: Kind) -> (x: Tensor, dy: Tensor) {
    var (x, dy) = (random(g.inputShape, 1), random(g.outputShape, 4))
    switch kind {
    case .outlier(let size, let all):
      for c in 0..<(all ? g.inChannels : 1) { x[0, c, all ? 5 : 0, all ? 6 : 0] = size }
    case .upstreamOutlier(let size): dy[0, 0, 0, 0] = size
    case .sparse(let part): x = thinned(x, to: part)
    case .sparseUpstream(let part): dy = thinned(dy, to: part)
    case .onePixel:
      (x, dy) = (Tensor.zeros(g.inputShape), Tensor.zeros(g.outputShape))
      x[0, 0, 0, 0] = 1
      dy[0, 0, 3, 2] = 1
    case .lowerHalf(let times):
      let (plane, half) = (g.height * g.width, g.height / 2 * g.width)
      x = Tensor(x.scalars.enumerated().map { $0 % plane < half ? $1 : times * $1 }, shape: x.shape)
    }
    return (x, dy)
  }

  /// The largest error of a number, beside the sum of its products' magnitudes; a number without any must be 0.
  private func worst<T: BinaryFloatingPoint>(_ a: [T], _ exact: [Double], _ sums: [Double]) -> Double {
    var worst = 0.0
    for i in exact.indices {
      let error = abs(Double(a[i]) - exact[i]) / (sums[i] == 0 ? 1e-30 : sums[i])
      if !(error <= worst) { worst = error }
    }
    return worst
  }

  private func magnitudes(_ t: Tensor) -> Tensor { Tensor(t.scalars.map { abs($0) }, shape: t.shape) }

  @Test(arguments: subjects, Kind.all)
  func errorsFollowTheNumbersUnderTheWindow(_ subject: Subject, _ kind: Kind) {
    let g = subject.g
    let w = random(g.weightShape, 2)
    let (x, dy) = Self.inputs(g, kind)
    let plain = NaiveConvolution<Float>(g, x, w)
    let exact = NaiveConvolution<Double>(g, x, w)
    let sums = NaiveConvolution<Double>(g, magnitudes(x), magnitudes(w))
    let (y, ySums) = (exact.forward(nil), sums.forward(nil))
    let gradients = exact.backward(dy.scalars.map { Double($0) })
    let gradientSums = sums.backward(magnitudes(dy).scalars.map { Double($0) })
    let (plainY, plainGradients) = (plain.forward(nil), plain.backward(dy.scalars))
    ConvolutionMethod.$forced.withValue(subject.method) {
      let d = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: false)
      func check(
        _ name: String, _ fast: Tensor, _ plain: [Float], _ exact: [Double], _ sums: [Double]
      ) {
        // A single product is rounded but once; the transform of it, never so well.
        let limit = max(4 * worst(plain, exact, sums), 2e-7)
        let error = worst(fast.scalars, exact, sums)
        #expect(error <= limit, "\(name): \(error), plain loops \(limit / 4)")
      }
      check("y", convolve(g, x, w, nil), plainY, y, ySums)
      check("dx", d.dx!, plainGradients.dx, gradients.dx, gradientSums.dx)
      check("dw", d.dw!, plainGradients.dw, gradients.dw, gradientSums.dw)
    }
  }

  /// The fused forms, against the matrix of windows, whose sums are those of the definition.
  @Test(arguments: subjects.dropLast().filter { $0.method != .phases }, Kind.all)
  func pooledAgreesWithTheMatrixOfWindows(_ subject: Subject, _ kind: Kind) {
    let g = subject.g
    let (w, b) = (random(g.weightShape, 2), random([g.outChannels], 3))
    let (x, _) = Self.inputs(g, kind)
    var dy = random([g.batch, g.outChannels, g.outputHeight / 2, g.outputWidth / 2], 8)
    if case .upstreamOutlier(let size) = kind { dy[0, 0, 0, 0] = size }
    if case .sparseUpstream(let part) = kind { dy = Self.thinned(dy, to: part) }
    func run(_ method: ConvolutionMethod, route: [UInt8]? = nil) -> (Tensor, [UInt8], [Tensor]) {
      ConvolutionMethod.$forced.withValue(method) {
        let (y, own) = convolveReluPool2(g, x, w, b)
        let d = convolveReluPool2Backward(
          g, dy: dy, route: route ?? own, x: x, weight: w, needsInput: true, needsWeight: true,
          needsBias: true)
        return (y, own, [d.dx!, d.dw!, d.db!])
      }
    }
    let (y, route, gradients) = run(subject.method)
    let (y2, _, gradients2) = run(.windows, route: route)
    // What the sums' magnitudes come to: all numbers positive.
    let sums = ConvolutionMethod.$forced.withValue(.windows) {
      let y = convolveReluPool2(g, magnitudes(x), magnitudes(w), magnitudes(b)).y
      let d = convolveReluPool2Backward(
        g, dy: magnitudes(dy), route: route, x: magnitudes(x), weight: magnitudes(w), needsInput: true,
        needsWeight: true, needsBias: true)
      return [y, d.dx!, d.dw!, d.db!]
    }
    for (i, (mine, theirs)) in zip([y] + gradients, [y2] + gradients2).enumerated() {
      for (k, (a, b)) in zip(mine.scalars, theirs.scalars).enumerated() {
        let near = 2e-6 * sums[i].scalars[k]
        #expect(abs(a - b) <= near, "part \(i), number \(k): \(a), \(b)")
        if !(abs(a - b) <= near) { return }
      }
    }
  }

  /// NaN and infinity come to where a window sees them, and nowhere else.
  @Test(arguments: subjects, [Float.nan, .infinity])
  func whatIsNoNumberStaysUnderItsWindows(_ subject: Subject, _ bad: Float) {
    let g = subject.g
    let w = random(g.weightShape, 2)
    var (x, dy) = (random(g.inputShape, 1), random(g.outputShape, 4))
    let (goodX, goodDy) = (x, dy)
    x[0, 1, 3, 4] = bad
    dy[0, 2, 0, 1] = bad
    func finite<T: BinaryFloatingPoint>(_ numbers: [T]) -> [Bool] { numbers.map { $0.isFinite } }
    ConvolutionMethod.$forced.withValue(subject.method) {
      let plain = NaiveConvolution<Float>(g, x, w)
      #expect(finite(convolve(g, x, w, nil).scalars) == finite(plain.forward(nil)))
      if subject.method == .phases { return }  // backward, windows multiply the padding too
      for (x, dy) in [(goodX, dy), (x, goodDy)] {
        let exact = NaiveConvolution<Float>(g, x, w).backward(dy.scalars)
        let d = convolveBackward(
          g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
        #expect(finite(d.dx!.scalars) == finite(exact.dx))
        #expect(finite(d.dw!.scalars) == finite(exact.dw))
        #expect(finite(d.db!.scalars) == finite(exact.db))
      }
      let pooled = convolveReluPool2(g, x, w, nil).y.scalars.count { !$0.isFinite }
      let windows = ConvolutionMethod.$forced.withValue(.windows) { convolveReluPool2(g, x, w, nil).y }
      #expect(pooled == windows.scalars.count { !$0.isFinite })
    }
  }

  /// Uneven tiles among even ones, with any number of threads.
  @Test func theSameBitsWithAnyNumberOfThreads() {
    let g = Case(batch: 40, channels: 5, height: 14, width: 14, filters: 20, kernel: (5, 5), padding: (2, 2))
      .g
    var x = random(g.inputShape, 9)
    for n in [0, 7, 20, 39] { x[n, 1, 2, 3] = 1e6 }
    let (w, dy) = (random(g.weightShape, 10), random(g.outputShape, 12))
    let before = Parallel.threads
    defer { Parallel.threads = before }
    var first: [[UInt32]] = []
    for threads in [1, 2, 3, 4] {
      Parallel.threads = threads
      let all = ConvolutionMethod.$forced.withValue(.transforms) {
        let d = convolveBackward(
          g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
        return [convolve(g, x, w, nil), d.dx!, d.dw!, d.db!].map { $0.scalars.map(\.bitPattern) }
      }
      if first.isEmpty { first = all }
      #expect(all == first, "\(threads) threads")
    }
  }
}
