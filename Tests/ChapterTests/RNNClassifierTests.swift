import Chapter08TrainingAnRNN
import Engine
import Formats
import Foundation
import Testing

/// The article's recurrent classifier against PyTorch: logits, losses, gradients and the weights after five steps.
@Suite struct RNNClassifierTests {
  private let golden: NamedArrays
  private let model: RNNClassifier
  private var ids: IntTensor { get throws { try golden.intTensor("ids") } }

  init() throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "GoldenTests/Fixtures/seed-rnn.safetensors").path
    golden = try SafeTensors.read(path)
    model = RNNClassifier(inputSize: 50, hiddenSize: 16, layers: 2, classes: 3)
    try load("init.")
  }

  /// PyTorch's name of a parameter in the file; the layer is called `lstm` there.
  private func fileName(_ name: String) -> String {
    name.hasPrefix("rnn.") ? "lstm." + name.dropFirst(4) : name
  }

  private func load(_ prefix: String) throws {
    try model.load(model.state.map { ($0.name, try golden.tensor(prefix + fileName($0.name))) })
  }

  private func expectClose(_ x: Tensor, _ name: String, _ tolerance: Float = 1e-4) throws {
    let expected = try golden.tensor(name)
    #expect(x.shape == expected.shape, "\(name)")
    for (a, b) in zip(x.scalars, expected.scalars) {
      #expect(abs(a - b) <= tolerance + 1e-3 * abs(b), "\(name)")
    }
  }

  @Test func fiveStepsAsInPyTorch() throws {
    let target = try golden.intTensor("target")
    let optimizer = Adam(model.parameters, learningRate: 0.01)
    var losses: [Float] = []
    for step in 0..<5 {
      let logits = model(try ids, model.initHidden(4)).logits
      if step == 0 { try expectClose(logits.value, "logits0") }
      let loss = crossEntropy(logits, target)
      losses.append(loss.scalar)
      optimizer.clearGradients()
      loss.backward()
      if step == 0 {
        for (name, parameter) in model.namedParameters {
          try expectClose(try #require(parameter.gradient), "grad0." + fileName(name), 1e-6)
        }
      }
      optimizer.step()
    }
    try expectClose(Tensor(losses), "losses")
    try expectClose(model(try ids, model.initHidden(4)).logits.value, "logits_after", 1e-3)
  }

  @Test func aTextReadInTwoPartsGivesTheSame() throws {
    let ids = try ids
    func columns(_ range: Range<Int>) -> IntTensor {
      IntTensor((0..<4).flatMap { n in range.map { ids.scalars[n * 7 + $0] } }, shape: [4, range.count])
    }
    let whole = model(ids, model.initHidden(4))
    let first = model(columns(0..<3), model.initHidden(4))
    let second = model(columns(3..<7), first.hidden)
    for (a, b) in [
      (whole.logits, second.logits), (whole.hidden.hidden, second.hidden.hidden),
      (whole.hidden.cell, second.hidden.cell),
    ] {
      #expect(a.shape == b.shape)
      for (x, y) in zip(a.value.scalars, b.value.scalars) { #expect(abs(x - y) < 1e-6) }
    }
    #expect(whole.hidden.cell.shape == [2, 4, 16])
  }

  /// The GRU's reads its last step too, and has three quarters of the recurrent weights.
  @Test func theGRUClassifier() throws {
    let gru = withRandomSource(RandomSource(seed: 3)) {
      GRUClassifier(inputSize: 50, hiddenSize: 16, layers: 2, classes: 3)
    }
    let weights = 2 * 16 * 16 + 2 * 16
    #expect(model.parameterCount == 50 * 16 + 2 * 4 * weights + 3 * 16 + 3)
    #expect(gru.parameterCount == 50 * 16 + 2 * 3 * weights + 3 * 16 + 3)
    let (logits, hidden) = gru(try ids, gru.initHidden(4))
    #expect(logits.value == gru.fc(Variable(hidden.value.selected(1, axis: 0))).value)
  }
}
