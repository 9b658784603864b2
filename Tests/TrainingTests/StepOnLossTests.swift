import Engine
import Testing

@Suite struct StepOnLossTests {
  struct Stop: Error {}

  private func loss(_ w: Parameter) -> Variable { squaredError(w * 3, Tensor([1, -2])) }

  @Test func isTheThreeCalls() throws {
    let (a, b) = (Parameter(Tensor([0.5, -1])), Parameter(Tensor([0.5, -1])))
    let (one, three) = (Adam([a], learningRate: 0.1), Adam([b], learningRate: 0.1))
    var norms: [Double] = []
    for _ in 0..<3 {
      one.step(on: loss(a)) { norms.append(clipGradients(of: $0, toNorm: 0.5)) }
      let loss = loss(b)
      three.clearGradients()
      loss.backward()
      clipGradients(of: [b], toNorm: 0.5)
      three.step()
    }
    #expect(a.value == b.value && a.value != Tensor([0.5, -1]))
    #expect(norms.count == 3 && norms.allSatisfy { $0 > 0 })
  }

  @Test func nothingChangesWhenStoppedBefore() {
    let w = Parameter(Tensor([0.5, -1]))
    let optimizer = SGD([w], learningRate: 0.1)
    #expect(throws: Stop.self) { try optimizer.step(on: loss(w)) { _ in throw Stop() } }
    #expect(w.value == Tensor([0.5, -1]) && w.gradient != nil)
  }
}
