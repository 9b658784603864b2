import Engine

/// NaN and infinities, put into each layer's parameters and between the layers: they must be found, and named.
struct Injection {
  private(set) var injected = 0
  private(set) var named = 0
  private(set) var words: [String] = []

  /// Some of each layer there is: what stands in the middle of the images' network, and of the texts'.
  private final class Network: Module {
    let conv1 = Conv2d(inChannels: 1, outChannels: 4, kernelSize: 3, padding: 1)
    let norm1 = BatchNorm2d(features: 4)
    let conv2 = Conv2d(inChannels: 4, outChannels: 4, kernelSize: 3, padding: 1, groups: 4)
    let norm2 = GroupNorm(groups: 2, channels: 4)
    let up = ConvTranspose2d(inChannels: 4, outChannels: 2, kernelSize: 2, stride: 2)
    let fc = Linear(inFeatures: 2 * 8 * 8, outFeatures: 8)
    let embedding = Embedding(count: 5, dimension: 8)
    let gru = GRU(inputSize: 8, hiddenSize: 8, batchFirst: true)
    let lstm = LSTM(inputSize: 8, hiddenSize: 8, batchFirst: true)
    let rnn = RNN(inputSize: 8, hiddenSize: 8, batchFirst: true)
    let attention = TransformerEncoderLayer(dimension: 8, heads: 2, feedForward: 8, dropout: 0)
    let norm3 = LayerNorm(8)
    let out = Linear(inFeatures: 8, outFeatures: 3)

    /// How many places there are between the layers.
    static let places = 9

    /// - Parameters:
    ///   - spoil: Called with the result of each layer and its place.
    func callAsFunction(_ spoil: (Variable, Int) -> Variable) -> Variable {
      var stream = RandomStream(seed: 2)
      let images = Variable(stream.normal(shape: [2, 1, 8, 8]))
      var x = spoil(maxPool2d(relu(norm1(conv1(images))), kernelSize: 2), 0)
      x = spoil(gelu(norm2(conv2(x))), 1)
      x = spoil(up(x), 2)
      x = spoil(tanh(fc(x.flattened(from: 1))), 3)
      var s = embedding(IntTensor([0, 1, 2, 3, 4, 0], shape: [2, 3])) + x.expandingAxis(1)
      s = spoil(gru(s).output, 4)
      s = spoil(lstm(s).output, 5)
      s = spoil(rnn(s).output, 6)
      s = spoil(attention(s), 7)
      s = spoil(norm3(s), 8)
      return crossEntropy(out(s.mean(axis: 1)), IntTensor([0, 2]))
    }
  }

  init() {
    let bad: [Float] = [.nan, .infinity, -.infinity]
    let count = withRandomSource(RandomSource(seed: 4)) { Network() }.namedParameters.count
    for index in 0..<count {
      for number in bad {
        let model = withRandomSource(RandomSource(seed: 4)) { Network() }
        let (name, parameter) = model.namedParameters[index]
        parameter.update { tensor in
          var scalars = tensor.scalars
          scalars[scalars.count / 2] = number
          tensor = Tensor(scalars, shape: tensor.shape)
        }
        let loss = model { x, _ in x }
        note(loss.nonFiniteOrigin(naming: model.namedParameters), "\(number) in \(name)") {
          $0.parameter == name
        }
      }
    }
    for place in 0..<Network.places {
      for number in bad {
        let model = withRandomSource(RandomSource(seed: 4)) { Network() }
        let loss = model { x, at in
          if at != place { return x }
          var scalars = x.value.scalars
          scalars[scalars.count / 3] = number
          return Variable(Tensor(scalars, shape: x.shape), op: "spoiled", inputs: [x]) { [$0] }
        }
        note(loss.nonFiniteOrigin(naming: model.namedParameters), "\(number) after layer \(place)") {
          $0.op == "spoiled"
        }
      }
    }
    // And nothing is found where nothing is.
    let model = withRandomSource(RandomSource(seed: 4)) { Network() }
    if let origin = model({ x, _ in x }).nonFiniteOrigin(naming: model.namedParameters) {
      words.append("a sound network is blamed: \(origin)")
    }
  }

  private mutating func note(_ found: NonFiniteOrigin?, _ what: String, _ isRight: (NonFiniteOrigin) -> Bool)
  {
    injected += 1
    if let found, isRight(found) {
      named += 1
    } else {
      words.append("\(what): " + (found.map { "blamed on \($0)" } ?? "not found"))
    }
  }
}
