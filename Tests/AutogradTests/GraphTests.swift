import Autograd
import Tensors
import Testing

@Suite struct GraphTests {
  private func twice(_ x: Variable) -> Variable {
    let y = x.value * 2
    return Variable(y, op: "twice", inputs: [x]) { dy in [dy * 2] }
  }

  private func add(_ a: Variable, _ b: Variable) -> Variable {
    Variable(a.value + b.value, op: "add", inputs: [a, b]) { dy in [dy, dy] }
  }

  @Test func gradientsOfAllUsesAreSummed() {
    let x = Variable(Tensor(3), requiresGradient: true)
    let y = add(twice(x), add(x, twice(twice(x))))  // 2x + x + 4x
    y.backward()
    #expect(x.gradient == Tensor(7))
  }

  @Test func gradientsOfTwoBackwardsAreSummed() {
    let x = Variable(Tensor(3), requiresGradient: true)
    let y = twice(x)
    y.backward(keepingGraph: true)
    y.backward()
    #expect(x.gradient == Tensor(4))
    x.clearGradient()
    #expect(x.gradient == nil)
  }

  @Test func onlyLeavesAndRetainedVariablesKeepGradients() {
    let x = Variable(Tensor(1), requiresGradient: true)
    let constant = Variable(Tensor(1))
    let (a, b) = (twice(x), twice(constant))
    a.retainGradient()
    let y = add(a, b)
    y.backward()
    #expect(a.gradient == Tensor(1))
    #expect(b.gradient == nil && constant.gradient == nil && y.gradient == nil)
  }

  @Test func noHistoryWithoutGradients() {
    let x = Variable(Tensor(1), requiresGradient: true)
    #expect(!withoutGradients { twice(x) }.requiresGradient)
    #expect(twice(x).requiresGradient)
    #expect(!twice(x.detached()).requiresGradient)
  }

  @Test func frozenParametersGetNoGradient() {
    let p = Parameter(Tensor(2))
    p.isFrozen = true
    let q = Parameter(Tensor(2))
    add(p, q).backward()
    #expect(p.gradient == nil)
    #expect(q.gradient == Tensor(1))
  }

  @Test func aLongChainIsReleasedWithoutOverflowingTheStack() {
    let x = Variable(Tensor(1), requiresGradient: true)
    var y = x
    for _ in 0..<100_000 { y = Variable(y.value, op: "same", inputs: [y]) { [$0] } }
    y = x  // lets the chain go
    #expect(y.scalar == 1)
  }

  @Test func aLongChainIsWalkedAndReleased() {
    let x = Variable(Tensor(1), requiresGradient: true)
    var y = x
    for _ in 0..<100_000 { y = Variable(y.value, op: "same", inputs: [y]) { [$0] } }
    y.backward()
    #expect(x.gradient == Tensor(1))
  }

  @Test func aSecondBackwardOnALetGoGraphTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Variable(Tensor(1), requiresGradient: true)
      let y = Variable(x.value, op: "same", inputs: [x]) { [$0] }
      y.backward()
      y.backward()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(
      words.contains("backward: this graph was used before; call backward(keepingGraph: true) the first time")
    )
  }

  @Test func aWrongGradientShapeTraps() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let x = Variable(Tensor([1, 2]), requiresGradient: true)
      let y = Variable(Tensor(3), op: "sum", inputs: [x]) { dy in [dy] }
      y.backward()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("backward: sum gave gradient [] for an input of shape [2]"))
  }

  @Test func backwardFromManyNumbersNeedsAnUpstreamGradient() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      Variable(Tensor([1, 2]), requiresGradient: true).backward()
    }
    let words = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(words.contains("backward: an upstream gradient is needed for shape [2]"))
  }
}
