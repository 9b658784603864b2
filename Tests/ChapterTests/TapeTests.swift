import Chapter04FullyConnected
import Engine
import Testing

/// Chapter 4's tiny automatic differentiation.
@Suite struct TapeTests {
  @Test func theBooksExample() {
    let tape = Tape()
    let (a, b) = (tape.input(3), tape.input(2))
    let c = a + b
    let y = c * a
    tape.backward(from: y)
    #expect(y.value == 15)
    #expect([a, b, c, y].map(\.gradient) == [8, 3, 3, 1])
    // Once more, and from elsewhere: nothing is left over from before.
    tape.backward(from: y)
    #expect(a.gradient == 8)
    tape.backward(from: c)
    #expect([a, b, c, y].map(\.gradient) == [1, 1, 1, 0])
  }

  /// Each step against small differences, at several places.
  @Test func everyOperation() {
    typealias Step = (name: String, apply: (Number, Number) -> Number)
    let steps: [Step] = [
      ("+", { $0 + $1 }), ("−", { $0 - $1 }), ("×", { $0 * $1 }), ("÷", { $0 / $1 }),
      ("scaled", { a, b in 3 * a + -0.5 * b }), ("minus", { a, b in -a * b }),
      ("square", { a, b in a.squared() * b }), ("exp", { exp($0) * $1 }), ("ln", { a, b in log(b) * a }),
      ("tanh", { tanh($0) * $1 }), ("sigmoid", { sigmoid($0) * $1 }), ("ReLU", { relu($0) * $1 }),
    ]
    let h = 1e-6
    for (name, apply) in steps {
      for (a, b) in [(1.5, 0.7), (-0.8, 2.0), (0.3, 1.1)] {
        func value(_ a: Double, _ b: Double) -> Double {
          let tape = Tape()
          return apply(tape.input(a), tape.input(b)).value
        }
        let tape = Tape()
        let (x, y) = (tape.input(a), tape.input(b))
        tape.backward(from: apply(x, y))
        #expect(abs(x.gradient - (value(a + h, b) - value(a - h, b)) / (2 * h)) < 1e-8, "\(name)")
        #expect(abs(y.gradient - (value(a, b + h) - value(a, b - h)) / (2 * h)) < 1e-8, "\(name)")
      }
    }
  }

  /// There are 2¹⁰⁰ paths; each step hands on once.
  @Test func manyPaths() {
    let tape = Tape()
    let x = tape.input(1)
    var y = x
    for _ in 0..<100 { y = y + y }
    tape.backward(from: y)
    #expect(x.gradient == 0x1p100)
    #expect(tape.steps.count == 101)
  }

  /// A chain this long overflows the stack where nodes release each other.
  @Test func aChainOfAHundredThousandSteps() {
    weak var released: Tape?
    do {
      let tape = Tape()
      released = tape
      let x = tape.input(1)
      let one = tape.input(1e-5)
      var y = x
      for _ in 0..<100_000 { y = y + one * y }
      tape.backward(from: y)
      // y = (1 + 10⁻⁵)^100,000 x
      #expect(abs(y.value - 2.71826823719) < 1e-9)
      #expect(abs(x.gradient - y.value) < 1e-9)
      #expect(tape.steps.count == 200_002)
    }
    #expect(released == nil)
  }

  /// Steps, numbers and tapes leave nothing behind: a thousand networks later the first tape is gone, and all others.
  @Test func nothingLeaks() {
    var stream = RandomStream(seed: 48)
    let network = MultilayerPerceptron<Double>(
      sizes: [2, 8, 2], activation: .tanh, firstWeights: .xavier, from: &stream)
    let x = Matrix<Double>(stream.normal(shape: [4, 2]))
    for _ in 0..<3 { #expect(network.lossAndGradientsByTape(x, [0, 1, 1, 0]).steps > 200) }

    final class Held { weak var tape: Tape? }
    let held = (0..<1000).map { _ in
      let held = Held()
      let tape = Tape()
      held.tape = tape
      let a = tape.input(2)
      tape.backward(from: tanh(a * a + exp(a)))
      return held
    }
    #expect(held.allSatisfy { $0.tape == nil })
  }

  @Test func numbersOfDifferentTapes() async throws {
    let result = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = Tape().input(1) + Tape().input(2)
      })
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self)
        .contains("+: the numbers stand on different tapes"))
  }
}
