import Chapter03Pooling
import Engine

/// How long the chapter's networks are trained, and on how much.
struct Plan {
  var trainingImages = 4_000
  var testImages = 500
  var epochs = 3
  var batchSize = 32

  /// Adam's, at the first step. A mean over all places leaves little of what a single place has to say, so that a network
  /// with a global head learns too slowly with the other's.
  func learningRate(_ head: Head) -> Double {
    head == .places ? 3e-3 : 1e-2
  }

  static func of(_ quick: Bool) -> Plan {
    quick ? Plan(trainingImages: 640, testImages: 50, epochs: 1, batchSize: 16) : Plan()
  }

  /// Digits to learn from and digits to judge by; each seed has its own.
  func data(seed: UInt64) -> ImageData {
    .generatedDigits(training: trainingImages, validation: 0, test: testImages, seed: seed)
  }
}

/// Trains a network with Adam, its learning rate falling in a straight line to 0.
func train(
  _ model: some Layer, on part: ImagePart, epochs: Int, batchSize: Int, learningRate: Double, seed: UInt64,
  onBatch: (_ images: Int) -> Void = { _ in }
) throws {
  var settings = TrainingSettings(
    epochs: epochs, batchSize: batchSize, learningRate: learningRate, seed: seed)
  settings.schedule = .linear
  try TrainingRun(ImageClassification(training: part), settings) { model }.finish(onStep: onBatch)
}
