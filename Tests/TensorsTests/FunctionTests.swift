import Foundation
import Tensors
import Testing

/// The C loops against the same functions in Double.
@Suite struct FunctionTests {
  /// From very small to very large, both signs, and what is special.
  static let inputs: [Float] = {
    var numbers: [Float] = [
      0, -0.0, 1, -1, 0.5, 0.625, 0.927734, 0.93, 1e-20, -1e-20, 20, -20, 88, -88, 104, -104, 1e10, -1e10,
    ]
    var stream = RandomStream(seed: 11)
    for scale: Float in [1e-3, 0.1, 1, 5, 30] {
      for _ in 0..<400 { numbers.append(scale * stream.normal()) }
    }
    return numbers
  }()

  /// The largest error, in shares of `absolute + relative · |reference|`.
  func worst(
    _ mine: Tensor, _ reference: (Double) -> Double, of inputs: [Float] = inputs, relative: Double,
    absolute: Double
  ) -> Double {
    zip(mine.scalars, inputs).map { y, x in
      let r = reference(Double(x))
      if Double(y) == r { return 0 }
      let error = abs(Double(y) - r) / (absolute + relative * abs(r))
      return error.isNaN ? .infinity : error
    }.max()!
  }

  @Test func errorFunction() {
    let x = Tensor(Self.inputs)
    #expect(worst(x.erf(), Foundation.erf, relative: 3e-7, absolute: 0) < 1)
    #expect(Tensor([.infinity, -.infinity]).erf() == Tensor([1, -1]))
    #expect(Tensor([.nan]).erf().scalar.isNaN)
  }

  @Test func logarithm() {
    let positive =
      Self.inputs.map { abs($0) }.filter { $0 > 0 } + [
        .leastNormalMagnitude, .greatestFiniteMagnitude,
      ]
    #expect(worst(Tensor(positive).log(), Foundation.log, of: positive, relative: 2e-7, absolute: 2e-8) < 1)
    #expect(Tensor([0, .infinity]).log() == Tensor([-.infinity, .infinity]))
    #expect(Tensor([-1, .nan]).log().scalars.allSatisfy { $0.isNaN })
  }

  @Test func activations() {
    let x = Tensor(Self.inputs)
    func sigmoid(_ x: Double) -> Double { 1 / (1 + Foundation.exp(-x)) }
    #expect(
      worst(
        x.gelu(), { 0.5 * $0 * (1 + Foundation.erf($0 / 2.0.squareRoot())) }, relative: 3e-7, absolute: 2e-7)
        < 1)
    let density = { (x: Double) in Foundation.exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
    let slope = { (x: Double) in 0.5 * Foundation.erfc(-x / 2.0.squareRoot()) + x * density(x) }
    #expect(worst(x.geluWithSlope().slope, slope, relative: 2e-7, absolute: 3e-7) < 1)
    #expect(Tensor([.infinity, -1e30, -40]).gelu() == Tensor([.infinity, 0, 0]))
    #expect(Tensor([.nan]).gelu().scalar.isNaN)
    let tanhForm = { (x: Double) in
      0.5 * x * (1 + Foundation.tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
    #expect(worst(x.geluTanh(), tanhForm, relative: 6e-7, absolute: 4e-7) < 1)
    #expect(worst(x.silu(), { $0 * sigmoid($0) }, relative: 5e-7, absolute: 1e-12) < 1)
    #expect(
      worst(x.elu(alpha: 1.5), { $0 > 0 ? $0 : 1.5 * Foundation.expm1($0) }, relative: 5e-7, absolute: 0) < 1)
    #expect(
      worst(x.leakyReLU(slope: 0.2), { $0 > 0 ? $0 : Double(Float(0.2)) * $0 }, relative: 1e-7, absolute: 0)
        < 1)
    let soft = { (x: Double) in 2 * x > 15 ? x : Foundation.log1p(Foundation.exp(2 * x)) / 2 }
    #expect(worst(x.softplus(beta: 2, threshold: 15), soft, relative: 5e-7, absolute: 1e-30) < 1)
  }

  @Test(arguments: [1, 3, 15, 16, 17, 100, 513])
  func softmaxRows(_ width: Int) {
    var stream = RandomStream(seed: UInt64(width))
    let x = stream.normal(deviation: 6, shape: [7, width])
    let (y, logY) = (x.softmax(), x.logSoftmax())
    for r in 0..<7 {
      let row = (0..<width).map { Double(x[r, $0]) }
      let top = row.max()!
      let total = row.reduce(0) { $0 + Foundation.exp($1 - top) }
      for j in 0..<width {
        let p = Foundation.exp(row[j] - top) / total
        #expect(abs(Double(y[r, j]) - p) < 1e-6 * p + 1e-9)
        #expect(abs(Double(logY[r, j]) - (row[j] - top - Foundation.log(total))) < 4e-6)
      }
    }
    #expect(x.transposed().softmax(axis: 0) == y.transposed())
    #expect(Tensor([[1, .nan, 2]]).softmax().scalars.allSatisfy { $0.isNaN })
    #expect(Tensor([[1, -.infinity, 1]]).softmax() == Tensor([[0.5, 0, 0.5]]))
  }

  @Test(arguments: [0, 0.1, 0.5, 0.9, 1] as [Float])
  func dropoutIsAFunctionOfTheStream(_ probability: Float) {
    var stream = RandomStream(seed: 5, stream: 1 << 40 | 3)
    stream.position = 17  // where a stream stands does not matter, only which it is
    let mask = DropoutMask("test", probability: probability, stream: stream)
    let x = Tensor((1...100_001).map { Float($0) })
    let y = mask.apply(x).scalars
    let threshold = UInt64(Double(probability) * 0x1p32)
    for i in y.indices {
      let bits = stream.bits(at: UInt64(i / 2)) >> (i % 2 == 0 ? 0 : 32) & 0xFFFF_FFFF
      let expected = bits >= threshold ? Float(i + 1) * (1 / (1 - probability)) : 0
      if y[i] != expected {
        Issue.record("number \(i): \(y[i]) where \(expected) is right")
        return
      }
    }
    let dropped = Float(y.count { $0 == 0 }) / Float(y.count)
    #expect(abs(dropped - probability) < 0.01)
  }

  @Test func theSameBitsWithAnyNumberOfThreads() {
    var stream = RandomStream(seed: 8)
    let x = stream.normal(shape: [600, 300])
    let weight = stream.normal(shape: [300])
    let norm = RowNormalization(width: 300, epsilon: 1e-5, isCentered: true)
    let threads = Parallel.threads
    defer { Parallel.threads = threads }
    let results = [1, 2, 3].map { count in
      Parallel.threads = count
      let (y, mean, inverse) = norm.forward(x, scale: weight, shift: nil)
      let d = norm.backward(
        dy: x, x: x, scale: weight, mean: mean, inverseDeviation: inverse, needsInput: true, needsScale: true,
        needsShift: true)
      return [y, d.dx!, d.dScale!, d.dShift!, x.softmax(), x.gelu(), x.permuted([1, 0])]
    }
    #expect(results[0] == results[1] && results[0] == results[2])
  }
}
