import Engine

/// Images to learn from with a teacher's logits beside their labels.
///
///     loss = α · crossEntropy(student, labels) + (1 − α) · T² · KL(softmax(teacher / T), softmax(student / T))
///
/// The teacher reads each image once, beforehand.
///
/// - Source: Hinton, Vinyals, Dean, "Distilling the knowledge in a neural network", 2015.
/// - Book: section 12.3.
public struct DistillationTask<Model: Layer>: TrainingTask {
  /// The images to learn from.
  public let training: ImagePart
  /// The teacher's logits for them, `[N, 10]`.
  public let teacher: Tensor
  /// T
  public let temperature: Float
  /// α, the labels' share of the loss.
  public let alpha: Float

  /// Traps when there is not one row of logits for each image.
  public init(training: ImagePart, teacher: Tensor, temperature: Float, alpha: Float) {
    if teacher.rank != 2 || teacher.shape[0] != training.count {
      fatalError("DistillationTask: logits \(teacher.shape) for \(training.count) images")
    }
    (self.training, self.teacher, self.temperature, self.alpha) = (training, teacher, temperature, alpha)
  }

  /// Images, labels and the teacher's logits.
  public typealias Batch = (images: Tensor, labels: IntTensor, teacher: Tensor)

  public var exampleCount: Int { training.count }

  public func batch(_ places: ArraySlice<Int>, epoch: Int) -> Batch {
    let (images, labels) = training.batch(places)
    return (images, labels, teacher.rows(Array(places)))
  }

  public func step(_ model: Model, on batch: Batch) -> TrainingStep {
    let logits = model(Variable(batch.images))
    let loss = distillationLoss(
      student: logits, teacher: batch.teacher, target: batch.labels, temperature: temperature, alpha: alpha)
    let right = zip(logits.value.argmax().scalars, batch.labels.scalars).count { $0 == $1 }
    return TrainingStep(loss: loss.total, examples: batch.labels.count, metricSum: Double(right))
  }

  public var metricName: String? { "accuracy" }

  public var identity: [(name: String, value: String)] {
    [("the images", "\(training.count)"), ("T", "\(temperature)"), ("α", "\(alpha)")]
  }
}

/// A network's logits for all images of a part, `[N, 10]`.
///
/// - Book: section 12.3.
public func logits(of model: some Layer, on part: ImagePart) -> Tensor {
  let wasTraining = model.isTraining
  model.evaluate()
  defer { model.train(wasTraining) }
  return concatenate(
    Batches(of: part.count, batchSize: 256).map { places in
      withoutGradients { model(Variable(part.batch(places).images)) }.value
    })
}
