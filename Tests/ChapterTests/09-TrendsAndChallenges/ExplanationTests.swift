import Chapter09TrendsAndChallenges
import Engine
import Testing

/// Chapter 9's ways to explain an answer: by hand, by what must hold, and against the engine.
@Suite struct ExplanationTests {
  /// F(x) = x₀² x₁ − 3 x₁, whose slope is (2 x₀ x₁, x₀² − 3).
  private func score(_ x: [Double]) -> Double { x[0] * x[0] * x[1] - 3 * x[1] }
  private func slope(_ x: [Double]) -> [Double] { [2 * x[0] * x[1], x[0] * x[0] - 3] }

  @Test func saliencyIsTheSizeOfTheSlope() {
    #expect(saliency(at: [1, -2], gradient: slope) == [4, 2])
  }

  @Test func theSmoothGradientIsTheMeanAround() {
    // E (x₀ + σz)² − 3 = x₀² + σ² − 3, and the two noises are independent: 2 x₀ x₁ stays.
    var stream = RandomStream(seed: 3)
    let mean = smoothGradient(at: [1, -2], deviation: 0.5, samples: 40_000, stream: &stream, gradient: slope)
    #expect(abs(mean[0] + 4) < 0.05)
    #expect(abs(mean[1] + 1.75) < 0.05)
    var other = RandomStream(seed: 3)
    #expect(
      smoothGradient(at: [1, -2], deviation: 0, samples: 3, stream: &other, gradient: slope) == [-4, -2])
  }

  @Test func samplesInOneBatchAreTheSame() {
    let network = withRandomSource(RandomSource(seed: 5)) {
      Sequential(Linear(inFeatures: 6, outFeatures: 8), ReLU(), Linear(inFeatures: 8, outFeatures: 3))
    }
    let x = Tensor([1, -1, 0.5, 2, 0, 1])
    var (one, other) = (RandomStream(seed: 8), RandomStream(seed: 8))
    let plain = smoothGradient(at: x.scalars, deviation: 0.7, samples: 9, stream: &one) { x in
      inputGradient(at: Tensor(x, shape: [1, 6]), of: [1]) { network($0) }.gradient.scalars
    }
    let batch = smoothGradient(
      at: x.reshaped([1, 6]), of: 1, deviation: 0.7, samples: 9, stream: &other
    ) { network($0) }
    #expect(batch.shape == [1, 6])
    #expect(batch.flattened().isClose(to: Tensor(plain), relative: 1e-5, absolute: 1e-6))
  }

  @Test func integratedGradientsByHand() {
    // On the way (a, 2a): ∫ 2·a·2a da = 4/3, times 1; ∫ a² − 3 da = −8/3, times 2. Together −4 = F(1, 2).
    let attributions = integratedGradients(at: [1, 2], from: [0, 0], steps: 2_000, gradient: slope)
    #expect(abs(attributions[0] - 4.0 / 3) < 1e-6)
    #expect(abs(attributions[1] + 16.0 / 3) < 1e-6)
    let gap = completenessGap(attributions, score: score([1, 2]), baselineScore: 0)
    #expect(abs(gap) < 1e-6)
    // One step: the slope at (½, 1) is (1, −2.75).
    let rough = integratedGradients(at: [1, 2], from: [0, 0], steps: 1, gradient: slope)
    #expect(rough == [1, -5.5])
    #expect(completenessGap(rough, score: -4, baselineScore: 0) == -0.5)
    // Another baseline: the way is one of x₁ alone, along which x₀² − 3 = −2 stays.
    #expect(integratedGradients(at: [1, 2], from: [1, 0], steps: 1, gradient: slope) == [0, -4])
  }

  @Test func aLinearNetworkIsExactWithOneStep() {
    let w = [2.0, -1, 0.5]
    let attributions = integratedGradients(at: [1, 2, 4], from: [0, 1, 0], steps: 1) { _ in w }
    #expect(attributions == [2, -1, 2])
    #expect(completenessGap(attributions, score: 2 - 2 + 2 + 7, baselineScore: -1 + 7) == 0)
  }

  /// A network with a bend in it: the plain sums and the engine's batches agree.
  @Test(arguments: [1, 5, 32]) func theEngineAgrees(steps: Int) {
    let network = withRandomSource(RandomSource(seed: 5)) {
      Sequential(Linear(inFeatures: 6, outFeatures: 8), ReLU(), Linear(inFeatures: 8, outFeatures: 3))
    }
    var stream = RandomStream(seed: 6)
    let (x, baseline) = (stream.normal(shape: [2, 6]), stream.normal(shape: [2, 6]))
    let classes = [2, 0]
    let (attributions, gaps) = integratedGradients(
      at: x, from: baseline, of: classes, steps: steps, batchSize: 3
    ) { network($0) }
    let scores = withoutGradients { network(Variable(x)).value }
    let before = withoutGradients { network(Variable(baseline)).value }
    for n in 0..<2 {
      func slope(_ x: [Float]) -> [Float] {
        inputGradient(at: Tensor(x, shape: [1, 6]), of: [classes[n]]) { network($0) }.gradient.scalars
      }
      let plain = integratedGradients(
        at: x.row(n).scalars, from: baseline.row(n).scalars, steps: steps, gradient: slope)
      #expect(attributions.row(n).isClose(to: Tensor(plain), relative: 1e-4, absolute: 1e-6))
      let gap = completenessGap(plain, score: scores[n, classes[n]], baselineScore: before[n, classes[n]])
      #expect(abs(Double(gap) - gaps[n]) < 1e-5)
    }
    #expect(network.parameters.allSatisfy { $0.gradient == nil }, "the parameters were left alone")
  }

  @Test func occlusionByHand() {
    // The score is the sum of weights times pixels: covering a window takes its part away.
    let weights: [Double] = [1, 2, 3, 4, 5, 6]
    let image: [Double] = [1, 0, 2, 1, 1, 3]
    let score = { (images: [[Double]]) in images.map { zip($0, weights).reduce(0) { $0 + $1.0 * $1.1 } } }
    let single = occlusion(of: image, height: 2, width: 3, size: 1, stride: 1, scores: score)
    #expect(single == [1, 0, 6, 4, 5, 18])
    // Windows of 2×2 at columns 0 and 1: 1 + 0 + 4 + 5 and 0 + 6 + 5 + 18. The middle column lies in both.
    let wide = occlusion(of: image, height: 2, width: 3, size: 2, stride: 1, scores: score)
    #expect(wide == [10, 19.5, 29, 10, 19.5, 29])
    // With a stride of 2 the second window still ends at the edge.
    #expect(occlusion(of: image, height: 2, width: 3, size: 2, stride: 2, scores: score) == wide)
    let covered = occlusion(of: image, height: 2, width: 3, size: 1, stride: 1, cover: 1, scores: score)
    #expect(covered == [0, -2, 3, 0, 0, 12])
  }

  @Test func gradCAMByHand() {
    let maps: [[Double]] = [[1, 2, 3, 4], [4, 0, 0, 1]]
    let slopes: [[Double]] = [[1, 0, 0, 1], [-2, 0, -2, 0]]  // means ½ and −1
    #expect(gradCAM(maps: maps, slopes: slopes, isRectified: false) == [-3.5, 1, 1.5, 1])
    #expect(gradCAM(maps: maps, slopes: slopes) == [0, 1, 1.5, 1])
    #expect(classActivationMap(maps: maps, weights: [2, -1]) == [-2, 4, 6, 7])
  }

  /// With a global mean and one linear layer after the maps, Grad-CAM is the class activation map over `H · W`.
  @Test func gradCAMIsCAMWhereTheorySaysSo() {
    let fc = withRandomSource(RandomSource(seed: 7)) { Linear(inFeatures: 4, outFeatures: 3) }
    var stream = RandomStream(seed: 8)
    let maps = stream.normal(shape: [1, 4, 5, 6])
    let cam = gradCAM(at: maps, of: [1], isRectified: false, maps: { $0 }) { fc(globalAvgPool2d($0)) }
    let plain = classActivationMap(
      maps: (0..<4).map { maps.row(0).row($0).scalars }, weights: fc.weight.value.row(1).scalars)
    #expect(cam.shape == [1, 5, 6])
    #expect(Tensor(plain.map { $0 / 30 }).isClose(to: cam.flattened(), relative: 1e-5, absolute: 1e-7))
  }

  @Test func theEnginesGradCAMIsThePlainOne() {
    let fc = withRandomSource(RandomSource(seed: 9)) { Linear(inFeatures: 3 * 4 * 4, outFeatures: 2) }
    var stream = RandomStream(seed: 10)
    let maps = stream.normal(shape: [1, 3, 4, 4])
    let head = { (a: Variable) in fc(relu(a).flattened(from: 1)) }
    let slopes = inputGradient(at: maps, of: [1], scores: head).gradient
    let plain = gradCAM(
      maps: (0..<3).map { maps.row(0).row($0).scalars }, slopes: (0..<3).map { slopes.row(0).row($0).scalars }
    )
    let engine = gradCAM(at: maps, of: [1], maps: { $0 }, scores: head)
    #expect(Tensor(plain).isClose(to: engine.flattened(), relative: 1e-5, absolute: 1e-6))
    #expect(engine.scalars.contains { $0 > 0 } && engine.scalars.contains(0))
  }

  /// As `interpolate(…, mode='bilinear', align_corners=False)` has it.
  @Test func enlargedByHand() {
    #expect(enlarged([0, 4] as [Double], height: 1, width: 2, by: 2) == [0, 1, 3, 4, 0, 1, 3, 4])
    #expect(enlarged([7] as [Double], height: 1, width: 1, by: 3) == [Double](repeating: 7, count: 9))
    #expect(enlarged([1, 2, 3, 4] as [Double], height: 2, width: 2, by: 1) == [1, 2, 3, 4])
  }

  @Test func theGuidedReLULetsOnlyGainsPass() {
    let x = Parameter(Tensor([1, -1, 2, 0]))
    let y = guidedReLU(x)
    #expect(y.value.scalars == [1, 0, 2, 0])
    y.backward(from: Tensor([5, 5, -5, 5]))
    #expect(x.gradient?.scalars == [5, 0, 0, 0])
  }
}

