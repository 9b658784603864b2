import Chapter01BigAndSmall
import Engine
import Foundation
import Testing

/// What chapter 1 counts from a configuration is what the engine counts of a model that is really there.
@Suite struct PartTests {
  /// A layer of the engine, what it is in chapter 1's words, and an input for it.
  struct Pair: Sendable, CustomTestStringConvertible {
    let name: String
    let layer: @Sendable () -> any Layer
    let part: Part
    let input: [Int]
    var testDescription: String { name }

    init(_ name: String, _ part: Part, _ input: [Int], _ layer: @escaping @Sendable () -> any Layer) {
      (self.name, self.part, self.input, self.layer) = (name, part, input, layer)
    }
  }

  static let pairs = [
    Pair("linear", .linear(5, 7), [3, 5]) { Linear(inFeatures: 5, outFeatures: 7) },
    Pair("linear without bias", .linear(5, 7, bias: false), [5]) {
      Linear(inFeatures: 5, outFeatures: 7, bias: false)
    },
    Pair("convolution", .convolution(3, 4, kernel: 5, stride: 2, padding: 1), [3, 12, 9]) {
      Conv2d(inChannels: 3, outChannels: 4, kernelSize: 5, stride: 2, padding: 1)
    },
    Pair("convolution in groups", .convolution(6, 4, kernel: 3, groups: 2, bias: false), [6, 8, 7]) {
      Conv2d(inChannels: 6, outChannels: 4, kernelSize: 3, groups: 2, bias: false)
    },
    Pair("batch norm", .batchNorm(6), [6, 4, 4]) { BatchNorm2d(features: 6) },
    Pair("layer norm", .layerNorm(6), [4, 6]) { LayerNorm(6) },
    Pair("RMS norm", .rmsNorm(6), [4, 6]) { RMSNorm(6) },
    Pair("attention", .attention(width: 12, heads: 3, keyHeads: 3, headWidth: 4), [5, 12]) {
      MultiHeadAttention(dimension: 12, heads: 3)
    },
    Pair(
      "attention without biases",
      .attention(width: 12, heads: 2, keyHeads: 2, headWidth: 6, bias: false), [7, 12]
    ) { MultiHeadAttention(dimension: 12, heads: 2, bias: false) },
    Pair("Transformer's block", .postNormBlock(width: 8, heads: 2, hidden: 20), [6, 8]) {
      TransformerEncoderLayer(dimension: 8, heads: 2, feedForward: 20)
    },
    Pair("GPT's block", .preNormBlock(width: 8, heads: 2, hidden: 20), [6, 8]) {
      TransformerEncoderLayer(dimension: 8, heads: 2, feedForward: 20, activation: .gelu, normFirst: true)
    },
    Pair("the article's CNN", .row(DigitNetwork.description(width: 32).parts), [1, 28, 28]) {
      DigitNetwork(width: 32)
    },
    Pair("a small CNN", .row(DigitNetwork.description(width: 3).parts), [1, 28, 28]) {
      DigitNetwork(width: 3)
    },
    Pair(
      "a residual block",
      .residual(
        [.convolution(3, 4, kernel: 3, padding: 1), .batchNorm(4), .activation],
        shortcut: [.convolution(3, 4, kernel: 1)]), [3, 6, 6]
    ) {
      Residual(
        Sequential(
          Conv2d(inChannels: 3, outChannels: 4, kernelSize: 3, padding: 1), BatchNorm2d(features: 4), ReLU()),
        shortcut: Conv2d(inChannels: 3, outChannels: 4, kernelSize: 1))
    },
  ]

  @Test(arguments: PartTests.pairs) func asTheEngineCounts(pair: Pair) {
    let layer = pair.layer()
    #expect(pair.part.parameters == layer.parameterCount)

    let summary = layer.summary(inputShape: [1] + pair.input)
    let reshapes: Set = ["reshaped", "flattened", "permuted", "transposed", "sliced", "selected"]
    let results = summary.rows.filter { !reshapes.contains($0.op) }
    #expect(pair.part.output(pair.input) == Array(summary.rows.last!.outputShape.dropFirst()))
    #expect(pair.part.activations(pair.input) == results.reduce(0) { $0 + $1.bytes } / 4)

    // Without a bias, the engine counts one addition less for each number of the result.
    let products = summary.rows.filter { ["linear", "conv2d", "matmul", "attention"].contains($0.op) }
    let counted = products.reduce(0) { $0 + $1.operations }
    let spared =
      layer.parameters.contains { $0.rank == 1 }
      ? 0 : products.filter { $0.op != "attention" }.reduce(0) { $0 + $1.bytes } / 4
    let hasProducts = pair.part.operations(pair.input) > 0
    #expect(pair.part.operations(pair.input) == (hasProducts ? counted + spared : 0))
  }

  @Test func recurrentLayers() {
    #expect(Part.lstm(5, hidden: 7).parameters == LSTM(inputSize: 5, hiddenSize: 7).parameterCount)
    #expect(Part.gru(5, hidden: 7).parameters == GRU(inputSize: 5, hiddenSize: 7).parameterCount)
    let two: [Part] = [.lstm(5, hidden: 7), .lstm(7, hidden: 7)]
    #expect(two.parameters == LSTM(inputSize: 5, hiddenSize: 7, layers: 2).parameterCount)
    let lstm = LSTM(inputSize: 5, hiddenSize: 7, batchFirst: true)
    let summary = lstm.summary { _ = lstm(Variable(.zeros([1, 11, 5]))) }
    #expect(summary.rows.map(\.op) == ["lstm"])
    #expect(Part.lstm(5, hidden: 7).operations([11, 5]) == summary.operations)
  }

  @Test func embedding() {
    #expect(Part.embedding(9, width: 4).parameters == Embedding(count: 9, dimension: 4).parameterCount)
    #expect(Part.embedding(9, width: 4).operations([6]) == 0)
  }

  /// Eight heads of queries share two of keys and values: a quarter of their weights.
  @Test func sharedKeys() {
    let all = Part.attention(width: 64, heads: 8, keyHeads: 8, headWidth: 8, bias: false)
    let shared = Part.attention(width: 64, heads: 8, keyHeads: 2, headWidth: 8, bias: false)
    #expect(all.parameters == 4 * 64 * 64)
    #expect(shared.parameters == 2 * 64 * 64 + 2 * 64 * 16)
    #expect(all.operations([10, 64]) - shared.operations([10, 64]) == 2 * 10 * 2 * 64 * 48)
    #expect(all.activations([10, 64]) - shared.activations([10, 64]) == 10 * 2 * 48)
  }

  /// Half precision halves weights, gradients and activations, and makes Adam keep a copy.
  @Test func memoryByHand() {
    let float = TrainingMemory(parameters: 10, activations: 7, batch: 3)
    #expect(float.weights == 40 && float.gradients == 40 && float.optimizer == 80 && float.activations == 84)
    let half = TrainingMemory(parameters: 10, activations: 7, batch: 3, bytesPerNumber: 2)
    #expect(half.weights == 20 && half.gradients == 20 && half.optimizer == 120 && half.activations == 42)
    #expect(half.total == 202)
  }

  @Test func whatDoesNotFit() async throws {
    let result = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = [Part.convolution(3, 8, kernel: 3), .linear(7, 2)].output([3, 8, 8])
      })
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self).contains(
        "an input of shape [8, 6, 6] does not fit"))
  }
}
