import Autograd
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

let opTraps: [Trap] = [
  Trap("+: shapes do not fit: [2, 3] and [2]") { _ = zeros(2, 3) + zeros(2) },
  Trap("sum: axis 2 is out of range for rank 2") { _ = zeros(2, 3).sum(axis: 2) },
  Trap("matmul: inner dimensions differ: [2, 3]ᵀ × [3, 2]") {
    _ = matmul(zeros(2, 3), zeros(3, 2), transposeA: true)
  },
  Trap("stack: shapes differ: [2] and [3]") { _ = stack([zeros(2), zeros(3)]) },
  Trap("split: axis 0 of shape [5] does not divide into 2 parts") { _ = zeros(5).split(into: 2, axis: 0) },
  Trap("split: sizes [2, 2] do not add up along axis 0 of shape [5]") {
    _ = zeros(5).split(sizes: [2, 2], axis: 0)
  },
  Trap("avgPool2d: an input [N, C, H, W] is needed: [2, 3]") { _ = avgPool2d(zeros(2, 3), kernelSize: 2) },
  Trap("avgPool2d: padding 2 must be at most half of the kernel 3") {
    _ = avgPool2d(zeros(1, 1, 4, 4), kernelSize: 3, padding: 2)
  },
  Trap("adaptiveAvgPool2d: output size 0 for input [1, 1, 4, 4]") {
    _ = adaptiveAvgPool2d(zeros(1, 1, 4, 4), outputSize: 0)
  },
  Trap("globalAvgPool2d: an input [N, C, H, W] is needed: [2, 3]") { _ = globalAvgPool2d(zeros(2, 3)) },
  Trap("conv1d: input [N, C, L] and weight [O, C/groups, K] are needed: [2, 3], [1, 3, 1]") {
    _ = conv1d(zeros(2, 3), zeros(1, 3, 1))
  },
  Trap("conv1d: channels differ: input [2, 3, 5], weight [4, 2, 3], groups 1") {
    _ = conv1d(zeros(2, 3, 5), zeros(4, 2, 3))
  },
  Trap("conv1d: the kernel is larger than the padded input: input [2, 3, 5], weight [4, 3, 8], padding 1") {
    _ = conv1d(zeros(2, 3, 5), zeros(4, 3, 8), padding: 1)
  },
  Trap("convTranspose2d: channels differ: input [1, 2, 3, 3], weight [3, 1, 2, 2], groups 1") {
    _ = convTranspose2d(zeros(1, 2, 3, 3), zeros(3, 1, 2, 2))
  },
  Trap("convTranspose2d: output padding 2 must be less than stride 2") {
    _ = convTranspose2d(zeros(1, 2, 3, 3), zeros(2, 1, 2, 2), stride: 2, outputPadding: 2)
  },
  Trap("convTranspose2d: bias [2] does not fit weight [2, 1, 2, 2]: [1] is needed") {
    _ = convTranspose2d(zeros(1, 2, 3, 3), zeros(2, 1, 2, 2), bias: zeros(2))
  },
  Trap("embedding: id 4 is not in the table [4, 2]") { _ = embedding(IntTensor([0, 4]), zeros(4, 2)) },
  Trap("embedding: a table [V, D] is needed: [4]") { _ = embedding(IntTensor([0]), zeros(4)) },
  Trap("dropout: probability 1.5 is not within 0...1") {
    _ = dropout(zeros(2), probability: 1.5, isTraining: true)
  },
  Trap("layerNorm: input [2, 3] does not end in [4]") { _ = layerNorm(zeros(2, 3), normalizedShape: [4]) },
  Trap("rmsNorm: weight [2] where [3] is needed") {
    _ = rmsNorm(zeros(2, 3), normalizedShape: [3], weight: zeros(2))
  },
  Trap("groupNorm: the channels of [2, 3, 4] do not divide into 2 groups") {
    _ = groupNorm(zeros(2, 3, 4), groups: 2)
  },
  Trap("batchNorm: more than one number a channel is needed for training: [1, 3]") {
    _ = batchNorm(zeros(1, 3))
  },
  Trap("batchNorm: weight [2] where [3] is needed") { _ = batchNorm(zeros(4, 3), weight: zeros(2)) },
  Trap("batchNorm: an input [N, C, …] is needed: [4]") { _ = batchNorm(zeros(4)) },
  Trap("batchNorm: mean [2] and variance [3] for input [4, 3]") {
    _ = batchNorm(zeros(4, 3), mean: Tensor.zeros([2]), variance: Tensor.zeros([3]))
  },
  Trap("scaledDotProductAttention: widths of query and key differ: [2, 3], [2, 4]") {
    _ = scaledDotProductAttention(zeros(2, 3), zeros(2, 4), zeros(2, 4))
  },
  Trap("scaledDotProductAttention: numbers of keys and values differ: [5, 3], [4, 3]") {
    _ = scaledDotProductAttention(zeros(2, 3), zeros(5, 3), zeros(4, 3))
  },
  Trap("are needed: [2, 2, 3], [3, 2, 3], [3, 2, 3]") {
    _ = scaledDotProductAttention(zeros(2, 2, 3), zeros(3, 2, 3), zeros(3, 2, 3))
  },
  Trap("scaledDotProductAttention: mask [3, 2] does not stretch to [1, 1, 2, 2]") {
    _ = scaledDotProductAttention(
      zeros(2, 3), zeros(2, 3), zeros(2, 3), mask: MaskTensor(repeating: true, shape: [3, 2]))
  },
  Trap("multiHeadAttention: a width of 4 does not divide into 3 heads") {
    _ = multiHeadAttention([zeros(1, 2, 12)], heads: 3)
  },
  Trap("multiHeadAttention: projections [[1, 2, 4], [1, 2, 4]] do not fit together") {
    _ = multiHeadAttention([zeros(1, 2, 4), zeros(1, 2, 4)], heads: 2)
  },
  Trap("rotated: […, T, D] with an even D is needed: [2, 3]") { _ = rotary(zeros(2, 3)) },
]

@Suite struct OpTrapTests {
  @Test(arguments: opTraps.indices) func traps(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      opTraps[index].run()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains(opTraps[index].message), "\(words.prefix(300))")
  }
}
