import ExerciseKit

/// The exercises of chapter 7, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    ShuffledBatchesExercise.self,
    MomentumExercise.self,
    AdamStepExercise.self,
    TrainingLoopExercise.self,
    EvaluationExercise.self,
    SaveAndResumeExercise.self,
    EarlyStoppingExercise.self,
    ShiftedDigitsExercise.self,
    YourOwnCNNExercise.self,
    WorseAgainExercise.self,
    TooGoodToBeTrueExercise.self,
    DropoutExercise.self,
    BatchNormExercise.self,
    BatchNormBackwardExercise.self,
  ]
}
