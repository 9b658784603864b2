import Chapter10ChoosingAModel
import Engine
import Foundation
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

  /// With waves for places, a token counts about as much as its place: neither drowns the other.
  @Test func wavesLeaveRoomForTheTokens() {
    var size = GPTSize(vocabulary: 11, context: 9, width: 32, heads: 2, blocks: 1)
    size.positions = .sinusoidal
    let waved = withRandomSource(RandomSource(seed: 5)) { GPT(size) }
    func logits(_ ids: [Int], at place: Int) -> Tensor {
      waved(IntTensor(ids, shape: [1, ids.count])).value.selected(0, axis: 0).selected(place, axis: 0)
    }
    func distance(_ a: Tensor, _ b: Tensor) -> Float { sqrt((a - b).scalars.map { $0 * $0 }.reduce(0, +)) }
    let same = [3, 3, 3, 3, 3, 3, 3, 3]
    let byToken = distance(logits(same, at: 0), logits([4], at: 0))
    let byPlace = distance(logits(same, at: 0), logits(same, at: 7))
    #expect(byToken > 0.5 * byPlace, "\(byToken) and \(byPlace)")
    #expect(byPlace > 0.05 * byToken, "\(byToken) and \(byPlace)")
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

  private func sized(_ change: (inout GPTSize) -> Void) -> GPT {
    var size = GPTSize(vocabulary: 11, context: 9, width: 8, heads: 2, blocks: 2)
    change(&size)
    return withRandomSource(RandomSource(seed: 7)) { GPT(size) }
  }

  /// nanoGPT's count for its small configuration, which leaves the table of places out: 795,904.
  @Test func nanoGPTsParameters() {
    var size = GPTSize(vocabulary: 65, context: 64, width: 128, heads: 4, blocks: 4)
    (size.hasBiases, size.isTied) = (false, true)
    let model = GPT(size)
    #expect(model.parameterCount - 64 * 128 == 795_904)
    #expect(!model.namedParameters.contains { $0.name.contains("bias") || $0.name.contains("head") })
  }

  /// Numbers from a normal distribution with deviation 0.02, and 0.02/√(2·4) where a half of a block ends.
  @Test func itBeginsAsGPT2() {
    var size = GPTSize(vocabulary: 65, context: 64, width: 128, heads: 4, blocks: 4)
    size.hasBiases = true
    let model = withRandomSource(RandomSource(seed: 2)) { GPT(size) }
    for (name, parameter) in model.namedParameters where !name.contains("norm") {
      let numbers = parameter.value.scalars.map(Double.init)
      let deviation = (numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)).squareRoot()
      let endsHalf = name.hasSuffix("out_proj.weight") || name.hasSuffix("linear2.weight")
      let expected = name.hasSuffix("bias") ? 0 : endsHalf ? 0.02 / 8.0.squareRoot() : 0.02
      #expect(abs(deviation - expected) < 0.05 * expected + 1e-9, "\(name)")
    }
  }

  @Test(arguments: PositionKind.allCases) func onlyPositionsTellPlacesApart(kind: PositionKind) {
    // Without a mask, attention does not know the order; the causal mask alone tells it something.
    let model = sized { $0.positions = kind }
    // Weights as large as those of a trained model: with the first ones everybody looks everywhere alike.
    for parameter in model.parameters where parameter.rank == 2 { parameter.value = parameter.value * 20 }
    let block = model.blocks[0]
    var stream = RandomStream(seed: 1)
    let x = stream.normal(shape: [1, 5, 8])
    let turned = Tensor((0..<5).reversed().flatMap { t in (0..<8).map { x[0, t, $0] } }, shape: [1, 5, 8])
    let (a, b) = (block(Variable(x), isCausal: false).value, block(Variable(turned), isCausal: false).value)
    let isSame = (0..<5).allSatisfy { t in (0..<8).allSatisfy { abs(a[0, t, $0] - b[0, 4 - t, $0]) < 1e-5 } }
    #expect(isSame == (kind != .rotary))
    // The vectors that go in differ from place to place where places are added to them.
    let (one, two) = (
      model(IntTensor([3, 3], shape: [1, 2])).value.sliced(0..<1, axis: 1),
      model(IntTensor([3, 3], shape: [1, 2])).value.sliced(1..<2, axis: 1)
    )
    let areEqual = zip(one.scalars, two.scalars).allSatisfy { abs($0 - $1) < 1e-4 }
    #expect(areEqual == (kind == .none || kind == .rotary))
  }

  /// With the cache, each place's scores are those that the whole text gives, up to rounding; and the text is the same.
  @Test(arguments: PositionKind.allCases, [true, false])
  func cacheAndNoCacheAgree(kind: PositionKind, isTied: Bool) {
    let model = sized {
      ($0.positions, $0.isTied, $0.hasBiases) = (kind, isTied, !isTied)
      $0.dropout = 0.3
    }
    // Weights as large as those of a trained model: with the first ones all characters are about equally likely.
    for parameter in model.parameters where parameter.rank == 2 { parameter.value = parameter.value * 20 }
    model.evaluate()
    let text = [3, 1, 4, 1, 5, 9, 2, 6, 5]
    var cache = GPTCache(for: model)
    for (t, id) in text.enumerated() {
      let (with, without) = (model.next(after: [id], &cache), model.next(after: Array(text[...t])))
      for c in 0..<11 { #expect(abs(with[c] - without[c]) < 1e-4) }
    }
    #expect(cache.count == 9)
    var parts = GPTCache(for: model)
    _ = model.next(after: [3, 1, 4], &parts)
    let (inParts, whole) = (model.next(after: [1, 5], &parts), model.next(after: [3, 1, 4, 1, 5]))
    for c in 0..<11 { #expect(abs(inParts[c] - whole[c]) < 1e-4) }
    model.train()
    for (seed, temperature) in [(1, 0), (2, 1), (3, 1.5)] as [(UInt64, Float)] {
      func written(_ usesCache: Bool) -> [Int] {
        var random = RandomStream(seed: seed)
        return model.continuation(
          of: text + [7], count: 60, by: Sampler(temperature: temperature, topK: 6), excluding: 0,
          usesCache: usesCache, random: &random)
      }
      let text = written(true)
      #expect(text == written(false))
      #expect(text.count == 60 && !text.contains(0))
      // A tied model's likeliest character is often the last one again.
      #expect(isTied || Set(text).count > 1)
    }
    #expect(model.isTraining)
  }

  @Test func attentionMapsAreCausalAndSumToOne() {
    let maps = model.attentionMaps([1, 2, 3, 4])
    #expect(maps.count == 2 && maps[0].shape == [2, 4, 4])
    for map in maps {
      for h in 0..<2 {
        for t in 0..<4 {
          #expect(abs((0..<4).reduce(0) { $0 + map[h, t, $1] } - 1) < 1e-5)
          #expect((0..<4).allSatisfy { $0 <= t || map[h, t, $0] == 0 })
        }
      }
    }
  }

  @Test func whyThereIsNoSuchModel() {
    func problem(_ change: (inout GPTSize) -> Void) -> String? {
      var size = GPTSize(vocabulary: 11, context: 9, width: 8, heads: 2, blocks: 2)
      change(&size)
      return size.problem
    }
    #expect(problem { _ in } == nil)
    #expect(problem { $0.heads = 3 } == "a width of 8 does not divide into 3 heads")
    #expect(problem { $0.context = 0 } == "the context must be at least 1, given 0")
    #expect(problem { ($0.heads, $0.positions) = (8, .rotary) }?.contains("a head has 1") == true)
    #expect(problem { $0.dropout = 1 } == "the dropout must be from 0 to below 1, given 1.0")
  }

  @Test func aTextLongerThanTheContextTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = GPT(vocabulary: 5, context: 3, dimension: 4, heads: 1, blocks: 1)(
        IntTensor([0, 1, 2, 3], shape: [1, 4]))
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("GPT: ids [1, 4] from place 0: [N, T] within a context of 3 is needed"), "\(text)")
  }
}

