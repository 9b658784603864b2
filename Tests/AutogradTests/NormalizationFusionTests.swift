import Tensors
import Testing

@testable import Autograd

/// A normalisation and the ReLU that follows, done in one pass, are held to the two done one after the other: the same
/// operations in the same order, so the same bits.
@Suite struct NormalizationFusionTests {
  enum Kind: CaseIterable { case batchNorm, batchNormOfGiven, groupNorm }

  struct Net {
    let x: Variable
    let w: Parameter
    let b: Parameter
    let mean: Tensor
    let variance: Tensor

    init(_ shape: [Int]) {
      var stream = RandomStream(seed: 5)
      let channels = [shape[1]]
      var numbers = stream.normal(mean: 0.3, deviation: 2, shape: shape)
      // With a given mean of 0, results on the edge of being cut off, of both signs.
      let count = numbers.count
      numbers.withMutablePointer {
        for i in stride(from: 0, to: count, by: 7) { $0[i] = i % 2 == 0 ? 0 : -0.0 }
      }
      x = Variable(numbers, requiresGradient: true)
      w = Parameter(stream.normal(shape: channels))
      b = Parameter(.zeros(channels))
      mean = .zeros(channels)
      variance = stream.uniform(0.5..<2, shape: channels)
    }

    func normalized(_ kind: Kind) -> Variable {
      switch kind {
      case .batchNorm: batchNorm(x, weight: w, bias: b).output
      case .batchNormOfGiven: batchNorm(x, mean: mean, variance: variance, weight: w, bias: b)
      case .groupNorm: groupNorm(x, groups: 2, weight: w, bias: b)
      }
    }

    /// The result, and the gradients of all that was given.
    func run(_ kind: Kind, reading: Bool) -> [Tensor] {
      for variable in [x, w, b] { variable.clearGradient() }
      let hidden = normalized(kind)
      if reading { _ = hidden.value }
      let y = relu(hidden)
      // Planes of few numbers are not worth it.
      let isLarge = x.shape[2...].reduce(1, *) >= 16
      #expect((y.deferred != nil) == (isLarge && !reading), "only an unread normalisation may be joined")
      var stream = RandomStream(seed: 9)
      y.backward(from: stream.normal(shape: y.shape))
      return [y.value] + [x, w, b].compactMap(\.gradient)
    }
  }

  private func expectSameBits(_ net: Net, _ kind: Kind) {
    let (apart, together) = (net.run(kind, reading: true), net.run(kind, reading: false))
    #expect(apart.count == 4 && together.count == 4)
    for (a, b) in zip(apart, together) {
      #expect(a.shape == b.shape)
      // (Two arrays that differ would be compared at length.)
      #expect(zip(a.scalars, b.scalars).allSatisfy { $0.bitPattern == $1.bitPattern })
    }
  }

  @Test(arguments: Kind.allCases, [[6, 4], [9, 4, 15], [9, 4, 16], [2, 4, 5, 7], [40, 8, 40, 40]])
  func togetherEqualsOneAfterTheOther(_ kind: Kind, _ shape: [Int]) {
    expectSameBits(Net(shape), kind)
  }

  @Test(arguments: Kind.allCases, [Float.nan, .infinity])
  func whatIsNotFiniteToo(_ kind: Kind, _ number: Float) {
    let net = Net([3, 4, 5, 7])
    net.x.replaceValue { $0[1, 2, 3, 4] = number }
    expectSameBits(net, kind)
  }

  /// One that is wanted for itself, too, has gradients from both ways.
  @Test(arguments: Kind.allCases) func itMayBeReadAfterAll(_ kind: Kind) {
    let net = Net([2, 4, 5, 7])
    let hidden = net.normalized(kind)
    let rectified = relu(hidden)
    (rectified.sum() + hidden.sum()).backward()
    let cut = hidden.value.scalars.map { $0 <= 0 ? Float(0) : 1 }
    let shift = (0..<4).map { c in
      (0..<2).map { n in Float(35) + cut[(n * 4 + c) * 35..<(n * 4 + c + 1) * 35].reduce(0, +) }.reduce(0, +)
    }
    #expect(net.b.gradient!.scalars == shift)
  }

  @Test func aSecondReLUIsOneByItself() {
    let net = Net([2, 4, 5, 7])
    let once = relu(net.normalized(.batchNorm))
    let twice = relu(once)
    #expect(once.op == "batchNorm + relu" && twice.op == "relu")
    #expect(twice.value == once.value)
  }

  @Test func aTraceListsWhatWasCalled() {
    let net = Net([2, 4, 5, 7])
    let trace = OperationTrace.record { _ = relu(net.normalized(.groupNorm)).value }
    #expect(trace.map(\.name) == ["groupNorm", "relu"])
    #expect(trace.map(\.inputs.count) == [3, 1])
  }
}
