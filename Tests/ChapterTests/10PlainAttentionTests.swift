import Chapter10ChoosingAModel
import Engine
import Testing

/// The plain code of chapter 10, held to the engine's layers.
@Suite struct PlainAttentionTests {
  private let steps = 5
  private let width = 6
  private let heads = 3

  private var layer: MultiHeadAttention {
    let layer = withRandomSource(RandomSource(seed: 3)) { MultiHeadAttention(dimension: width, heads: heads) }
    // Biases begin at 0, where a forgotten one would not be seen.
    var stream = RandomStream(seed: 4)
    layer.inProjBias?.value = stream.normal(shape: [3 * width])
    layer.outProj.bias?.value = stream.normal(shape: [width])
    return layer
  }

  private func sequence(_ seed: UInt64, _ steps: Int, _ width: Int) -> [[Double]] {
    var stream = RandomStream(seed: seed)
    return (0..<steps).map { _ in (0..<width).map { _ in Double(stream.normal()) } }
  }

  private func tensor(_ x: [[Double]]) -> Tensor {
    Tensor(x.flatMap { $0.map { Float($0) } }, shape: [1, x.count, x[0].count])
  }

  private func expectClose(
    _ plain: [[Double]], _ engine: Tensor, within tolerance: Double = 1e-5,
    at location: SourceLocation = #_sourceLocation
  ) {
    let numbers = plain.flatMap { $0 }
    #expect(numbers.count == engine.count, sourceLocation: location)
    for (a, b) in zip(numbers, engine.scalars) {
      #expect(abs(a - Double(b)) < tolerance, sourceLocation: location)
    }
  }