/// What the randomisation test is made of.
@Suite struct SanityTests {
  @Test func rankCorrelationByHand() {
    #expect(rankCorrelation([1, 2, 3], [10, 20, 300] as [Double]) == 1)
    #expect(rankCorrelation([1, 2, 3], [3, 2, -1] as [Double]) == -1)
    // Ranks 0 1 2 3 and 1 0 3 2: 1 − 6 · 4 / (4 · 15) = 0.6.
    #expect(abs(rankCorrelation([1, 2, 3, 4], [2, 1, 4, 3] as [Double]) - 0.6) < 1e-12)
    // Ties share their mean rank: ½ ½ 2 and 0 1 2 give 1.5 / √(1.5 · 2).
    #expect(abs(rankCorrelation([5, 5, 9], [1, 2, 3] as [Double]) - 1.5 / 3.0.squareRoot()) < 1e-12)
    #expect(rankCorrelation([1, 1, 1], [1, 2, 3] as [Double]) == 0)
  }

  @Test func unrelatedMapsLieNearZero() {
    var stream = RandomStream(seed: 2)
    let far = (0..<400).count { _ in
      abs(rankCorrelation(stream.normal(shape: [784]).scalars, stream.normal(shape: [784]).scalars)) > 0.07
    }
    // 5 of 100, give or take: what the text says of the threshold.
    #expect((6...36).contains(far))
    #expect(RandomisationTest.isPassed(0.07) && RandomisationTest.isPassed(-0.2))
    #expect(!RandomisationTest.isPassed(0.21) && !RandomisationTest.isPassed(-0.5))
  }

