import Chapter04FullyConnected
import Chapter05GRU
import Engine
import Formats
import Foundation
import Testing

/// Chapter 5's units, forwards and backwards through time: as PyTorch and the engine have them, and as small differences say.
@Suite struct RecurrentUnitTests {
  /// PyTorch's results for a recurrent layer.
  private func golden(_ name: String) throws -> NamedArrays {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "GoldenTests/Fixtures/\(name).safetensors").path
    return try SafeTensors.read(path)
  }

  /// `[T, N, D]` as one matrix for each step.
  private func steps(_ x: Tensor) -> [Matrix<Double>] {
    (0..<x.shape[0]).map { Matrix(x.sliced($0..<$0 + 1, axis: 0).reshaped([x.shape[1], x.shape[2]])) }
  }

  private func weights(_ arrays: NamedArrays, _ gate: Int, _ prefix: String = "") throws
    -> StepWeights<Double>
  {
    func parameter(_ name: String) throws -> Parameter { Parameter(try arrays.tensor(prefix + name)) }
    return StepWeights(
      RecurrentParameters(
        inputHidden: try parameter("weight_ih_l0"), hiddenHidden: try parameter("weight_hh_l0"),
        inputBias: try parameter("bias_ih_l0"), hiddenBias: try parameter("bias_hh_l0")), gate: gate)
  }

  private func expectClose(
    _ a: [Double], _ b: Tensor, _ what: String, _ location: SourceLocation = #_sourceLocation
  ) {
    #expect(a.count == b.count, "\(what)", sourceLocation: location)
    for (a, b) in zip(a, b.scalars) {
      #expect(abs(a - Double(b)) <= 1e-5 + 1e-4 * abs(Double(b)), "\(what)", sourceLocation: location)
    }
  }

  /// Everything that a fixture has, of a unit with `gates` gates: states, and the gradients of inputs, states and weights.
  private func compare<Unit: RecurrentUnit<Double>>(
    _ unit: Unit, _ arrays: NamedArrays, gates: [KeyPath<Unit, StepWeights<Double>>]
  ) throws {
    let (x, h0) = (try arrays.tensor("input"), try arrays.tensor("h0"))
    let initial = Matrix<Double>(h0.reshaped(Array(h0.shape.dropFirst())))
    let run = unit(steps(x.transposed(0, 1)), initial: initial)  // the fixtures have batches first
    expectClose(run.flatMap(\.state.scalars), try arrays.tensor("output").transposed(0, 1), "output")
    expectClose(run.last!.state.scalars, try arrays.tensor("hn"), "hn")

    var dy = steps(try arrays.tensor("grad_output").transposed(0, 1))
    let last = try arrays.tensor("grad_hn")
    dy[dy.count - 1] = dy.last! + Matrix(last.reshaped(Array(last.shape.dropFirst())))
    let gradients = unit.backThroughTime(dy, run)
    expectClose(
      gradients.inputs.flatMap(\.scalars), try arrays.tensor("grad_input").transposed(0, 1), "grad_input")
    expectClose(gradients.initial.scalars, try arrays.tensor("grad_h0"), "grad_h0")
    for (gate, path) in gates.enumerated() {
      let (ours, theirs) = (gradients.weights[keyPath: path], try weights(arrays, gate, "grad_"))
      expectClose(ours.w.scalars, theirs.w.tensor, "gate \(gate): W")
      expectClose(ours.u.scalars, theirs.u.tensor, "gate \(gate): U")
      expectClose(ours.b, Tensor(theirs.b.map { Float($0) }), "gate \(gate): b")
      expectClose(ours.c, Tensor(theirs.c.map { Float($0) }), "gate \(gate): c")
    }
  }

  @Test func plainNetworkAsInPyTorch() throws {
    let arrays = try golden("rnn-tanh")
    try compare(PlainRNN(try weights(arrays, 0)), arrays, gates: [\.weights])
  }

  @Test(arguments: ["gru-l1", "gru-l1-t1"]) func gatedUnitAsInPyTorch(name: String) throws {
    let arrays = try golden(name)
    let unit = GatedRecurrentUnit(
      update: try weights(arrays, 1), reset: try weights(arrays, 0), candidate: try weights(arrays, 2))
    try compare(unit, arrays, gates: [\.reset, \.update, \.candidate])
  }

  /// The two places of the reset gate give different states, unless what the state adds is diagonal.
  @Test func theTwoVariantsDiffer() throws {
    let layer = withRandomSource(RandomSource(seed: 5)) { GRU(inputSize: 3, hiddenSize: 4) }
    var stream = RandomStream(seed: 51)
    let x = stream.normal(shape: [6, 2, 3])
    let engine = layer(Variable(x)).output.value
    var after = GatedRecurrentUnit<Double>(layer)
    var before = GatedRecurrentUnit<Double>(layer, resetPlace: .beforeProduct)
    func distance(_ a: GatedRecurrentUnit<Double>, _ b: GatedRecurrentUnit<Double>) -> Double {
      zip(a(steps(x)), b(steps(x))).flatMap { ($0.state - $1.state).scalars }.map(abs).max()!
    }
    expectClose(after(steps(x)).flatMap(\.state.scalars), engine, "the engine's")
    #expect(distance(after, before) > 0.01)

    var diagonal = Matrix<Double>(rows: 4, columns: 4)
    for i in 0..<4 { diagonal[i, i] = Double(i) - 1.5 }
    after.candidate.u = diagonal
    after.candidate.c = [0, 0, 0, 0]
    before.candidate = after.candidate
    #expect(distance(after, before) < 1e-15)
    // The second bias is inside the reset gate's product in one of them only.
    after.candidate.c[0] = 1
    before.candidate.c[0] = 1
    #expect(distance(after, before) > 0.01)
  }

  /// Every weight, input and first state, against differences of a random projection of all states.
  private func checkGradients<Unit: RecurrentUnit<Double>>(
    _ unit: Unit, inputSize: Int, gates: [WritableKeyPath<Unit, StepWeights<Double>>]
  ) {
    var stream = RandomStream(seed: 52)
    func draw(_ rows: Int, _ columns: Int) -> Matrix<Double> {
      Matrix(stream.normal(shape: [rows, columns]))
    }
    let x = (0..<4).map { _ in draw(2, inputSize) }
    let dy = (0..<4).map { _ in draw(2, unit.hiddenSize) }
    let initial = draw(2, unit.hiddenSize)
    let gradients = unit.backThroughTime(dy, unit(x, initial: initial))

    func projection(_ unit: Unit, _ x: [Matrix<Double>], _ initial: Matrix<Double>) -> Double {
      zip(unit(x, initial: initial), dy).reduce(0) { $0 + ($1.0.state ⊙ $1.1).scalars.reduce(0, +) }
    }
    func expect(_ gradient: Double, _ what: String, _ change: (Double) -> Double) {
      let slope = (change(1e-5) - change(-1e-5)) / 2e-5
      #expect(abs(gradient - slope) < 1e-8 * max(1, abs(slope)), "\(what)")
    }
    for path in gates {
      let own = gradients.weights[keyPath: path]
      for i in own.w.scalars.indices {
        expect(own.w.scalars[i], "W") { step in
          var unit = unit
          unit[keyPath: path].w.scalars[i] += step
          return projection(unit, x, initial)
        }
      }
      for i in own.u.scalars.indices {
        expect(own.u.scalars[i], "U") { step in
          var unit = unit
          unit[keyPath: path].u.scalars[i] += step
          return projection(unit, x, initial)
        }
      }
      for i in own.b.indices {
        expect(own.b[i], "b") { step in
          var unit = unit
          unit[keyPath: path].b[i] += step
          return projection(unit, x, initial)
        }
        expect(own.c[i], "c") { step in
          var unit = unit
          unit[keyPath: path].c[i] += step
          return projection(unit, x, initial)
        }
      }
    }
    for t in x.indices {
      for i in x[t].scalars.indices {
        expect(gradients.inputs[t].scalars[i], "x at step \(t)") { step in
          var x = x
          x[t].scalars[i] += step
          return projection(unit, x, initial)
        }
      }
    }
    for i in initial.scalars.indices {
      expect(gradients.initial.scalars[i], "the first state") { step in
        var initial = initial
        initial.scalars[i] += step
        return projection(unit, x, initial)
      }
    }
    // The gradient at a state is that of beginning there.
    let rest = unit.backThroughTime(
      Array(dy[2...]), unit(Array(x[2...]), initial: unit(Array(x[..<2]), initial: initial).last!.state))
    #expect(gradients.states[1] == dy[1] + rest.initial)
  }

  @Test func plainNetworkThroughTime() {
    var stream = RandomStream(seed: 53)
    checkGradients(
      PlainRNN(StepWeights(inputSize: 3, hiddenSize: 5, from: &stream)), inputSize: 3,
      gates: [\.weights])
  }

  @Test(arguments: ResetPlace.allCases) func gatedUnitThroughTime(place: ResetPlace) {
    var stream = RandomStream(seed: 54)
    func weights() -> StepWeights<Double> { .init(inputSize: 3, hiddenSize: 5, from: &stream) }
    checkGradients(
      GatedRecurrentUnit(
        update: weights(), reset: weights(), candidate: weights(), resetPlace: place), inputSize: 3,
      gates: [\.update, \.reset, \.candidate])
  }

  /// Against known singular values, and against the definition: no vector is lengthened by more.
  @Test func largestSingularValues() {
    let diagonal = Matrix<Double>([3, 0, 0, -4], rows: 2, columns: 2)
    #expect(abs(largestSingularValue(of: diagonal) - 4) < 1e-12)
    // σ² of [[1, 1], [0, 1]] is (3 + √5) / 2.
    let shear = largestSingularValue(of: Matrix<Double>([1, 1, 0, 1], rows: 2, columns: 2))
    #expect(abs(shear * shear - (3 + 5.0.squareRoot()) / 2) < 1e-12)
    #expect(largestSingularValue(of: Matrix<Double>(rows: 3, columns: 3)) == 0)
    var stream = RandomStream(seed: 55)
    let u = Matrix<Double>(stream.normal(shape: [9, 9]))
    let sigma = largestSingularValue(of: u)
    var longest = 0.0
    for _ in 0..<2_000 {
      let v = Matrix<Double>(stream.normal(shape: [1, 9]))
      let image = linear(v, weight: u, bias: [Double](repeating: 0, count: 9))
      let ratio = ((image ⊙ image).scalars.reduce(0, +) / (v ⊙ v).scalars.reduce(0, +)).squareRoot()
      longest = max(longest, ratio)
    }
    #expect(longest <= sigma && longest > 0.8 * sigma)
  }

  /// Over k steps a plain network's gradient grows by no more than σᵏ.
  @Test(arguments: [0.7, 1.3]) func theBoundHolds(sigma: Double) {
    var stream = RandomStream(seed: 56)
    var weights = StepWeights<Double>(inputSize: 2, hiddenSize: 8, from: &stream)
    let factor = sigma / largestSingularValue(of: weights.u)
    weights.u.scalars = weights.u.scalars.map { $0 * factor }
    let x = (0..<30).map { _ in Matrix<Double>(stream.normal(deviation: 0.1, shape: [1, 2])) }
    var dy = x.map { _ in Matrix<Double>(rows: 1, columns: 8) }
    dy[29] = Matrix(stream.normal(shape: [1, 8]))
    let unit = PlainRNN(weights)
    let norms = unit.backThroughTime(dy, unit(x)).states.map { ($0 ⊙ $0).scalars.reduce(0, +).squareRoot() }
    var power = norms[29]
    for k in 1..<30 {
      power *= sigma
      #expect(norms[29 - k] <= power * (1 + 1e-12) && norms[29 - k] > 0)
    }
  }

  @Test func sizesThatDoNotFit() async throws {
    let sums = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = (Matrix<Float>(rows: 2, columns: 3) ⊙ Matrix<Float>(rows: 3, columns: 2))
      })
    #expect(
      String(decoding: sums.standardErrorContent, as: UTF8.self).contains("⊙: [2, 3] and [3, 2]"))
    let weights = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = StepWeights<Float>(
          w: Matrix(rows: 4, columns: 2), b: [0, 0, 0], u: Matrix(rows: 4, columns: 4), c: [0, 0, 0, 0])
      })
    #expect(
      String(decoding: weights.standardErrorContent, as: UTF8.self)
        .contains("StepWeights: W [4, 2], 3 b, U [4, 4], 4 c"))
    let gates = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var stream = RandomStream(seed: 1)
        let large = StepWeights<Float>(inputSize: 2, hiddenSize: 4, from: &stream)
        let small = StepWeights<Float>(inputSize: 2, hiddenSize: 3, from: &stream)
        _ = GatedRecurrentUnit(update: large, reset: large, candidate: small)
      })
    #expect(
      String(decoding: gates.standardErrorContent, as: UTF8.self)
        .contains("GatedRecurrentUnit: weights for update [2, 4], reset [2, 4], candidate [2, 3]"))
    let time = try #require(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        var stream = RandomStream(seed: 1)
        let unit = PlainRNN(StepWeights<Float>(inputSize: 2, hiddenSize: 3, from: &stream))
        _ = unit.backThroughTime([], unit([Matrix(rows: 1, columns: 2)]))
      })
    #expect(
      String(decoding: time.standardErrorContent, as: UTF8.self)
        .contains("backThroughTime: 0 gradients for 1 steps"))
  }
}
