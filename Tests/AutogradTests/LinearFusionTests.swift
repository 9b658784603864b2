import Tensors
import Testing

@testable import Autograd

/// A linear layer and the GELU or the sum that follows, done in one pass, are held to the two done one after the other.
@Suite struct LinearFusionTests {
  enum Next: CaseIterable { case gelu, sum, sumFromTheRight, sumWithItself }

  struct Net {
    let x: Variable
    let w: Parameter
    let b: Parameter
    let other: Variable

    init(batch: Int) {
      var stream = RandomStream(seed: 3)
      x = Variable(stream.normal(shape: [batch, 50, 40]), requiresGradient: true)
      w = Parameter(stream.normal(deviation: 0.2, shape: [40, 40]))
      b = Parameter(stream.normal(deviation: 0.2, shape: [40]))
      other = Variable(stream.normal(shape: [batch, 50, 40]), requiresGradient: true)
    }

    func follow(_ linear: Variable, by next: Next) -> Variable {
      switch next {
      case .gelu: gelu(linear)
      case .sum: other + linear
      case .sumFromTheRight: linear + other
      // Both sides wait; one of them is read for the other.
      case .sumWithItself: linear + Autograd.linear(other, w, bias: b)
      }
    }
  }

  private func run(_ net: Net, _ next: Next, reading: Bool) -> [Tensor] {
    for variable in [net.x, net.w, net.b, net.other] { variable.clearGradient() }
    let hidden = linear(net.x, net.w, bias: net.b)
    if reading { _ = hidden.value }
    let y = net.follow(hidden, by: next)
    if next != .sumWithItself {
      #expect((y.deferred != nil) != reading, "only an unread layer may be joined")
    }
    var stream = RandomStream(seed: 9)
    y.backward(from: stream.normal(shape: y.shape))
    return [y.value] + [net.x, net.w, net.b, net.other].compactMap(\.gradient)
  }

  @Test(arguments: Next.allCases, [2, 40]) func togetherEqualsOneAfterTheOther(_ next: Next, _ batch: Int) {
    let net = Net(batch: batch)
    let (apart, together) = (run(net, next, reading: true), run(net, next, reading: false))
    #expect(apart.count == together.count)
    for (a, b) in zip(apart, together) {
      #expect(a.shape == b.shape)
      let worst = zip(a.scalars, b.scalars).map { abs($0 - $1) }.max()!
      #expect(worst <= 2e-4 * max(1, a.scalars.map(abs).max()!))
    }
  }

  /// A layer whose result is wanted for itself, too, has gradients from both ways.
  @Test func aLayerMayBeReadAfterAll() {
    let net = Net(batch: 2)
    let hidden = linear(net.x, net.w, bias: net.b)
    let sum = net.other + hidden
    (sum.sum() + hidden.sum()).backward()
    #expect(net.other.gradient == .ones(net.other.shape))
    let bias = net.b.gradient!
    #expect(bias.scalars.allSatisfy { abs($0 - 200) < 1e-3 })
  }

  @Test func aLaterChangeDoesNotReachBack() {
    let net = Net(batch: 2)
    let place = Parameter(.ones([2, 50, 40]))
    let waiting = [gelu(linear(net.x, net.w, bias: net.b)), place + linear(net.x, net.w)]
    let expected = [gelu(linear(net.x, net.w, bias: net.b)).value, (place + linear(net.x, net.w)).value]
    for parameter in [net.w, net.b, place] { parameter.update { $0 = Tensor.zeros($0.shape) } }
    #expect(waiting.map(\.value) == expected)
  }

  @Test func aTraceListsWhatWasCalled() {
    let net = Net(batch: 2)
    let trace = OperationTrace.record {
      _ = (net.other + linear(gelu(linear(net.x, net.w, bias: net.b)), net.w)).value
    }
    #expect(trace.map(\.name) == ["linear", "gelu", "linear", "+"])
    #expect(trace.map(\.inputs.count) == [3, 1, 2, 2])
  }
}
