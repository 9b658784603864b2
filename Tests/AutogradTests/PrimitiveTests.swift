import Autograd
import Tensors
import Testing

/// Every op: its backward against differences of its forward, with a random projection and options that are not the
/// defaults; and small cases by hand.
@Suite struct PrimitiveTests {
  static func normal(_ shape: [Int], seed: UInt64 = 1, deviation: Float = 1) -> Tensor {
    var stream = RandomStream(seed: seed)
    return stream.normal(deviation: deviation, shape: shape)
  }

  /// Numbers away from 0 and from each other: for ops with kinks.
  static func apart(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var stream = RandomStream(seed: seed)
    let count = shape.reduce(1, *)
    let order = stream.permutation(count)
    return Tensor(order.map { (Float($0) + 0.5 - Float(count / 2)) * 0.13 }, shape: shape)
  }

  static func positive(_ shape: [Int], seed: UInt64 = 1) -> Tensor {
    var stream = RandomStream(seed: seed)
    return stream.uniform(0.6..<2.5, shape: shape)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let inputs: [Tensor]
    let op: @Sendable ([Variable]) -> Variable
    init(_ name: String, _ inputs: Tensor..., op: @escaping @Sendable ([Variable]) -> Variable) {
      self.name = name
      self.inputs = inputs
      self.op = op
    }
    var testDescription: String { name }
  }

  static let mask = MaskTensor([true, false, true, true, false, false], shape: [2, 3])
  static let attentionMask = MaskTensor(
    (0..<20).map { $0 % 3 != 0 || $0 % 5 == 0 }, shape: [1, 1, 4, 5])

