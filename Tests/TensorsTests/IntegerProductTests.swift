import Tensors
import Testing

/// Products of whole numbers: each of the loops gives what plain loops give, to the last bit.
@Suite struct IntegerProductTests {
  /// `Σ (x − zx) (w − zw)`, one after the other.
  static func sums(_ x: QuantizedTensor, _ w: QuantizedTensor) -> [Int] {
    let (rows, outputs, depth) = (x.shape[0], w.shape[0], x.shape[1])
    let (a, b) = (x.integers.scalars, w.integers.scalars)
    let zeros = w.quantization.zeroPoints
    return (0..<rows * outputs).map { i in
      let (n, o) = (i / outputs, i % outputs)
      let zero = zeros[zeros.count == 1 ? 0 : o]
      return (0..<depth).reduce(0) { sum, d in
        sum + (a[n * depth + d] - x.quantization.zeroPoints[0]) * (b[o * depth + d] - zero)
      }
    }
  }

  static func numbers(
    _ shape: [Int], _ range: ClosedRange<Int>, zeros: [Int], _ stream: inout RandomStream, extreme: Bool
  ) -> QuantizedTensor {
    let count = shape.reduce(1, *)
    let integers = (0..<count).map { _ in
      let chance = stream.uniform()
      return extreme
        ? (chance < 0.5 ? range.lowerBound : range.upperBound)
        : range.lowerBound + min(Int(chance * Float(range.count)), range.count - 1)
    }
    return QuantizedTensor(
      integers: IntTensor(integers, shape: shape),
      Quantization(
        scales: zeros.map { _ in 0.5 }, zeroPoints: zeros, axis: zeros.count > 1 ? 0 : nil, range: range))
  }

  static let loops = IntegerLoops.available

  @Test func theWidestThatIsThereIsTaken() {
    #expect(Self.loops.first == .plain)
    #expect(IntegerLoops.best == Self.loops.last)
  }

  @Test(arguments: loops, [false, true]) func allSizesAreExact(_ loops: IntegerLoops, _ extreme: Bool) {
    var stream = RandomStream(seed: 5, stream: extreme ? 1 : 0)
    for rows in [1, 2, 3, 5, 7, 13] {
      for outputs in [1, 15, 16, 17, 64, 81] {
        for depth in [1, 3, 4, 6, 31, 64, 101] {
          let x = Self.numbers([rows, depth], 0...255, zeros: [3], &stream, extreme: extreme)
          let w = Self.numbers([outputs, depth], -128...127, zeros: [0], &stream, extreme: extreme)
          let mine = IntegerWeight(w).accumulator(x, loops: loops).map { Int($0) }
          #expect(mine == Self.sums(x, w), "\(rows) × \(depth) by \(outputs)")
        }
      }
    }
  }

