import Engine

/// How every network of a scaling experiment is trained: alike, whatever its size and however much there is to read.
public struct ScalingRecipe: Sendable, Equatable {
  /// About how many steps; whole epochs are made.
  public var steps = 400
  public var batchSize = 64
  /// Adam's learning rate at the first step; it falls to 0 along half a cosine.
  public var learningRate = 3e-3
  /// About how often a run looks at the validation part.
  public var looks = 8

  public init() {}
}

/// One network of the family, trained on so many digits.
///
/// The weights that read the validation part best are kept: a network that is too large for its data is best before
/// the end. What the end itself came to is kept too.
///
/// - Book: section 1.5.
public struct ScalingRun: Sendable {
  public let parameters: Int
  /// How many digits there were to learn from.
  public let digits: Int
  /// With the weights kept: on the test part.
  public let testLoss: Double
  public let accuracy: Double
  /// With the weights of the end: on what was learned from, and on the test part.
  public let lastTrainingLoss: Double
  public let lastTestLoss: Double
  /// The share of the steps after which the kept weights were there.
  public let bestAt: Double

  /// - Parameters:
  ///   - width: The network's: see `DigitNetwork`.
  ///   - digits: How many of the training part are learned from: the first ones.
  ///   - seed: Of the first weights and of the order of the digits.
  /// - Throws: `LossIsNotFinite`.
  public init(width: Int, digits: Int, of data: ImageData, recipe: ScalingRecipe, seed: UInt64) throws {
    let part = data.training.first(digits)
    let stepsPerEpoch = (part.count + recipe.batchSize - 1) / recipe.batchSize
    let epochs = max(1, (recipe.steps + stepsPerEpoch / 2) / stepsPerEpoch)
    let epochsPerLook = max(1, epochs / recipe.looks)
    var settings = TrainingSettings(
      epochs: epochs, batchSize: recipe.batchSize, learningRate: recipe.learningRate, seed: seed)
    settings.schedule = .cosine
    let run = TrainingRun(ImageClassification(training: part), settings) { DigitNetwork(width: width) }
    let model = run.model

    var best = (loss: Double.infinity, epoch: 0, weights: [Tensor]())
    while !run.isFinished {
      let epoch = try run.nextEpoch().epoch
      if epoch % epochsPerLook == 0 || run.isFinished {
        let loss = evaluate(model, on: data.validation).loss
        if loss < best.loss { best = (loss, epoch, model.parameters.map(\.value)) }
      }
    }
    lastTrainingLoss = evaluate(model, on: part.first(data.test.count)).loss
    lastTestLoss = evaluate(model, on: data.test).loss
    if best.epoch < epochs {
      for (parameter, weights) in zip(model.parameters, best.weights) { parameter.value = weights }
    }
    let test = evaluate(model, on: data.test)
    testLoss = test.loss
    accuracy = test.accuracy
    bestAt = Double(best.epoch) / Double(epochs)
    parameters = model.parameterCount
    self.digits = part.count
  }
}