  static let cases: [Case] = [
    Case("+", normal([2, 3]), normal([3], seed: 2)) { $0[0] + $0[1] },
    Case("+ stretching both", normal([2, 1, 3]), normal([4, 1], seed: 2)) { $0[0] + $0[1] },
    Case("-", normal([2, 3]), normal([2, 1], seed: 2)) { $0[0] - $0[1] },
    Case("*", normal([2, 3]), normal([3], seed: 2)) { $0[0] * $0[1] },
    Case("* with itself", normal([2, 3])) { $0[0] * $0[0] },
    Case("/", normal([2, 3]), positive([2, 1], seed: 2)) { $0[0] / $0[1] },
    Case("with numbers", positive([2, 3])) { 2 / (3 - ($0[0] * 0.5 + 0.25) / 4) - 1 },
    Case("number first", positive([2, 3])) { 1 + 2 * (-$0[0]) },
    Case("exp", normal([2, 3])) { exp($0[0]) },
    Case("log", positive([2, 3])) { log($0[0]) },
    Case("sqrt", positive([2, 3])) { sqrt($0[0]) },
    Case("pow 2.5", positive([2, 3])) { pow($0[0], 2.5) },
    Case("pow 3", normal([2, 3])) { pow($0[0], 3) },
    Case("pow -1", positive([2, 3])) { pow($0[0], -1) },
    Case("tanh", normal([2, 3])) { tanh($0[0]) },
    Case("sigmoid", normal([2, 3])) { sigmoid($0[0]) },
    Case("erf", normal([2, 3])) { erf($0[0]) },
    Case("abs", apart([2, 3])) { abs($0[0]) },
    Case("clamp", apart([3, 4])) { clamp($0[0], to: -0.52...0.26) },
    Case("relu", apart([3, 4])) { relu($0[0]) },
    Case("leakyReLU", apart([3, 4])) { leakyReLU($0[0], slope: 0.3) },
    Case("elu", apart([3, 4])) { elu($0[0], alpha: 1.7) },
    Case("gelu", normal([3, 4])) { gelu($0[0]) },
    Case("gelu, tanh", normal([3, 4])) { gelu($0[0], tanhApproximation: true) },
    Case("silu", normal([3, 4])) { silu($0[0]) },
    Case("softplus", normal([3, 4])) { softplus($0[0], beta: 1.5, threshold: 30) },
    Case("sum", normal([2, 3])) { $0[0].sum() },
    Case("mean", normal([2, 3])) { $0[0].mean() },
    Case("sum over axes", normal([2, 3, 4])) { $0[0].sum(axes: [0, -1]) },
    Case("sum keeping", normal([2, 3, 4])) { $0[0].sum(axis: 1, keepingAxis: true) },
    Case("mean over axes", normal([2, 3, 4])) { $0[0].mean(axes: [2, 0], keepingAxes: true) },
    Case("mean of an axis", normal([2, 3, 4])) { $0[0].mean(axis: -2) },
    Case("variance", normal([3, 4])) { $0[0].variance(axis: 1) },
    Case("standardDeviation", normal([3, 4])) { $0[0].standardDeviation(axis: 0, correction: 0) },
    Case("broadcast", normal([3, 1])) { $0[0].broadcast(to: [2, 3, 4]) },
    Case("maximum", apart([2, 3, 4])) { $0[0].maximum(axis: 1) },
    Case("minimum keeping", apart([2, 3, 4])) { $0[0].minimum(axis: -1, keepingAxis: true) },
    Case("matmul", normal([2, 3]), normal([3, 4], seed: 2)) { matmul($0[0], $0[1]) },
    Case("matmul ᵀ·", normal([3, 2]), normal([3, 4], seed: 2)) { matmul($0[0], $0[1], transposeA: true) },
    Case("matmul ·ᵀ", normal([2, 3]), normal([4, 3], seed: 2)) { matmul($0[0], $0[1], transposeB: true) },
    Case("matmul ᵀᵀ", normal([3, 2]), normal([4, 3], seed: 2)) {
      matmul($0[0], $0[1], transposeA: true, transposeB: true)
    },
    Case("matmul batched", normal([2, 1, 2, 3]), normal([3, 3, 2], seed: 2)) { matmul($0[0], $0[1]) },
    Case("matmul batched ᵀᵀ", normal([2, 3, 2]), normal([1, 4, 3], seed: 2)) {
      matmul($0[0], $0[1], transposeA: true, transposeB: true)
    },
    Case("matmul batch by matrix", normal([2, 2, 3]), normal([3, 4], seed: 2)) { matmul($0[0], $0[1]) },
    Case("matmul batch by matrixᵀ", normal([2, 2, 3]), normal([4, 3], seed: 2)) {
      matmul($0[0], $0[1], transposeB: true)
    },
    Case("matmul batchᵀ by matrix", normal([2, 3, 2]), normal([3, 4], seed: 2)) {
      matmul($0[0], $0[1], transposeA: true)
    },
    Case("matmul matrix by batch", normal([2, 3]), normal([2, 3, 2], seed: 2)) { matmul($0[0], $0[1]) },
    Case("permuted", normal([2, 3, 4])) { $0[0].permuted([2, 0, -2]) },
    Case("transposed", normal([2, 3, 4])) { $0[0].transposed(0, 1) },
    Case("sliced", normal([2, 4, 3])) { $0[0].sliced(1..<3, axis: 1) },
    Case("selected", normal([2, 4, 3])) { $0[0].selected(-1, axis: 1) },
    Case("split", normal([2, 6])) {
      let p = $0[0].split(into: 3, axis: 1); return p[0] * p[2]
    },
    Case("concatenate", normal([2, 1]), normal([2, 3], seed: 2)) {
      concatenate([$0[0], $0[1], $0[0]], axis: 1)
    },
    Case("stack", normal([2, 3]), normal([2, 3], seed: 2)) { stack([$0[0], $0[1]], axis: -1) },
    Case("selecting", normal([3, 4])) { $0[0].selecting([2, 0, 2], axis: 1) },
    Case("gathered", normal([2, 4])) { $0[0].gathered(IntTensor([3, 3, 0, 1], shape: [2, 2]), axis: 1) },
    Case("replacing by a number", normal([2, 3])) { $0[0].replacing(with: 5, where: mask) },
    Case("replacing", normal([3]), normal([2, 1], seed: 2)) { $0[0].replacing(with: $0[1], where: mask) },
    Case("softmax", normal([3, 4])) { softmax($0[0]) },
    Case("softmax of axis 0", normal([3, 2, 2])) { softmax($0[0], axis: 0) },
    Case("logSoftmax", normal([3, 4])) { logSoftmax($0[0]) },
    Case("logSoftmax of axis 1", normal([2, 3, 2])) { logSoftmax($0[0], axis: 1) },
    Case("avgPool2d", normal([1, 2, 5, 6])) {
      avgPool2d($0[0], kernelSize: Size2d(3, 2), stride: Size2d(2, 3), padding: Size2d(1, 1))
    },
    Case("avgPool2d ceil, without padding", normal([2, 1, 6, 6])) {
      avgPool2d($0[0], kernelSize: 3, stride: 2, padding: 1, ceilMode: true, includesPadding: false)
    },
    Case("avgPool2d with a divisor", normal([1, 1, 4, 4])) { avgPool2d($0[0], kernelSize: 2, divisor: 3) },
    Case("adaptiveAvgPool2d", normal([1, 2, 5, 7])) { adaptiveAvgPool2d($0[0], outputSize: Size2d(3, 4)) },
    Case("globalAvgPool2d", normal([2, 3, 2, 2])) { globalAvgPool2d($0[0]) },
    Case("globalMaxPool2d", apart([2, 3, 2, 2])) { globalMaxPool2d($0[0]) },
    Case("conv1d", normal([2, 4, 7]), normal([6, 2, 3], seed: 2), normal([6], seed: 3)) {
      conv1d($0[0], $0[1], bias: $0[2], stride: 2, padding: 2, dilation: 2, groups: 2)
    },
    Case("convTranspose2d", normal([2, 4, 3, 2]), normal([4, 3, 3, 2], seed: 2), normal([6], seed: 3)) {
      convTranspose2d(
        $0[0], $0[1], bias: $0[2], stride: Size2d(3, 2), padding: Size2d(1, 0), outputPadding: Size2d(2, 1),
        dilation: Size2d(2, 1), groups: 2)
    },
    Case("embedding", normal([4, 3])) { embedding(IntTensor([3, 0, 3, 1], shape: [2, 2]), $0[0]) },
    Case("layerNorm", normal([2, 3, 4]), positive([3, 4], seed: 2), normal([3, 4], seed: 3)) {
      layerNorm($0[0], normalizedShape: [3, 4], weight: $0[1], bias: $0[2], epsilon: 0.1)
    },
    Case("layerNorm plain", normal([5, 17])) { layerNorm($0[0], normalizedShape: [17]) },
    Case("layerNorm, bias alone", normal([2, 4]), normal([4], seed: 3)) {
      layerNorm($0[0], normalizedShape: [4], bias: $0[1])
    },
    Case("rmsNorm", normal([3, 5]), positive([5], seed: 2)) {
      rmsNorm($0[0], normalizedShape: [5], weight: $0[1], epsilon: 0.1)
    },
    Case("rmsNorm plain", normal([3, 5])) { rmsNorm($0[0], normalizedShape: [5]) },
    Case("groupNorm", normal([2, 4, 3]), positive([4], seed: 2), normal([4], seed: 3)) {
      groupNorm($0[0], groups: 2, weight: $0[1], bias: $0[2], epsilon: 0.1)
    },
    Case("groupNorm plain", normal([2, 4, 2, 3])) { groupNorm($0[0], groups: 1) },
    Case("batchNorm", normal([3, 2, 2, 3]), positive([2], seed: 2), normal([2], seed: 3)) {
      batchNorm($0[0], weight: $0[1], bias: $0[2], epsilon: 0.1).output
    },
    Case("batchNorm of vectors", normal([5, 3]), positive([3], seed: 2)) {
      batchNorm($0[0], weight: $0[1]).output
    },
    Case("batchNorm in evaluation", normal([3, 2, 4]), positive([2], seed: 2), normal([2], seed: 3)) {
      batchNorm(
        $0[0], mean: Tensor([0.5, -1]), variance: Tensor([2, 0.3]), weight: $0[1], bias: $0[2], epsilon: 0.1)
    },
    Case("dropout", normal([5, 7])) {
      dropout($0[0], probability: 0.4, isTraining: true, stream: RandomStream(seed: 4))
    },
    Case("attention", normal([2, 2, 4, 3]), normal([2, 2, 5, 3], seed: 2), normal([2, 2, 5, 2], seed: 3)) {
      scaledDotProductAttention($0[0], $0[1], $0[2], scale: 0.7)
    },
    Case("attention, causal, no batch", normal([4, 3]), normal([5, 3], seed: 2), normal([5, 2], seed: 3)) {
      scaledDotProductAttention($0[0], $0[1], $0[2], isCausal: true)
    },
    Case(
      "attention, masked", normal([2, 1, 4, 3]), normal([2, 1, 5, 3], seed: 2), normal([2, 1, 5, 2], seed: 3)
    ) {
      scaledDotProductAttention($0[0], $0[1], $0[2], mask: attentionMask)
    },
    Case(
      "attention, masked and causal", normal([2, 4, 3]), normal([2, 5, 3], seed: 2),
      normal([2, 5, 2], seed: 3)
    ) {
      scaledDotProductAttention($0[0], $0[1], $0[2], mask: attentionMask.reshaped([1, 4, 5]), isCausal: true)
    },
    Case(
      "attention with dropout", normal([1, 2, 3, 3]), normal([1, 2, 5, 3], seed: 2),
      normal([1, 2, 5, 2], seed: 3)
    ) {
      q in
      withRandomSource(RandomSource(seed: 3)) {
        scaledDotProductAttention(q[0], q[1], q[2], dropout: 0.3)
      }
    },
    Case("heads of one projection", normal([2, 3, 12])) {
      multiHeadAttention([$0[0]], heads: 2, isCausal: true).output
    },
    Case("heads of two projections", normal([2, 3, 4]), normal([2, 5, 8], seed: 2)) {
      multiHeadAttention([$0[0], $0[1]], heads: 2).output
    },
    Case(
      "heads of three projections", normal([2, 3, 4]), normal([2, 5, 4], seed: 2), normal([2, 5, 4], seed: 3)
    ) {
      multiHeadAttention([$0[0], $0[1], $0[2]], heads: 4).output
    },
    Case("rotary", normal([2, 3, 4])) { rotary($0[0], first: 5, base: 100) },
    Case("reshaped", normal([2, 6])) { $0[0].reshaped([3, -1]) * 2 },
  ]

