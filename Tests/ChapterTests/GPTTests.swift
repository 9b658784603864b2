import Chapter10ChoosingAModel
import Engine
import Testing

@Suite struct GPTTests {
  let model = withRandomSource(RandomSource(seed: 5)) {
    GPT(vocabulary: 11, context: 9, dimension: 8, heads: 2, blocks: 2)
  }

  /// 12 D² + 13 D a block, the two tables, the last norm and the head.
  @Test func itsParameters() {
    let names = model.namedParameters.map(\.name)
    #expect(names.first == "tokens.weight" && names.last == "head.weight")
    #expect(names.contains("blocks.1.self_attn.in_proj_weight"))
    #expect(model.parameterCount == 11 * 8 + 9 * 8 + 2 * (12 * 64 + 13 * 8) + 16 + 11 * 8)
  }

  /// What comes later changes nothing before it, and changes what is there.
  @Test func noPlaceSeesWhatComesAfterIt() {
    let a = [3, 1, 4, 1, 5, 9, 2]
    for changed in 1..<7 {
      var b = a
      b[changed] = 10
      let (x, y) = (model(IntTensor(a, shape: [1, 7])).value, model(IntTensor(b, shape: [1, 7])).value)
      #expect(x.shape == [1, 7, 11])
      for t in 0..<7 {
        let same = (0..<11).allSatisfy { abs(x[0, t, $0] - y[0, t, $0]) < 1e-6 }
        #expect(same == (t < changed), "place \(t), changed \(changed)")
      }
    }
  }

  /// A text that repeats itself is soon known by heart.
  @Test func itLearns() {
    let ids = IntTensor([0, 1, 2, 3, 0, 1, 2, 3, 0], shape: [1, 9])
    let target = IntTensor([1, 2, 3, 0, 1, 2, 3, 0, 1])
    let optimizer = AdamW(model.parameters, learningRate: 0.01)
    var losses: [Float] = []
    for _ in 0..<60 {
      let loss = crossEntropy(model(ids).reshaped([-1, 11]), target)
      optimizer.clearGradients()
      loss.backward()
      optimizer.step()
      losses.append(loss.scalar)
    }
    #expect(losses[0] > 1.5 && losses[59] < 0.1, "\(losses)")
  }
}
