import Autograd
import Layers
import Tensors
import Testing

@Suite struct LayerTests {
  static func normal(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var stream = RandomStream(seed: seed)
    return stream.normal(shape: shape)
  }

  @Test func namesArePyTorchs() {
    let block = TransformerEncoderLayer(dimension: 8, heads: 2, feedForward: 16)
    #expect(
      block.state.map(\.name) == [
        "self_attn.in_proj_weight", "self_attn.in_proj_bias", "self_attn.out_proj.weight",
        "self_attn.out_proj.bias",
        "linear1.weight", "linear1.bias", "linear2.weight", "linear2.bias", "norm1.weight", "norm1.bias",
        "norm2.weight", "norm2.bias",
      ])
    let net = Sequential(
      Conv2d(inChannels: 1, outChannels: 2, kernelSize: 3, bias: false), BatchNorm2d(features: 2), ReLU(),
      Residual(Sequential(Conv2d(inChannels: 2, outChannels: 2, kernelSize: 1))))
    #expect(
      net.state.map(\.name) == [
        "0.weight", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
        "3.body.0.weight", "3.body.0.bias",
      ])
    #expect(
      net.namedParameters.map(\.name) == [
        "0.weight", "1.weight", "1.bias", "3.body.0.weight", "3.body.0.bias",
      ])
  }

  @Test func everyLayersShape() {
    let image = Variable(Self.normal([2, 3, 8, 6]))
    let layers: [(any Layer, [Int])] = [
      (
        ConvTranspose2d(
          inChannels: 3, outChannels: 4, kernelSize: 3, stride: 2, padding: 1, outputPadding: 1),
        [2, 4, 16, 12]
      ),
      (MaxPool2d(kernelSize: 3, stride: 2, padding: 1), [2, 3, 4, 3]),
      (AvgPool2d(kernelSize: 2), [2, 3, 4, 3]),
      (AdaptiveAvgPool2d(outputSize: Size2d(5, 1)), [2, 3, 5, 1]), (GlobalAvgPool2d(), [2, 3]),
      (Flatten(), [2, 144]),
      (Flatten(from: 2), [2, 3, 48]), (GroupNorm(groups: 3, channels: 3), [2, 3, 8, 6]),
      (LayerNorm(6), [2, 3, 8, 6]),
      (LayerNorm([8, 6]), [2, 3, 8, 6]), (RMSNorm(6), [2, 3, 8, 6]),
      (BatchNorm2d(features: 3), [2, 3, 8, 6]),
      (Dropout(0.2), [2, 3, 8, 6]), (ReLU(), [2, 3, 8, 6]), (LeakyReLU(), [2, 3, 8, 6]),
      (ELU(), [2, 3, 8, 6]),
      (GELU(), [2, 3, 8, 6]), (SiLU(), [2, 3, 8, 6]), (Softplus(), [2, 3, 8, 6]), (Sigmoid(), [2, 3, 8, 6]),
      (Tanh(), [2, 3, 8, 6]), (Softmax(), [2, 3, 8, 6]), (LogSoftmax(axis: 1), [2, 3, 8, 6]),
      (RotaryPositions(), [2, 3, 8, 6]),
      (Residual(AvgPool2d(kernelSize: 2), shortcut: MaxPool2d(kernelSize: 2)), [2, 3, 4, 3]),
    ]
    for (layer, shape) in layers { #expect(layer(image).shape == shape, "\(type(of: layer))") }
    let sequence = Variable(Self.normal([2, 5, 8]))
    #expect(Conv1d(inChannels: 5, outChannels: 3, kernelSize: 3, padding: 1)(sequence).shape == [2, 3, 8])
    #expect(BatchNorm1d(features: 5)(sequence).shape == [2, 5, 8])
    #expect(MultiHeadAttention(dimension: 8, heads: 4)(sequence).shape == [2, 5, 8])
    #expect(SinusoidalPositions(dimension: 8, maxLength: 9)(sequence).shape == [2, 5, 8])
    #expect(LearnedPositions(dimension: 8, maxLength: 9)(sequence).shape == [2, 5, 8])
    #expect(Embedding(count: 7, dimension: 3)(IntTensor([6, 0], shape: [2, 1])).shape == [2, 1, 3])
  }

  @Test func gradientsReachAllParametersOfABlock() {
    for (normFirst, activation) in [(true, TransformerEncoderLayer.Activation.gelu), (false, .gelu)] {
      let block = withRandomSource(RandomSource(seed: 2)) {
        TransformerEncoderLayer(
          dimension: 4, heads: 2, feedForward: 6, dropout: 0.2, activation: activation, normFirst: normFirst)
      }
      let check = checkGradient(at: [Self.normal([2, 3, 4])], parameters: block.parameters, tolerance: 1e-2) {
        x in
        withRandomSource(RandomSource(seed: 4)) { block(x[0], isCausal: true) }
      }
      #expect(check.passes, "\(check)")
      #expect(check.count == 24 + block.parameterCount)
    }
  }

  @Test func batchNormMeasuresOnlyInTraining() {
    let norm = BatchNorm1d(features: 2, momentum: 0.25)
    let x = Variable(Tensor([[1, 10], [3, 30]]))
    let y = norm(x).value
    #expect(y.isClose(to: Tensor([[-1, -1], [1, 1]]), absolute: 1e-4))
    #expect(norm.runningMean.value == Tensor([0.5, 5]))
    #expect(norm.runningVar.value == Tensor([0.75 + 0.25 * 2, 0.75 + 0.25 * 200]))
    #expect(norm.numBatchesTracked.value == Tensor(1))
    norm.evaluate()
    let before = norm.runningMean.value
    let z = norm(x).value
    #expect(norm.runningMean.value == before)
    #expect(z.isClose(to: (x.value - before) / (norm.runningVar.value + 1e-5).squareRoot(), relative: 1e-5))
    let plain = BatchNorm1d(features: 2, momentum: nil, affine: false)
    _ = plain(x)
    _ = plain(x + 2)
    #expect(plain.runningMean.value == Tensor([3, 21]), "without momentum, the mean of all batches")
    #expect(plain.parameters.isEmpty)
  }

  @Test func dropoutOnlyInTraining() {
    let layer = Dropout(0.5)
    let x = Variable(Tensor.ones([1000]))
    let y = layer(x).value
    #expect(Set(y.scalars) == [0, 2])
    #expect(layer(x).value != y, "each call draws anew")
    layer.evaluate()
    #expect(layer(x).value == x.value)
  }

  @Test func attentionWeightsAreAveragedOverHeads() {
    let layer = MultiHeadAttention(dimension: 6, heads: 3)
    let (x, memory) = (Variable(Self.normal([2, 4, 6])), Variable(Self.normal([2, 5, 6], seed: 2)))
    let (_, weights) = layer.attend(x, memory: memory)
    let (_, each) = layer.attend(x, memory: memory, averagingHeads: false)
    #expect(weights.shape == [2, 4, 5] && each.shape == [2, 3, 4, 5])
    #expect(weights.isClose(to: each.mean(axis: 1)))
    #expect(each.sum(axis: -1).isClose(to: Tensor.ones([2, 3, 4]), relative: 1e-5))
    let padding = MaskTensor((0..<10).map { $0 != 4 }, shape: [2, 1, 1, 5])
    #expect(
      layer.attend(x, memory: memory, mask: padding).weights.row(0).selected(4, axis: 1) == Tensor.zeros([4]))
  }

  @Test func positions() {
    let waves = SinusoidalPositions(dimension: 4, maxLength: 3).table
    #expect(waves.row(0) == Tensor([0, 1, 0, 1]))
    #expect(waves.row(2).isClose(to: Tensor([0.909297, -0.416147, 0.0199987, 0.9998]), absolute: 1e-6))
    // Rotary positions: a product depends on the distance alone.
    let (q, k) = (Self.normal([1, 1, 8]), Self.normal([1, 1, 8], seed: 2))
    func product(_ i: Int, _ j: Int) -> Float {
      (rotary(Variable(q), first: i).value * rotary(Variable(k), first: j).value).sum()
    }
    #expect(abs(product(3, 1) - product(9, 7)) < 1e-5)
    #expect(abs(product(3, 1) - product(3, 2)) > 1e-3)
  }

  @Test func sharedParametersAreListedOnce() {
    final class Tied: Module {
      let embed = Embedding(count: 5, dimension: 3)
      let head: Linear
      let out: Parameter
      override init() {
        head = Linear(inFeatures: 3, outFeatures: 2)
        out = embed.weight
      }
    }
    let tied = Tied()
    #expect(tied.namedParameters.map(\.name) == ["out", "head.weight", "head.bias"])
    #expect(tied.state.map(\.name) == ["out", "embed.weight", "head.weight", "head.bias"])
    #expect(tied.parameterCount == 15 + 8)
  }
}