  @Test(arguments: cases) func backwardAgreesWithDifferences(_ test: Case) {
    let check = checkGradient(at: test.inputs, of: test.op)
    #expect(check.count == test.inputs.reduce(0) { $0 + $1.count })
    #expect(check.passes, "\(check)")
  }

  @Test func theCheckSeesWrongBackwards() {
    let x = Self.normal([3, 4])
    // A factor, a missing term, an exchange of two elements, and one element alone.
    let wrong: [(Tensor) -> Tensor] = [
      { $0 * 1.01 }, { $0 - 0.02 }, { $0.transposed().reshaped([3, 4]) },
      { dx in
        var dx = dx; dx[2, 3] += 0.01; return dx
      },
    ]
    for change in wrong {
      let check = checkGradient(at: [x]) { inputs in
        let y = inputs[0].value.softmax()
        return Variable(y, op: "softmax", inputs: inputs) { dy in
          [change(Tensor.softmaxBackward(dy: dy, y: y))]
        }
      }
      #expect(!check.passes, "\(check)")
    }
    #expect(!checkGradient(at: [], of: { _ in Variable(Tensor(1), requiresGradient: true) }).passes)
  }

  @Test func theCheckLooksAtParametersToo() {
    let w = Parameter(Self.normal([2, 3]))
    let before = w.value
    let right = checkGradient(at: [Self.normal([4, 3])], parameters: [w]) { linear($0[0], w) }
    #expect(right.passes && right.count == 18)
    #expect(w.value == before && w.gradient == nil)
    let wrong = checkGradient(at: [], parameters: [w]) { _ in
      Variable(w.value * 2, op: "wrong", inputs: [w]) { dy in [dy] }
    }
    #expect(!wrong.passes && wrong.worst?.input == 0)
  }