  /// Section 10.2's numbers.
  @Test func oneHeadByHand() {
    let head = attentionHead(
      queries: [[2, 0], [0, 2]], keys: [[1, 0], [0, 1], [1, 1]].map { $0.map { $0 * 2.0.squareRoot() } },
      values: [[1.0], [2], [6]])
    // Scores 2, 0, 2 and 0, 2, 2: weights e²/(2e² + 1) = 0.4683 and 0.0634.
    let (high, low) = (0.468311, 0.063379)
    for (row, expected) in zip(head.weights, [[high, low, high], [low, high, high]]) {
      for (a, b) in zip(row, expected) { #expect(abs(a - b) < 1e-6) }
    }
    #expect(abs(head.output[0][0] - (high * 7 + low * 2)) < 1e-5)
  }

  enum Mask: CaseIterable { case none, causal, padding, both }

  private func masks(_ mask: Mask, _ steps: Int) -> (plain: [[Bool]]?, engine: MaskTensor?, isCausal: Bool) {
    let padding = PaddedSequences([[1, 1, 1], Array(repeating: 1, count: steps)]).mask
    let first = MaskTensor(Array(padding.scalars[..<steps]), shape: [1, 1, 1, steps])
    return switch mask {
    case .none: (nil, nil, false)
    case .causal: (causalMask(steps), nil, true)
    case .padding: (paddingMask(steps, length: 3), first, false)
    case .both: (bothMasks(causalMask(steps), paddingMask(steps, length: 3)), first, true)
    }
  }

  @Test(arguments: Mask.allCases) func manyHeadsAreTheEnginesLayer(mask: Mask) throws {
    let (layer, x) = (layer, sequence(7, steps, width))
    let (plainMask, engineMask, isCausal) = masks(mask, steps)
    let plain = manyHeads(x, AttentionWeights<Double>(layer), mask: plainMask)
    let input = Variable(tensor(x), requiresGradient: true)
    let (output, weights) = layer.attend(input, mask: engineMask, isCausal: isCausal, averagingHeads: false)
    expectClose(plain.output, output.value)
    for h in 0..<heads {
      expectClose(plain.heads[h].weights, weights.selected(0, axis: 0).selected(h, axis: 0))
    }

    // The way back, of every number.
    let dy = sequence(9, steps, width)
    output.backward(from: tensor(dy))
    var gradients = AttentionWeights<Double>(width: width, heads: heads)
    let dx = manyHeadsBackward(dy: dy, plain, AttentionWeights(layer), addingTo: &gradients)
    expectClose(dx, try #require(input.gradient))
    let inProj = try #require(layer.inProjWeight.gradient)
    expectClose(gradients.query + gradients.key + gradients.value, inProj)
    expectClose(
      [gradients.queryBias + gradients.keyBias + gradients.valueBias],
      try #require(layer.inProjBias?.gradient))
    expectClose(gradients.output, try #require(layer.outProj.weight.gradient))
    expectClose([gradients.outputBias], try #require(layer.outProj.bias?.gradient))
    #expect(gradients.count == layer.parameterCount)
  }

  @Test func aQueryThatMayLookAtNothingGetsZeros() {
    let x = sequence(1, 2, 4)
    let head = attentionHead(queries: x, keys: x, values: x, mask: [[false, false], [true, false]])
    #expect(head.output[0] == [0, 0, 0, 0] && head.output[1] == x[0])
    let back = attentionHeadBackward(dy: x, head)
    #expect(back.dQueries.flatMap { $0 }.allSatisfy { $0 == 0 })
  }

  @Test func positionsAreTheEngines() {
    let x = sequence(5, steps, width)
    let waves = SinusoidalPositions(dimension: width, maxLength: 9)
    expectClose(
      addingPositions(x, sinusoidalPositions(9, width: width)), waves(Variable(tensor(x))).value)
    expectClose(rotatedByPosition(x, first: 3), rotary(Variable(tensor(x)), first: 3).value)
  }

  /// The product of a query and a key depends on how far apart they are alone.
  @Test func rotationKnowsDistancesOnly() {
    let (q, k) = (sequence(1, 1, 8), sequence(2, 1, 8))
    func product(_ t: Int, _ s: Int) -> Double {
      let (a, b) = (rotatedByPosition(q, first: t)[0], rotatedByPosition(k, first: s)[0])
      return zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
    #expect(abs(product(3, 1) - product(103, 101)) < 1e-9)
    #expect(abs(product(3, 1) - product(3, 2)) > 1e-3)
  }

  @Test func layerNormIsTheEngines() throws {
    let norm = LayerNorm(width)
    var stream = RandomStream(seed: 8)
    norm.weight!.value = stream.normal(shape: [width])
    norm.bias!.value = stream.normal(shape: [width])
    let w = NormWeights(
      weight: norm.weight!.value.scalars.map(Double.init), bias: norm.bias!.value.scalars.map(Double.init))
    let (x, dy) = (sequence(5, steps, width), sequence(6, steps, width))
    let step = plainLayerNorm(x, w)
    let input = Variable(tensor(x), requiresGradient: true)
    let output = norm(input)
    expectClose(step.output, output.value)
    output.backward(from: tensor(dy))
    var gradients = NormWeights(
      weight: [Double](repeating: 0, count: width), bias: [Double](repeating: 0, count: width))
    let dx = plainLayerNormBackward(dy: dy, step, w, addingTo: &gradients)
    expectClose(dx, try #require(input.gradient))
    expectClose([gradients.weight], try #require(norm.weight?.gradient))
    expectClose([gradients.bias], try #require(norm.bias?.gradient))
  }

  @Test(arguments: [true, false]) func blocksAreTheEngines(normFirst: Bool) {
    let layer = withRandomSource(RandomSource(seed: 6)) {
      TransformerEncoderLayer(
        dimension: width, heads: heads, feedForward: 4 * width, dropout: 0, activation: .gelu,
        normFirst: normFirst)
    }
    for (i, (_, parameter)) in layer.namedParameters.enumerated() where parameter.rank == 1 {
      var stream = RandomStream(seed: 50 + UInt64(i))
      parameter.value = stream.normal(shape: parameter.shape)
    }
    let x = sequence(5, steps, width)
    let engine = layer(Variable(tensor(x)), isCausal: true).value
    let plain = plainBlock(
      x, BlockWeights<Double>(layer), norm: normFirst ? .first : .last, mask: causalMask(steps))
    expectClose(plain, engine)
    if normFirst {
      let block = withRandomSource(RandomSource(seed: 6)) { GPTBlock(width: width, heads: heads) }
      for ((name, own), (other, parameter)) in zip(block.namedParameters, layer.namedParameters) {
        #expect(name == other)
        own.value = parameter.value
      }
      expectClose(plain, block(Variable(tensor(x))).value)
    }
  }

  /// Step by step with keys and values kept, as all steps at once with a causal mask.
  @Test func theCacheGivesWhatACausalMaskGives() {
    let (x, w) = (sequence(5, 7, width), AttentionWeights<Double>(layer))
    let whole = manyHeads(x, w, mask: causalMask(7)).output
    var cache = PlainCache<Double>()
    for t in 0..<7 {
      for (a, b) in zip(cache.step(x[t], w), whole[t]) { #expect(abs(a - b) < 1e-12) }
    }
    #expect(cache.keys.count == 7 && cache.values.count == 7)
  }

  @Test func headsThatDoNotDivideTheWidthTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = AttentionWeights<Double>(width: 10, heads: 3)
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("AttentionWeights: a width of 10 does not divide into 3 heads"))
  }

  @Test func sizesThatDoNotFitTrap() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = attentionHead(queries: [[1.0, 2]], keys: [[1.0, 2, 3]], values: [[1.0]])
    }
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains("attentionHead: 1 queries of 2, 1 keys of 3 and 1 values"))
  }
}