@Suite struct GPTTrainingTests {
  private let text = (0..<700).map { ($0 * $0 + $0 / 3) % 7 }

  private func run(_ change: (inout GPTRecipe) -> Void = { _ in }, dropout: Float = 0) -> GPTRun {
    var recipe = GPTRecipe()
    (recipe.steps, recipe.batch, recipe.warmUp) = (30, 4, 5)
    change(&recipe)
    var size = GPTSize(vocabulary: 7, context: 8, width: 8, heads: 2, blocks: 1)
    size.dropout = dropout
    return GPTRun(recipe, size, training: Array(text[..<600]), validation: Array(text[600...]), seed: 3)
  }

  @Test func theSchedule() {
    var recipe = GPTRecipe()
    let schedule = recipe.schedule
    #expect(abs(schedule.learningRate(at: 0, base: 1e-3) - 1e-3 / 101) < 1e-12)
    #expect(abs(schedule.learningRate(at: 99, base: 1e-3) - 1e-3 * 100 / 101) < 1e-12)
    #expect(abs(schedule.learningRate(at: 100, base: 1e-3) - 1e-3) < 1e-12)
    #expect(abs(schedule.learningRate(at: 1_050, base: 1e-3) - 5.5e-4) < 1e-12)
    #expect(abs(schedule.learningRate(at: 2_000, base: 1e-3) - 1e-4) < 1e-12)
    #expect(recipe.looks == 10)
    recipe.steps = 1_999
    #expect(recipe.looks == 1)
  }

