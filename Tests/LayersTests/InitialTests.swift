import Layers
import Tensors
import Testing

/// First weights: their spread and bounds, from many numbers.
@Suite struct InitialTests {
  let shape = [200, 50, 3, 2]  // fan in 300, fan out 1200

  func expect(_ w: Tensor, deviation: Float, bound: Float? = nil, _ name: Comment) {
    #expect(w.shape == shape)
    #expect(abs(w.standardDeviation() / deviation - 1) < 0.02, name)
    #expect(abs(w.mean()) < 0.02 * deviation, name)
    if let bound {
      let (low, high) = w.extremes()
      #expect(low >= -bound && high <= bound && high > 0.99 * bound && low < -0.99 * bound, name)
    }
  }

  @Test func spreads() {
    let xavier = Float(2.0 / 1500).squareRoot()
    expect(
      Initial.xavierUniform(shape: shape, gain: 2), deviation: 2 * xavier,
      bound: 2 * (6 / Float(1500)).squareRoot(),
      "xavier"
    )
    expect(Initial.xavierNormal(shape: shape), deviation: xavier, "xavier normal")
    let he = Float(2.0 / 300).squareRoot()
    expect(
      Initial.kaimingUniform(shape: shape), deviation: he,
      bound: Float(2).squareRoot() * (3 / Float(300)).squareRoot(), "kaiming")
    expect(
      Initial.kaimingNormal(shape: shape, gain: 1, mode: .fanOut), deviation: Float(1.0 / 1200).squareRoot(),
      "out")
    expect(
      Initial.uniformByFanIn(shape: shape, fanIn: 300), deviation: 1 / Float(900).squareRoot(),
      bound: 1 / Float(300).squareRoot(), "by fan in")
    // Cut at one deviation a normal distribution keeps 0.5396 of its own.
    expect(
      Initial.truncatedNormal(shape: shape, deviation: 0.5, limits: -0.5...0.5), deviation: 0.5 * 0.5396,
      bound: 0.5, "truncated")
    #expect(Initial.constant(3, shape: [2]) == Tensor([3, 3]))
  }

  @Test(arguments: [[5, 8], [8, 5], [6, 2, 3], [4, 4]])
  func orthogonal(_ shape: [Int]) {
    let w = Initial.orthogonal(shape: shape, gain: 2)
    #expect(w.shape == shape)
    let flat = w.reshaped([shape[0], -1])
    let wide = shape[0] <= flat.shape[1]
    let products = wide ? matmul(flat, flat, transposeB: true) : matmul(flat, flat, transposeA: true)
    let n = products.shape[0]
    #expect(products.isClose(to: IntTensor(Array(0..<n)).oneHot(classes: n) * 4, absolute: 1e-5))
  }

  @Test func layersBeginAsPyTorchs() {
    let attention = MultiHeadAttention(dimension: 64, heads: 4)
    #expect(
      attention.inProjBias?.value == Tensor.zeros([192])
        && attention.outProj.bias?.value == Tensor.zeros([64]))
    let bound = Float(6.0 / 256).squareRoot()
    #expect(
      attention.inProjWeight.value.extremes().max <= bound
        && attention.inProjWeight.value.extremes().max > 0.98 * bound)
    let table = Embedding(count: 2000, dimension: 10, paddingIndex: 3).weight.value
    #expect(table.row(3) == Tensor.zeros([10]) && abs(table.standardDeviation() - 1) < 0.02)
    let norm = BatchNorm2d(features: 2)
    #expect(norm.state.map(\.tensor) == [.ones([2]), .zeros([2]), .zeros([2]), .ones([2]), Tensor(0)])
  }

  @Test func aSeedGivesTheSameWeights() {
    func make(_ seed: UInt64) -> [Tensor] {
      withRandomSource(RandomSource(seed: seed)) {
        TransformerEncoderLayer(dimension: 4, heads: 2).state.map(\.tensor)
      }
    }
    #expect(make(7) == make(7) && make(7) != make(8))
  }
}
