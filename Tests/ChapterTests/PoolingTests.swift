import Chapter03Pooling
import Engine
import Testing

/// Chapter 3's plain poolings and the engine's agree: maxima and places to the last bit, means to rounding.
@Suite struct PoolingTests {
  /// Sizes that fit and sizes that do not, windows side by side, overlapping, apart, with a border, and not square.
  struct Case: Sendable, CustomStringConvertible {
    var shape = [2, 3, 7, 8]
    var size: Size2d
    var stride: Size2d
    var padding = Size2d(0, 0)

    var rows: Windows {
      .sliding(over: shape[2], size: size.height, stride: stride.height, padding: padding.height)
    }
    var columns: Windows {
      .sliding(over: shape[3], size: size.width, stride: stride.width, padding: padding.width)
    }
    var outputShape: [Int] { [shape[0], shape[1], rows.spans.count, columns.spans.count] }
    var description: String { "\(shape), \(size), stride \(stride), padding \(padding)" }
  }

  static let cases = [
    Case(size: Size2d(2, 2), stride: Size2d(2, 2)),
    Case(size: Size2d(3, 3), stride: Size2d(2, 2)),
    Case(size: Size2d(3, 3), stride: Size2d(2, 2), padding: Size2d(1, 1)),
    Case(size: Size2d(2, 3), stride: Size2d(3, 1), padding: Size2d(1, 0)),
    Case(size: Size2d(1, 1), stride: Size2d(2, 3)),
    Case(size: Size2d(7, 8), stride: Size2d(7, 8)),
    Case(shape: [1, 1, 5, 5], size: Size2d(5, 4), stride: Size2d(1, 2), padding: Size2d(2, 2)),
    Case(shape: [3, 1, 1, 9], size: Size2d(1, 2), stride: Size2d(1, 1), padding: Size2d(0, 1)),
    Case(shape: [1, 2, 6, 6], size: Size2d(4, 4), stride: Size2d(4, 4), padding: Size2d(2, 2)),
  ]

  /// Whole numbers from a small range, so that every map has ties, and negative ones, so that a border of zeros is seen.
  private func numbers(_ shape: [Int], seed: UInt64 = 41) -> Tensor {
    var stream = RandomStream(seed: seed)
    return Tensor((0..<shape.reduce(1, *)).map { _ in Float(stream.integer(below: 5) - 4) }, shape: shape)
  }

  /// The engine's result, and the gradient that arrives when `dy` comes from above.
  private func engine(_ x: Tensor, dy: Tensor, _ pool: (Variable) -> Variable) -> (y: Tensor, dx: Tensor) {
    let parameter = Parameter(x)
    let y = pool(parameter)
    y.backward(from: dy)
    return (y.value, parameter.gradient!)
  }

  @Test(arguments: cases) func maximaAndTheirGradients(_ c: Case) {
    let x = numbers(c.shape)
    var stream = RandomStream(seed: 42)
    let dy = stream.normal(shape: c.outputShape)
    let expected = engine(x, dy: dy) {
      maxPool2d($0, kernelSize: c.size, stride: c.stride, padding: c.padding)
    }
    let (values, places) = maxPool(x.scalars, rows: c.rows, columns: c.columns)
    #expect(expected.y.shape == c.outputShape)
    #expect(values == expected.y.scalars)
    let dx = maxPoolGradient(dy.scalars, places: places, rows: c.rows, columns: c.columns)
    #expect(dx == expected.dx.scalars)
  }

  @Test(arguments: cases, [true, false]) func meansAndTheirGradients(_ c: Case, countsPadding: Bool) {
    var stream = RandomStream(seed: 43)
    let x = stream.normal(shape: c.shape)
    let dy = stream.normal(shape: c.outputShape)
    let expected = engine(x, dy: dy) {
      avgPool2d(
        $0, kernelSize: c.size, stride: c.stride, padding: c.padding, includesPadding: countsPadding)
    }
    let y = averagePool(x.scalars, rows: c.rows, columns: c.columns, countsPadding: countsPadding)
    let dx = averagePoolGradient(dy.scalars, rows: c.rows, columns: c.columns, countsPadding: countsPadding)
    expectClose(y, expected.y.scalars)
    expectClose(dx, expected.dx.scalars)
  }

