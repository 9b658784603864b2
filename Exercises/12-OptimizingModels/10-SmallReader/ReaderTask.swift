import Engine
import Practice

/// Digits with a teacher's logits, of which only the first have labels.
struct ReaderTask: Sendable {
  /// The most that a file may have, and the least that must be read with it.
  static let bytes = 20_000
  static let accuracy = 0.97

  let images, teacher: Tensor
  let labels: [Int]
  let unseen: (images: Tensor, labels: [Int])
  let epochs: Int

  /// A moment's work, whose teacher is the truth itself.
  static let short = ReaderTask(
    count: 400, labelled: 100, unseen: 200, epochs: 6, seed: 1293, isTaught: false)
  static let long = ReaderTask(
    count: 12_000, labelled: 1_000, unseen: 2_000, epochs: 20, seed: 1294, isTaught: true)

  init(count: Int, labelled: Int, unseen: Int, epochs: Int, seed: UInt64, isTaught: Bool) {
    let set = ImageSet.generatedDigits(count: count + unseen, seed: seed)
    images = set.batch(Array(0..<count)).images
    labels = Array(set.labels[..<labelled])
    self.unseen = (set.batch(Array(count..<count + unseen)).images, Array(set.labels[count...]))
    self.epochs = epochs
    if isTaught {
      teacher = Self.logits(ofOneTrainedOn: ImagePart(set, 0..<count), seed: seed)
    } else {
      teacher = IntTensor(Array(set.labels[..<count])).oneHot(classes: 10) * 10
    }
  }

  /// What a network of half the article's width says of the digits that it was trained on.
  private static func logits(ofOneTrainedOn part: ImagePart, seed: UInt64) -> Tensor {
    var settings = TrainingSettings(epochs: 8, batchSize: 32, learningRate: 2e-3, seed: seed)
    settings.schedule = .linear
    let run = TrainingRun(ImageClassification<Sequential>(training: part), settings) {
      Sequential(
        Conv2d(inChannels: 1, outChannels: 16, kernelSize: 5, padding: 2), ReLU(), MaxPool2d(kernelSize: 2),
        Conv2d(inChannels: 16, outChannels: 32, kernelSize: 5, padding: 2), ReLU(), MaxPool2d(kernelSize: 2),
        Flatten(), Linear(inFeatures: 32 * 49, outFeatures: 64), ReLU(),
        Linear(inFeatures: 64, outFeatures: 10))
    }
    do { try run.finish() } catch { fatalError("the teacher could not be trained: \(error)") }
    return concatenate(
      Batches(of: part.count, batchSize: 250).map { places in
        withoutGradients { run.model(Variable(part.batch(places).images)) }.value
      })
  }

  /// - Parameter turned: Whether each digit is taught to be the next one, and 9 to be 0.
  func file(of answer: SmallReaderExercise.Answer, turned: Bool) throws -> [Int] {
    if !turned { return try answer.train(images, labels, teacher, epochs) }
    let logits = (0..<teacher.shape[0]).flatMap { n in (0..<10).map { teacher[n, ($0 + 9) % 10] } }
    return try answer.train(
      images, labels.map { ($0 + 1) % 10 }, Tensor(logits, shape: teacher.shape), epochs)
  }
}
