import Chapter08TrainingAnRNN
import Engine
import Foundation
import Testing

@Suite struct PaddedBatchTests {
  private let data = TextData.sentences(training: 300, validation: 60, test: 100, seed: 2)
  private var model: RNNClassifier {
    withRandomSource(RandomSource(seed: 4)) {
      RNNClassifier(inputSize: data.tokenizer.vocabularySize, hiddenSize: 12, layers: 2, classes: 2)
    }
  }

  /// Judged by the last real step, a text's scores are those that it has alone, whatever stands beside and behind it.
  @Test func theLastRealStepDoesNotSeeThePadding() {
    let model = model
    let places = [4, 9, 17, 30]
    let batch = data.test.batch(places, paddedTo: 80).sequences
    let together = model.logits(batch).value
    let column = model.logits(batch, .lastColumn).value
    var differs: Set<Int> = []
    for (n, place) in places.enumerated() {
      let alone = model.logits(PaddedSequences([data.test.ids[place]])).value
      let article = model(
        IntTensor(data.test.ids[place], shape: [1, data.test.ids[place].count]), model.initHidden(1)
      ).logits.value
      for c in 0..<2 {
        #expect(abs(together[n, c] - alone[0, c]) < 1e-6)
        #expect(abs(article[0, c] - alone[0, c]) < 1e-6)
        if abs(column[n, c] - alone[0, c]) > 1e-3 { differs.insert(n) }
      }
    }
    #expect(differs.count == places.count)
  }

  /// What stands in the padding has no influence, and gets no gradient.
  @Test func paddingGetsNoGradient() throws {
    let model = model
    let ids = IntTensor([5, 6, 7, 8, 9, 3, 3, 3], shape: [2, 4])
    func gradient(_ ids: IntTensor) throws -> Tensor {
      for parameter in model.parameters { parameter.setGradient(nil) }
      crossEntropy(model(ids, model.initHidden(2), lengths: [4, 1]).logits, IntTensor([0, 1])).backward()
      return try #require(model.embedding.weight.gradient)
    }
    let one = try gradient(ids)
    let other = try gradient(IntTensor([5, 6, 7, 8, 9, 0, 2, 1], shape: [2, 4]))
    #expect(one == other)
    for row in [0, 1, 2, 3] { #expect(one.sliced(row..<row + 1, axis: 0).scalars.allSatisfy { $0 == 0 }) }
    #expect(one.sliced(9..<10, axis: 0).scalars.contains { $0 != 0 })
  }

  @Test func evaluationDoesNotDependOnTheBatches() {
    let model = model
    let alone = model.evaluation(of: data.test, classCount: 2, batchSize: 1)
    let together = model.evaluation(of: data.test, classCount: 2, batchSize: 100, paddedTo: 90)
    #expect(alone.predictions == together.predictions)
    #expect(abs(alone.loss - together.loss) < 1e-6)
  }

  @Test func bucketsHaveTheSameTextsAndLessPadding() {
    func padding(_ task: SentenceTask) -> Int {
      task.batches(epoch: 2, batchSize: 16, seed: 3).reduce(0) { sum, places in
        let lengths = places.map { data.training.ids[$0].count }
        return sum + lengths.count * lengths.max()! - lengths.reduce(0, +)
      }
    }
    let (plain, buckets) = (SentenceTask(data), SentenceTask(data, buckets: true))
    #expect(
      plain.batches(epoch: 2, batchSize: 16, seed: 3).flatMap { $0 }.sorted()
        == buckets.batches(epoch: 2, batchSize: 16, seed: 3).flatMap { $0 }.sorted())
    #expect(padding(buckets) * 3 < padding(plain))
  }

  /// A run that was broken off in an epoch and resumed comes to the same bits.
  @Test func aResumedRunComesToTheSameBits() throws {
    struct Stop: Error {}
    var settings = TrainingSettings.rnn
    (settings.epochs, settings.batchSize, settings.seed) = (2, 32, 5)
    func run() -> SentenceRun {
      SentenceRun(settings, size: ClassifierSize(hiddenSize: 8, layers: 1), on: data, buckets: true)
    }
    let whole = run()
    while !whole.isFinished { try whole.nextEpoch() }
    let broken = run()
    #expect(throws: Stop.self) { try broken.nextEpoch { if $0.batch == 4 { throw Stop() } } }
    let resumed = run()
    _ = try resumed.resume(from: broken.checkpoint, path: "checkpoint")
    while !resumed.isFinished { try resumed.nextEpoch() }
    #expect(whole.model.state.map(\.tensor) == resumed.model.state.map(\.tensor))
    #expect(whole.history.map(\.validation) == resumed.history.map(\.validation))
  }
}

@Suite struct CountingClassifierTests {
  private let data = TextData.sentences(training: 1_000, validation: 100, test: 200, seed: 2)

