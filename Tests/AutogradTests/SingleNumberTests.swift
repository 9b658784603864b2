import Engine
import Testing

/// Ops along an axis of what has none, and norms without a channel: traps without a word, once.
@Suite struct SingleNumberTests {
  @Test func sumsAndMeans() {
    for op in [{ $0.sum(axis: 0) }, { $0.mean(axis: 0) }] as [(Variable) -> Variable] {
      let x = Variable(Tensor(3), requiresGradient: true)
      x.retainGradient()
      let y = op(x)
      #expect(y.value == Tensor(3))
      y.backward()
      #expect(x.gradient == Tensor(1))
    }
  }

  @Test func variances() {
    let x = Variable(Tensor(3), requiresGradient: true)
    #expect(x.variance(axis: 0, correction: 0).scalar == 0)
    #expect(x.variance(axis: 0).scalar.isNaN)
    #expect(x.standardDeviation(axis: 0, correction: 0).scalar == 0)
  }

  @Test(arguments: [[3, 0], [0, 0], [2, 0, 4, 4]]) func groupNormWithoutAChannel(_ shape: [Int]) {
    let x = Variable(Tensor.zeros(shape), requiresGradient: true)
    x.retainGradient()
    let y = groupNorm(x, groups: 1)
    #expect(y.shape == shape)
    y.backward(from: Tensor.zeros(shape))
    #expect(x.gradient?.shape == shape)
  }
}
