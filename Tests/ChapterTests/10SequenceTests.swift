import Chapter10ChoosingAModel
import Engine
import Testing

@Suite struct ListOperationsTests {
  /// `[MAX 2 [MIN 9 4 7 ] 1 ]`
  @Test func aListWorkedOutByHand() {
    let list = [11, 3, 12, 10, 5, 8, 13, 2, 13]
    #expect(ListOperations.text(list) == "[MAX 2 [MIN 9 4 7 ] 1 ]")
    #expect(ListOperations.value(of: list) == 4)
  }

  @Test func listsHaveTheirLengthAndTheAnswersAreEquallyFrequent() {
    let lists = ListOperations(seed: 3, lengths: 20...30)
    var counts = [Int](repeating: 0, count: 10)
    for i in 0..<200 {
      let (symbols, answer) = lists.example(at: i)
      #expect((20...30).contains(symbols.count))
      #expect(ListOperations.value(of: symbols) == answer)
      #expect(symbols.allSatisfy { (1...13).contains($0) } && symbols.last == 13)
      counts[answer] += 1
    }
    #expect(counts == [Int](repeating: 20, count: 10))
    #expect(lists.example(at: 7).symbols == ListOperations(seed: 3, lengths: 20...30).example(at: 7).symbols)
    #expect(lists.example(at: 7).symbols != ListOperations(seed: 4, lengths: 20...30).example(at: 7).symbols)
  }
}

@Suite struct SequenceClassifierTests {
  static let words = SequenceData.sentences(.init(training: 40, validation: 4, test: 40), seed: 2)
  static let rows = SequenceData.digits(.init(training: 12, validation: 4, test: 4), as: .rows, seed: 2)
  static let pixels = SequenceData.digits(.init(training: 12, validation: 4, test: 4), as: .pixels, seed: 2)

  private func model(_ kind: NetworkKind, _ data: SequenceData, _ width: Int = 8) -> SequenceClassifier {
    withRandomSource(RandomSource(seed: 5)) { SequenceClassifier(kind, for: data, width: width) }
  }

  /// A sequence's scores are those that it has alone, whatever stands beside it in the batch.
  @Test(arguments: NetworkKind.allCases) func paddingReachesNoResult(kind: NetworkKind) {
    let model = model(kind, Self.words)
    model.evaluate()
    let together = model(Self.words.test.batch(0..<12).input).value
    #expect(together.shape == [12, 2])
    for n in 0..<12 {
      let alone = model(Self.words.test.batch([n]).input).value
      for c in 0..<2 { #expect(abs(together[n, c] - alone[0, c]) < 1e-5, "\(kind), text \(n)") }
    }
  }

  /// The two sentences of a pair have the same words: whoever does not know places gives both the same answer.
  @Test(arguments: NetworkKind.allCases) func withoutPlacesAPairGetsOneAnswer(kind: NetworkKind) {
    let y = model(kind, Self.words)(Self.words.test.batch(0..<40).input).value
    let differs = (0..<20).contains { pair in abs(y[2 * pair, 0] - y[2 * pair + 1, 0]) > 1e-4 }
    #expect(differs == (kind != .bag))
  }

  @Test(arguments: NetworkKind.allCases) func imagesByRowsAndByPixels(kind: NetworkKind) {
    for data in [Self.rows, Self.pixels] {
      #expect(model(kind, data)(data.test.batch(0..<3).input).shape == [3, 10])
    }
  }

  /// The steps are the image's rows; and its pixels, four of which became one.
  @Test func stepsOfAnImage() throws {
    let part = ImageData.generatedDigits(training: 12, validation: 4, test: 4, seed: 2).test
    let images = part.batch([1]).images
    guard case .numbers(let rows) = Self.rows.test.batch([1]).input,
      case .numbers(let pixels) = Self.pixels.test.batch([1]).input
    else { throw Missing() }
    #expect(rows.shape == [1, 28, 28] && pixels.shape == [1, 196, 1])
    #expect(rows.scalars == images.scalars)
    let (row, column) = (9, 6)
    let mean =
      (images[0, 0, 18, 12] + images[0, 0, 18, 13] + images[0, 0, 19, 12] + images[0, 0, 19, 13]) / 4
    #expect(abs(pixels[0, row * 14 + column, 0] - mean) < 1e-6)
  }

  struct Missing: Error {}

  @Test(arguments: NetworkKind.allCases) func widthsComeCloseToTheNumberOfParameters(kind: NetworkKind) {
    for data in [Self.words, Self.rows] {
      let width = SequenceClassifier.width(kind, for: data, parameters: 20_000)
      let count = model(kind, data, width).parameterCount
      // Attention's width goes in fours.
      #expect(abs(count - 20_000) < (kind == .attention ? 3_500 : 1_500), "\(kind): \(count)")
    }
  }

  @Test(arguments: NetworkKind.ordered) func eachLearns(kind: NetworkKind) throws {
    var settings = TrainingSettings(epochs: 200, batchSize: 12, learningRate: 5e-3, seed: 3)
    settings.clipNorm = 1
    let run = TrainingRun(SequenceTask(Self.rows), settings) {
      SequenceClassifier(kind, for: Self.rows, width: 16)
    }
    try run.finish()
    #expect(run.history.last!.training.accuracy > 0.9, "\(run.history.last!.training)")
  }
}

@Suite struct FlatLoopsTests {
  @Test func theyAreTheReadableOnes() {
    let (n, d) = (6, 4)
    var stream = RandomStream(seed: 3)
    func numbers(_ count: Int) -> [Float] { (0..<count).map { _ in stream.normal() } }
    func rows(_ x: [Float]) -> [[Float]] { stride(from: 0, to: x.count, by: d).map { Array(x[$0..<$0 + d]) } }
    let (q, k, v) = (numbers(n * d), numbers(n * d), numbers(n * d))
    let head = attentionHead(queries: rows(q), keys: rows(k), values: rows(v))
    for (a, b) in zip(FlatLoops.attention(q, k, v, n: n, d: d), head.output.flatMap { $0 }) {
      #expect(abs(a - b) < 1e-5)
    }
    let layer = RNN(inputSize: d, hiddenSize: d, bias: false, batchFirst: true)
    let (w, u) = (layer.directions[0][0].inputHidden.value, layer.directions[0][0].hiddenHidden.value)
    let states = layer(Variable(Tensor(q, shape: [1, n, d]))).output.value
    for (a, b) in zip(FlatLoops.recurrence(q, w.transposed().scalars, u.scalars, n: n, d: d), states.scalars)
    {
      #expect(abs(a - b) < 1e-5)
    }
  }
}
