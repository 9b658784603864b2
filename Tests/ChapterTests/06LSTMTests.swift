import Chapter06LSTM
import Engine
import Foundation
import Testing

/// Chapter 6's LSTM against PyTorch's numbers, the engine, and small differences.
@Suite struct LSTMTests {
  private func random(_ shape: [Int], _ stream: inout RandomStream) -> [[Double]] {
    (0..<shape[0]).map { _ in (0..<shape[1]).map { _ in Double(stream.normal()) } }
  }

  private func randomWeights(_ inputs: Int, _ hidden: Int, _ stream: inout RandomStream) -> LSTMWeights<
    Double
  > {
    LSTMWeights(
      inputHidden: random([4 * hidden, inputs], &stream),
      hiddenHidden: random([4 * hidden, hidden], &stream),
      inputBias: random([1, 4 * hidden], &stream)[0], hiddenBias: random([1, 4 * hidden], &stream)[0])
  }

  /// Section 6.2's cell: all gates see the input alone.
  @Test func oneStepOfTheBook() {
    let w = LSTMWeights<Double>(
      inputHidden: [[log(3)], [log(9)], [1], [0]], hiddenHidden: [[0], [0], [0], [0]],
      inputBias: [0, 0, 0, 0],
      hiddenBias: [0, 0, 0, 0])
    let step = lstmStep([1], hidden: [0], cell: [2], w)
    #expect(abs(step.inputGate[0] - 0.75) < 1e-15 && abs(step.forgetGate[0] - 0.9) < 1e-15)
    #expect(step.outputGate == [0.5] && step.candidate == [tanh(1.0)])
    #expect(abs(step.cell[0] - (0.9 * 2 + 0.75 * tanh(1.0))) < 1e-15)
    #expect(abs(step.hidden[0] - 0.5 * tanh(step.cell[0])) < 1e-15)
    #expect(w.count == 16)
  }

  /// Outputs, last states and every gradient of PyTorch, whole.
  @Test(arguments: ["lstm-l1", "lstm-l1-t1", "lstm-l1-batch1", "lstm-l1-nobias"])
  func asInPyTorch(_ name: String) throws {
    let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "GoldenTests/Fixtures/\(name).safetensors").path
    let golden = try SafeTensors.read(path)
    let x = try golden.tensor("input")
    let (batch, steps, inputs) = (x.shape[0], x.shape[1], x.shape[2])
    let layer = LSTM(
      inputSize: inputs, hiddenSize: try golden.tensor("hn").shape[2], bias: !name.hasSuffix("nobias"))
    try layer.load(layer.state.map { ($0.name, try golden.tensor($0.name)) })
    let w = LSTMWeights<Double>(layer)

    func numbers(_ name: String, _ at: Int...) throws -> [Double] {
      var tensor = try golden.tensor(name)
      for i in at { tensor = tensor.selected(i, axis: 0) }
      return tensor.scalars.map(Double.init)
    }
    func expectClose(_ x: [Double], _ name: String, _ at: Int...) throws {
      var tensor = try golden.tensor(name)
      for i in at { tensor = tensor.selected(i, axis: 0) }
      #expect(x.count == tensor.count)
      for (a, b) in zip(x, tensor.scalars) { #expect(abs(a - Double(b)) < 2e-6, "\(name)") }
    }
    var sum = LSTMWeights<Double>(inputSize: inputs, hiddenSize: layer.hiddenSize)
    for n in 0..<batch {
      let forward = lstmForward(
        try (0..<steps).map { try numbers("input", n, $0) },
        initial: (try numbers("h0", 0, n), try numbers("c0", 0, n)), w)
      for t in 0..<steps { try expectClose(forward[t].hidden, "output", n, t) }
      try expectClose(forward.last!.hidden, "hn", 0, n)
      try expectClose(forward.last!.cell, "cn", 0, n)
      let back = lstmBackward(
        try (0..<steps).map { try numbers("grad_output", n, $0) },
        last: (try numbers("grad_hn", 0, n), try numbers("grad_cn", 0, n)), forward, w)
      for t in 0..<steps { try expectClose(back.dxs[t], "grad_input", n, t) }
      try expectClose(back.dh0, "grad_h0", 0, n)
      try expectClose(back.dc0, "grad_c0", 0, n)
      for row in 0..<sum.inputBias.count {
        sum.inputBias[row] += back.weights.inputBias[row]
        sum.hiddenBias[row] += back.weights.hiddenBias[row]
        for j in 0..<inputs { sum.inputHidden[row][j] += back.weights.inputHidden[row][j] }
        for j in 0..<layer.hiddenSize { sum.hiddenHidden[row][j] += back.weights.hiddenHidden[row][j] }
      }
    }
    try expectClose(sum.inputHidden.flatMap { $0 }, "grad_weight_ih_l0")
    try expectClose(sum.hiddenHidden.flatMap { $0 }, "grad_weight_hh_l0")
    if !name.hasSuffix("nobias") {
      try expectClose(sum.inputBias, "grad_bias_ih_l0")
      try expectClose(sum.hiddenBias, "grad_bias_hh_l0")
    }
  }

