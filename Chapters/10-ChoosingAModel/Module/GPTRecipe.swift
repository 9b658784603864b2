import Engine

/// How a GPT is trained, as the published recipes have it: AdamW whose decay leaves vectors alone, a warm-up and half a
/// cosine, clipped gradients.
///
/// The values are those of nanoGPT's small configuration for a CPU.
///
/// - Source: Karpathy, nanoGPT, `train.py` and `config/train_shakespeare_char.py`.
/// - Book: section 10.9.
public struct GPTRecipe: Sendable, Equatable {
  public var steps = 2_000
  /// N, the windows of a step.
  public var batch = 12
  public var learningRate = 1e-3
  /// What the learning rate falls to.
  public var minimumLearningRate = 1e-4
  /// In how many steps the rate rises to its first value.
  public var warmUp = 100
  /// The share of itself that a matrix loses a step, times the learning rate. Biases, and the factors of norms, lose none.
  public var weightDecay = 0.1
  public var beta2 = 0.99
  /// The longest gradient; nil for no limit.
  public var clip: Double? = 1

  public init() {}

  /// In step t, from 0, of S with a warm-up of W:
  ///
  ///     t < W:  η (t + 1) / (W + 1)
  ///     after:  η_min + (η − η_min) (1 + cos(π (t − W) / (S − W))) / 2
  public var schedule: any Schedule {
    let decay = CosineDecay(steps: max(1, steps - warmUp), minimum: minimumLearningRate)
    if warmUp == 0 { return decay }
    return ScheduleSequence(
      LinearRamp(from: 1 / Double(warmUp + 1), to: 1, steps: warmUp), for: warmUp, then: decay)
  }

  /// AdamW with two groups: what has two axes decays, what has one does not.
  public func optimizer(for model: Module) -> AdamW {
    func settings(_ decay: Double) -> AdamW.Settings {
      AdamW.Settings(learningRate: learningRate, betas: (0.9, beta2), weightDecay: decay)
    }
    let (matrices, vectors) = (
      model.parameters.filter { $0.rank >= 2 }, model.parameters.filter { $0.rank < 2 }
    )
    return AdamW(groups: [
      ParameterGroup(matrices, settings(weightDecay)), ParameterGroup(vectors, settings(0)),
    ])
  }

  /// How many times the validation text is read: the largest number up to 10 that divides the steps.
  public var looks: Int { (1...min(10, steps)).last { steps % $0 == 0 }! }

  /// - Parameter seed: Of the first weights and of dropout.
  public func settings(seed: UInt64) -> TrainingSettings {
    var settings = TrainingSettings(
      epochs: looks, batchSize: batch, optimizer: .adamw, learningRate: learningRate, seed: seed)
    settings.schedule = .fixed(schedule)
    settings.clipNorm = clip
    return settings
  }
}

extension TrainingRun where Task == GPTTask {
  /// The training of a GPT on a text.
  ///
  /// - Parameters:
  ///   - training: More numbers than the model's context.
  ///   - validation: At least two.
  ///   - size: The model's sizes.
  public convenience init(
    _ recipe: GPTRecipe, _ size: GPTSize, training: [Int], validation: [Int], seed: UInt64
  ) {
    let task = GPTTask(
      training: training, validation: validation, context: size.context, batch: recipe.batch,
      stepsPerEpoch: recipe.steps / recipe.looks, seed: seed,
      settings: [
        ("--blocks", "\(size.blocks)"), ("--heads", "\(size.heads)"), ("--width", "\(size.width)"),
        ("--dropout", "\(size.dropout)"), ("biases", "\(size.hasBiases)"), ("tied", "\(size.isTied)"),
        ("--positions", size.positions.rawValue), ("--weight-decay", "\(recipe.weightDecay)"),
        ("--beta2", "\(recipe.beta2)"),
      ])
    self.init(task, recipe.settings(seed: seed), optimizer: { recipe.optimizer(for: $0) }) { GPT(size) }
  }
}
