import Engine
import Testing

@Suite struct CheckpointedTests {
  /// A network with all that makes computing again hard: dropout, batch norm, ops that are done in one pass, weights that are
  /// used several times, inside stretches and outside.
  private final class Network: Module {
    let first = Linear(inFeatures: 6, outFeatures: 6)
    let second = Linear(inFeatures: 6, outFeatures: 24)
    let third = Linear(inFeatures: 24, outFeatures: 6)
    let norm = BatchNorm1d(features: 6)
    let dropout = Dropout(0.3)
    let calls: [Int]

    init(calls: [Int] = [1, 1, 1, 1]) { self.calls = calls }

    func stretch(_ x: Variable) -> Variable {
      let y = norm(x + third(dropout(gelu(second(first(x))))))
      return y * x + first(y) + dropout(x)
    }

    func callAsFunction(_ x: Variable, checkpointing: Bool, nested: Bool = false) -> Variable {
      // Not read before the stretch: the stretch must not take it over.
      var x = first(x)
      for _ in calls {
        let before = x
        if !checkpointing {
          x = stretch(before)
        } else if nested {
          x = checkpointed { [self] in checkpointed { [self] in stretch(before) } * 1 }
        } else {
          x = checkpointed { [self] in stretch(before) }
        }
        if nested && !checkpointing { x = x * 1 }
        x = x + before
      }
      return first(x)
    }
  }

  private func run(checkpointing: Bool, nested: Bool = false) -> [[UInt32]] {
    withRandomSource(RandomSource(seed: 4)) {
      let network = Network()
      var stream = RandomStream(seed: 8)
      let x = Variable(stream.normal(shape: [7, 6]), requiresGradient: true)
      let direction = stream.normal(shape: [7, 6])
      var seen: [Tensor] = []
      for _ in 0..<2 {
        let y = network(x, checkpointing: checkpointing, nested: nested)
        seen.append(y.value)
        y.backward(from: direction)
      }
      seen += network.parameters.map { $0.gradient! } + [x.gradient!]
      seen += network.namedStatistics.map(\.statistic.value)
      seen.append(RandomSource.current.next().bits(at: 0) % 2 == 0 ? Tensor(0) : Tensor(1))
      return seen.map { $0.scalars.map(\.bitPattern) }
    }
  }

  @Test func gradientsAreTheSameBits() {
    let plain = run(checkpointing: false)
    #expect(run(checkpointing: true) == plain)
    #expect(run(checkpointing: true, nested: true) == run(checkpointing: false, nested: true))
  }

  /// In a process of its own: memory is counted for all tests that run.
  @Test func memoryIsThatOfOneStretch() async {
    await #expect(processExitsWith: .success) {
      func peak(checkpointing: Bool) -> Int {
        let layers = (0..<8).map { _ in Linear(inFeatures: 64, outFeatures: 64) }
        var x = Variable(Tensor.ones([512, 64]))
        let before = TensorMemory.bytes
        TensorMemory.resetPeak()
        for layer in layers {
          let input = x
          func stretch() -> Variable { tanh(sigmoid(tanh(layer(input)))) }
          x = checkpointing ? checkpointed(stretch) : stretch()
        }
        x.sum().backward()
        return TensorMemory.peakBytes - before
      }
      // A tensor has 128 KiB. Plain: 8 layers of 4. In stretches: the results of 8, and one stretch there and back.
      let (plain, short) = (peak(checkpointing: false), peak(checkpointing: true))
      if plain < 32 * 131_072 || short > 18 * 131_072 { fatalError("\(short) of \(plain) bytes") }
    }
  }

  @Test func withoutGradientsNothingIsKept() {
    let parameter = Parameter(Tensor([2, 3]))
    let y = withoutGradients { checkpointed { parameter * parameter } }
    #expect(y.value.scalars == [4, 9] && !y.requiresGradient)
    // Nor where nothing wants a gradient, or nothing is computed.
    let x = Variable(Tensor([1, 2]))
    #expect(checkpointed { x + 1 }.op == "+")
    #expect(checkpointed { parameter } === parameter)
  }

  @Test func gradientsAreHandedOutToo() {
    let w = Parameter(Tensor([2, 3]))
    let x = Variable(Tensor([5, 7]), requiresGradient: true)
    let y = checkpointed { w * x * x }
    #expect(y.op == "checkpointed")
    let gradients = y.gradients(at: [w, x], from: Tensor([1, 10]), keepingGraph: true)
    #expect(gradients.map { $0!.scalars } == [[25, 490], [20, 420]])
    #expect(w.gradient == nil)
    y.backward(from: Tensor([1, 10]))
    #expect(w.gradient!.scalars == [25, 490])
  }

  @Test func aParameterFrozenMeanwhileGetsNothing() {
    let (a, b) = (Parameter(Tensor([2])), Parameter(Tensor([3])))
    let y = checkpointed { a * b * a }
    a.isFrozen = true
    y.backward()
    #expect(a.gradient == nil && b.gradient!.scalars == [4])
  }

  @Test func aChangedParameterTraps() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let w = Parameter(Tensor([2, 3]))
      let y = checkpointed { w * w }.sum()
      w.value = Tensor([1, 1])
      y.backward()
    }
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(words.contains("checkpointed: a parameter of shape [2] was changed between"), "\(words)")
  }

  @Test func anotherComputationTraps() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let (w, v) = (Parameter(Tensor([2, 3])), Parameter(Tensor([2, 3])))
      var calls = 0
      checkpointed {
        calls += 1
        return calls == 1 ? w * 2 : v * 2
      }.sum().backward()
    }
    let words = String(decoding: result.standardErrorContent, as: UTF8.self)
    #expect(words.contains("the second time it used other variables than the first"), "\(words)")
  }

  /// Parameters are shown as soon as all that uses them is done: the last layer's first.
  @Test func completeGradientsAreShownEarly() {
    let layers = (0..<3).map { _ in Linear(inFeatures: 2, outFeatures: 2) }
    let spectator = Parameter(Tensor([1, 1]))
    var x = Variable(Tensor([1, 2], shape: [1, 2])) + spectator
    for layer in layers { x = tanh(layer(x)) + spectator }
    var order: [ObjectIdentifier] = []
    x.sum().backward { parameter in
      #expect(parameter.gradient != nil)
      order.append(ObjectIdentifier(parameter))
    }
    let expected = layers.reversed().flatMap { [$0.weight, $0.bias!] }.map { ObjectIdentifier($0) }
    #expect(order.count == 7 && order.last == ObjectIdentifier(spectator))
    for layer in 0..<3 {
      #expect(Set(order[layer * 2..<layer * 2 + 2]) == Set(expected[layer * 2..<layer * 2 + 2]))
    }
  }
}
