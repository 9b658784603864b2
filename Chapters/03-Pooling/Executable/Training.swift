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
  let optimizer = Adam(model.parameters, learningRate: learningRate)
  let batches = (part.count + batchSize - 1) / batchSize
  for epoch in 1...epochs {
    try trainEpoch(
      model, with: optimizer, on: part, batchSize: batchSize, epoch: epoch, seed: seed,
      beforeStep: { batch in
        let done = Double((epoch - 1) * batches + batch) / Double(epochs * batches)
        optimizer.learningRate = learningRate * (1 - done)
      }
    ) { onBatch((epoch - 1) * part.count + $0.images) }
  }
}
