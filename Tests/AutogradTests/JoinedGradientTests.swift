import Tensors
import Testing

@testable import Autograd

/// A result that another op took over, to be done in one pass, has its gradient when it is asked for.
@Suite struct JoinedGradientTests {
  private let x: Variable
  private let w: Parameter
  private let b: Parameter
  private let other: Variable
  private let upstream: Tensor

  init() {
    var stream = RandomStream(seed: 4)
    x = Variable(stream.normal(shape: [2, 3, 8, 8]), requiresGradient: true)
    w = Parameter(stream.normal(deviation: 0.3, shape: [4, 3, 3, 3]))
    b = Parameter(stream.normal(deviation: 0.3, shape: [4]))
    other = Variable(stream.normal(shape: [2, 3, 8, 4]), requiresGradient: true)
    upstream = stream.normal(shape: [2, 4, 8, 8])
  }

  /// When the gradient is asked for: before the next op (nothing joins), after it, or after its result was read.
  enum Moment: CaseIterable { case before, after, afterReading }

  /// The gradients of what the ops make, last op's first, and of what they were given.
  private func gradients(
    _ chain: [(Variable) -> Variable], of first: Variable, keeping: [Int], _ moment: Moment
  ) -> [Tensor] {
    for variable in [x, w, b, other] { variable.clearGradient() }
    var made = [first]
    for (i, op) in chain.enumerated() {
      if moment == .before && keeping.contains(i) { made[i].retainGradient() }
      made.append(op(made[i]))
    }
    let last = made.last!
    if moment == .afterReading { _ = last.value }
    if moment != .before { for i in keeping { made[i].retainGradient() } }
    last.backward(from: Tensor(Array(upstream.scalars.prefix(last.shape.reduce(1, *))), shape: last.shape))
    return keeping.map { made[$0].gradient ?? Tensor([.nan]) } + [x, w, b, other].compactMap(\.gradient)
  }

  private func expectSame(_ run: (Moment) -> [Tensor]) {
    let expected = run(.before)
    for moment in [Moment.after, .afterReading] {
      let found = run(moment)
      #expect(found.map(\.shape) == expected.map(\.shape), "\(moment)")
      for (a, b) in zip(found, expected) {
        #expect(zip(a.scalars, b.scalars).allSatisfy { abs($0 - $1) < 1e-4 }, "\(moment)")
      }
    }
  }

  @Test(arguments: [[0], [1], [0, 1]]) func ofConvolutionReLUAndPooling(_ keeping: [Int]) {
    expectSame {
      gradients(
        [{ relu($0) }, { maxPool2d($0, kernelSize: 2) }], of: conv2d(x, w, bias: b, padding: 1),
        keeping: keeping, $0)
    }
  }

  @Test func ofConvolutionAndReLU() {
    expectSame { gradients([{ relu($0) }], of: conv2d(x, w, bias: b, padding: 1), keeping: [0], $0) }
  }

  @Test func ofANormalizationAndReLU() {
    let w = Parameter(Tensor([0.5, -1, 2]))
    let shift = Parameter(Tensor([0.1, 0.2, -0.3]))
    func expectSame(_ normalized: () -> Variable) {
      self.expectSame { gradients([{ relu($0) }], of: normalized(), keeping: [0], $0) }
    }
    expectSame { batchNorm(x, weight: w, bias: shift).output }
    expectSame { groupNorm(x, groups: 3, weight: w, bias: shift) }
  }

  @Test func ofALinearLayerAndGELU() {
    let (w, b) = (Parameter(Tensor(Array(w.value.scalars.prefix(32)), shape: [4, 8])), b)
    expectSame { gradients([{ gelu($0) }], of: linear(x, w, bias: b), keeping: [0], $0) }
  }

  @Test(arguments: [false, true]) func ofALinearLayerAndASum(_ isLeft: Bool) {
    let w = Parameter(Tensor(Array(w.value.scalars.prefix(32)), shape: [4, 8]))
    expectSame {
      gradients([{ isLeft ? $0 + other : other + $0 }], of: linear(x, w, bias: b), keeping: [0], $0)
    }
  }

  /// Where the first result was let go, the second still knows where it came from.
  @Test func ofTheLastThatIsHeld() {
    let rectified = relu(conv2d(x, w, bias: b, padding: 1))
    let pooled = maxPool2d(rectified, kernelSize: 2)
    _ = pooled.value
    rectified.retainGradient()
    pooled.sum().backward()
    #expect(rectified.gradient?.sum() == Float(pooled.value.count))
  }