  /// The two sentences of a pair have the same counts, and so the same answer: exactly one of them is right.
  @Test func theBagOfWordsIsRightAboutExactlyHalf() throws {
    let test = try CountingTask(data, .all).testEvaluation(seed: 1)
    for pair in 0..<data.test.count / 2 {
      #expect(test.predictions[2 * pair] == test.predictions[2 * pair + 1])
    }
    #expect(test.accuracy == 0.5)
    #expect(data.majorityAccuracy == 0.5)
  }

  @Test func countsByHand() {
    let texts = TextData.sentences(training: 40, validation: 2, test: 2, seed: 1)
    for kind in CountedWords.allCases {
      let counts = WordCounts(kind, in: texts.training)
      let x = counts(texts.training, [0, 1])
      #expect(x.shape == [2, counts.count])
      let sums = (0..<2).map { n in (0..<counts.count).reduce(0) { $0 + x[n, $1] } }
      switch kind {
      case .last: #expect(sums == [1, 1])
      case .all: #expect(sums == texts.training.lengths[..<2].map(Float.init))
      case .pairs: #expect(zip(sums, texts.training.lengths).allSatisfy { $0 < Float($1) && $0 > 0 })
      }
    }
  }

  /// Where words alone tell the classes apart, the bag of words learns it.
  @Test func theBagOfWordsLearnsWhatItCan() throws {
    let path = FileManager.default.temporaryDirectory.path + "/bag-\(UUID().uuidString).tsv"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let lines = (0..<60).map { "\($0 % 2)\tit was \($0 % 2 == 0 ? "cold" : "warm") on day \($0)" }
    try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: path))
    let texts = try TextData.file(path, seed: 1)
    #expect(try CountingTask(texts, .all).testEvaluation(seed: 1, epochs: 300).accuracy == 1)
  }
}

@Suite struct LanguageModelTests {
  private func model(_ kind: RecurrentKind, seed: UInt64 = 3) -> LanguageModel {
    withRandomSource(RandomSource(seed: seed)) {
      LanguageModel(kind, vocabularySize: 7, hiddenSize: 6, layers: 2)
    }
  }
  private let text = (0..<90).map { ($0 * $0 + $0 / 3) % 7 }

  @Test(arguments: RecurrentKind.allCases) func aTextReadInPartsGivesTheSame(kind: RecurrentKind) {
    let model = model(kind)
    let whole = model(IntTensor(Array(text[..<10]), shape: [1, 10]))
    let first = model(IntTensor(Array(text[..<4]), shape: [1, 4]))
    let second = model(IntTensor(Array(text[4..<10]), shape: [1, 6]), first.state)
    #expect(whole.logits.shape == [1, 10, 7])
    for i in 0..<6 * 7 {
      #expect(abs(whole.logits.value.scalars[4 * 7 + i] - second.logits.value.scalars[i]) < 1e-6)
    }
    #expect(whole.state.count == (kind == .lstm ? 2 : 1))
  }

  /// The state is carried from batch to batch, and the gradient is not.
  @Test func theStateIsCarriedAndItsHistoryIsNot() throws {
    let model = model(.lstm)
    let task = LanguageTask(training: TextStreams(text, streams: 2), validation: text, steps: 5)
    let batches = task.batches(epoch: 1, batchSize: 1, seed: 1).map { task.batch($0, epoch: 1) }
    var carried: [String: Tensor] = [:]
    _ = task.step(model, on: batches[0], carrying: &carried)
    #expect(carried.keys.sorted() == ["state 0", "state 1"])
    let second = task.step(model, on: batches[1], carrying: &carried)

    // The same by hand: the first ten steps in one, of which the last five are judged.
    let (inputs, targets) = task.training[0..<10]
    let late = model(inputs).logits.value.sliced(5..<10, axis: 1)
    let own = (0..<2).flatMap { n in (5..<10).map { targets.scalars[n * 10 + $0] } }
    let expected = crossEntropy(Variable(late.reshaped([10, 7])), IntTensor(own)).scalar
    #expect(abs(second.loss.scalar - expected) < 1e-5)

    // Gradients: as if the state had come from nowhere. Letters that only the first batch has get none.
    for parameter in model.parameters { parameter.setGradient(nil) }
    second.loss.backward()
    let gradient = try #require(model.embedding.weight.gradient)
    let seen = Set(batches[1].input.scalars)
    #expect(seen.count < 7)
    for row in 0..<7 {
      let isZero = gradient.sliced(row..<row + 1, axis: 0).scalars.allSatisfy { $0 == 0 }
      #expect(isZero == !seen.contains(row))
    }
  }

  @Test func withoutCarryingEachBatchBeginsWithNothing() {
    let model = model(.gru)
    let task = LanguageTask(
      training: TextStreams(text, streams: 2), validation: text, steps: 5, carriesState: false)
    let batch = task.batch(task.batches(epoch: 1, batchSize: 1, seed: 1)[1], epoch: 1)
    var carried: [String: Tensor] = [:]
    let first = task.step(model, on: batch, carrying: &carried).loss.scalar
    #expect(carried.isEmpty)
    #expect(task.step(model, on: batch, carrying: &carried).loss.scalar == first)
  }

