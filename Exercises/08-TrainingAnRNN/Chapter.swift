import ExerciseKit

/// The exercises of chapter 8, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    VocabularyExercise.self,
    LastRealStepExercise.self,
    MeanOverRealTokensExercise.self,
    LengthBucketsExercise.self,
    TextStreamsExercise.self,
    BigramLossExercise.self,
    TemperatureAndTopKExercise.self,
    EyesShutExercise.self,
    WrongPagesExercise.self,
    YourOwnRNNExercise.self,
  ]
}
