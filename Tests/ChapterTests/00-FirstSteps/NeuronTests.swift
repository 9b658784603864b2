import Chapter00FirstSteps
import Engine
import Foundation
import Testing

/// Section 0.8: one neuron.
@Suite struct NeuronTests {
  @Test func theBooksPoint() {
    let neuron = Neuron(w1: 1, w2: -1, b: 0.5)
    let point = Place(2, 1.5)
    #expect(abs(neuron(point) - 0.731058578630) < 1e-12)
    #expect(abs(neuron.loss([point], [1]) - 0.313261687518) < 1e-12)
    #expect(abs(neuron.loss([point], [0]) - 1.313261687518) < 1e-12)
    let gradient = neuron.gradient([point], [1])
    #expect(abs(gradient.w1 + 0.537882842740) < 1e-12 && abs(gradient.w2 + 0.403412132055) < 1e-12)
    #expect(abs(gradient.b + 0.268941421370) < 1e-12)
  }

  @Test func slopesAreAsMeasured() {
    var stream = RandomStream(seed: 5)
    let (x, t) = twoClouds(count: 7, from: &stream)
    let n = Neuron(w1: 0.7, w2: -1.3, b: 0.4)
    let gradient = n.gradient(x, t)
    let measured = Neuron(
      w1: measuredSlope(of: { Neuron(w1: $0, w2: n.w2, b: n.b).loss(x, t) }, at: n.w1),
      w2: measuredSlope(of: { Neuron(w1: n.w1, w2: $0, b: n.b).loss(x, t) }, at: n.w2),
      b: measuredSlope(of: { Neuron(w1: n.w1, w2: n.w2, b: $0).loss(x, t) }, at: n.b))
    for (a, b) in [(gradient.w1, measured.w1), (gradient.w2, measured.w2), (gradient.b, measured.b)] {
      #expect(abs(a - b) < 1e-8)
    }
  }

  /// Both clouds as they are described, and the line halfway between them gets 86.8 % right.
  @Test func theCloudsAreAsDescribed() {
    var stream = RandomStream(seed: 8)
    let (x, t) = twoClouds(count: 40_000, from: &stream)
    for label in [0, 1] {
      let own = zip(x, t).filter { $0.1 == label }.map(\.0)
      let side: Double = label == 1 ? 1 : -1
      let mean1 = own.reduce(0) { $0 + $1.x1 } / Double(own.count)
      let mean2 = own.reduce(0) { $0 + $1.x2 } / Double(own.count)
      #expect(own.count == 20_000)
      #expect(abs(mean1 - side) < 0.03 && abs(mean2 - side / 2) < 0.03)
      let deviation = (own.reduce(0) { $0 + ($1.x1 - mean1) * ($1.x1 - mean1) } / Double(own.count))
        .squareRoot()
      #expect(abs(deviation - 1) < 0.03)
    }
    #expect(abs(Neuron(w1: 2, w2: 1, b: 0).accuracy(x, t) - 0.868) < 0.006)
    #expect(abs(0.5 * erfc(-(1.25).squareRoot() / 2.0.squareRoot()) - 0.868) < 0.0005)
  }

  @Test func theEngineComesToTheSame() {
    var stream = RandomStream(seed: 2)
    let (x, t) = twoClouds(count: 30, from: &stream)
    var neuron = Neuron(w1: 0, w2: 0, b: 0)
    let first = neuron.loss(x, t)
    for _ in 0..<100 { neuron.step(against: neuron.gradient(x, t), learningRate: 0.5) }
    let engine = neuronByEngine(
      Tensor(x.map { [Float($0.x1), Float($0.x2)] }), Tensor(t.map { [Float($0)] }), learningRate: 0.5,
      steps: 100)
    #expect(abs(Double(engine.losses[0]) - first) < 1e-6)
    #expect(abs(engine.neuron.w1 - neuron.w1) < 1e-4 && abs(engine.neuron.w2 - neuron.w2) < 1e-4)
    #expect(abs(engine.neuron.b - neuron.b) < 1e-4)
    #expect(neuron.loss(x, t) < 0.8 * first)
  }
}
