import Tensors
import Testing

@Suite struct MatmulTests {
  @Test func smallByHand() {
    let a = Tensor([[1, 2], [3, 4]])
    let b = Tensor([[5, 6], [7, 8]])
    #expect(matmul(a, b) == Tensor([[19, 22], [43, 50]]))
    #expect(matmul(a, b, transposeA: true) == Tensor([[26, 30], [38, 44]]))
    #expect(matmul(a, b, transposeB: true) == Tensor([[17, 23], [39, 53]]))
  }
}