  @Test func decayIsForMatrices() {
    let run = run()
    let optimizer = GPTRecipe().optimizer(for: run.model)
    #expect(optimizer.groups.map(\.settings.weightDecay) == [0.1, 0])
    #expect(optimizer.groups[0].parameters.allSatisfy { $0.rank == 2 })
    #expect(optimizer.groups[1].parameters.allSatisfy { $0.rank == 1 })
    #expect(optimizer.parameters.count == run.model.parameters.count)
    #expect(optimizer.groups[0].settings.betas == (0.9, 0.99))
  }

  /// Each window is a stretch of the text, and its targets are what comes next.
  @Test func windowsAndTargets() {
    let task = run().task
    #expect(task.batches(epoch: 1, batchSize: 4, seed: 1).count == 3)
    let batch = task.batch(ArraySlice(4..<8), epoch: 2)
    #expect(batch.input.shape == [4, 8])
    let whole = task.training.map { "\($0)" }.joined()
    for n in 0..<4 {
      let row = Array(batch.input.scalars[n * 8..<n * 8 + 8])
      let next = Array(batch.labels.scalars[n * 8..<n * 8 + 8])
      #expect(row.dropFirst() == next.dropLast())
      #expect(whole.contains((row + [next.last!]).map { "\($0)" }.joined()))
    }
    #expect(batch.input != task.batch(ArraySlice(4..<8), epoch: 1).input)
    #expect(batch.input == task.batch(ArraySlice(4..<8), epoch: 2).input)
  }

  /// All places of the text, the shorter window at the end too.
  @Test func theLossIsOverTheWholeText() {
    let model = run().model
    let ids = Array(text[..<30])  // 29 places: three windows of 8 and one of 5
    var sum = 0.0
    for start in stride(from: 0, to: 29, by: 8) {
      let length = min(8, 29 - start)
      let logits = model(IntTensor(Array(ids[start..<start + length]), shape: [1, length])).value
      for t in 0..<length {
        let row = (0..<7).map { Double(logits[0, t, $0]) }
        let total = row.reduce(0) { $0 + Foundation.exp($1) }
        sum -= row[ids[start + t + 1]] - Foundation.log(total)
      }
    }
    #expect(abs(GPTTask.loss(of: model, on: ids) - sum / 29) < 1e-5)
  }

  /// A run that was broken off and resumed comes to the same bits, dropout included.
  @Test func aResumedRunComesToTheSameBits() throws {
    struct Stop: Error {}
    let whole = run(dropout: 0.2)
    try whole.finish()
    let broken = run(dropout: 0.2)
    #expect(throws: Stop.self) { try broken.finish { if $0 == 5 * 32 { throw Stop() } } }
    let resumed = run(dropout: 0.2)
    _ = try resumed.resume(from: broken.checkpoint, path: "checkpoint")
    try resumed.finish()
    #expect(whole.model.state.map(\.tensor) == resumed.model.state.map(\.tensor))
    let other = run({ $0.beta2 = 0.95 }, dropout: 0.2)
    #expect(throws: FileError.self) { try other.resume(from: broken.checkpoint, path: "checkpoint") }
  }
}
