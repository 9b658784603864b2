import Tensors
import Testing

struct Case: CustomTestStringConvertible, Sendable {
  let batch: Int, channels: Int, height: Int, width: Int, filters: Int
  let kernel: (Int, Int), padding: (Int, Int)
  var stride = 1

  var g: ConvolutionGeometry {
    ConvolutionGeometry(
      input: [batch, channels, height, width], weight: [filters, channels, kernel.0, kernel.1],
      stride: Size2d(stride, stride), padding: Size2d(padding.0, padding.1))
  }
  var testDescription: String {
    "\(batch)×\(channels)×\(height)×\(width), \(filters) of \(kernel.0)×\(kernel.1), stride \(stride), padding \(padding)"
  }
}

private let cases = [
  // One tile; the article's second layer.
  Case(batch: 3, channels: 32, height: 14, width: 14, filters: 64, kernel: (5, 5), padding: (2, 2)),
  Case(batch: 1, channels: 16, height: 14, width: 14, filters: 16, kernel: (5, 5), padding: (2, 2)),
  Case(batch: 37, channels: 3, height: 13, width: 13, filters: 5, kernel: (3, 3), padding: (1, 1)),
  Case(batch: 2, channels: 17, height: 7, width: 5, filters: 33, kernel: (3, 5), padding: (1, 2)),
  Case(batch: 2, channels: 5, height: 5, width: 5, filters: 3, kernel: (5, 5), padding: (0, 0)),
  Case(batch: 2, channels: 1, height: 1, width: 1, filters: 1, kernel: (3, 3), padding: (1, 1)),
  Case(batch: 2, channels: 4, height: 16, width: 16, filters: 4, kernel: (5, 5), padding: (0, 0)),
  // Several tiles; odd sizes; one side in one tile, the other in several.
  Case(batch: 2, channels: 1, height: 28, width: 28, filters: 6, kernel: (5, 5), padding: (2, 2)),
  Case(batch: 2, channels: 20, height: 27, width: 29, filters: 18, kernel: (5, 5), padding: (2, 2)),
  Case(batch: 1, channels: 3, height: 33, width: 14, filters: 34, kernel: (3, 3), padding: (1, 1)),
  Case(batch: 3, channels: 2, height: 9, width: 40, filters: 7, kernel: (7, 7), padding: (3, 3)),
  Case(batch: 2, channels: 3, height: 20, width: 31, filters: 4, kernel: (7, 3), padding: (0, 2)),
  Case(batch: 2, channels: 3, height: 16, width: 16, filters: 4, kernel: (3, 3), padding: (1, 1)),
  Case(batch: 2, channels: 3, height: 6, width: 6, filters: 4, kernel: (3, 3), padding: (5, 9)),
  Case(batch: 2, channels: 3, height: 2, width: 2, filters: 4, kernel: (5, 1), padding: (20, 0)),
  Case(batch: 1, channels: 2, height: 30, width: 30, filters: 2, kernel: (4, 6), padding: (1, 3)),
]

/// Sizes whose spectra are too large to be held at once.
private let large = [
  Case(batch: 2, channels: 40, height: 5, width: 6, filters: 700, kernel: (3, 3), padding: (1, 1)),
  Case(batch: 2, channels: 700, height: 5, width: 6, filters: 40, kernel: (3, 3), padding: (1, 1)),
]

private let fast: [ConvolutionMethod] = [.transforms, .direct]

