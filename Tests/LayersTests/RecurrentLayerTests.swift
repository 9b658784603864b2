import Autograd
import Layers
import Tensors
import Testing

@Suite struct RecurrentLayerTests {
  @Test func parametersAreNamedAsPyTorchNamesThem() {
    let model = LSTM(inputSize: 3, hiddenSize: 5, layers: 2, bidirectional: true)
    let named = model.namedParameters
    let kinds = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]
    let places = ["l0", "l0_reverse", "l1", "l1_reverse"]
    #expect(named.map(\.name) == places.flatMap { place in kinds.map { "\($0)_\(place)" } })
    let shapes = [[20, 3], [20, 5], [20], [20]]
    let upper = [[20, 10], [20, 5], [20], [20]]
    #expect(named.map(\.parameter.shape) == shapes + shapes + upper + upper)
    #expect(
      GRU(inputSize: 3, hiddenSize: 5, bias: false).namedParameters.map(\.name) == [
        "weight_ih_l0", "weight_hh_l0",
      ])
    #expect(RNNCell(inputSize: 3, hiddenSize: 5).namedParameters.map(\.name) == kinds)
  }

  @Test func beginsEvenlyWithinTheBound() {
    let make = { withRandomSource(RandomSource(seed: 3)) { GRU(inputSize: 40, hiddenSize: 64) } }
    let (model, bound) = (make(), Float(0.125))
    for (name, parameter) in model.namedParameters {
      let (low, high) = parameter.value.extremes()
      #expect(low >= -bound && high <= bound, "\(name)")
      #expect(low < -0.9 * bound && high > 0.9 * bound, "\(name)")
    }
    #expect(model.parameters.map(\.value) == make().parameters.map(\.value))
    #expect(model.parameters[2].value != model.parameters[3].value)
  }

  @Test func timeFirstIsBatchFirstTurned() {
    var stream = RandomStream(seed: 4)
    let x = stream.normal(shape: [3, 4, 2])
    let first = withRandomSource(RandomSource(seed: 1)) {
      LSTM(inputSize: 2, hiddenSize: 5, layers: 2, batchFirst: true)
    }
    let turned = withRandomSource(RandomSource(seed: 1)) { LSTM(inputSize: 2, hiddenSize: 5, layers: 2) }
    let (a, b) = (first(Variable(x)), turned(Variable(swapped(x))))
    #expect(a.output.value == swapped(b.output.value))
    #expect(a.hidden.value == b.hidden.value && a.cell.value == b.cell.value)
    let dy = stream.normal(shape: [3, 4, 5])
    a.output.backward(from: dy)
    b.output.backward(from: swapped(dy))
    #expect(first.parameters.map(\.gradient!.shape) == turned.parameters.map(\.gradient!.shape))
    for (p, q) in zip(first.parameters, turned.parameters) { #expect(p.gradient == q.gradient) }
  }

  func swapped(_ x: Tensor) -> Tensor {
    let (a, b, width) = (x.shape[0], x.shape[1], x.shape[2])
    return x.reshaped([-1, width]).rows((0..<b).flatMap { j in (0..<a).map { $0 * b + j } })
      .reshaped([b, a, width])
  }

  @Test func withoutAnInitialStateItIsZero() {
    var stream = RandomStream(seed: 4)
    let x = Variable(stream.normal(shape: [4, 3, 2]), requiresGradient: true)
    let zero = Variable(Tensor.zeros([2, 3, 6]))
    let (l, g) = (LSTM(inputSize: 2, hiddenSize: 6, layers: 2), GRU(inputSize: 2, hiddenSize: 6, layers: 2))
    #expect(l(x).output.value == l(x, initial: (zero, zero)).output.value)
    #expect(g(x).output.value == g(x, initial: zero).output.value)
    let dy = stream.normal(shape: [4, 3, 6])
    g(x).output.backward(from: dy)
    let mine = x.gradient
    x.clearGradient()
    g(x, initial: zero).output.backward(from: dy)
    #expect(mine == x.gradient)
  }

  @Test func stepsByHandAreTheSequence() throws {
    var stream = RandomStream(seed: 8)
    let x = stream.normal(shape: [5, 3, 4])
    let projection = stream.normal(shape: [3, 6])

    let (lstm, lstmCell) = (LSTM(inputSize: 4, hiddenSize: 6), LSTMCell(inputSize: 4, hiddenSize: 6))
    for (p, q) in zip(lstm.parameters, lstmCell.parameters) { q.value = p.value }
    var state = lstmCell(Variable(x.row(0)))
    for t in 1..<5 { state = lstmCell(Variable(x.row(t)), state) }
    let whole = lstm(Variable(x))
    #expect(state.hidden.value == whole.hidden.value.row(0) && state.cell.value == whole.cell.value.row(0))
    state.hidden.backward(from: projection)
    whole.hidden.backward(from: projection.reshaped([1, 3, 6]))
    try expectNear(lstmCell, lstm)

    let (gru, gruCell) = (GRU(inputSize: 4, hiddenSize: 6), GRUCell(inputSize: 4, hiddenSize: 6))
    for (p, q) in zip(gru.parameters, gruCell.parameters) { q.value = p.value }
    var h = gruCell(Variable(x.row(0)))
    for t in 1..<5 { h = gruCell(Variable(x.row(t)), h) }
    let all = gru(Variable(x))
    #expect(h.value == all.hidden.value.row(0))
    h.backward(from: projection)
    all.hidden.backward(from: projection.reshaped([1, 3, 6]))
    try expectNear(gruCell, gru)

    let rnn = RNN(inputSize: 4, hiddenSize: 6, nonlinearity: .relu)
    let rnnCell = RNNCell(inputSize: 4, hiddenSize: 6, nonlinearity: .relu)
    for (p, q) in zip(rnn.parameters, rnnCell.parameters) { q.value = p.value }
    var s = rnnCell(Variable(x.row(0)))
    for t in 1..<5 { s = rnnCell(Variable(x.row(t)), s) }
    #expect(s.value == rnn(Variable(x)).hidden.value.row(0))
  }

  func expectNear(_ a: Module, _ b: Module) throws {
    for (p, q) in zip(a.parameters, b.parameters) {
      let (x, y) = (try #require(p.gradient), try #require(q.gradient))
      #expect(x.shape == y.shape)
      #expect(zip(x.scalars, y.scalars).allSatisfy { abs($0 - $1) <= 1e-5 * (1 + abs($1)) })
    }
  }

  @Test func aKeptGraphGivesTheSameGradientAgain() {
    var stream = RandomStream(seed: 4)
    let model = LSTM(inputSize: 2, hiddenSize: 5, layers: 2)
    let x = Variable(stream.normal(shape: [4, 3, 2]), requiresGradient: true)
    let dy = stream.normal(shape: [2, 3, 5])
    let y = model(x)
    y.cell.backward(from: dy, keepingGraph: true)
    let once = x.gradient!
    y.cell.backward(from: dy, keepingGraph: true)
    #expect(x.gradient == once + once)
    x.clearGradient()
    y.output.backward(from: Tensor.zeros(y.output.shape))
    #expect(x.gradient == Tensor.zeros(x.shape))
  }

  @Test func withoutGradientsNothingIsRecorded() {
    let model = GRU(inputSize: 2, hiddenSize: 5)
    let x = Variable(Tensor.ones([4, 3, 2]))
    #expect(!withoutGradients { model(x).output.requiresGradient })
    #expect(model(x).output.requiresGradient)
  }

  @Test func dropoutStandsBetweenLayersWhileTraining() throws {
    var stream = RandomStream(seed: 9)
    let x = Variable(stream.normal(shape: [6, 3, 4]), requiresGradient: true)
    let model = GRU(inputSize: 4, hiddenSize: 8, layers: 2, dropout: 0.5)
    let plain = GRU(inputSize: 4, hiddenSize: 8, layers: 2)
    for (p, q) in zip(model.parameters, plain.parameters) { q.value = p.value }
    let run = { (seed: UInt64) in withRandomSource(RandomSource(seed: seed)) { model(x).output.value } }
    #expect(run(1) == run(1))
    #expect(run(1) != run(2))
    #expect(run(1) != plain(x).output.value)
    model.evaluate()
    #expect(run(1) == plain(x).output.value)

    // All dropped: the second layer sees zeros, and nothing flows back.
    let deaf = GRU(inputSize: 4, hiddenSize: 8, layers: 2, dropout: 1)
    for (p, q) in zip(model.parameters, deaf.parameters) { q.value = p.value }
    let y = deaf(x)
    let other = deaf(Variable(stream.normal(shape: [6, 3, 4])))
    #expect(y.output.value == other.output.value)
    y.output.backward(from: stream.normal(shape: [6, 3, 8]))
    #expect(x.gradient == Tensor.zeros(x.shape))
  }

  /// With the same dropped outputs, the gradient is the slope.
  @Test func dropoutsGradientIsItsSlope() throws {
    var stream = RandomStream(seed: 10)
    let model = RNN(inputSize: 4, hiddenSize: 8, layers: 3, dropout: 0.3, bidirectional: true)
    let at = stream.normal(shape: [5, 3, 4])
    let (dy, direction) = (stream.normal(shape: [5, 3, 16]), stream.normal(shape: [5, 3, 4]))
    let run = { (x: Variable) in withRandomSource(RandomSource(seed: 6)) { model(x).output } }
    let x = Variable(at, requiresGradient: true)
    run(x).backward(from: dy)
    let h: Float = 0.01
    let (up, down) = (run(Variable(at + h * direction)).value, run(Variable(at - h * direction)).value)
    let slope = ((up - down) * dy).sum() / (2 * h)
    let along = (try #require(x.gradient) * direction).sum()
    #expect(abs(slope - along) < 2e-3 * (1 + abs(slope)), "\(slope) and \(along)")
  }
}
