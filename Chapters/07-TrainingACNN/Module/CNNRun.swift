import Engine

/// The training of the article's CNN on images.
///
/// ```swift
/// let run = CNNRun(.cnn, on: data)
/// while !run.isFinished { try run.nextEpoch() }
/// let test = evaluate(run.model, on: data.test)
/// ```
///
/// The test part is not touched by it.
///
/// - Book: chapter 7.
public typealias CNNRun = TrainingRun<ImageClassification<CNN>>

extension TrainingSettings {
  /// The article's, with a learning rate that falls in a straight line to 0.
  public static let cnn: TrainingSettings = {
    var settings = TrainingSettings()
    settings.schedule = .linear
    return settings
  }()
}

extension TrainingRun where Task == ImageClassification<CNN> {
  public convenience init(
    _ settings: TrainingSettings, augmentation: AugmentationChoice = .none, on data: ImageData
  ) {
    let task = ImageClassification<CNN>(
      data, augmentation: augmentation.make(seed: settings.seed),
      settings: [("--augment", augmentation.rawValue)])
    self.init(task, settings) { CNN() }
  }
}
