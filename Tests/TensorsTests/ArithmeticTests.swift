import Tensors
import Testing

@Suite struct ArithmeticTests {
  /// Equal shapes; one side repeated along the first axes, in long runs and short ones; an axis of size 1 on either side;
  /// nothing at all. The third is the shape of the result.
  @Test(arguments: [
    ([3, 50], [3, 50], [3, 50]), ([4, 3, 20], [3, 20], [4, 3, 20]), ([9_000, 20], [20], [9_000, 20]),
    ([4, 5], [5], [4, 5]), ([5], [4, 5], [4, 5]), ([20], [3, 20], [3, 20]),
    ([4, 3, 20], [3, 1], [4, 3, 20]),
    ([4, 1, 20], [3, 20], [4, 3, 20]), ([2, 3], [], [2, 3]), ([0, 20], [20], [0, 20]),
  ]) func agreesWithTheNumbersOneByOne(_ left: [Int], _ right: [Int], _ shape: [Int]) {
    let (a, b) = (random(left, 1), random(right, 2) + 2)
    let (x, y) = (a.scalars, b.scalars)
    let pairs = (0..<shape.reduce(1, *)).map { place in
      (x[source(place, in: shape, of: left)], y[source(place, in: shape, of: right)])
    }
    #expect(a + b == Tensor(pairs.map { $0 + $1 }, shape: shape))
    #expect(a - b == Tensor(pairs.map { $0 - $1 }, shape: shape))
    #expect(a * b == Tensor(pairs.map { $0 * $1 }, shape: shape))
    #expect(a / b == Tensor(pairs.map { $0 / $1 }, shape: shape))
  }

  /// Where the number at `place` of a tensor of shape `full` comes from in one of shape `part` that stretches to it.
  private func source(_ place: Int, in full: [Int], of part: [Int]) -> Int {
    var (rest, at, step) = (place, 0, 1)
    for i in 1...full.count {
      let index = rest % full[full.count - i]
      rest /= full[full.count - i]
      if i > part.count { continue }
      let size = part[part.count - i]
      at += (size == 1 ? 0 : index) * step
      step *= size
    }
    return at
  }
}
