import Chapter07TrainingACNN
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Foundation

/// How the cost of a training step grows with one size of the work.
enum Growth: String, CaseIterable {
  case cnnBatch = "cnn-batch"
  case convolutionWidth = "convolution-width"
  case linearWidth = "linear-width"
  case lstmSteps = "lstm-steps"
  case lstmWidth = "lstm-width"
  case attentionSteps = "attention-steps"
  case gptContext = "gpt-context"

  var title: String {
    switch self {
    case .cnnBatch: "the article's CNN against the batch"
    case .convolutionWidth: "a 5×5 convolution, C → C channels of 14×14, 16 images, against C"
    case .linearWidth: "a linear layer, D → D, 256 rows, against D"
    case .lstmSteps: "the article's RNN, LSTM 1×128, batch 16, against the steps"
    case .lstmWidth: "the article's RNN, 32 steps, batch 32, against the width"
    case .attentionSteps: "causal attention, 4 heads of 32, 8 sequences, against the steps"
    case .gptContext: "the character transformer, 2×128, 1,024 characters a step, against the context"
    }
  }

  /// What is varied.
  var size: String {
    switch self {
    case .cnnBatch: "images"
    case .convolutionWidth: "channels"
    case .linearWidth, .lstmWidth: "width"
    case .lstmSteps, .attentionSteps: "steps"
    case .gptContext: "context"
    }
  }

  var sizes: [Int] {
    switch self {
    case .cnnBatch: [8, 16, 32, 64, 128, 256, 512, 1024]
    case .convolutionWidth: [8, 16, 32, 64, 128, 256]
    case .linearWidth: [64, 128, 256, 512, 1024, 2048]
    case .lstmSteps: [8, 16, 32, 64, 128, 256, 512]
    case .lstmWidth: [32, 64, 128, 256, 512]
    case .attentionSteps: [32, 64, 128, 256, 512, 1024]
    case .gptContext: [32, 64, 128, 256]
    }
  }

  /// Multiplications and additions of a step, in a unit of its own: what the time is held against.
  func work(_ n: Int) -> Double {
    let x = Double(n)
    switch self {
    case .cnnBatch, .lstmSteps: return x
    case .convolutionWidth, .linearWidth, .lstmWidth, .attentionSteps: return x * x
    // As many characters in all; the projections are the same for each, and attention looks at half of the context.
    case .gptContext: return 12 * 128 + x
    }
  }

  /// A step with the size at `n`, ready to run.
  func job(_ n: Int, seed: UInt64) -> () -> Void {
    var stream = RandomStream(seed: seed)
    // A step alone: one size is compared with the next, and a `TrainingRun` would add the same to each.
    func training(_ model: Module, _ loss: @escaping () -> Variable) -> () -> Void {
      let optimizer = Adam(model.parameters)
      return { optimizer.step(on: loss()) }
    }
    func ids(_ count: Int, below bound: Int, _ shape: [Int]) -> IntTensor {
      IntTensor((0..<count).map { _ in stream.integer(below: bound) }, shape: shape)
    }
    return withRandomSource(RandomSource(seed: seed)) {
      switch self {
      case .cnnBatch:
        let model = CNN()
        let images = stream.uniform(0..<1, shape: [n, 1, 28, 28])
        let labels = ids(n, below: 10, [n])
        return training(model) { crossEntropy(model(Variable(images)), labels) }
      case .convolutionWidth:
        let layer = Conv2d(inChannels: n, outChannels: n, kernelSize: 5, padding: 2)
        let x = Variable(stream.normal(shape: [16, n, 14, 14]), requiresGradient: true)
        let dy = stream.normal(shape: [16, n, 14, 14])
        return { differentiate(layer, x, dy) }
      case .linearWidth:
        let layer = Linear(inFeatures: n, outFeatures: n)
        let x = Variable(stream.normal(shape: [256, n]), requiresGradient: true)
        let dy = stream.normal(shape: [256, n])
        return { differentiate(layer, x, dy) }
      case .lstmSteps, .lstmWidth:
        let (steps, width, batch) = self == .lstmSteps ? (n, 128, 16) : (32, n, 32)
        let model = RNNClassifier(inputSize: 1000, hiddenSize: width, layers: 1, classes: 4)
        let words = ids(batch * steps, below: 1000, [batch, steps])
        let labels = ids(batch, below: 4, [batch])
        return training(model) { crossEntropy(model(words, model.initHidden(batch)).logits, labels) }
      case .attentionSteps:
        let parts = (0..<3).map { _ in
          Variable(stream.normal(shape: [8, 4, n, 32]), requiresGradient: true)
        }
        let dy = stream.normal(shape: [8, 4, n, 32])
        return {
          for part in parts { part.clearGradient() }
          scaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true).backward(from: dy)
        }
      case .gptContext:
        let batch = 1024 / n
        let model = GPT(vocabulary: 96, context: n, dimension: 128, heads: 4, blocks: 2)
        let text = ids(batch * n, below: 96, [batch, n])
        let next = ids(batch * n, below: 96, [batch * n])
        return training(model) { crossEntropy(model(text).reshaped([-1, 96]), next) }
      }
    }
  }
}

/// A layer forward and backward.
private func differentiate(_ layer: some Layer, _ x: Variable, _ dy: Tensor) {
  x.clearGradient()
  for parameter in layer.parameters { parameter.clearGradient() }
  layer(x).backward(from: dy)
}
