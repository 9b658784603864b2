import Tensors
import Testing

@Suite struct ReductionTests {
  let x = Tensor([[3, -1, 2], [0, 5, 5]])

  @Test func extremes() {
    let (largest, places) = x.maximum(axis: 1)
    #expect(largest == Tensor([3, 5]) && places == IntTensor([0, 1]))
    #expect(x.maximum(axis: 0, keepingAxis: true).values == Tensor([[3, 5, 5]]))
    #expect(
      x.minimum(axis: 0).values == Tensor([0, -1, 2]) && x.minimum(axis: 0).places == IntTensor([1, 0, 0]))
    #expect(x.argmax(axis: 0) == IntTensor([0, 1, 1]))
    #expect(x.argmin() == IntTensor([1, 0]))
    let withNaN = Tensor([1, .nan, 7])
    #expect(
      withNaN.maximum(axis: 0).values.scalar.isNaN && withNaN.argmin(axis: 0) == IntTensor([1], shape: []))
  }

  @Test func topK() {
    let (values, places) = x.topK(2)
    #expect(values == Tensor([[3, 2], [5, 5]]) && places == IntTensor([0, 2, 1, 2], shape: [2, 2]))
    #expect(x.topK(1, axis: 0, largest: false).values == Tensor([[0, -1, 2]]))
    #expect(Tensor([1, .nan, 7]).topK(2).places == IntTensor([1, 2]))
  }

  @Test func spread() {
    #expect(abs(Tensor([1, 2, 3, 4]).variance() - 5 / 3) < 1e-6)
    #expect(Tensor([1, 2, 3, 4]).variance(correction: 0) == 1.25)
    #expect(x.variance(axis: 0) == Tensor([4.5, 18, 4.5]))
    #expect(x.variance(axis: 1, correction: 0, keepingAxis: true).shape == [2, 1])
    #expect(x.standardDeviation(axis: 0, correction: 0) == Tensor([1.5, 3, 1.5]))
    // Far from 0 the mean must come off first.
    #expect(Tensor([10_000, 10_001, 10_002]).variance() == 1)
  }

  @Test func sumsOverAxes() {
    let y = Tensor((0..<24).map { Float($0) }, shape: [2, 3, 4])
    #expect(y.sum(axes: [0, 2]) == Tensor([60, 92, 124]))
    #expect(y.sum(axes: [-1, 0], keepingAxes: true).shape == [1, 3, 1])
    #expect(y.mean(axes: [0, 1, 2]) == Tensor(11.5))
    #expect(x.cumulativeSum(axis: 1) == Tensor([[3, 2, 4], [0, 5, 10]]))
    #expect(x.cumulativeSum(axis: 0) == Tensor([[3, -1, 2], [3, 4, 7]]))
  }

  @Test func powersAndLimits() {
    #expect(Tensor([1, 2, 3]).power(3) == Tensor([1, 8, 27]))
    #expect(Tensor([4, 9]).power(-0.5) == Tensor([0.5, 1 / 3]))
    #expect(Tensor([4]).power(1.5).isClose(to: Tensor([8])))
    #expect(x.clamped(to: 0...3) == Tensor([[3, 0, 2], [0, 3, 3]]))
    #expect(x.absolute() == Tensor([[3, 1, 2], [0, 5, 5]]))
  }

  @Test func comparedAndReplaced() {
    #expect((x .> 2).scalars == [true, false, false, false, true, true])
    #expect((x .<= Tensor([3, -2, 2])).scalars == [true, false, true, true, false, false])
    #expect((x .== 5).trueCount == 2 && (x .!= 5).trueCount == 4)
    #expect(((x .< 0) .| (x .>= 5)).scalars == [false, true, false, false, true, true])
    #expect(((x .< 4) .& .!(x .< 0)).scalars == [true, false, true, true, false, false])
    #expect(x.replacing(with: 9, where: x .< 1) == Tensor([[3, 9, 2], [9, 5, 5]]))
    let mask = MaskTensor([true, false], shape: [2, 1])
    #expect(x.replacing(with: Tensor([7, 8, 9]), where: mask) == Tensor([[7, 8, 9], [0, 5, 5]]))
    #expect(MaskTensor.causal(2, 3).scalars == [true, false, false, true, true, false])
    #expect(Tensor(mask) == Tensor([[1], [0]]))
    #expect(x.isClose(to: x * (1 + 1e-6)) && !x.isClose(to: x * (1 + 1e-4)) && !x.isClose(to: x + 1e-7))
    #expect(
      !Tensor([.nan]).isClose(to: Tensor([.nan])) && Tensor([.infinity]).isClose(to: Tensor([.infinity])))
    #expect(!Tensor([1, 2]).isClose(to: Tensor([[1, 2]])))
  }

  @Test func manyProducts() {
    var stream = RandomStream(seed: 3)
    let a = stream.normal(shape: [2, 1, 3, 4])
    let b = stream.normal(shape: [5, 4, 2])
    let c = matmul(a, b)
    #expect(c.shape == [2, 5, 3, 2])
    for i in 0..<2 {
      for j in 0..<5 {
        #expect(
          c.row(i).row(j).isClose(to: matmul(a.row(i).row(0), b.row(j)), relative: 1e-5, absolute: 1e-6))
      }
    }
    let (at, bt) = (a.transposed(), b.transposed())
    #expect(matmul(at, bt, transposeA: true, transposeB: true).isClose(to: c, absolute: 1e-6))
    let w = stream.normal(shape: [4, 6])
    #expect(matmul(a, w).isClose(to: matmul(a.reshaped([-1, 4]), w).reshaped([2, 1, 3, 6]), absolute: 1e-6))
    #expect(matmul(w, a, transposeA: true, transposeB: true).shape == [2, 1, 6, 3])
  }
}
