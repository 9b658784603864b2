import Autograd
import Layers
import Tensors
import Testing

@Suite struct StateTests {
  func make(_ seed: UInt64) -> Sequential {
    withRandomSource(RandomSource(seed: seed)) {
      Sequential(Linear(inFeatures: 3, outFeatures: 2), BatchNorm1d(features: 2))
    }
  }

  @Test func stateTravels() throws {
    let (a, b) = (make(1), make(2))
    _ = a(Variable(Tensor([[1, 2, 3], [4, 5, 7]])))  // so that the statistics differ too
    #expect(!zip(a.state, b.state).allSatisfy { $0.tensor == $1.tensor })
    try b.load(a.state.reversed())
    #expect(zip(a.state, b.state).allSatisfy { $0.name == $1.name && $0.tensor == $1.tensor })
  }

  @Test func allThatIsWrongIsSaidAtOnce() {
    let model = make(1)
    let before = model.state.map(\.tensor)
    var wrong = model.state.filter { $0.name != "0.bias" && $0.name != "1.running_var" }
    wrong[0].tensor = Tensor.zeros([3, 2])
    wrong.append(("head.weight", Tensor(1)))
    wrong.append(("1.bias", Tensor([1, 2])))
    let error = #expect(throws: StateMismatch.self) { try model.load(wrong) }
    #expect(error?.missing == ["0.bias", "1.running_var"])
    #expect(error?.unexpected == ["head.weight"])
    #expect(error?.repeated == ["1.bias"])
    #expect(error?.wrongShapes.map { "\($0.name) \($0.expected) \($0.found)" } == ["0.weight [2, 3] [3, 2]"])
    #expect(
      error?.description == """
        the tensors are not those of this module; nothing was loaded
          missing: 0.bias, 1.running_var
          unexpected: head.weight
          given twice: 1.bias
          wrong shape: 0.weight is [3, 2], [2, 3] is needed
        Make the module with the sizes it was saved with, or choose another file.
        """)
    #expect(model.state.map(\.tensor) == before, "nothing is changed")
  }

  /// Names come from a file and may be anything.
  @Test func namesOfAFileDoNotFloodTheMessage() throws {
    let model = make(1)
    let odd = ["\u{1B}[2J", String(repeating: "x", count: 50_000)] + (0..<100).map { "n\($0)" }
    let error = try #require(throws: StateMismatch.self) { try model.load(odd.map { ($0, Tensor(1)) }) }
    #expect(error.unexpected.count == odd.count)
    #expect(error.description.utf8.count < 1_000)
    #expect(error.description.contains("\\u{1B}[2J"))
    #expect(error.description.contains(" and 90 more"))
  }

  @Test func summaryOfTheArticlesNetwork() {
    let model = Sequential(
      Conv2d(inChannels: 1, outChannels: 32, kernelSize: 5, padding: 2), ReLU(), MaxPool2d(kernelSize: 2),
      Conv2d(inChannels: 32, outChannels: 64, kernelSize: 5, padding: 2), ReLU(), MaxPool2d(kernelSize: 2),
      Flatten(), Linear(inFeatures: 3136, outFeatures: 128), ReLU(), Linear(inFeatures: 128, outFeatures: 10))
    let summary = model.summary(inputShape: [1, 1, 28, 28])
    #expect(summary.parameterCount == 454_922)
    #expect(summary.rows.reduce(0) { $0 + $1.parameters } == 454_922)
    #expect(
      summary.rows.map(\.op) == [
        "conv2d", "relu", "maxPool2d", "conv2d", "relu", "maxPool2d", "flattened", "linear", "relu", "linear",
      ])
    #expect(summary.rows.map(\.layer) == ["0", "", "", "3", "", "", "", "7", "", "9"])
    #expect(summary.rows[0].outputShape == [1, 32, 28, 28])
    #expect(summary.rows[0].operations == 32 * 28 * 28 * 2 * 25)
    #expect(summary.rows[3].operations == 64 * 14 * 14 * 2 * 800)
    #expect(summary.rows[2].operations == 32 * 28 * 28 && summary.rows[2].bytes == 4 * 32 * 14 * 14)
    #expect(summary.rows[7].operations == 128 * 2 * 3136)
    #expect(model.isTraining, "as it was before")
    #expect(summary.description.contains("total"))
  }

  @Test func summaryChangesNothing() {
    let model = make(1)
    model[1].evaluate()
    let before = model.state.map(\.tensor)
    let summary = model.summary(inputShape: [4, 3])
    #expect(model.state.map(\.tensor) == before)
    #expect(model.isTraining && !model[1].isTraining && model[0].isTraining)
    #expect(
      summary.description == """
        layer  op         output  parameters  FLOPs  memory
        ───────────────────────────────────────────────────
        0      linear     [4, 2]           8     48    32 B
        1      batchNorm  [4, 2]           4      8    32 B
        ───────────────────────────────────────────────────
        total                             12     56    64 B
        """)
  }

  @Test func operationsOfAttention() {
    let layer = MultiHeadAttention(dimension: 8, heads: 2)
    let summary = layer.summary(inputShape: [2, 5, 8])
    #expect(summary.rows.map(\.op) == ["linear", "attention", "linear"])
    // Scores and mixture: 2 · N · T · S · E each.
    #expect(summary.rows[1].operations == 2 * (2 * 2 * 5 * 5 * 8))
    #expect(summary.rows[0].operations == 2 * 5 * 24 * 2 * 8)
    let x = Variable(LayerTests.normal([2, 5, 8]))
    let cross = layer.summary { _ = layer(x, memory: Variable(LayerTests.normal([2, 7, 8]))) }
    #expect(cross.rows.first { $0.op == "attention" }?.operations == 2 * (2 * 2 * 5 * 7 * 8))
  }
}