  @Test(arguments: [(5, 2), (7, 3), (2, 3), (6, 6), (6, 3), (9, 1), (1, 4)]) func adaptive(n: Int, m: Int) {
    var stream = RandomStream(seed: 44)
    let x = stream.normal(shape: [2, 3, n, n + 2])
    let dy = stream.normal(shape: [2, 3, m, m + 1])
    let expected = engine(x, dy: dy) { adaptiveAvgPool2d($0, outputSize: Size2d(m, m + 1)) }
    let (rows, columns) = (Windows.adaptive(over: n, to: m), Windows.adaptive(over: n + 2, to: m + 1))
    expectClose(averagePool(x.scalars, rows: rows, columns: columns), expected.y.scalars)
    expectClose(averagePoolGradient(dy.scalars, rows: rows, columns: columns), expected.dx.scalars)
  }

  @Test func global() {
    var stream = RandomStream(seed: 45)
    let x = stream.normal(shape: [3, 4, 5, 7])
    let dy = stream.normal(shape: [3, 4])
    let (rows, columns) = (Windows.whole(5), Windows.whole(7))
    let mean = engine(x, dy: dy) { globalAvgPool2d($0) }
    expectClose(averagePool(x.scalars, rows: rows, columns: columns), mean.y.scalars)
    expectClose(averagePoolGradient(dy.scalars, rows: rows, columns: columns), mean.dx.scalars)
    let whole = numbers([3, 4, 5, 7])
    let largest = engine(whole, dy: dy) { globalMaxPool2d($0) }
    let (values, places) = maxPool(whole.scalars, rows: rows, columns: columns)
    #expect(values == largest.y.scalars)
    #expect(
      maxPoolGradient(dy.scalars, places: places, rows: rows, columns: columns) == largest.dx.scalars)
  }

  /// The page's examples, in whole numbers and over another floating-point type.
  @Test func thePagesExamples() {
    let map: [Double] = [1, 3, 0, 2, 4, 2, 1, 0, 0, 1, 5, 6, 2, 0, 7, 3]
    let two = Windows.sliding(over: 4, size: 2)
    let (values, places) = maxPool(map, rows: two, columns: two)
    #expect(values == [4, 2, 2, 7])
    #expect(places == [4, 3, 12, 14])
    #expect(averagePool(map, rows: two, columns: two) == [2.5, 0.75, 0.75, 5.25])
    #expect(corners(map, rows: two, columns: two) == [1, 0, 0, 5])
    #expect(
      maxPoolGradient([10, 20, 30, 40], places: places, rows: two, columns: two)
        == [0, 0, 0, 20, 10, 0, 0, 0, 0, 0, 0, 0, 30, 0, 40, 0])
    #expect(
      averagePoolGradient([4, 8, 12, 16], rows: two, columns: two)
        == [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4])

    let row = Windows.whole(1)
    let three = Windows.sliding(over: 7, size: 3, stride: 2)
    let overlapping = maxPool([2, 5, 3, 0, 1, 4, 6] as [Double], rows: row, columns: three)
    #expect(overlapping.values == [5, 3, 6])
    let bordered = Windows.sliding(over: 3, size: 3, stride: 1, padding: 1)
    #expect(averagePool([6, 6, 6], rows: row, columns: bordered) == [4, 6, 4])
    #expect(averagePool([6, 6, 6], rows: row, columns: bordered, countsPadding: false) == [6, 6, 6])
    #expect(Windows.adaptive(over: 5, to: 2).spans == [0..<3, 2..<5])
    #expect(Windows.adaptive(over: 2, to: 3).spans == [0..<1, 0..<2, 1..<2])
  }

  @Test func whatIsNoNumberWins() {
    let x: [Float] = [1, .nan, 3, 2, 0, 1, 2, 3]
    let (rows, columns) = (Windows.sliding(over: 2, size: 2), Windows.sliding(over: 4, size: 2))
    let (values, places) = maxPool(x, rows: rows, columns: columns)
    #expect(values[0].isNaN && values[1] == 3)
    #expect(places == [1, 2])
    let engine = maxPool2d(Variable(Tensor(x, shape: [1, 1, 2, 4])), kernelSize: 2).value.scalars
    #expect(engine[0].isNaN && engine[1] == 3)
  }

  /// With a dilation, all places of a window may lie outside the map; then nothing wins, and no gradient goes back.
  @Test func theEnginesWindowsWithoutAnyPlace() {
    let x = Parameter(Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]))
    let y = maxPool2d(x, kernelSize: 2, stride: 1, padding: 1, dilation: 3)
    #expect(y.value.scalars == [-.infinity])
    y.backward(from: Tensor([5], shape: [1, 1, 1, 1]))
    #expect(x.gradient!.scalars == [0, 0, 0, 0])
  }

  /// Two means of 2×2 are the blur 1 2 1 that the text speaks of.
  @Test func twoMeansAreABlur() {
    var stream = RandomStream(seed: 46)
    let x = stream.normal(shape: [2, 3, 8, 8])
    let large = maxPool2d(Variable(x), kernelSize: 2, stride: 1)
    let row = Tensor([[1, 2, 1]])
    let blur = (matmul(row, row, transposeA: true) / 16).reshaped([1, 1, 3, 3])
    let expected = conv2d(
      large.value.reshaped([6, 1, 7, 7]), blur, stride: 2, padding: 1)
    expectClose(Downsampling.maxBlur(Variable(x)).value.scalars, expected.scalars)
  }

  @Test(arguments: [(0, 0), (1, 0), (0, 2), (-1, 3), (2, -1), (9, 0), (0, -9)])
  func movedImages(down: Int, right: Int) {
    let x = numbers([2, 1, 4, 5])
    let y = moved(x, down: down, right: right)
    for n in 0..<2 {
      for i in 0..<4 {
        for j in 0..<5 {
          let (row, column) = (i - down, j - right)
          let isInside = (0..<4).contains(row) && (0..<5).contains(column)
          #expect(y[n, 0, i, j] == (isInside ? x[n, 0, row, column] : 0))
        }
      }
    }
  }

  @Test func whatIsKept() {
    let (rows, columns) = (Windows.sliding(over: 2, size: 2), Windows.sliding(over: 5, size: 2))
    let x: [Double] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    let y = averagePool(x, rows: rows, columns: columns)
    #expect(y == [4, 6])
    #expect(spreadOut(y, rows: rows, columns: columns) == [4, 4, 6, 6, 0, 4, 4, 6, 6, 0])
    #expect(squaredCorrelation(x, x.map { 3 - 2 * $0 }) == 1)
    #expect(squaredCorrelation([1, 2, 3, 4], [1, -1, -1, 1] as [Double]) == 0)
    #expect(squaredCorrelation([1, 2, 3], [5, 5, 5] as [Double]) == 0)
    // (1·0 + 0·1 + …) by hand: deviations −1 0 1 and 0 −1 1 give 1² / (2 · 2).
    #expect(squaredCorrelation([1, 2, 3], [1, 0, 2] as [Double]) == 0.25)
  }

  /// With a global head, parameters are the same whatever the way; all give ten logits.
  @Test func theNetworksParameters() {
    var stream = RandomStream(seed: 47)
    let images = Variable(stream.uniform(0..<1, shape: [2, 1, 28, 28]))
    for way in Downsampling.allCases {
      let global = ShrinkingCNN(way, head: .global)
      #expect(global.parameterCount == 208 + 3216 + 170)
      #expect(global(images).shape == [2, 10])
      let places = ShrinkingCNN(way, head: .places)
      #expect(places.parameterCount == 208 + 3216 + (way == .none ? 125_450 : 7_850))
      #expect(places(images).shape == [2, 10])
    }
  }

  private func expectClose(
    _ a: [Float], _ b: [Float], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(a.count == b.count, sourceLocation: sourceLocation)
    #expect(
      zip(a, b).allSatisfy { abs($0 - $1) <= 1e-6 * max(1, abs($1)) }, "\(a)\n\(b)",
      sourceLocation: sourceLocation)
  }
}

/// What cannot be pooled.
@Suite struct PoolingTrapTests {
  @Test func wrongSizesTrap() async {
    let padding = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Windows.sliding(over: 5, size: 3, padding: 2)
    }
    let size = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Windows.sliding(over: 5, size: 6)
    }
    let maps = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = maxPool([1, 2, 3] as [Float], rows: .whole(2), columns: .whole(2))
    }
    for (result, words) in [
      (padding, "Windows: size 3, stride 3, padding 2 do not go with 5 numbers"),
      (size, "Windows: size 6, stride 6, padding 0 do not go with 5 numbers"),
      (maps, "maxPool: 3 numbers are no maps of 2×2"),
    ] {
      let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(text.contains(words), "\(text)")
    }
  }
}