  /// Where every product is as large as can be, and of one sign: sums in 16 bits would be cut off.
  @Test(arguments: loops) func nothingIsCutOff(_ loops: IntegerLoops) {
    for (a, b) in [(255, 127), (255, -128), (128, -128), (127, 127), (0, -128)] {
      let x = QuantizedTensor(
        integers: IntTensor([Int](repeating: a, count: 3 * 70), shape: [3, 70]),
        Quantization(scales: [1], zeroPoints: [0], range: 0...255))
      let w = QuantizedTensor(
        integers: IntTensor([Int](repeating: b, count: 5 * 70), shape: [5, 70]),
        Quantization(scales: [1], zeroPoints: [0]))
      #expect(
        IntegerWeight(w).accumulator(x, loops: loops) == [Int32](repeating: Int32(70 * a * b), count: 15))
    }
  }

  /// Zero points of both sides, and both kinds of bytes on both.
  @Test(arguments: loops) func zeroPointsAreTakenOff(_ loops: IntegerLoops) {
    var stream = RandomStream(seed: 6)
    for inputs in [0...255, -128...127] {
      for weights in [0...255, -128...127] {
        for zeros in [[weights.upperBound - 9], (0..<19).map { weights.lowerBound + 7 * $0 }] {
          let x = Self.numbers([4, 37], inputs, zeros: [inputs.lowerBound + 100], &stream, extreme: false)
          let w = Self.numbers([19, 37], weights, zeros: zeros, &stream, extreme: false)
          let packed = IntegerWeight(w)
          #expect(packed.accumulator(x, loops: loops).map { Int($0) } == Self.sums(x, w))
          #expect(packed.quantized == w)
        }
      }
    }
  }

  /// The sum of the bytes themselves goes beyond 32 bits; what is left without the zero point does not.
  @Test(arguments: loops) func aSumMayGoBeyondOnItsWay(_ loops: IntegerLoops) {
    let depth = 80_000
    let x = QuantizedTensor(
      integers: IntTensor([Int](repeating: 255, count: depth), shape: [1, depth]),
      Quantization(scales: [1], zeroPoints: [250], range: 0...255))
    let w = QuantizedTensor(
      integers: IntTensor([Int](repeating: 127, count: depth), shape: [1, depth]),
      Quantization(scales: [1], zeroPoints: [0]))
    #expect(IntegerWeight(w).accumulator(x, loops: loops) == [Int32(5 * 127 * depth)])
  }

  private func rounded(rows x: Tensor) -> Tensor {
    concatenate(
      (0..<x.shape[0]).map {
        QuantizedTensor(x.row($0), .affine, range: 0...255).dequantized().reshaped([1, x.shape[1]])
      }, axis: 0)
  }

  /// Floats in, floats out: each row is rounded as `QuantizedTensor` rounds it, by its own scale.
  @Test(arguments: [1, 3, 11, 12, 40, 200], [Quantization.Scheme.symmetric, .affine])
  func productsOfFloats(_ rows: Int, _ scheme: Quantization.Scheme) {
    var stream = RandomStream(seed: 7)
    var x = stream.normal(mean: 0.4, shape: [rows, 53])
    for i in 0..<53 { x[rows - 1, i] = i % 2 == 0 ? 0 : 1000 }
    let w = QuantizedTensor(stream.normal(mean: -0.1, shape: [35, 53]), scheme, axis: 0)
    let bias = stream.normal(shape: [35])
    let mine = IntegerWeight(w).product(x, bias: bias)
    let expected = matmul(rounded(rows: x), w.dequantized(), transposeB: true) + bias
    for r in 0..<rows {
      let size = expected.row(r).map { abs($0) }.extremes().max
      #expect((mine.row(r) - expected.row(r)).map { abs($0) }.extremes().max < 2e-6 * size)
    }
    let plain = IntegerWeight(w).product(x, bias: nil) + bias
    #expect((plain - mine).map { abs($0) }.extremes().max < 1e-3)
  }

  /// With a weight that is 1 on its diagonal, the product is the rounded row itself; half steps go to the even side.
  @Test func rowsAreRoundedAsTensorsAre() {
    var stream = RandomStream(seed: 8)
    var x = stream.normal(mean: 1, shape: [9, 70])
    for i in 0..<70 { x[0, i] = Float(i - 10) * 0.5 }
    for i in 0..<70 { x[1, i] = -abs(x[1, i]) }
    for i in 0..<70 { x[2, i] = 0 }
    x[3, 5] = 1e30
    x[0, 0] = -27.5
    x[0, 1] = 100
    let eye = Tensor((0..<4_900).map { $0 % 71 == 0 ? 1 : 0 }, shape: [70, 70])
    let weight = IntegerWeight(QuantizedTensor(eye, .symmetric, axis: 0, range: -127...127))
    let (mine, expected) = (weight.product(x, bias: nil), rounded(rows: x))
    for r in 0..<9 {
      for i in 0..<70 {
        #expect(abs(mine[r, i] - expected[r, i]) <= 1e-6 * abs(expected[r, i]), "\(r) \(i)")
      }
    }
  }

  @Test func aFixedInputScaleCutsOff() {
    let w = QuantizedTensor(Tensor([[1, 0], [0, 1]]), .symmetric, axis: 0, range: -127...127)
    for range in [0...255, -128...127] {
      let form = Quantization(scales: [0.1], zeroPoints: [range.lowerBound + 55], range: range)
      let y = IntegerWeight(w, input: form).product(Tensor([[100, -100], [0.26, -0.24]]), bias: nil)
      let expected = Tensor([[20, -5.5], [0.3, -0.2]])
      #expect((y - expected).map { abs($0) }.extremes().max < 1e-5)
    }
  }

  @Test func whatIsNoNumberStaysSo() {
    let w = IntegerWeight(QuantizedTensor(Tensor.ones([20, 3]), axis: 0))
    let y = w.product(Tensor([[1, 2, 3], [1, .nan, 3], [1, 2, .infinity], [3, 2, 1]]), bias: nil)
    for o in 0..<20 {
      #expect(y[1, o].isNaN && y[2, o].isNaN)
      #expect(abs(y[0, o] - 6) < 0.05 && abs(y[3, o] - 6) < 0.05)
    }
    let emptied = w.product(Tensor.zeros([0, 3]), bias: nil)
    #expect(emptied.shape == [0, 20])
  }

  @Test(arguments: [
    (1, 6, [5, 5], Size2d(1, 1), Size2d(2, 2), Size2d(1, 1)),
    (3, 17, [3, 2], Size2d(2, 1), Size2d(0, 1), Size2d(1, 1)),
    (8, 16, [1, 1], Size2d(1, 1), Size2d(0, 0), Size2d(1, 1)),
    (5, 4, [3, 3], Size2d(1, 2), Size2d(2, 3), Size2d(2, 2)),
    (2, 33, [2, 4], Size2d(3, 2), Size2d(1, 0), Size2d(2, 1)),
  ])
  func convolutions(
    _ channels: Int, _ filters: Int, _ kernel: [Int], _ stride: Size2d, _ padding: Size2d, _ dilation: Size2d
  ) {
    var stream = RandomStream(seed: 9)
    let x = stream.normal(mean: 0.7, shape: [2, channels, 11, 9])
    let floats = stream.normal(shape: [filters, channels] + kernel)
    let bias = stream.normal(shape: [filters])
    for scheme in [Quantization.Scheme.symmetric, .affine] {
      let w = QuantizedTensor(floats, scheme, axis: 0)
      let packed = IntegerWeight(w, order: .windows(dilated: dilation.width > 1))
      #expect(packed.quantized == w)
      let g = ConvolutionGeometry(
        input: x.shape, weight: w.shape, bias: [filters], stride: stride, padding: padding, dilation: dilation
      )
      // The zeros of the padding are part of the range, so images are rounded as they are.
      let images = concatenate(
        (0..<2).map {
          QuantizedTensor(x.sliced($0..<$0 + 1, axis: 0), .affine, range: 0...255).dequantized()
        },
        axis: 0)
      let expected = conv2d(
        images, w.dequantized(), bias: bias, stride: stride, padding: padding, dilation: dilation)
      let mine = packed.convolve(g, x, bias: bias)
      #expect(mine.shape == expected.shape)
      #expect(
        (mine - expected).map { abs($0) }.extremes().max < 1e-4 * expected.map { abs($0) }.extremes().max)
    }
  }

  @Test func itTakesAByteForEachNumber() {
    let weight = IntegerWeight(QuantizedTensor(Tensor.ones([256, 512]), axis: 0))
    #expect(weight.byteCount == 256 * 512 + 8 * 256)
  }
}
