import Engine
import Testing

/// Each optimiser against its formula, worked out in Double, one weight at a time, with no setting at its default.
@Suite struct OptimizerTests {
  private let start: [Float] = [0.5, -1.25, 2, 0, -0.75]
  private let gradients: [[Float]] = [
    [1, -0.5, 0.25, 2, 0], [0.5, -1, 0.75, -1, 0.1], [-2, 0.3, 0.9, 0.4, -0.2],
  ]

  /// Steps on `start` with `gradients`, by the optimiser and by `formula`; every weight after every step is compared.
  private func check(
    _ optimizer: (Parameter) -> any Optimizer, state: Int,
    _ formula: (_ w: inout Double, _ g: Double, _ t: Int, _ state: inout [Double]) -> Void,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let w = Parameter(Tensor(start))
    let optimizer = optimizer(w)
    var expected = start.map(Double.init)
    var states = start.map { _ in [Double](repeating: 0, count: state) }
    for (t, gradient) in gradients.enumerated() {
      w.setGradient(Tensor(gradient))
      optimizer.step()
      for i in start.indices {
        formula(&expected[i], Double(gradient[i]), t + 1, &states[i])
        let mine = Double(w.value[i])
        #expect(
          abs(mine - expected[i]) <= 2e-6 * max(1, abs(expected[i])), "step \(t + 1), weight \(i)",
          sourceLocation: sourceLocation)
      }
    }
  }

  @Test func sgdWithMomentumDampeningAndDecay() {
    check(
      { SGD([$0], learningRate: 0.05, momentum: 0.8, dampening: 0.3, weightDecay: 0.1) }, state: 1
    ) { w, g, t, s in
      let g = g + 0.1 * w
      s[0] = t == 1 ? g : 0.8 * s[0] + 0.7 * g
      w -= 0.05 * s[0]
    }
  }

  @Test func sgdWithNesterov() {
    check({ SGD([$0], learningRate: 0.05, momentum: 0.8, isNesterov: true) }, state: 1) { w, g, t, s in
      s[0] = t == 1 ? g : 0.8 * s[0] + g
      w -= 0.05 * (g + 0.8 * s[0])
    }
  }

  @Test func plainSGDRemembersNothing() {
    check({ SGD([$0], learningRate: 0.3, weightDecay: 0.2) }, state: 0) { w, g, _, _ in
      w -= 0.3 * (g + 0.2 * w)
    }
    let w = Parameter(Tensor(start))
    let optimizer = SGD([w], learningRate: 0.3)
    w.setGradient(Tensor(gradients[0]))
    optimizer.step()
    #expect(optimizer.memory.tensors == [[:]])
  }

  @Test func adamWithDecayAndAMSGrad() {
    check(
      {
        Adam(
          [$0], learningRate: 0.02, betas: (0.7, 0.9), epsilon: 1e-3, weightDecay: 0.3, isAMSGrad: true)
      }, state: 3
    ) { w, g, t, s in
      let g = g + 0.3 * w
      s[0] = 0.7 * s[0] + 0.3 * g
      s[1] = 0.9 * s[1] + 0.1 * g * g
      s[2] = max(s[2], s[1])
      let (m, v) = (s[0] / (1 - power(0.7, t)), s[2] / (1 - power(0.9, t)))
      w -= 0.02 * m / (v.squareRoot() + 1e-3)
    }
  }

  @Test func adamWShrinksTheWeightsThemselves() {
    check(
      { AdamW([$0], learningRate: 0.02, betas: (0.7, 0.9), epsilon: 1e-3, weightDecay: 0.3) }, state: 2
    ) { w, g, t, s in
      w -= 0.02 * 0.3 * w
      s[0] = 0.7 * s[0] + 0.3 * g
      s[1] = 0.9 * s[1] + 0.1 * g * g
      let (m, v) = (s[0] / (1 - power(0.7, t)), s[1] / (1 - power(0.9, t)))
      w -= 0.02 * m / (v.squareRoot() + 1e-3)
    }
  }

  @Test func rmsPropCenteredWithMomentum() {
    check(
      {
        RMSProp(
          [$0], learningRate: 0.03, smoothing: 0.8, epsilon: 1e-2, weightDecay: 0.1, momentum: 0.6,
          isCentered: true)
      }, state: 3
    ) { w, g, _, s in
      let g = g + 0.1 * w
      s[0] = 0.8 * s[0] + 0.2 * g * g
      s[1] = 0.8 * s[1] + 0.2 * g
      s[2] = 0.6 * s[2] + g / ((s[0] - s[1] * s[1]).squareRoot() + 1e-2)
      w -= 0.03 * s[2]
    }
  }

  @Test func adagradWithDecays() {
    check(
      {
        Adagrad(
          [$0], learningRate: 0.2, learningRateDecay: 0.5, epsilon: 1e-2, weightDecay: 0.1, initialSum: 0.4)
      }, state: 1
    ) { w, g, t, s in
      let g = g + 0.1 * w
      if t == 1 { s[0] = 0.4 }
      s[0] += g * g
      w -= 0.2 / (1 + Double(t - 1) * 0.5) * g / (s[0].squareRoot() + 1e-2)
    }
  }

  @Test func groupsHaveSettingsOfTheirOwn() {
    let (a, b) = (Parameter(Tensor([1])), Parameter(Tensor([1])))
    let optimizer = SGD(groups: [
      ParameterGroup([a], .init(learningRate: 0.5)),
      ParameterGroup([b], .init(learningRate: 0.25, weightDecay: 1)),
    ])
    for parameter in [a, b] { parameter.setGradient(Tensor([1])) }
    optimizer.step()
    #expect(a.value == Tensor([0.5]) && b.value == Tensor([0.5]))
    optimizer.learningRate = 0.125
    #expect(optimizer.learningRates == [0.125, 0.125])
  }

  @Test func parametersWithoutGradientAndFrozenOnesStay() {
    let (a, b, c) = (Parameter(Tensor([1])), Parameter(Tensor([1])), Parameter(Tensor([1])))
    let optimizer = Adam([a, b, c])
    for parameter in [a, b] { parameter.setGradient(Tensor([1])) }
    b.isFrozen = true
    optimizer.step()
    #expect(a.value != Tensor([1]) && b.value == Tensor([1]) && c.value == Tensor([1]))
    #expect(optimizer.memory.steps == [1, 0, 0])
    optimizer.clearGradients()
    #expect(a.gradient == nil && b.gradient == nil)
  }

  @Test func theSameBitsWithAnyNumberOfThreads() {
    func weights(threads: Int) -> Tensor {
      let before = Parallel.threads
      Parallel.threads = threads
      defer { Parallel.threads = before }
      var stream = RandomStream(seed: 5)
      let w = Parameter(stream.normal(shape: [100_001]))
      let optimizer = AdamW([w])
      for _ in 0..<3 {
        w.setGradient(stream.normal(shape: [100_001]))
        optimizer.step()
      }
      return w.value
    }
    #expect(weights(threads: 1) == weights(threads: 2))
  }

  @Test func misuseStopsTheProgram() async throws {
    let twice = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent],
      performing: {
        let w = Parameter(Tensor([1]))
        _ = Adam([w, w])
      })
    #expect(text(twice).contains("Adam: a parameter is there twice"))
    let nesterov = try await #require(
      processExitsWith: .failure, observing: [\.standardErrorContent],
      performing: { _ = SGD.Settings(learningRate: 1, isNesterov: true) })
    #expect(text(nesterov).contains("SGD: Nesterov needs a momentum and no dampening, given 0.0 and 0.0"))
  }
}

func text(_ result: ExitTest.Result) -> String {
  String(decoding: result.standardErrorContent, as: UTF8.self)
}

private func power(_ base: Double, _ exponent: Int) -> Double {
  (0..<exponent).reduce(1.0) { product, _ in product * base }
}
