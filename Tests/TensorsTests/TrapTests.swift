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

private let m = Tensor.zeros([2, 3])

let tensorTraps: [Trap] = [
  Trap("permuted: [0, 0] is not an order of the axes of [2, 3]") { _ = m.permuted([0, 0]) },
  Trap("permuted: axis 2 is out of range for rank 2") { _ = m.permuted([0, 2]) },
  Trap("transposed: at least two axes are needed: [2]") { _ = Tensor([1, 2]).transposed() },
  Trap("sliced: 1..<4 is out of range along axis 1 of shape [2, 3]") { _ = m.sliced(1..<4, axis: 1) },
  Trap("selected: index -3 is out of range along axis 0 of shape [2, 3]") { _ = m.selected(-3, axis: 0) },
  Trap("split: sizes [1, 1] do not add up along axis 1 of shape [2, 3]") {
    _ = m.split(sizes: [1, 1], axis: 1)
  },
  Trap("split: axis 1 of shape [2, 3] does not divide into 2 parts") { _ = m.split(into: 2, axis: -1) },
  Trap("concatenate: shapes differ beyond axis 0: [2, 3] and [2, 4]") {
    _ = concatenate([m, Tensor.zeros([2, 4])])
  },
  Trap("concatenate: nothing to join") { _ = concatenate([Tensor]()) },
  Trap("stack: shapes differ: [2, 3] and [3, 2]") { _ = stack([m, m.transposed()]) },
  Trap("selecting: index 3 is out of range along axis 1 of shape [2, 3]") {
    _ = m.selecting([0, 3], axis: 1)
  },
  Trap("adding: source [2, 3] where [2, 1] is needed for [2, 3]") { _ = m.adding(m, at: [0], axis: 1) },
  Trap("gathered: indices [3, 3] do not fit shape [2, 3] along axis 1") {
    _ = m.gathered(IntTensor(repeating: 0, shape: [3, 3]), axis: 1)
  },
  Trap("gathered: index 2 is out of range along axis 0 of shape [2, 3]") {
    _ = m.gathered(IntTensor([0, 1, 2], shape: [1, 3]), axis: 0)
  },
  Trap("scatterAdding: source and indices differ: [2, 3] and [1, 3]") {
    _ = m.scatterAdding(m, at: IntTensor(repeating: 0, shape: [1, 3]), axis: 0)
  },
  Trap(".<: shapes do not fit: [2, 3] and [2]") {
    let small = m .< Tensor([1, 2])
    _ = small
  },
  Trap("replacing: shapes do not fit: [2, 3], [] and mask [2]") {
    _ = m.replacing(with: 0, where: MaskTensor([true, false], shape: [2]))
  },
  Trap("broadcast: [2, 3] does not stretch to [2, 4]") { _ = m.broadcast(to: [2, 4]) },
  Trap("maximum: nothing to choose from along axis 1 of shape [2, 0]") {
    _ = Tensor.zeros([2, 0]).maximum(axis: 1)
  },
  Trap("topK: 4 of shape [2, 3] along axis 1") { _ = m.topK(4) },
  Trap("oneHot: 3 is not one of 3 classes") { _ = IntTensor([0, 3]).oneHot(classes: 3) },
  Trap("matmul: two matrices are needed: [3] × [3, 2]") {
    _ = matmul(Tensor([1, 2, 3]), Tensor.zeros([3, 2]))
  },
  Trap("matmul: inner dimensions differ: [5, 2, 3] × [2, 3]") { _ = matmul(Tensor.zeros([5, 2, 3]), m) },
  Trap("matmul: batches do not fit: [5, 2, 3] × [4, 3, 2]") {
    _ = matmul(Tensor.zeros([5, 2, 3]), Tensor.zeros([4, 3, 2]))
  },
  Trap("+: shapes of whole numbers differ: [2] and [1]") { _ = IntTensor([1, 2]) + IntTensor([1]) },
  Trap("reshaped: [2] holds 2 whole numbers and does not fit into [3]") {
    _ = IntTensor([1, 2]).reshaped([3])
  },
]

@Suite struct TensorTrapTests {
  @Test(arguments: tensorTraps.indices) func traps(_ index: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [index] in
      tensorTraps[index].run()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains(tensorTraps[index].message), "\(words.prefix(300))")
  }
}
