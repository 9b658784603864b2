import Chapter07TrainingACNN
import Engine
import Testing

/// Dropout, weight decay and batch norm in a few lines, and the engine's, come to the same.
@Suite struct RegularizationTests {
  private func expectClose(_ a: [Double], _ b: [Float], _ what: String = "", tolerance: Double = 1e-5) {
    #expect(a.count == b.count, "\(what)")
    for (a, b) in zip(a, b) {
      #expect(abs(a - Double(b)) <= tolerance * max(1, abs(a)), "\(what): \(a) and \(b)")
    }
  }

  @Test func dropoutByHand() {
    let plain = PlainDropout(probability: 0.5, chance: [0.7, 0.2, 0.5])
    #expect(plain.isKept == [true, false, true])
    #expect(plain.forward([3, -1, 2]) == [6, 0, 4])
    #expect(plain.backward([1, 5, -2]) == [2, 0, -4])
    #expect(PlainDropout(probability: 0, chance: [0, 0.5]).forward([3, -1]) == [3, -1])
  }

  @Test(arguments: [0.1, 0.5, 0.8] as [Float]) func dropoutAsTheEngine(_ p: Float) {
    var random = RandomStream(seed: 71, stream: 2)
    // No number is 0, so that the engine's mask can be seen in its result.
    let x = Variable(random.normal(shape: [40]).map { $0 + ($0 < 0 ? -1 : 1) }, requiresGradient: true)
    let dy = random.normal(shape: [40])
    let y = dropout(x, probability: p, isTraining: true, stream: random)
    let chance = y.value.scalars.map { $0 == 0 ? 0.0 : 1 - 1e-9 }
    #expect(Set(chance).count == 2)
    let plain = PlainDropout(probability: Double(p), chance: chance)
    expectClose(plain.forward(x.value.scalars.map(Double.init)), y.value.scalars, "forward")
    (y * Variable(dy)).sum().backward()
    expectClose(plain.backward(dy.scalars.map(Double.init)), x.gradient!.scalars, "backward")
  }

  /// The mean over many masks is the number itself.
  @Test func dropoutKeepsTheMean() {
    var random = RandomStream(seed: 72)
    let sum = (0..<20_000).reduce(0.0) { sum, _ in
      sum + PlainDropout(probability: 0.3, chance: [Double(random.uniform())]).forward([2])[0]
    }
    #expect(abs(sum / 20_000 - 2) < 0.03)
  }