  /// A long chain of joined ops is let go without a deep stack.
  @Test func aLongChainIsLetGo() {
    let w = Parameter(Tensor([1], shape: [1, 1]))
    var y = Variable(Tensor([1], shape: [1, 1]), requiresGradient: true)
    for _ in 0..<30_000 { y = gelu(linear(y, w)) }
    #expect(y.requiresGradient)
  }
}

/// Nothing is computed for a frozen parameter.
@Suite struct FrozenTests {
  @Test func anOpThatLeadsOnlyToFrozenParametersIsNotAskedForGradients() {
    let (frozen, free) = (Parameter(Tensor([2, 3])), Parameter(Tensor([5, 7])))
    frozen.isFrozen = true
    nonisolated(unsafe) var calls = 0
    func double(_ x: Variable) -> Variable {
      Variable(2 * x.value, op: "double", inputs: [x]) { dy in
        calls += 1
        return [2 * dy]
      }
    }
    (double(frozen) * double(free)).sum().backward()
    #expect(calls == 1)
    #expect(frozen.gradient == nil && free.gradient == Tensor([8, 12]))
    #expect(!double(frozen).requiresGradient)
    frozen.isFrozen = false
    (double(frozen) * double(free)).sum().backward()
    #expect(calls == 3 && frozen.gradient == Tensor([20, 28]))
  }

  /// For each input that is not frozen one gradient comes out of the op, and no other.
  @Test func gradientsAreCountedOpByOp() {
    func parameter(_ shape: Int...) -> Parameter { Parameter(.ones(shape)) }
    func count(_ parameters: [Parameter], _ op: () -> Variable) -> [Int] {
      [[], Array(parameters.indices)].map { frozen in
        for (i, parameter) in parameters.enumerated() { parameter.isFrozen = frozen.contains(i) }
        let y = op()
        _ = y.value
        return y.pullGradients(.ones(y.shape), keepingGraph: true).count
      }
    }
    let image = Variable(.ones([2, 2, 3, 3]), requiresGradient: true)
    let row = Variable(.ones([2, 3]), requiresGradient: true)
    let (w, b, square, c) = (parameter(4, 2, 1, 1), parameter(4), parameter(3, 3), parameter(2))
    let (s, t) = (parameter(3), parameter(3))
    #expect(count([w, b]) { conv2d(image, w, bias: b) } == [3, 1])
    #expect(count([w, b]) { relu(conv2d(image, w, bias: b)) } == [3, 1])
    #expect(count([square, s]) { linear(row, square, bias: s) } == [3, 1])
    #expect(count([square, s]) { gelu(linear(row, square, bias: s)) } == [3, 1])
    #expect(count([square]) { matmul(row, square) } == [2, 1])
    #expect(count([s, t]) { layerNorm(row, normalizedShape: [3], weight: s, bias: t) } == [3, 1])
    #expect(count([c]) { groupNorm(image, groups: 1, weight: c, bias: c) } == [3, 1])
    let rnns = [
      [RecurrentParameters(inputHidden: square, hiddenHidden: parameter(3, 3), inputBias: s, hiddenBias: t)]
    ]
    let hidden = rnns[0][0].hiddenHidden as! Parameter
    let steps = Variable(.ones([2, 1, 3]), requiresGradient: true)
    #expect(
      [false, true].map { isFrozen in
        for parameter in [square, hidden, s, t] { parameter.isFrozen = isFrozen }
        let y = rnn(steps, layers: rnns).output
        let (op, _) = y.pullGradients(.ones(y.shape), keepingGraph: true)[0]
        return op.pullGradients(Tensor([], shape: [0]), keepingGraph: true).count
      } == [5, 1])
  }

  @Test func frozenLayersBelowAreLeftOut() {
    let x = Variable(.ones([3, 2, 2]))
    func layer() -> [RecurrentParameters] {
      [RecurrentParameters(inputHidden: Parameter(.ones([2, 2])), hiddenHidden: Parameter(.ones([2, 2])))]
    }
    let layers = [layer(), layer()]
    func gradients() -> [Tensor?] {
      let all = layers.flatMap { $0.flatMap { [$0.inputHidden, $0.hiddenHidden] } }
      for variable in all { variable.clearGradient() }
      let y = rnn(x, layers: layers)
      (y.output.sum() + y.hidden.sum()).backward()
      return all.map(\.gradient)
    }
    let whole = gradients()
    for parameter in layers[0].flatMap({ [$0.inputHidden, $0.hiddenHidden] }) {
      (parameter as! Parameter).isFrozen = true
    }
    #expect(gradients() == [nil, nil, whole[2], whole[3]])
  }
}
