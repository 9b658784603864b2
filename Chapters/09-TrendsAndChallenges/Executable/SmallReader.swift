import Chapter09TrendsAndChallenges
import Engine
import Workbench

/// A perceptron with one hidden layer that reads digits: small, so that many can be trained.
func smallReader(hidden: Int = 64) -> Sequential {
  Sequential(
    Flatten(), Linear(inFeatures: 784, outFeatures: hidden), ReLU(),
    Linear(inFeatures: hidden, outFeatures: 10))
}

/// Trains one on images.
func trainedReader(
  on part: ImagePart, epochs: Int, seed: UInt64, advance: (Int) -> Void = { _ in }
) throws -> Sequential {
  var settings = TrainingSettings(epochs: epochs, batchSize: 32, learningRate: 2e-3, seed: seed)
  settings.schedule = .linear
  let run = TrainingRun(ImageClassification<Sequential>(training: part), settings) { smallReader() }
  var seen = 0
  try run.finish { images in
    advance(images - seen)
    seen = images
  }
  return run.model
}

/// The loss of each image.
func losses(_ model: some Layer, on part: ImagePart) -> [Double] {
  Batches(of: part.count, batchSize: 256).flatMap { places in
    let (images, labels) = part.batch(places)
    return withoutGradients { crossEntropy(model(Variable(images)), labels, reduction: .none) }.value.scalars
      .map { Double($0) }
  }
}

/// The digits `range` of those drawn from a seed.
func digits(_ range: Range<Int>, seed: UInt64) -> ImagePart {
  ImagePart(.generatedDigits(count: range.upperBound, seed: seed), range)
}

/// The attack by the loss: its threshold chosen on one half of the examples, its advantage measured on the other.
struct HalvedAttack {
  let attack: MembershipAttack
  /// On the half that the threshold was not chosen on.
  let advantage: Double
  /// On the half that it was: too good.
  let sameHalf: Double
  /// The half that the threshold was not chosen on.
  let members, others: [Double]

  init(members: [Double], others: [Double], seed: UInt64) {
    var stream = RandomStream(seed: seed, stream: 12)
    func halves(_ losses: [Double]) -> ([Double], [Double]) {
      let order = stream.permutation(losses.count)
      let half = losses.count / 2
      return (order[..<half].map { losses[$0] }, order[half...].map { losses[$0] })
    }
    let (known, unknown) = (halves(members), halves(others))
    attack = MembershipAttack(choosingOn: known.0, and: unknown.0)
    sameHalf = attack.advantage(on: known.0, and: unknown.0)
    advantage = attack.advantage(on: known.1, and: unknown.1)
    (self.members, self.others) = (known.1, unknown.1)
  }
}