  @Test func aLayerForgets() {
    let layer = withRandomSource(RandomSource(seed: 1)) { Linear(inFeatures: 50, outFeatures: 40) }
    let before = layer.weight.value
    withRandomSource(RandomSource(seed: 2)) { layer.forget() }
    let weights = layer.weight.value
    #expect(weights != before)
    #expect(weights.extremes().max <= 0.02 && weights.extremes().min >= -0.02)
    // A normal distribution cut at two deviations has 0.88 of the deviation.
    #expect(abs(weights.standardDeviation() - 0.0088) < 0.0006)
    #expect(layer.bias?.value == Tensor.zeros([40]))
  }
}

/// What cannot be explained.
@Suite struct ExplanationTrapTests {
  private func expectTrap(_ result: ExitTest.Result?, _ words: String) {
    let text = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(text.contains(words), "\(text)")
  }

  @Test func wrongSizesTrap() async {
    expectTrap(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = occlusion(of: [1, 2, 3] as [Double], height: 2, width: 2, size: 1, stride: 1) { $0.map { $0[0] } }
      }, "occlusion: 3 numbers are no image of 2×2")
    expectTrap(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = occlusion(of: [1, 2, 3, 4] as [Double], height: 2, width: 2, size: 3, stride: 1) {
          $0.map { $0[0] }
        }
      }, "occlusion: a window of 3 with stride 1 does not go with 2×2")
    expectTrap(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = integratedGradients(at: [1, 2] as [Double], from: [0], steps: 3) { $0 }
      }, "integratedGradients: 2 numbers and a baseline of 1")
    expectTrap(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = integratedGradients(
          at: Tensor.zeros([1, 2]), from: Tensor.zeros([2, 2]), of: [0]
        ) { $0 }
      }, "integratedGradients: input [1, 2] and baseline [2, 2]")
    expectTrap(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = inputGradient(at: Tensor.zeros([1, 2]), of: [2]) { $0 }
      }, "inputGradient: class 2 is not among the 2 of scores [1, 2]")
    expectTrap(
      await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
        _ = gradCAM(at: Tensor.zeros([1, 2]), of: [0], maps: { $0 }, scores: { $0 })
      }, "gradCAM: the layer gives [1, 2]: maps [N, K, H, W] are needed")
  }
}
