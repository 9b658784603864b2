import Engine
import Testing

/// Norms without a channel: a trap without a word, once.
@Suite struct EmptyNormTests {
  @Test(arguments: [[3, 0], [0, 0], [2, 0, 4, 4]]) func groupNormWithoutAChannel(_ shape: [Int]) {
    let x = Variable(Tensor.zeros(shape), requiresGradient: true)
    x.retainGradient()
    let y = groupNorm(x, groups: 1)
    #expect(y.shape == shape)
    y.backward(from: Tensor.zeros(shape))
    #expect(x.gradient?.shape == shape)
  }
}
