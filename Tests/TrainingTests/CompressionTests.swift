import Engine
import Testing

@Suite struct CompressionTests {
  @Test func zeroStaysExactAndErrorsStayWithinHalfAStep() {
    var stream = RandomStream(seed: 3)
    var x = stream.normal(mean: 0.6, shape: [7, 9])
    x[3, 4] = 0
    for (scheme, range) in [
      (Quantization.Scheme.symmetric, -128...127), (.affine, 0...255), (.affine, -128...127),
    ] {
      for axis in [nil, 0, 1] {
        let q = QuantizedTensor(x, scheme, axis: axis, range: range)
        let back = q.dequantized()
        #expect(back[3, 4] == 0)
        for i in 0..<7 {
          for j in 0..<9 {
            let scale = q.quantization.scales[axis == 0 ? i : axis == 1 ? j : 0]
            #expect(abs(back[i, j] - x[i, j]) <= scale * 0.5001)
          }
        }
      }
    }
  }

  @Test func aQuantizedLayerTakesAQuarterAndAnswersAlmostTheSame() {
    let layer = withRandomSource(RandomSource(seed: 1)) { Linear(inFeatures: 64, outFeatures: 32) }
    let small = QuantizedLinear(layer)
    var stream = RandomStream(seed: 2)
    let x = Variable(stream.normal(shape: [5, 64]))
    #expect(small.quantizedWeight.byteCount == 64 * 32 + 5 * 32)
    let difference = (small(x).value - layer(x).value).map { abs($0) }.extremes().max
    #expect(difference > 0 && difference < 0.02)
    #expect(small.namedParameters.map(\.name) == ["bias"])
  }

  @Test func masksTakeTheSmallest() {
    let weight = Tensor([[0.1, -3, 0.2], [2, -0.05, 1]])
    #expect(magnitudeMask(of: weight, amount: 0.5) == Tensor([[0, 1, 0], [1, 0, 1]]))
    #expect(channelMask(of: weight, amount: 0.5) == Tensor([[1, 1, 1], [0, 0, 0]]))
    #expect(channelMask(of: weight, amount: 1.0 / 3, axis: 1) == Tensor([[1, 1, 0], [1, 1, 0]]))
    // 0.5 · 3 = 1.5 rounds to the even 2; 0.5 · 5 = 2.5 to 2.
    #expect(magnitudeMask(of: Tensor([1, 2, 3]), amount: 0.5) == Tensor([0, 0, 1]))
    #expect(magnitudeMask(of: Tensor([1, 2, 3, 4, 5]), amount: 0.5) == Tensor([0, 0, 1, 1, 1]))
  }

  @Test func prunedWeightsStayGone() {
    let w = Parameter(Tensor([0.1, -2, 3, 0.3]))
    let pruning = Pruning()
    pruning.add(w, mask: magnitudeMask(of: w.value, amount: 0.5))
    let optimizer = SGD([w], learningRate: 1)
    w.setGradient(Tensor([1, 1, 1, 1]))
    optimizer.step()
    pruning.apply()
    #expect(w.value == Tensor([0, -3, 2, 0]))
    #expect(pruning.sparsity == 0.5)
  }
}
