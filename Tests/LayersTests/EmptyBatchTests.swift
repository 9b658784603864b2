import Autograd
import Layers
import Tensors
import Testing

/// A batch without examples goes through every layer: nothing comes out, in the right shape, and the parameters'
/// gradients are zeros.
@Suite struct EmptyBatchTests {
  private func check(
    _ name: String, _ module: Module, _ shape: [Int], gives: [Int], isTraining: Bool = true,
    _ run: (Variable) -> Variable
  ) {
    module.train(isTraining)
    let statistics = module.namedStatistics.filter { !$0.name.hasSuffix("num_batches_tracked") }
    let before = statistics.map { $0.statistic.value }
    let x = Variable(.zeros(shape), requiresGradient: true)
    let y = run(x)
    #expect(y.shape == gives && y.value.count == 0, "\(name)")
    y.sum().backward()
    #expect(x.gradient == Tensor.zeros(shape), "\(name)")
    for (parameterName, parameter) in module.namedParameters {
      #expect(parameter.gradient == Tensor.zeros(parameter.shape), "\(name): \(parameterName)")
    }
    #expect(statistics.map { $0.statistic.value } == before, "\(name)")
  }

  private func check(
    _ layer: any Layer, _ shape: Int..., gives: [Int]? = nil, isTraining: Bool = true
  ) {
    check("\(type(of: layer))", layer, shape, gives: gives ?? shape, isTraining: isTraining) { layer($0) }
  }

  @Test func throughConvolutionsAndPooling() {
    check(Conv2d(inChannels: 2, outChannels: 3, kernelSize: 3), 0, 2, 5, 6, gives: [0, 3, 3, 4])
    check(
      Conv2d(inChannels: 2, outChannels: 4, kernelSize: 3, padding: 1, groups: 2), 0, 2, 16, 16,
      gives: [0, 4, 16, 16])
    check(Conv1d(inChannels: 2, outChannels: 3, kernelSize: 3), 0, 2, 6, gives: [0, 3, 4])
    check(
      ConvTranspose2d(inChannels: 2, outChannels: 3, kernelSize: 2, stride: 2), 0, 2, 3, 3,
      gives: [0, 3, 6, 6])
    check(
      Sequential(
        Conv2d(inChannels: 1, outChannels: 4, kernelSize: 5, padding: 2), ReLU(), MaxPool2d(kernelSize: 2)),
      0, 1, 8, 8, gives: [0, 4, 4, 4])
    check(MaxPool2d(kernelSize: 3), 0, 2, 6, 6, gives: [0, 2, 2, 2])
    check(AvgPool2d(kernelSize: 2), 0, 2, 6, 6, gives: [0, 2, 3, 3])
    check(AdaptiveAvgPool2d(outputSize: 2), 0, 2, 6, 6, gives: [0, 2, 2, 2])
    check(GlobalAvgPool2d(), 0, 2, 6, 6, gives: [0, 2])
    check(Flatten(), 0, 2, 6, 6, gives: [0, 72])
  }

  @Test func throughLinearLayersAndActivations() {
    check(Linear(inFeatures: 3, outFeatures: 4), 0, 3, gives: [0, 4])
    check(Linear(inFeatures: 3, outFeatures: 4, bias: false), 0, 7, 3, gives: [0, 7, 4])
    check(Sequential(Linear(inFeatures: 3, outFeatures: 4), GELU()), 0, 3, gives: [0, 4])
    let activations: [any Layer] = [
      ReLU(), LeakyReLU(), ELU(), GELU(), SiLU(), Softplus(), Sigmoid(), Tanh(), Softmax(axis: 1),
      LogSoftmax(axis: 1),
      Dropout(0.5),
    ]
    for activation in activations { check(activation, 0, 3) }
    check(Residual(Linear(inFeatures: 3, outFeatures: 3)), 0, 3)
  }

  @Test func throughNorms() {
    for isTraining in [true, false] {
      check(BatchNorm1d(features: 3), 0, 3, isTraining: isTraining)
      check(BatchNorm1d(features: 3), 0, 3, 4, isTraining: isTraining)
      check(BatchNorm2d(features: 3), 0, 3, 2, 2, isTraining: isTraining)
      check(BatchNorm2d(features: 3, momentum: nil), 0, 3, 2, 2, isTraining: isTraining)
    }
    check(LayerNorm(3), 0, 3)
    check(LayerNorm([2, 3]), 0, 2, 3)
    check(RMSNorm(3), 0, 3)
    check(GroupNorm(groups: 2, channels: 4), 0, 4, 3, 3)
  }

  @Test func throughRecurrence() {
    for bidirectional in [false, true] {
      let width = bidirectional ? 8 : 4
      let rnn = RNN(inputSize: 3, hiddenSize: 4, layers: 2, bidirectional: bidirectional)
      check("RNN", rnn, [5, 0, 3], gives: [5, 0, width]) { rnn($0).output }
      let gru = GRU(inputSize: 3, hiddenSize: 4, layers: 2, batchFirst: true, bidirectional: bidirectional)
      check("GRU", gru, [0, 5, 3], gives: [0, 5, width]) { gru($0, lengths: []).output }
      let lstm = LSTM(inputSize: 3, hiddenSize: 4, dropout: 0.5, bidirectional: bidirectional)
      check("LSTM", lstm, [5, 0, 3], gives: [5, 0, width]) { lstm($0).output }
    }
    let cell = GRUCell(inputSize: 3, hiddenSize: 4)
    check("GRUCell", cell, [0, 3], gives: [0, 4]) { cell($0) }
  }

  @Test func throughAttention() {
    check(MultiHeadAttention(dimension: 4, heads: 2), 0, 5, 4)
    check(TransformerEncoderLayer(dimension: 4, heads: 2, feedForward: 8), 0, 5, 4)
    check(
      TransformerEncoderLayer(dimension: 4, heads: 2, feedForward: 8, activation: .gelu, normFirst: true), 0,
      5, 4)
    check(SinusoidalPositions(dimension: 4, maxLength: 8), 0, 5, 4)
    check(LearnedPositions(dimension: 4, maxLength: 8), 0, 5, 4)
    check(RotaryPositions(), 0, 5, 4)
    let table = Embedding(count: 5, dimension: 2)
    let y = table(IntTensor([], shape: [0, 3]))
    #expect(y.shape == [0, 3, 2])
    y.sum().backward()
    #expect(table.weight.gradient == Tensor.zeros([5, 2]))
  }
}
