import Chapter03Pooling
import Engine

/// How long the chapter's networks are trained, and on how much.
struct Plan {
  var trainingImages = 6_000
  var testImages = 1_000
  var epochs = 3
  var learningRate = 3e-3

  static func of(_ quick: Bool) -> Plan {
    quick ? Plan(trainingImages: 1_000, testImages: 200, epochs: 1) : Plan()
  }

  /// Digits to learn from and digits to judge by; each seed has its own.
  func data(seed: UInt64) -> ImageData {
    .generatedDigits(training: trainingImages, validation: 0, test: testImages, seed: seed)
  }
}

/// Trains a network with Adam, its learning rate falling in a straight line to 0.
func train(
  _ model: some Layer, on part: ImagePart, epochs: Int, learningRate: Double, seed: UInt64,
  onBatch: (_ images: Int) -> Void = { _ in }
) throws {
  let optimizer = Adam(model.parameters, learningRate: learningRate)
  let batchSize = 64
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