  @Test func byHand() {
    func gradient(_ x: Tensor, _ op: (Variable) -> Variable) -> Tensor {
      let variable = Variable(x, requiresGradient: true)
      let y = op(variable)
      y.backward(from: Tensor((0..<y.value.count).map { Float($0 + 1) }, shape: y.shape))
      return variable.gradient!
    }
    #expect(gradient(Tensor([2, 3])) { $0 * $0 } == Tensor([4, 12]))
    #expect(gradient(Tensor([[1, 5], [5, 2]])) { $0.maximum(axis: 1) } == Tensor([[0, 1], [2, 0]]))
    #expect(gradient(Tensor([4, 4])) { $0.maximum(axis: 0) } == Tensor([1, 0]), "the first among equals")
    #expect(gradient(Tensor([1, 2, 3])) { $0.selecting([2, 2, 0], axis: 0) } == Tensor([3, 0, 3]))
    #expect(gradient(Tensor([-1, 0, 2])) { relu($0) } == Tensor([0, 0, 3]))
    #expect(gradient(Tensor([-1, 0, 2])) { leakyReLU($0, slope: 0.5) } == Tensor([0.5, 1, 3]))
    #expect(gradient(Tensor([-3, 1, 3])) { clamp($0, to: -2...3) } == Tensor([0, 2, 0]))
    #expect(gradient(Tensor([[1, 2], [3, 4]])) { $0.sum(axis: 0) } == Tensor([[1, 2], [1, 2]]))
    let table = Variable(Tensor([[1, 2], [3, 4], [5, 6]]), requiresGradient: true)
    let rows = embedding(IntTensor([2, 1, 2]), table, paddingIndex: 1)
    #expect(rows.value == Tensor([[5, 6], [3, 4], [5, 6]]))
    rows.backward(from: Tensor([[1, 2], [3, 4], [5, 6]]))
    #expect(table.gradient == Tensor([[0, 0], [0, 0], [6, 8]]))
    #expect(
      avgPool2d(Variable(Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])), kernelSize: 2, padding: 1).value
        == Tensor([0.25, 0.5, 0.75, 1], shape: [1, 1, 2, 2]))
    #expect(
      convTranspose2d(
        Variable(Tensor([1, 2], shape: [1, 1, 1, 2])), Variable(Tensor([1, 10, 100], shape: [1, 1, 1, 3])),
        stride: Size2d(1, 2)
      ).value == Tensor([1, 10, 102, 20, 200], shape: [1, 1, 1, 5]))
    #expect(
      rotary(Variable(Tensor([[1, 0], [1, 0]]))).value.isClose(to: Tensor([[1, 0], [0.540302, 0.841471]])))
  }

  @Test func aQueryThatMayLookAtNothingGetsZeros() {
    let q = Variable(Self.normal([1, 1, 2, 3]), requiresGradient: true)
    let mask = MaskTensor([false, false, true, false], shape: [2, 2])
    let (y, weights) = scaledDotProductAttentionWithWeights(q, q, q, mask: mask)
    #expect(weights == Tensor([0, 0, 1, 0], shape: [1, 1, 2, 2]))
    #expect(y.value.sliced(0..<1, axis: 2) == Tensor.zeros([1, 1, 1, 3]))
    #expect(y.value.sliced(1..<2, axis: 2) == q.value.sliced(0..<1, axis: 2))
    y.backward(from: Tensor.ones(y.shape))
    #expect(q.gradient!.scalars.allSatisfy { $0.isFinite })
  }

  @Test func headsAreTheSameAsSplitting() {
    let x = Variable(Self.normal([2, 5, 24]), requiresGradient: true)
    func project(_ y: Variable) -> Tensor {
      x.clearGradient()
      y.backward(from: Self.normal(y.shape, seed: 9))
      return x.gradient!
    }
    let together = multiHeadAttention([x], heads: 2, isCausal: true).output
    let parts = x.split(into: 3, axis: 2).map { $0.reshaped([2, 5, 2, 4]).permuted([0, 2, 1, 3]) }
    let apart = scaledDotProductAttention(parts[0], parts[1], parts[2], isCausal: true)
      .permuted([0, 2, 1, 3]).reshaped([2, 5, 8])
    #expect(together.value.isClose(to: apart.value, absolute: 1e-6))
    #expect(project(together).isClose(to: project(apart), absolute: 1e-5))
  }

  /// Causal queries are multiplied in blocks, with the keys that a block sees; under a mask, with all keys.
  @Test(arguments: [[70, 70], [64, 64], [33, 40], [65, 20], [1, 3]], [Float(0), 0.3])
  func causalBlocksAgreeWithTheMask(_ sizes: [Int], _ dropout: Float) {
    let (t, s) = (sizes[0], sizes[1])
    let inputs = [
      Self.normal([2, 2, t, 5]), Self.normal([2, 2, s, 5], seed: 2), Self.normal([2, 2, s, 3], seed: 3),
    ].map { Variable($0, requiresGradient: true) }
    func results(mask: MaskTensor?) -> [Tensor] {
      for x in inputs { x.clearGradient() }
      let (y, weights) = withRandomSource(RandomSource(seed: 4)) {
        scaledDotProductAttentionWithWeights(
          inputs[0], inputs[1], inputs[2], mask: mask, isCausal: mask == nil, dropout: dropout)
      }
      y.backward(from: Self.normal(y.shape, seed: 9))
      return [y.value, weights] + inputs.map { $0.gradient! }
    }
    for (fast, plain) in zip(results(mask: nil), results(mask: .causal(t, s))) {
      #expect(fast.isClose(to: plain, absolute: 1e-5))
    }
  }

  @Test func dropoutIsOffInEvaluation() {
    let x = Variable(Self.normal([4]), requiresGradient: true)
    #expect(dropout(x, probability: 0.5, isTraining: false) === x)
    let (a, b) = (
      dropout(x, probability: 0.5, isTraining: true), dropout(x, probability: 0.5, isTraining: true)
    )
    _ = (a, b)
    let again = withRandomSource(RandomSource(seed: 1)) {
      dropout(x, probability: 0.5, isTraining: true).value
    }
    #expect(
      again
        == withRandomSource(RandomSource(seed: 1)) { dropout(x, probability: 0.5, isTraining: true).value })
  }

  @Test func aLongChainOfOpsIsReleased() {
    var y = Variable(Tensor([1, 2]), requiresGradient: true)
    let x = y
    for _ in 0..<100_000 { y = y + 1 }
    #expect(y.value == Tensor([100_001, 100_002]))
    y = x
  }
}
