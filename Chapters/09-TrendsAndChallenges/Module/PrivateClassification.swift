import Engine

/// Telling what images show, learned by DP-SGD: a training task whose batches are drawn by Poisson sampling and whose
/// gradients are clipped and made noisy.
///
/// Every image is in a batch with probability q, independently of all others and of the steps before: the accountant
/// counts on it. So batches differ in size, an epoch has a fixed number of steps, and some images are not in it at all.
///
/// - Book: section 9.7.
public struct PrivateClassification<Model: Layer>: TrainingTask, Sendable {
  public let training: ImagePart
  /// `q`
  public let rate: Double
  public let stepsPerEpoch: Int
  /// nil for ordinary gradients on the same batches.
  public let privacy: GradientPrivacy?

  /// Traps where the rate is not in (0, 1].
  public init(_ training: ImagePart, rate: Double, stepsPerEpoch: Int, privacy: GradientPrivacy?) {
    if !(rate > 0 && rate <= 1) {
      fatalError("PrivateClassification: the rate must be above 0 and at most 1, given \(rate)")
    }
    if stepsPerEpoch < 1 { fatalError("PrivateClassification: an epoch of \(stepsPerEpoch) steps") }
    (self.training, self.rate, self.stepsPerEpoch, self.privacy) = (training, rate, stepsPerEpoch, privacy)
  }

  /// The size that a batch has on average: the sum of gradients is divided by it, whatever the batch's own.
  public var expectedBatchSize: Double { rate * Double(training.count) }

  public var exampleCount: Int { Int(expectedBatchSize * Double(stepsPerEpoch)) }

  public var identity: [(name: String, value: String)] {
    [("the rate", "\(rate)"), ("steps", "\(stepsPerEpoch)"), ("privacy", "\(String(describing: privacy))")]
  }

  public func batches(epoch: Int, batchSize: Int, seed: UInt64) -> [ArraySlice<Int>] {
    (0..<stepsPerEpoch).map { step in
      let number = UInt64((epoch - 1) * stepsPerEpoch + step)
      var stream = RandomStream(seed: seed, stream: 1 << 42 + number)
      return ArraySlice((0..<training.count).filter { _ in Double(stream.uniform()) < rate })
    }
  }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<Tensor> {
    let (images, labels) = training.batch(places)
    return Labelled(images, labels)
  }

  public func step(_ model: Model, on batch: Labelled<Tensor>) -> TrainingStep {
    let count = batch.labels.count
    // A batch may be empty, if hardly ever: then the step is noise alone.
    let size = max(count, 1)
    guard let privacy else {
      if count == 0 { return TrainingStep(loss: Variable(Tensor(0), requiresGradient: true), examples: size) }
      return TrainingStep(loss: crossEntropy(model(Variable(batch.input)), batch.labels), examples: size)
    }
    let (loss, _) = privateLoss(
      of: model.parameters, examples: count, dividedBy: expectedBatchSize, privacy
    ) { e in
      crossEntropy(model(Variable(batch.input.rows(e..<e + 1))), batch.labels.rows(e..<e + 1))
    }
    return TrainingStep(loss: loss, examples: size)
  }
}
