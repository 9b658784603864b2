import Tensors
import Testing

/// Sums of many numbers, and what counts as the largest of them.
@Suite struct ExactSumTests {
  @Test func runningSumsOfManyNumbers() {
    let ones = Tensor(repeating: 1, shape: [20_000_000]).cumulativeSum(axis: 0)
    #expect(ones.scalars.last == 2e7)
    // Down the columns, too.
    let tenths = Tensor(repeating: 0.1, shape: [1_000_000, 2]).cumulativeSum(axis: 0)
    #expect(abs(tenths.scalars.last! - 100_000) < 0.01)
  }

  @Test func meansOfLargeWindows() {
    let x = Tensor(repeating: 0.1, shape: [1, 1, 1024, 1024])
    let mean = AverageWindows(adaptingTo: Size2d(1, 1), input: x.shape).forward(x)
    #expect(abs(mean.scalars[0] - 0.1) < 2e-8)
  }

  /// PyTorch 2.15: `torch.tensor([1., nan, 3., nan]).argmax()` is 1, `torch.tensor([1., 3., 3.]).argmax()` is 1.
  @Test func aNaNIsTheLargestAndTheSmallest() {
    let x = Tensor([[1, .nan, 3, .nan], [1, 3, 3, 0], [.nan, 9, 9, 9]])
    let right = IntTensor([1, 1, 0])
    #expect(x.argmax() == right)
    #expect(x.argmax(axis: 1) == right)
    #expect(x.maximum(axis: 1).places == right)
    #expect(x.argmin(axis: 1) == IntTensor([1, 3, 0]))
  }

  /// PyTorch 2.15: `torch.relu`'s gradient is 0 at 0 and dy at NaN.
  @Test func gradientOfTheRectifierAtItsEdges() {
    let x = Tensor([.nan, 0, -0.0, 1, -1])
    let dx = Tensor.reluBackward(dy: Tensor([2, 2, 2, 2, 2]), y: x.relu())
    #expect(dx == Tensor([2, 0, 0, 2, 0]))
  }
}
