import Tensors
import Testing

/// Tensors from collections of every kind.
@Suite struct MakingTests {
  @Test func fromCollections() {
    let numbers: [Float] = [1, 2, 3, 4, 5, 6]
    let expected = [[1, 2, 3], [4, 5, 6]] as [[Float]]
    #expect(Tensor(numbers, shape: [2, 3]) == Tensor(expected))
    #expect(Tensor([0, 1, 2, 3, 4, 5, 6, 7][1...6].map { Float($0) }, shape: [2, 3]) == Tensor(expected))
    #expect(Tensor(([0] + numbers + [7])[1...6], shape: [2, 3]) == Tensor(expected))
    #expect(Tensor((1...6).lazy.map { Float($0) }, shape: [2, 3]) == Tensor(expected))
    #expect(Tensor(Array(numbers.reversed()).reversed(), shape: [2, 3]) == Tensor(expected))
    #expect(Tensor([], shape: [0, 3]).scalars == [])
  }
}
