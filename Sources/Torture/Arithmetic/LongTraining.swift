import Engine

/// Training for thousands of steps, watching the memory; and training with several numbers of threads, comparing the bits.
enum LongTraining {
  final class Network: Module {
    let conv = Conv2d(inChannels: 1, outChannels: 2, kernelSize: 3, padding: 1)
    let norm = BatchNorm2d(features: 2)
    let dropout = Dropout(0.1)
    let gru = GRU(inputSize: 8, hiddenSize: 4, batchFirst: true)
    let out = Linear(inFeatures: 4, outFeatures: 3)

    func callAsFunction(_ x: Variable) -> Variable {
      let maps = maxPool2d(relu(norm(conv(x))), kernelSize: 2)
      return out(gru(dropout(maps.flattened(from: 2))).output.mean(axis: 1))
    }
  }

  /// - Returns: By how many bytes the memory has grown between a tenth of the steps and the last.
  static func growth(steps: Int) -> Int {
    withRandomSource(RandomSource(seed: 6)) {
      let model = Network()
      let adam = Adam(model.parameters, learningRate: 1e-3)
      var after = 0
      for step in 0..<steps {
        var stream = RandomStream(seed: 8, stream: UInt64(step))
        let loss = crossEntropy(
          model(Variable(stream.normal(shape: [4, 1, 4, 8]))), IntTensor([0, 1, 2, step % 3]))
        adam.clearGradients()
        loss.backward()
        adam.step()
        if step == steps / 10 { after = MemoryLimit.held }
      }
      return max(0, MemoryLimit.held - after)
    }
  }

  /// Every kind of kernel that divides its work: sizes are such that it does.
  private final class Wide: Module {
    let conv1 = Conv2d(inChannels: 1, outChannels: 16, kernelSize: 5, padding: 2)
    let conv2 = Conv2d(inChannels: 16, outChannels: 16, kernelSize: 3, padding: 1)
    let norm = BatchNorm2d(features: 16)
    let fc = Linear(inFeatures: 16 * 7 * 7, outFeatures: 64)
    let lstm = LSTM(inputSize: 16, hiddenSize: 32, batchFirst: true)
    let gru = GRU(inputSize: 32, hiddenSize: 16, batchFirst: true, bidirectional: true)
    let attention = TransformerEncoderLayer(dimension: 32, heads: 4, feedForward: 64)
    let out = Linear(inFeatures: 32, outFeatures: 10)

    func callAsFunction(_ images: Variable) -> Variable {
      var x = maxPool2d(relu(conv1(images)), kernelSize: 2)
      x = maxPool2d(relu(norm(conv2(x))), kernelSize: 2)
      let s = fc(x.flattened(from: 1)).reshaped([images.shape[0], 4, 16])
      return out(attention(gru(lstm(s).output).output).mean(axis: 1))
    }
  }

  /// The weights' bits after a few steps with so many threads, as a digest.
  static func digest(threads: Int, steps: Int) -> UInt64 {
    let before = Parallel.threads
    defer { Parallel.threads = before }
    Parallel.threads = threads
    return withRandomSource(RandomSource(seed: 9)) {
      let model = Wide()
      let adam = AdamW(model.parameters, learningRate: 1e-3)
      for step in 0..<steps {
        var stream = RandomStream(seed: 10, stream: UInt64(step))
        let loss = crossEntropy(
          model(Variable(stream.normal(shape: [48, 1, 28, 28]))), IntTensor((0..<48).map { ($0 + step) % 10 })
        )
        adam.clearGradients()
        loss.backward()
        adam.step()
      }
      var reading = Reading()
      for parameter in model.parameters {
        for number in parameter.value.scalars { reading.add(Int(number.bitPattern)) }
      }
      return reading.digest
    }
  }
}
