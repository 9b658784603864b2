import Chapter11TrainingLargeModels
import Engine
import Foundation
import Testing

/// Learning rates and batch sizes: range tests, the hyperbola of steps and examples, the noise of gradients.
@Suite struct RatesTests {
  // MARK: Range tests

  @Test func smoothingBeginsWithItsFirstNumber() {
    // β = 0.5: 4; (2 + 4) / 1.5 …: m₂ = 0.5 · 2 + 0.5 · 8 = 5, over 0.75; m₃ = 2.5 − 0.5 = 2, over 0.875.
    let smooth = RangeTest.smoothed([4, 8, -1], memory: 0.5)
    let expected: [Double] = [4, 5 / 0.75, 2 / 0.875]
    #expect(smooth == expected)
  }

  /// A made-up curve: flat, falling around 0.1, lowest at 1, and gone at 10.
  @Test func placesOfACurve() throws {
    let rates = (0..<200).map { pow(10, -3 + 5 * Double($0) / 199) }
    let losses = rates.map { rate -> Double in
      let x = log10(rate)
      return 2 - 1.5 / (1 + exp(-4 * (x + 1))) + exp(2.5 * (x - 0.9))
    }
    let test = RangeTest(rates: rates, losses: losses, memory: 0)
    #expect(test.smooth == losses)
    #expect((0.07...0.13).contains(test.steepest))
    #expect((0.4...2).contains(rates[test.lowest]))
    let diverging = try #require(test.diverging)
    #expect((8...20).contains(diverging))
    #expect(RangeTest(rates: [1, 2, 3], losses: [3, 2, 1]).diverging == nil)
  }

  /// On `x²` the rate at which steps grow instead of shrinking is known: 1.
  @Test func theRateThatDivergesOnAParabola() throws {
    final class Place: Module {
      let x = Parameter(Tensor([1]))
    }
    struct Parabola: TrainingTask {
      let exampleCount = 8
      func batch(_ places: ArraySlice<Int>, epoch: Int) -> Int { places.count }
      func step(_ model: Place, on batch: Int) -> TrainingStep {
        TrainingStep(loss: (model.x * model.x).sum(), examples: batch)
      }
      let identity: [(name: String, value: String)] = []
    }
    let test = try rangeTest(
      Parabola(), from: 1e-3, to: 1e3, steps: 400, batchSize: 2, seed: 1,
      optimizer: { SGD($0, learningRate: $1) }, model: { Place() })
    #expect(test.rates[0] == 1e-3 && test.losses[0] == 1)
    // Rates grow by one factor.
    #expect(abs(test.rates[5] / test.rates[4] - test.rates[1] / test.rates[0]) < 1e-12)
    // It ends where the loss is four times the first.
    #expect(test.rates.count < 400 && test.losses.last! >= 4 && test.losses.dropLast().allSatisfy { $0 < 4 })
    #expect(test.rates.last! > 1)
  }

  // MARK: Batch sizes

  /// McCandlish and others, 2018, for a critical batch of 1,000: what sizes of 250, 1,000 and 4,000 cost.
  @Test(arguments: [(250.0, 5.0, 1.25), (1_000, 2, 2), (4_000, 1.25, 5)])
  func theHyperbola(batch: Double, steps: Double, examples: Double) {
    let curve = BatchTradeOff(leastSteps: 30, leastExamples: 30_000)
    #expect(curve.criticalBatch == 1_000)
    #expect(abs(curve.steps(batch: batch) / 30 - steps) < 1e-12)
    #expect(abs(curve.examples(batch: batch) / 30_000 - examples) < 1e-12)
    #expect(
      abs(curve.steps(batch: batch) * batch - curve.examples(batch: batch)) < 1e-6
        * curve.examples(batch: batch))
    let product = (curve.steps(batch: batch) / 30 - 1) * (curve.examples(batch: batch) / 30_000 - 1)
    #expect(abs(product - 1) < 1e-12)
  }

  @Test func theFitFindsTheCurveItCameFrom() {
    let curve = BatchTradeOff(leastSteps: 73, leastExamples: 3_650)
    let batches = [4.0, 16, 64, 256, 1_024]
    let exact = BatchTradeOff(fitting: batches.map { (batch: $0, steps: curve.steps(batch: $0)) })
    #expect(abs(exact.leastSteps / 73 - 1) < 1e-6 && abs(exact.criticalBatch / 50 - 1) < 1e-6)
    // Ten percent up and down moves it little.
    let noisy = BatchTradeOff(
      fitting: zip(batches, [1.1, 0.9, 1.1, 0.9, 1.1]).map { (batch: $0, steps: curve.steps(batch: $0) * $1) }
    )
    #expect(abs(noisy.criticalBatch / 50 - 1) < 0.35)
  }

  /// A task whose gradients are known: `loss = mean (w · xᵢ)`, so that `G` is the mean of all `xᵢ` and `tr Σ` their
  /// variance.
  struct Known: TrainingTask {
    let examples: [[Float]]
    final class Weights: Module {
      let w = Parameter(Tensor([0, 0, 0]))
    }
    var exampleCount: Int { examples.count }
    func batch(_ places: ArraySlice<Int>, epoch: Int) -> [[Float]] { places.map { examples[$0] } }
    func step(_ model: Weights, on batch: [[Float]]) -> TrainingStep {
      let mean = (0..<3).map { i in batch.map { $0[i] }.reduce(0, +) / Float(batch.count) }
      return TrainingStep(loss: (model.w * Variable(Tensor(mean))).sum(), examples: batch.count)
    }
    let identity: [(name: String, value: String)] = []
  }

  @Test func noiseOfKnownGradients() throws {
    var stream = RandomStream(seed: 4)
    // Means (1, −2, 0.5): |G|² = 5.25. Deviations 1, 2 and 3: tr Σ = 14.
    let examples = (0..<40_960).map { _ in
      [1 + stream.normal(), -2 + 2 * stream.normal(), 0.5 + 3 * stream.normal()]
    }
    let model = Known.Weights()
    model.w.setGradient(Tensor([7, 8, 9]))
    let noise = try gradientNoise(
      of: model, Known(examples: examples), small: 4, groups: 8, places: Array(examples.indices))
    #expect((noise.smallBatch, noise.largeBatch) == (4, 32))
    #expect(abs(noise.squaredGradient - 5.25) < 0.25)
    #expect(abs(noise.trace - 14) < 0.7)
    #expect(abs(noise.noiseScale - 14 / 5.25) < 0.25)
    // Nothing was changed.
    #expect(model.w.gradient == Tensor([7, 8, 9]) && model.w.value == Tensor([0, 0, 0]))
  }
}