@Suite struct FFTConvolutionTests {
  @Test(arguments: cases + large, fast) func agreesWithTheDefinition(_ c: Case, _ method: ConvolutionMethod) {
    let g = c.g
    let (x, w, b) = (random(g.inputShape, 1), random(g.weightShape, 2), random([g.outChannels], 3))
    let dy = random(g.outputShape, 4)
    let exact = NaiveConvolution<Double>(g, x, w)
    let plain = NaiveConvolution<Float>(g, x, w)
    let exactGradients = exact.backward(dy.scalars.map { Double($0) })
    let plainGradients = plain.backward(dy.scalars)

    ConvolutionMethod.$forced.withValue(method) {
      let y = convolve(g, x, w, b)
      let d = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
      #expect(y.shape == g.outputShape)
      #expect(d.dx!.shape == x.shape && d.dw!.shape == w.shape && d.db!.shape == b.shape)
      // No worse than twice what the definition loses in this precision, or than a few roundings.
      let floor = 1e-6
      func check(_ name: String, _ fast: Tensor, _ naive: [Float], _ exact: [Double]) {
        let (of, limit) = (error(fast.scalars, exact), max(floor, 2 * error(naive, exact)))
        #expect(of <= limit, "\(name): \(of)")
      }
      check("y", y, plain.forward(b), exact.forward(b))
      check("dx", d.dx!, plainGradients.dx, exactGradients.dx)
      check("dw", d.dw!, plainGradients.dw, exactGradients.dw)
      check("db", d.db!, plainGradients.db, exactGradients.db)
    }
  }

