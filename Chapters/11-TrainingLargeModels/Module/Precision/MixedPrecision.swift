import Engine

/// Reading digits with a network that computes in a narrow format, its loss scaled before the way back.
///
/// A `TrainingRun` of it needs one line more, which takes the scale out of the gradients again, and leaves a step out where
/// they are infinite:
///
///     run.beforeStep = task.unscale
///
/// - Source: Micikevicius and others, "Mixed precision training", ICLR 2018, section 3.2.
/// - Book: section 11.4.
public final class MixedPrecision: TrainingTask {
  public typealias Model = NarrowPerceptron

  /// The scale, as it has become.
  public private(set) var scaler: LossScale
  /// What the loss is divided by, as that of one of so many microbatches.
  public let divisor: Float
  private let images: ImageClassification<NarrowPerceptron>

  /// - Parameters:
  ///   - images: What is learned from.
  ///   - divisor: What the loss is divided by.
  public init(_ images: ImagePart, scaler: LossScale, divisor: Float = 1) {
    self.images = ImageClassification(training: images)
    (self.scaler, self.divisor) = (scaler, divisor)
  }

  public var exampleCount: Int { images.exampleCount }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) -> Labelled<Tensor> {
    images.batch(places, epoch: epoch)
  }

  public func step(_ model: NarrowPerceptron, on batch: Labelled<Tensor>) -> TrainingStep {
    let step = images.step(model, on: batch)
    return TrainingStep(loss: step.loss * (scaler.scale / divisor), examples: step.examples)
  }

  /// Takes the scale out of the gradients, or all gradients away: then the step changes nothing.
  public func unscale(_ parameters: [Parameter]) {
    if !scaler.unscale(parameters) { for parameter in parameters { parameter.clearGradient() } }
  }

  public var identity: [(name: String, value: String)] { images.identity }
}
