import Autograd
import Tensors
import Testing

/// Gradients that are handed out, and leave everybody's own alone.
@Suite struct GradientsTests {
  @Test func theyAreThoseOfBackward() {
    let (a, b, c) = (Parameter(Tensor([1, 2])), Parameter(Tensor([3, -1])), Parameter(Tensor([5, 5])))
    let middle = a * b
    _ = middle.value
    let y = (middle * a).sum()
    let found = y.gradients(at: [a, middle, c, b], keepingGraph: true)
    #expect(found[0]?.scalars == [6, -4])  // 2ab
    #expect(found[1]?.scalars == [1, 2])
    #expect(found[2] == nil)
    #expect(found[3]?.scalars == [1, 4])  // a²
    #expect(a.gradient == nil && b.gradient == nil)
    y.backward()
    #expect(a.gradient?.scalars == [6, -4])
    // What is there stays, and is not added to.
    #expect((a * b).gradients(at: [a], from: Tensor([1, 10]))[0]?.scalars == [3, -10])
    #expect(a.gradient?.scalars == [6, -4])
  }

  /// A result on the way that was read is not taken over by the op that follows.
  @Test func aReadResultOnTheWayHasAGradient() {
    let w = Parameter(Tensor(repeating: 0.5, shape: [2, 1, 3, 3]))
    let x = Variable(Tensor.ones([1, 1, 4, 4]))
    let maps = relu(conv2d(x, w, padding: 1))
    _ = maps.value
    let y = maxPool2d(maps, kernelSize: 2)
    let upstream = Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [1, 2, 2, 2])
    let slope = y.gradients(at: [maps], from: upstream)[0]
    #expect(slope?.shape == [1, 2, 4, 4])
    #expect(slope?.sum() == 36)
  }

  @Test func aWrongStartTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let a = Parameter(Tensor([1, 2]))
      _ = (a * a).gradients(at: [a])
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("gradients: an upstream gradient is needed for shape [2]"), "\(text)")
  }
}