  @Test func dropoutTraps() async throws {
    let probability = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PlainDropout(probability: 1, chance: [0.5])
    }
    #expect(
      String(decoding: probability.standardErrorContent, as: UTF8.self).contains(
        "the probability must be from 0 up to 1, given 1.0"))
    let size = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = PlainDropout(probability: 0.5, chance: [0.5]).forward([1, 2])
    }
    #expect(
      String(decoding: size.standardErrorContent, as: UTF8.self).contains("2 numbers for a mask of 1"))
  }

  /// Twelve steps of a rule and of the engine's optimiser.
  private func compare(_ rule: some OptimizerStep, _ make: (Parameter) -> any Optimizer) {
    var rule = rule
    let start: [Float] = [0.5, -1.25, 2, 0.1, 1e-3]
    let parameter = Parameter(Tensor(start))
    let optimizer = make(parameter)
    var w = start.map(Double.init)
    var random = RandomStream(seed: 73)
    for step in 1...12 {
      let g = random.normal(shape: [5])
      rule.step(&w, g.scalars.map(Double.init), learningRate: 0.3)
      parameter.setGradient(g)
      optimizer.step()
      expectClose(w, parameter.value.scalars, "step \(step)")
    }
  }

  @Test func decayInTheGradientAsTheEngine() {
    compare(CoupledDecay(SGDStep(), decay: 0.2)) { SGD([$0], learningRate: 0.3, weightDecay: 0.2) }
    compare(CoupledDecay(MomentumStep(momentum: 0.7), decay: 0.2)) {
      SGD([$0], learningRate: 0.3, momentum: 0.7, weightDecay: 0.2)
    }
    compare(CoupledDecay(AdamStep(betas: (0.7, 0.8), epsilon: 0.01), decay: 0.2)) {
      Adam([$0], learningRate: 0.3, betas: (0.7, 0.8), epsilon: 0.01, weightDecay: 0.2)
    }
  }

  @Test func decoupledDecayAsTheEngine() {
    compare(DecoupledDecay(AdamStep(betas: (0.7, 0.8), epsilon: 0.01), decay: 0.2)) {
      AdamW([$0], learningRate: 0.3, betas: (0.7, 0.8), epsilon: 0.01, weightDecay: 0.2)
    }
    compare(AdamStep(betas: (0.7, 0.8), epsilon: 0.01, decay: 0.2)) {
      AdamW([$0], learningRate: 0.3, betas: (0.7, 0.8), epsilon: 0.01, weightDecay: 0.2)
    }
  }

  /// The page's small numbers: the same for plain gradient descent; for Adam the decay in the gradient is lost.
  @Test func decayByHand() {
    func after(_ rule: some OptimizerStep) -> [Double] {
      var (rule, w) = (rule, [1.0, 1.0])
      rule.step(&w, [2, 0.001], learningRate: 0.1)
      return w
    }
    expectClose(after(CoupledDecay(SGDStep(), decay: 0.1)), [0.79, 0.9899])
    expectClose(after(DecoupledDecay(SGDStep(), decay: 0.1)), [0.79, 0.9899])
    expectClose(after(CoupledDecay(AdamStep(), decay: 0.1)), [0.9, 0.9])
    expectClose(after(DecoupledDecay(AdamStep(), decay: 0.1)), [0.89, 0.89])
  }

  @Test func batchNormByHand() {
    var norm = PlainBatchNorm<Double>(features: 1, epsilon: 0)
    (norm.weight, norm.bias) = ([2], [1])
    let step = norm.forward([[1], [3], [5], [7]])
    expectClose(step.output.map { $0[0] }, [-1.683, 0.106, 1.894, 3.683], tolerance: 1e-3)
    expectClose(norm.runningMean + norm.runningVariance, [0.4, 1.5667], tolerance: 1e-4)
    let (dx, dWeight, dBias) = step.backward([[1], [0], [0], [0]])
    expectClose(dx.map { $0[0] }, [0.2683, -0.3578, -0.0894, 0.1789], tolerance: 1e-4)
    expectClose(dWeight + dBias, [-1.3416, 1], tolerance: 1e-4)
  }

  @Test func batchNormAsTheEngine() {
    var random = RandomStream(seed: 74)
    let engine = BatchNorm1d(features: 3, epsilon: 0.01, momentum: 0.3)
    var plain = PlainBatchNorm<Double>(features: 3, momentum: 0.3, epsilon: 0.01)
    engine.weight!.value = random.normal(shape: [3])
    engine.bias!.value = random.normal(shape: [3])
    (plain.weight, plain.bias) = (
      engine.weight!.value.scalars.map(Double.init), engine.bias!.value.scalars.map(Double.init)
    )
    func rows(_ x: Tensor) -> [[Double]] {
      (0..<x.shape[0]).map { i in (0..<x.shape[1]).map { Double(x[i, $0]) } }
    }
    // Batches of other sizes, so that n − 1 shows in the running variance.
    for n in [2, 5, 9] {
      let x = Variable(random.normal(shape: [n, 3]) * 2 + 1, requiresGradient: true)
      let dy = random.normal(shape: [n, 3])
      engine.weight!.clearGradient()
      engine.bias!.clearGradient()
      let y = engine(x)
      let step = plain.forward(rows(x.value))
      expectClose(step.output.flatMap(\.self), y.value.scalars, "forward", tolerance: 1e-4)
      (y * Variable(dy)).sum().backward()
      let (dx, dWeight, dBias) = step.backward(rows(dy))
      expectClose(dx.flatMap(\.self), x.gradient!.scalars, "dx", tolerance: 1e-4)
      expectClose(dWeight, engine.weight!.gradient!.scalars, "dWeight", tolerance: 1e-4)
      expectClose(dBias, engine.bias!.gradient!.scalars, "dBias", tolerance: 1e-4)
      expectClose(plain.runningMean, engine.runningMean.value.scalars, "mean")
      expectClose(plain.runningVariance, engine.runningVar.value.scalars, "variance")
    }
    engine.evaluate()
    let x = random.normal(shape: [1, 3])
    expectClose(plain.evaluate(rows(x))[0], engine(Variable(x)).value.scalars, "evaluation", tolerance: 1e-4)
  }

  /// The gradients against differences, in Double.
  @Test func batchNormBackwards() {
    var random = RandomStream(seed: 75)
    func numbers() -> [[Double]] { (0..<5).map { _ in random.normal(shape: [2]).scalars.map(Double.init) } }
    let (x, dy) = (numbers(), numbers())
    var norm = PlainBatchNorm<Double>(features: 2, epsilon: 0.1)
    (norm.weight, norm.bias) = ([1.5, -0.7], [0.2, 3])
    func projection(_ x: [[Double]], _ norm: PlainBatchNorm<Double>) -> Double {
      var norm = norm
      return zip(norm.forward(x).output.joined(), dy.joined()).reduce(0) { $0 + $1.0 * $1.1 }
    }
    var used = norm
    let (dx, dWeight, dBias) = used.forward(x).backward(dy)
    for d in 0..<2 {
      for i in x.indices {
        var (above, below) = (x, x)
        above[i][d] += 1e-5
        below[i][d] -= 1e-5
        #expect(abs(dx[i][d] - (projection(above, norm) - projection(below, norm)) / 2e-5) < 1e-7)
      }
      for (gradient, path) in [(dWeight[d], \PlainBatchNorm<Double>.weight), (dBias[d], \.bias)] {
        var (above, below) = (norm, norm)
        above[keyPath: path][d] += 1e-5
        below[keyPath: path][d] -= 1e-5
        #expect(abs(gradient - (projection(x, above) - projection(x, below)) / 2e-5) < 1e-7)
      }
    }
  }

  @Test func batchNormTraps() async throws {
    let single = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var norm = PlainBatchNorm<Float>(features: 2)
      _ = norm.forward([[1, 2]])
    }
    #expect(
      String(decoding: single.standardErrorContent, as: UTF8.self).contains(
        "two examples are needed for a variance, given 1"))
    let width = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      var norm = PlainBatchNorm<Float>(features: 2)
      _ = norm.forward([[1, 2], [1, 2, 3]])
    }
    #expect(
      String(decoding: width.standardErrorContent, as: UTF8.self).contains("rows of 3 numbers for 2 features")
    )
  }
}
