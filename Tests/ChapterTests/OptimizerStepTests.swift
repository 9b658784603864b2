import Chapter07TrainingACNN
import Engine
import Testing

/// The optimisers in a few lines, and the engine's, make the same steps.
@Suite struct OptimizerStepTests {
  private static func pair(_ choice: OptimizerChoice, _ p: [Parameter]) -> (any OptimizerStep, any Optimizer)
  {
    switch choice {
    case .sgd: (SGDStep(), SGD(p, learningRate: 0.3))
    case .momentum: (MomentumStep(momentum: 0.7), SGD(p, learningRate: 0.3, momentum: 0.7))
    case .nesterov:
      (
        MomentumStep(momentum: 0.7, looksAhead: true),
        SGD(p, learningRate: 0.3, momentum: 0.7, isNesterov: true)
      )
    case .rmsprop:
      (
        RMSPropStep(smoothing: 0.8, epsilon: 0.01),
        RMSProp(p, learningRate: 0.3, smoothing: 0.8, epsilon: 0.01)
      )
    case .adam:
      (
        AdamStep(betas: (0.7, 0.8), epsilon: 0.01),
        Adam(p, learningRate: 0.3, betas: (0.7, 0.8), epsilon: 0.01)
      )
    case .adamw:
      (
        AdamStep(betas: (0.7, 0.8), epsilon: 0.01, decay: 0.2),
        AdamW(p, learningRate: 0.3, betas: (0.7, 0.8), epsilon: 0.01, weightDecay: 0.2)
      )
    }
  }

  @Test(arguments: OptimizerChoice.allCases) func theSameSteps(_ choice: OptimizerChoice) {
    let start: [Float] = [0.5, -1.25, 2, 0, 1e-3]
    let parameter = Parameter(Tensor(start))
    var (plain, engine) = Self.pair(choice, [parameter])
    var w = start.map(Double.init)
    var random = RandomStream(seed: 7, stream: 1)
    for step in 1...12 {
      let g = random.normal(shape: [5])
      // A falling learning rate, as the chapter's.
      let rate = 0.3 / Double(step)
      plain.step(&w, g.scalars.map(Double.init), learningRate: rate)
      parameter.setGradient(g)
      engine.learningRate = rate
      engine.step()
      for (a, b) in zip(w, parameter.value.scalars) {
        #expect(abs(a - Double(b)) < 2e-6 * max(1, abs(a)), "step \(step): \(a) and \(b)")
      }
    }
    #expect(zip(w, start).allSatisfy { abs($0 - Double($1)) > 1e-3 })
  }

  /// The page's small numbers.
  @Test func byHand() {
    var w = [1.0]
    var momentum = MomentumStep()
    momentum.step(&w, [2], learningRate: 0.1)
    #expect(abs(w[0] - 0.8) < 1e-12)
    momentum.step(&w, [1], learningRate: 0.1)
    #expect(abs(w[0] - 0.52) < 1e-12)
    var adam = AdamStep()
    w = [1, 1]
    adam.step(&w, [2, 0.001], learningRate: 0.1)
    #expect(abs(w[0] - 0.9) < 1e-6 && abs(w[1] - 0.9) < 1e-5)
    adam.step(&w, [1, -0.001], learningRate: 0.1)
    #expect(abs(w[0] - 0.8068) < 1e-4 && abs(w[1] - 0.9053) < 1e-4)
  }

  @Test func whatIsKept() {
    #expect(OptimizerChoice.allCases.map(\.numbersKeptPerWeight) == [0, 1, 1, 1, 2, 2])
  }
}
