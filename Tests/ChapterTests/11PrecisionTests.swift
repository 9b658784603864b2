import Chapter11TrainingLargeModels
import Engine
import Testing

/// A network that computes in 16 bits.
@Suite struct PrecisionTests {
  /// Both ways are rounded: the value, and the gradient that comes back.
  @Test func keptRoundsBothWays() {
    for format in NumberFormat.allCases {
      let x = Variable(Tensor([1.001, -3.14159, 1e-7]), requiresGradient: true)
      let y = kept(x, in: format)
      #expect(y.value == format.rounded(x.value))
      x.retainGradient()
      let weights = Tensor([0.1, 1e-9, 1 / 3])
      (y * Variable(weights)).sum().backward()
      #expect(x.gradient == format.rounded(weights), "\(format)")
    }
    #expect(NumberFormat.float16.rounded(Tensor([1e-9]))[0] == 0)
    #expect(NumberFormat.bfloat16.rounded(Tensor([1e-9]))[0] != 0)
  }

  /// In float32 it is the engine's own perceptron.
  @Test func inFloat32NothingIsRounded() {
    let narrow = withRandomSource(RandomSource(seed: 2)) {
      NarrowPerceptron(widths: [784, 5, 3], format: .float32)
    }
    let plain = withRandomSource(RandomSource(seed: 2)) {
      Sequential(
        Flatten(), Linear(inFeatures: 784, outFeatures: 5), ReLU(), Linear(inFeatures: 5, outFeatures: 3))
    }
    var stream = RandomStream(seed: 1)
    let x = Variable(stream.normal(shape: [4, 1, 28, 28]))
    let difference = (narrow(x).value - plain(x).value).map { abs($0) }.extremes().max
    #expect(difference < 1e-5)
    #expect(narrow.namedParameters.count == 4)
  }

  /// A step smaller than half the distance to the next number is undone, and counted.
  @Test func withoutMasterWeightsSmallStepsAreLost() {
    let parameter = Parameter(Tensor([1, 1, 1, 0.01]))
    let before = [parameter.value]
    parameter.value = Tensor([1.003, 1.02, 1, 0.0101])
    let (changed, lost) = keepWithoutMaster(
      [parameter], in: .bfloat16,
      before: [
        before[0].roundedToBFloat16()
      ])
    // 1.003 goes back to 1; 1.02 does not; the third did not move; 0.0101 is more than a step of 2⁻¹⁴ away.
    #expect((changed, lost) == (3, 1))
    #expect(parameter.value[0] == 1 && parameter.value[1] == 1.0234375)
  }

  /// Where gradients are infinite, a step is left out and the weights stay.
  @Test func stepsThatOverflowAreLeftOut() throws {
    let data = ImageData.generatedDigits(training: 64, validation: 1, test: 1, seed: 1)
    let task = MixedPrecision(data.training, scaler: LossScale(0x1p40, growthInterval: nil))
    let settings = TrainingSettings(epochs: 1, batchSize: 16, optimizer: .sgd, learningRate: 0.1, seed: 1)
    let run = TrainingRun(task, settings) { NarrowPerceptron(widths: [784, 8, 10], format: .float16) }
    let before = run.model.parameters.map(\.value)
    run.beforeStep = { task.unscale($0) }
    try run.finish()
    #expect(task.scaler.skipped == 4)
    #expect(run.model.parameters.map(\.value) == before)
  }
}
