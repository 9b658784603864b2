import Autograd
import Layers
import Tensors
import Testing

/// What goes wrong, and what is said about it.
struct Trap: Sendable {
  let message: String
  let run: @Sendable () -> Void

  init(_ message: String, _ run: @escaping @Sendable () -> Void) {
    self.message = message
    self.run = run
  }
}

private func zeros(_ shape: Int...) -> Variable { Variable(Tensor.zeros(shape)) }

let layerTraps: [Trap] = [
  Trap("Conv1d: 3 and 4 channels do not divide into 2 groups") {
    _ = Conv1d(inChannels: 3, outChannels: 4, kernelSize: 1, groups: 2)
  },
  Trap("ConvTranspose2d: 4 and 3 channels do not divide into 2 groups") {
    _ = ConvTranspose2d(inChannels: 4, outChannels: 3, kernelSize: 1, groups: 2)
  },
  Trap("Embedding: padding index 5 is not in a table of 5") {
    _ = Embedding(count: 5, dimension: 2, paddingIndex: 5)
  },
  Trap("BatchNorm2d: input [2, 3] does not have 3 channels and an allowed rank (4...4)") {
    _ = BatchNorm2d(features: 3)(zeros(2, 3))
  },
  Trap("BatchNorm1d: input [2, 4] does not have 3 channels") { _ = BatchNorm1d(features: 3)(zeros(2, 4)) },
  Trap("GroupNorm: 4 channels do not divide into 3 groups") { _ = GroupNorm(groups: 3, channels: 4) },
  Trap("Dropout: probability -0.1 is not within 0...1") { _ = Dropout(-0.1) },
  Trap("Residual: the body makes [2, 12] of [2, 3, 4], the way around it [2, 3, 4]") {
    _ = Residual(Flatten())(zeros(2, 3, 4))
  },
  Trap("MultiHeadAttention: a width of 6 does not divide into 4 heads") {
    _ = MultiHeadAttention(dimension: 6, heads: 4)
  },
  Trap("MultiHeadAttention: [N, T, 6] is needed: [2, 5, 4]") {
    _ = MultiHeadAttention(dimension: 6, heads: 2)(zeros(2, 5, 4))
  },
  Trap("SinusoidalPositions: input [2, 5, 4] does not fit positions [3, 4]") {
    _ = SinusoidalPositions(dimension: 4, maxLength: 3)(zeros(2, 5, 4))
  },
  Trap("LearnedPositions: input [2, 5, 4] does not fit positions [9, 6]") {
    _ = LearnedPositions(dimension: 6, maxLength: 9)(zeros(2, 5, 4))
  },
  Trap("Initial: a weight has at least two axes: [3]") { _ = Initial.xavierNormal(shape: [3]) },
  Trap("truncatedNormal: limits 8.0...9.0 lie too far from mean 0.0 with deviation 1.0") {
    _ = Initial.truncatedNormal(shape: [1], limits: 8...9)
  },
]

@Suite struct LayerTrapTests {
  @Test(arguments: layerTraps.indices) func traps(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      layerTraps[index].run()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains(layerTraps[index].message), "\(words.prefix(300))")
  }
}