  /// Every gradient is the slope of a random projection of all hidden states and of the last cell state.
  @Test func gradientsAreSlopes() {
    var stream = RandomStream(seed: 61)
    let w = randomWeights(3, 2, &stream)
    let (xs, dhs) = (random([5, 3], &stream), random([5, 2], &stream))
    let (states, dc) = (random([2, 2], &stream), random([1, 2], &stream)[0])
    func loss(_ xs: [[Double]], _ states: [[Double]], _ w: LSTMWeights<Double>) -> Double {
      let steps = lstmForward(xs, initial: (states[0], states[1]), w)
      let shown = zip(steps, dhs).map { step, dh in zip(step.hidden, dh).map(*).reduce(0, +) }
      return shown.reduce(0, +) + zip(steps.last!.cell, dc).map(*).reduce(0, +)
    }
    let back = lstmBackward(
      dhs, last: ([0, 0], dc), lstmForward(xs, initial: (states[0], states[1]), w), w)
    let h = 1e-6
    func expectSlope(_ gradient: Double, _ shifted: (Double) -> Double) {
      #expect(abs((shifted(h) - shifted(-h)) / (2 * h) - gradient) < 1e-7)
    }
    for row in 0..<8 {
      for j in 0..<3 {
        expectSlope(back.weights.inputHidden[row][j]) {
          var w = w
          w.inputHidden[row][j] += $0
          return loss(xs, states, w)
        }
      }
      for j in 0..<2 {
        expectSlope(back.weights.hiddenHidden[row][j]) {
          var w = w
          w.hiddenHidden[row][j] += $0
          return loss(xs, states, w)
        }
      }
      expectSlope(back.weights.inputBias[row]) {
        var w = w
        w.inputBias[row] += $0
        return loss(xs, states, w)
      }
      #expect(back.weights.inputBias[row] == back.weights.hiddenBias[row])
    }
    for t in 0..<5 {
      for j in 0..<3 {
        expectSlope(back.dxs[t][j]) {
          var xs = xs
          xs[t][j] += $0
          return loss(xs, states, w)
        }
      }
    }
    for (k, gradients) in [back.dh0, back.dc0].enumerated() {
      for j in 0..<2 {
        expectSlope(gradients[j]) {
          var states = states
          states[k][j] += $0
          return loss(xs, states, w)
        }
      }
    }
  }

  /// The Jacobian counts every path: that of small differences, with the hidden state following the cell state.
  @Test func jacobianOfTheCellState() {
    var stream = RandomStream(seed: 62)
    let w = randomWeights(2, 3, &stream)
    let xs = random([6, 2], &stream)
    let steps = lstmForward(xs, w)
    let (s, t) = (1, 4)
    let jacobian = cellJacobian(steps, w, from: s, to: t)
    let h = 1e-6
    for k in 0..<3 {
      func cells(_ shift: Double) -> [Double] {
        var cell = steps[s].cell
        cell[k] += shift
        let hidden = (0..<3).map { steps[s].outputGate[$0] * tanh(cell[$0]) }
        return lstmForward(Array(xs[s + 1...t]), initial: (hidden, cell), w).last!.cell
      }
      let (up, down) = (cells(h), cells(-h))
      for j in 0..<3 { #expect(abs((up[j] - down[j]) / (2 * h) - jacobian[j][k]) < 1e-8) }
    }
    #expect(cellJacobian(steps, w, from: 3, to: 3) == [[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    #expect(carry(steps, from: 3, to: 3) == [1, 1, 1])
  }

  /// Without recurrent weights only the direct path is left.
  @Test func theDirectPathIsTheProductOfForgetGates() {
    var stream = RandomStream(seed: 63)
    var w = randomWeights(2, 3, &stream)
    w.hiddenHidden = w.hiddenHidden.map { $0.map { _ in 0 } }
    let steps = lstmForward(random([7, 2], &stream), w)
    let (direct, jacobian) = (carry(steps, from: 1, to: 5), cellJacobian(steps, w, from: 1, to: 5))
    for j in 0..<3 {
      let product = (2...5).reduce(1.0) { $0 * steps[$1].forgetGate[j] }
      #expect(abs(direct[j] - product) < 1e-15)
      for k in 0..<3 { #expect(abs(jacobian[j][k] - (j == k ? product : 0)) < 1e-15) }
    }
  }

  @Test func theForgetBiasIsASum() {
    let layer = withRandomSource(RandomSource(seed: 5)) { LSTM(inputSize: 3, hiddenSize: 4, layers: 2) }
    let before = layer.state.map(\.tensor)
    #expect(layer.forgetBiases.count == 8 && Set(layer.forgetBiases).count == 8)
    layer.setForgetBias(1.5)
    #expect(layer.forgetBiases == Array(repeating: 1.5, count: 8))
    // Nothing else has changed.
    for ((name, after), before) in zip(layer.state, before) {
      let changed = zip(after.scalars, before.scalars).enumerated().filter { $0.element.0 != $0.element.1 }
      #expect(changed.map(\.offset) == (name.contains("bias") ? [4, 5, 6, 7] : []), "\(name)")
    }
  }

  @Test func wrongSizesTrap() async throws {
    let step = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = lstmStep([1, 2], hidden: [0], cell: [0], LSTMWeights<Double>(inputSize: 1, hiddenSize: 1))
    }
    #expect(
      String(decoding: step.standardErrorContent, as: UTF8.self)
        .contains("lstmStep: 2 inputs and states of 1 and 1, for a layer from 1 to 1"))
    let weights = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = LSTMWeights<Double>(
        inputHidden: [[1], [2], [3]], hiddenHidden: [[1], [2], [3], [4]], inputBias: [], hiddenBias: [])
    }
    #expect(
      String(decoding: weights.standardErrorContent, as: UTF8.self).contains("LSTMWeights: 3 rows of [1]"))
    let between = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      let w = LSTMWeights<Double>(inputSize: 1, hiddenSize: 1)
      _ = carry(lstmForward([[1], [2]], w), from: 1, to: 2)
    }
    #expect(
      String(decoding: between.standardErrorContent, as: UTF8.self).contains(
        "carry: from step 1 to step 2 of 2"))
  }
}
