import Chapter12OptimizingModels
import Engine
import Testing

/// The plain code of chapter 12 on whole numbers, and the engine's, held to each other.
@Suite struct PlainQuantizationTests {
  private func numbers(_ shape: [Int], seed: UInt64, mean: Float = 0.4) -> Tensor {
    var stream = RandomStream(seed: seed)
    return stream.normal(mean: mean, shape: shape)
  }

  private func rows(_ x: Tensor) -> [[Float]] { (0..<x.shape[0]).map { x.row($0).scalars } }

  @Test func thePagesExample() {
    let form = PlainQuantization.affine(low: -0.6, high: 2.4, range: 0...15)
    #expect(abs(form.scale - 0.2) < 1e-7 && form.zeroPoint == 3)
    #expect([-0.6, 0, 0.27, 0.8, 2.4].map { form.wholeNumber($0) } == [0, 3, 4, 7, 15])
    #expect(abs(form.rounded(0.27) - 0.2) < 1e-6)
  }

  @Test(arguments: [0...255, -128...127, 0...15]) func affineGridsAreTheEngines(_ range: ClosedRange<Int>) {
    for (seed, mean) in [(1, 0), (2, 3), (3, -3)] as [(UInt64, Float)] {
      let x = numbers([200], seed: seed, mean: mean)
      let (low, high) = x.extremes()
      let mine = PlainQuantization.affine(low: low, high: high, range: range)
      let engines = Quantization(fitting: x, .affine, range: range)
      #expect(engines == Quantization(scales: [mine.scale], zeroPoints: [mine.zeroPoint], range: range))
      let q = QuantizedTensor(x, engines)
      #expect(x.scalars.map { mine.wholeNumber($0) } == q.integers.scalars)
      #expect(x.scalars.map { mine.rounded($0) } == q.dequantized().scalars)
    }
    let zeros = PlainQuantization.affine(low: 0, high: 0, range: range)
    #expect(zeros.scale == 1 && zeros.rounded(0) == 0)
  }

  @Test func halvesGoToTheEvenNeighbour() {
    let form = PlainQuantization(scale: 0.5, zeroPoint: 1, range: 0...9)
    let x: [Float] = [0.25, 0.75, 1.25, -0.25, 9, -9]
    #expect(x.map { form.wholeNumber($0) } == [1, 3, 3, 1, 9, 0])
    let engines = Quantization(scales: [0.5], zeroPoints: [1], range: 0...9)
    #expect(QuantizedTensor(Tensor(x), engines).integers.scalars == [1, 3, 3, 1, 9, 0])
  }

  @Test func scalesOfRowsAreTheEngines() {
    let w = numbers([5, 7], seed: 4)
    let engines = WeightForm().quantization(of: w)
    #expect(perChannel(rows(w)).map(\.scale) == engines.scales)
    #expect(
      perTensor(rows(w)).scale == WeightForm(.symmetric, perChannel: false).quantization(of: w).scales[0])
    #expect(perChannel([[0, 0]])[0].scale == 1)
  }

  @Test func sumsAreTheEngines() {
    var stream = RandomStream(seed: 5)
    for (za, zb) in [(0, 0), (17, 0), (200, -9)] {
      let a = (0..<3).map { _ in (0..<11).map { _ in stream.integer(below: 256) } }
      let b = (0..<4).map { _ in (0..<11).map { _ in stream.integer(below: 256) - 128 } }
      let mine = integerProduct(a, zeroPoint: za, b, zeroPoint: zb)
      let engines = integerLinear(
        QuantizedTensor(
          integers: IntTensor(a.flatMap { $0 }, shape: [3, 11]),
          Quantization(scales: [1], zeroPoints: [za], range: 0...255)),
        QuantizedTensor(
          integers: IntTensor(b.flatMap { $0 }, shape: [4, 11]), Quantization(scales: [1], zeroPoints: [zb])))
      #expect(mine.joined().map { Int($0) } == engines.accumulator.scalars)
      for i in 0..<3 {
        for j in 0..<4 {
          let directly = zip(a[i], b[j]).reduce(0) { $0 + ($1.0 - za) * ($1.1 - zb) }
          #expect(Int(mine[i][j]) == directly)
        }
      }
    }
  }

  @Test func aLayerIsTheEngines() throws {
    let layer = withRandomSource(RandomSource(seed: 3)) { Linear(inFeatures: 33, outFeatures: 20) }
    let x = numbers([33], seed: 6)
    let mine = integerLayer(x.scalars, weight: rows(layer.weight.value), bias: layer.bias!.value.scalars)
    try layer.roundWeights()
    let engines = layer(Variable(x.reshaped([1, 33]))).value.scalars
    for (a, b) in zip(mine, engines) { #expect(abs(a - b) < 1e-5) }
  }

  @Test func gradientsGoStraightThroughAsTheEngines() {
    let x = numbers([60], seed: 7, mean: 0)
    let dy = numbers([60], seed: 8)
    let form = PlainQuantization(scale: 0.25, zeroPoint: 2, range: 0...7)
    let (y, pullback) = fakeQuantized(x.scalars, form)
    let leaf = Variable(x, requiresGradient: true)
    let engines = fakeQuantize(leaf, Quantization(scales: [0.25], zeroPoints: [2], range: 0...7))
    engines.backward(from: dy)
    #expect(y == engines.value.scalars)
    #expect(pullback(dy.scalars) == leaf.gradient!.scalars)
    #expect(leaf.gradient!.scalars.contains(0) && leaf.gradient!.scalars.contains { $0 != 0 })
  }
}