  @Test func theValidationLossIsThatOfTheWholeText() {
    let model = model(.lstm)
    let long = (0..<2_500).map { ($0 * 5 + $0 / 7) % 7 }
    let logits = model(IntTensor(Array(long.dropLast()), shape: [1, 2_499])).logits
    let whole = crossEntropy(logits.reshaped([2_499, 7]), IntTensor(Array(long.dropFirst()))).scalar
    #expect(abs(LanguageTask.loss(of: model, on: long) - Double(whole)) < 1e-5)
  }

  @Test func itLearnsWhatCountingOfPairsCannot() throws {
    // Two letters alternate in pairs: what comes next is decided by the two before.
    let text = (0..<1_200).map { $0 / 2 % 2 + ($0 % 60 == 0 ? 2 : 0) }
    var settings = TrainingSettings.rnn
    (settings.epochs, settings.learningRate) = (12, 0.02)
    let task = LanguageTask(
      training: TextStreams(Array(text[..<1_000]), streams: 4), validation: Array(text[1_000...]), steps: 20)
    let run = LanguageRun(task, settings) {
      LanguageModel(.lstm, vocabularySize: 4, hiddenSize: 16)
    }
    while !run.isFinished { try run.nextEpoch() }
    let bigram = NGramModel(order: 2, vocabularySize: 4, countingIn: Array(text[..<1_000]))
      .loss(on: Array(text[1_000...]), smoothing: 0.1)
    #expect(run.history.last!.validation!.loss < bigram / 2)
  }

  @Test func perplexityOfEqualChoices() {
    #expect(abs(perplexity(log(17)) - 17) < 1e-9)
    #expect(perplexity(0) == 1)
  }
}

@Suite struct ContinuationTests {
  @Test func aContinuationIsAFunctionOfTheSeed() {
    let model = withRandomSource(RandomSource(seed: 3)) {
      LanguageModel(.gru, vocabularySize: 9, hiddenSize: 8)
    }
    func text(_ seed: UInt64, _ temperature: Float) -> [Int] {
      var random = RandomStream(seed: seed)
      return model.continuation(
        of: [1, 2, 3], count: 40, by: Sampler(temperature: temperature), excluding: 0, random: &random)
    }
    #expect(text(1, 1) == text(1, 1))
    #expect(text(1, 1) != text(2, 1))
    #expect(text(1, 0) == text(2, 0))
    #expect(text(1, 1).count == 40)
    #expect(!(text(1, 5) + text(2, 5) + text(1, 0)).contains(0))
    #expect(model.isTraining)
  }

  /// Greedy, letter by letter, as reading the whole text anew each time would have it.
  @Test func theStateIsKeptFromLetterToLetter() {
    let model = withRandomSource(RandomSource(seed: 5)) {
      LanguageModel(.lstm, vocabularySize: 9, hiddenSize: 8, layers: 2)
    }
    var random = RandomStream(seed: 1)
    let written = model.continuation(
      of: [4, 2], count: 12, by: Sampler(temperature: 0), excluding: nil, random: &random)
    var text = [4, 2]
    for _ in 0..<12 {
      let logits = model(IntTensor(text, shape: [1, text.count])).logits.value
      text.append(Tensor(Array(logits.scalars.suffix(9))).argmax(axis: 0).scalars[0])
    }
    #expect(Array(text.dropFirst(2)) == written)
  }
}

@Suite struct GateTraceTests {
  /// Step by step from the equations, and as the engine's LSTM runs: the same.
  @Test func theTraceIsThatOfTheEnginesLSTM() {
    let model = withRandomSource(RandomSource(seed: 8)) {
      RNNClassifier(inputSize: 20, hiddenSize: 7, layers: 2, classes: 3)
    }
    let ids = [3, 19, 4, 4, 11, 0]
    let traces = GateTrace.all(of: model, reading: ids)
    let (output, hidden, cell) = model.rnn(model.embedding(IntTensor(ids, shape: [1, 6])))
    func expectClose(_ x: Tensor, _ y: Tensor) {
      #expect(x.count == y.count)
      for (a, b) in zip(x.scalars, y.scalars) { #expect(abs(a - b) < 1e-5) }
    }
    expectClose(traces[1].hidden, output.value)
    for layer in 0..<2 {
      expectClose(traces[layer].hidden.sliced(5..<6, axis: 0), hidden.value.selected(layer, axis: 0))
      expectClose(traces[layer].cell.sliced(5..<6, axis: 0), cell.value.selected(layer, axis: 0))
      for gate in [traces[layer].input, traces[layer].forget, traces[layer].output] {
        #expect(gate.shape == [6, 7] && gate.scalars.allSatisfy { $0 > 0 && $0 < 1 })
      }
    }
  }
}