  @Test(arguments: cases, fast) func poolingAgreesWithTheMatrixOfWindows(
    _ c: Case, _ method: ConvolutionMethod
  ) {
    let g = c.g
    // Where windows see nothing but padding, all four are equal, and any of them may be called the largest.
    let ties = g.padding.height >= g.kernel.height || g.padding.width >= g.kernel.width
    if g.outputHeight < 2 || g.outputWidth < 2 || ties { return }
    let (x, w, b) = (random(g.inputShape, 5), random(g.weightShape, 6), random([g.outChannels], 7))
    let dy = random([g.batch, g.outChannels, g.outputHeight / 2, g.outputWidth / 2], 8)
    func all(_ method: ConvolutionMethod) -> (Tensor, [UInt8]) {
      ConvolutionMethod.$forced.withValue(method) {
        let (y, route) = convolveReluPool2(g, x, w, b)
        return (y, route)
      }
    }
    let (y, route) = all(method)
    let (y2, route2) = all(.windows)
    #expect(y.shape == y2.shape)
    let scale = y2.scalars.max()!
    var different = 0
    for i in 0..<y.count {
      #expect(abs(y.scalars[i] - y2.scalars[i]) <= 3e-6 * scale)
      if route[i] != route2[i] { different += 1 }
    }
    #expect(different <= y.count / 500, "\(different) of \(y.count) routes differ")

    // The gradient by the transforms' routes, against the definition.
    let raw = unpool2(g, dy, route: route)
    let exact = NaiveConvolution<Double>(g, x, w).backward(raw.scalars.map { Double($0) })
    let d = ConvolutionMethod.$forced.withValue(method) {
      convolveReluPool2Backward(
        g, dy: dy, route: route, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
    }
    #expect(error(d.dx!.scalars, exact.dx) <= 2e-6)
    #expect(error(d.dw!.scalars, exact.dw) <= 2e-6)
    #expect(error(d.db!.scalars, exact.db) <= 2e-6)
  }

  @Test(arguments: fast) func theSameBitsWithAnyNumberOfThreads(_ method: ConvolutionMethod) {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    for c in [
      Case(batch: 40, channels: 5, height: 14, width: 14, filters: 20, kernel: (5, 5), padding: (2, 2)),
      Case(batch: 5, channels: 18, height: 30, width: 27, filters: 3, kernel: (3, 3), padding: (1, 1)),
      Case(batch: 1, channels: 20, height: 14, width: 14, filters: 70, kernel: (5, 5), padding: (2, 2)),
    ] {
      let g = c.g
      let (x, w, b) = (random(g.inputShape, 9), random(g.weightShape, 10), random([g.outChannels], 11))
      let dy = random(g.outputShape, 12)
      let dPooled = random([g.batch, g.outChannels, g.outputHeight / 2, g.outputWidth / 2], 13)
      var first: [Tensor] = []
      for threads in [1, 2, 3, 2] {
        Parallel.threads = threads
        ConvolutionMethod.$forced.withValue(method) {
          let y = convolve(g, x, w, b)
          let d = convolveBackward(
            g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
          let (p, route) = convolveReluPool2(g, x, w, b)
          let e = convolveReluPool2Backward(
            g, dy: dPooled, route: route, x: x, weight: w, needsInput: true, needsWeight: true,
            needsBias: true)
          let all = [y, d.dx!, d.dw!, d.db!, p, e.dx!, e.dw!, e.db!]
          if first.isEmpty { first = all }
          for (a, b) in zip(all, first) {
            #expect(a.scalars.map { $0.bitPattern } == b.scalars.map { $0.bitPattern }, "\(threads) threads")
          }
        }
      }
    }
  }

  /// Few channels in each group, down to one: the sums of the definition, against the matrix of windows.
  @Test(arguments: [
    [2, 6, 9, 11, 6, 3, 3, 1, 1], [3, 4, 20, 17, 8, 5, 5, 2, 2], [1, 5, 7, 6, 5, 4, 3, 0, 0],
    [2, 6, 18, 35, 9, 3, 3, 2, 1], [19, 3, 4, 3, 3, 3, 3, 1, 2],
    // Depthwise, in blocks of sixteen columns, the last of which repeats some: one, two, two and a rest, four and a rest.
    [2, 3, 6, 17, 3, 3, 3, 1, 1], [1, 4, 5, 32, 4, 3, 3, 1, 1], [2, 2, 7, 41, 2, 3, 3, 1, 1],
    [1, 3, 3, 70, 3, 3, 3, 0, 1],
  ])
  func groupsOfFewChannels(_ sizes: [Int]) {
    let (n, c, h, w, o) = (sizes[0], sizes[1], sizes[2], sizes[3], sizes[4])
    let (kh, kw, ph, pw) = (sizes[5], sizes[6], sizes[7], sizes[8])
    let groups = c == 6 && o == 9 ? 3 : c
    let g = ConvolutionGeometry(
      input: [n, c, h, w], weight: [o, c / groups, kh, kw], padding: Size2d(ph, pw), groups: groups)
    let (x, weight, b) = (random(g.inputShape, 1), random(g.weightShape, 2), random([o], 3))
    let dy = random(g.outputShape, 4)
    let dPooled = random([n, o, g.outputHeight / 2, g.outputWidth / 2], 5)
    let before = Parallel.threads
    defer { Parallel.threads = before }
    func results(_ method: ConvolutionMethod, threads: Int) -> [Tensor] {
      Parallel.threads = threads
      return ConvolutionMethod.$forced.withValue(method) {
        let (y, route) = convolveReluPool2(g, x, weight, b)
        let all = [
          convolveBackward(
            g, dy: dy, x: x, weight: weight, needsInput: true, needsWeight: true, needsBias: true),
          convolveReluPool2Backward(
            g, dy: dPooled, route: route, x: x, weight: weight, needsInput: true, needsWeight: true,
            needsBias: true),
        ]
        return [convolve(g, x, weight, b), y] + all.flatMap { [$0.dx!, $0.dw!, $0.db!] }
      }
    }
    let (fast, plain) = (results(.direct, threads: 2), results(.windows, threads: 2))
    for (i, (a, b)) in zip(fast, plain).enumerated() {
      #expect(a.shape == b.shape)
      #expect(error(a.scalars, b.scalars.map { Double($0) }) <= 2e-6, "part \(i)")
    }
    for threads in [1, 3] {
      for (a, b) in zip(results(.direct, threads: threads), fast) {
        #expect(a.scalars.map { $0.bitPattern } == b.scalars.map { $0.bitPattern }, "\(threads) threads")
      }
    }
  }

  /// For a single image the filters' transforms are kept; a change of the filters has to be noticed.
  @Test func filtersAreKeptOnlyAsLongAsTheyStay() {
    let g = Case(batch: 1, channels: 4, height: 14, width: 14, filters: 36, kernel: (3, 3), padding: (1, 1)).g
    let x = random(g.inputShape, 1)
    var w = random(g.weightShape, 2)
    func fresh(_ g: ConvolutionGeometry, _ w: Tensor) -> Tensor {
      convolve(g, x, Tensor(w.scalars, shape: w.shape), nil)
    }
    let before = convolve(g, x, w, nil)
    #expect(convolve(g, x, w, nil) == before)
    #expect(fresh(g, w) == before)

    let old = w
    w[35, 3, 2, 2] += 1  // shared with `old`: the change goes to a copy
    #expect(convolve(g, x, w, nil) == fresh(g, w))
    #expect(convolve(g, x, old, nil) == before)
    w[0, 0, 0, 0] += 1  // held by nobody else: changed in place
    #expect(convolve(g, x, w, nil) == fresh(g, w))
    w.withMutablePointer { $0[40] -= 2 }
    #expect(convolve(g, x, w, nil) == fresh(g, w))
    #expect(convolve(g, x, w, nil) != before)

    // The same numbers as filters of another shape.
    let flat = Case(
      batch: 1, channels: 4, height: 14, width: 14, filters: 54, kernel: (3, 2), padding: (1, 1)
    ).g
    let turned = w.reshaped(flat.weightShape)
    #expect(convolve(flat, x, turned, nil) == fresh(flat, turned))
    #expect(convolve(g, x, w, nil) == fresh(g, w))
  }

  @Test(arguments: fast) func partsThatAreNotAskedForAreLeftOut(_ method: ConvolutionMethod) {
    let g = Case(batch: 2, channels: 3, height: 14, width: 14, filters: 4, kernel: (5, 5), padding: (2, 2)).g
    let (x, w, dy) = (random(g.inputShape, 1), random(g.weightShape, 2), random(g.outputShape, 3))
    ConvolutionMethod.$forced.withValue(method) {
      let all = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
      for part in 0..<8 {
        let needs = (part & 1 != 0, part & 2 != 0, part & 4 != 0)
        let d = convolveBackward(
          g, dy: dy, x: x, weight: w, needsInput: needs.0, needsWeight: needs.1, needsBias: needs.2)
        #expect(d.dx == (needs.0 ? all.dx : nil))
        #expect(d.dw == (needs.1 ? all.dw : nil))
        if let db = d.db {
          for (a, b) in zip(db.scalars, all.db!.scalars) { #expect(abs(a - b) < 1e-4) }
        } else {
          #expect(!needs.2)
        }
      }
    }
  }

  @Test(arguments: [14, 40], fast) func aNaNSpoilsItsImageAndNoOther(_ size: Int, _ method: ConvolutionMethod)
  {
    let g = Case(
      batch: 3, channels: 3, height: size, width: size, filters: 4, kernel: (5, 5), padding: (2, 2)
    ).g
    var x = random(g.inputShape, 1)
    x.withMutablePointer { $0[g.inputShape[1] * size * size + size * size / 2 + size / 2 + 1] = .nan }
    let (w, dy) = (random(g.weightShape, 2), random(g.outputShape, 3))
    ConvolutionMethod.$forced.withValue(method) {
      for y in [convolve(g, x, w, nil), convolveReluPool2(g, x, w, nil).y] {
        let image = y.count / 3
        let spoilt = (0..<3).map { n in y.scalars[n * image..<(n + 1) * image].contains { $0.isNaN } }
        #expect(spoilt == [false, true, false])
      }
      if method == .direct {
        // Pooling, too, keeps a NaN that only one of its four places holds.
        let windows = ConvolutionMethod.$forced.withValue(.windows) { convolveReluPool2(g, x, w, nil).y }
        let y = convolveReluPool2(g, x, w, nil).y
        #expect(y.scalars.map { $0.isNaN } == windows.scalars.map { $0.isNaN })
      }
      let d = convolveBackward(
        g, dy: dy, x: x, weight: w, needsInput: true, needsWeight: true, needsBias: true)
      #expect(!d.dx!.scalars.contains { $0.isNaN })
      #expect(d.dw!.scalars.contains { $0.isNaN })
    }
  }
}
