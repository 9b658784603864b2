import Tensors
import Testing

/// Axes exchanged, parts taken, tensors joined: whole arrays, on numbers that tell their own place.
@Suite struct AxesTests {
  /// `0, 1, 2, …` in the given shape.
  func counting(_ shape: [Int]) -> Tensor {
    Tensor((0..<shape.reduce(1, *)).map { Float($0) }, shape: shape)
  }

  /// The definition of a permutation, number by number.
  func naivePermuted(_ x: Tensor, _ axes: [Int]) -> Tensor {
    let shape = axes.map { x.shape[$0] }
    var strides = [Int](repeating: 1, count: x.rank)
    for a in stride(from: x.rank - 2, through: 0, by: -1) { strides[a] = strides[a + 1] * x.shape[a + 1] }
    let numbers = x.scalars
    return Tensor(
      (0..<x.count).map { place in
        var (rest, source) = (place, 0)
        for a in shape.indices.reversed() {
          source += rest % shape[a] * strides[axes[a]]
          rest /= shape[a]
        }
        return numbers[source]
      }, shape: shape)
  }

  func orders(_ n: Int) -> [[Int]] {
    n == 0 ? [[]] : orders(n - 1).flatMap { o in (0...o.count).map { Array(o[..<$0]) + [n - 1] + o[$0...] } }
  }

  @Test(arguments: [[2, 3, 4, 5], [1, 3, 1, 4], [3, 70, 2, 41], [2, 1, 1, 1], [5, 2, 0, 3]])
  func permutedByDefinition(_ shape: [Int]) {
    let x = counting(shape)
    for axes in orders(4) { #expect(x.permuted(axes) == naivePermuted(x, axes), "\(axes)") }
  }

  @Test func transposedByHand() {
    #expect(Tensor([[1, 2, 3], [4, 5, 6]]).transposed() == Tensor([[1, 4], [2, 5], [3, 6]]))
    #expect(counting([2, 3, 4]).transposed(0, 2) == naivePermuted(counting([2, 3, 4]), [2, 1, 0]))
  }

  @Test func sliced() {
    let x = counting([2, 4, 3])
    #expect(
      x.sliced(1..<3, axis: 1) == Tensor([3, 4, 5, 6, 7, 8, 15, 16, 17, 18, 19, 20], shape: [2, 2, 3]))
    #expect(x.sliced(2..<3, axis: -1).shape == [2, 4, 1])
    #expect(x.selected(-1, axis: 1) == Tensor([9, 10, 11, 21, 22, 23], shape: [2, 3]))
    #expect(x.sliced(1..<1, axis: 0).shape == [0, 4, 3])
    #expect(Tensor([[1, 2]]).padded(to: 4, at: 1, axis: 1) == Tensor([[0, 1, 2, 0]]))
  }

  @Test func splitAndJoined() {
    let x = counting([2, 5, 3])
    for axis in 0..<3 {
      #expect(concatenate(x.split(sizes: [1, x.shape[axis] - 1], axis: axis), axis: axis) == x)
    }
    #expect(counting([2, 6]).split(into: 3, axis: 1)[2] == Tensor([[4, 5], [10, 11]]))
    #expect(stack([Tensor([1, 2]), Tensor([3, 4])], axis: 0) == Tensor([[1, 2], [3, 4]]))
    #expect(stack([Tensor([1, 2]), Tensor([3, 4])], axis: -1) == Tensor([[1, 3], [2, 4]]))
    #expect(stack([Tensor(1), Tensor(2)]) == Tensor([1, 2]))
  }

  @Test func picked() {
    let x = Tensor([[1, 2, 3], [4, 5, 6]])
    #expect(x.selecting([2, 0, 2], axis: 1) == Tensor([[3, 1, 3], [6, 4, 6]]))
    #expect(
      Tensor.zeros([2, 3]).adding(Tensor([[1, 2, 3], [4, 5, 6]]), at: [2, 0, 2], axis: 1)
        == Tensor([[2, 0, 4], [5, 0, 10]]))
    #expect(x.gathered(IntTensor([2, 0, 1, 1], shape: [2, 2]), axis: 1) == Tensor([[3, 1], [5, 5]]))
    #expect(x.gathered(IntTensor([1, 0, 1], shape: [1, 3]), axis: 0) == Tensor([[4, 2, 6]]))
    let places = IntTensor([2, 2, 0, 1], shape: [2, 2])
    let source = Tensor([[10, 20], [30, 40]])
    #expect(x.scatterAdding(source, at: places, axis: 1) == Tensor([[1, 2, 33], [34, 45, 6]]))
    #expect(x.scattering(source, at: places, axis: 1) == Tensor([[1, 2, 20], [30, 40, 6]]))
  }

  @Test func broadcast() {
    #expect(Tensor([[1], [2]]).broadcast(to: [2, 3]) == Tensor([[1, 1, 1], [2, 2, 2]]))
    #expect(Tensor([1, 2]).broadcast(to: [2, 2]) == Tensor([[1, 2], [1, 2]]))
    #expect(Tensor(3).broadcast(to: [2]) == Tensor([3, 3]))
  }

  @Test func wholeNumbers() {
    let ids = IntTensor([0, 2, 1, 2], shape: [2, 2])
    #expect(ids + 1 == IntTensor([1, 3, 2, 3], shape: [2, 2]))
    #expect(ids - ids == IntTensor(repeating: 0, shape: [2, 2]))
    #expect((ids .== 2).scalars == [false, true, false, true])
    #expect(ids.reshaped([-1]) == IntTensor([0, 2, 1, 2]))
    #expect(ids.rows([1, 0]) == IntTensor([1, 2, 0, 2], shape: [2, 2]))
    #expect(ids.rows(1..<2) == IntTensor([1, 2], shape: [1, 2]))
    #expect(ids.oneHot(classes: 3).shape == [2, 2, 3])
    #expect(IntTensor([1, 0]).oneHot(classes: 3) == Tensor([[0, 1, 0], [1, 0, 0]]))
    #expect(Tensor(ids) == Tensor([[0, 2], [1, 2]]))
  }
}
