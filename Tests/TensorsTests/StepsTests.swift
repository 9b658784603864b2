import Testing

@testable import Tensors

/// Steps along axes, against the places that an index means.
@Suite struct StepsTests {
  @Test(arguments: [[], [5], [2, 3], [2, 3, 4], [1, 4, 1, 3], [3, 0, 2]] as [[Int]])
  func rowByRow(_ shape: [Int]) {
    let steps = Tensor.steps(of: shape)
    #expect(steps.count == shape.count)
    for (axis, step) in steps.enumerated() { #expect(step == shape[(axis + 1)...].reduce(1, *)) }
  }

  @Test func stretched() {
    #expect(Tensor.steps(of: [3, 1], stretchedTo: [2, 3, 4]) == [0, 1, 0])
    #expect(Tensor.steps(of: [2, 3, 4], stretchedTo: [2, 3, 4]) == [12, 4, 1])
    #expect(Tensor.steps(of: [2, 1, 4], stretchedTo: [2, 3, 4]) == [4, 0, 1])
    #expect(Tensor.steps(of: [], stretchedTo: [2, 3]) == [0, 0])
    #expect(Tensor.steps(of: [7], stretchedTo: [5, 7]) == [0, 1])
    #expect(Tensor.steps(of: [], stretchedTo: []) == [])
  }

  /// Against a broadcast made by hand, at every place.
  @Test(arguments: [
    ([2, 1, 4], [2, 3, 4]), ([3, 1], [2, 3, 4]), ([1, 1, 1], [2, 2, 2]), ([4], [3, 4]),
  ])
  func everyPlace(_ source: [Int], _ target: [Int]) {
    let x = Tensor((0..<source.reduce(1, *)).map { Float($0) }, shape: source)
    let y = x.broadcast(to: target)
    let steps = Tensor.steps(of: source, stretchedTo: target)
    for place in 0..<y.count {
      var (rest, from) = (place, 0)
      for axis in target.indices.reversed() {
        from += rest % target[axis] * steps[axis]
        rest /= target[axis]
      }
      #expect(y.scalars[place] == x.scalars[from])
    }
  }
}
