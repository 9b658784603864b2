import ExerciseKit

/// The exercises of chapter 5, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    RNNStatesExercise.self,
    RNNStepBackwardExercise.self,
    TruncatedGradientsExercise.self,
    ClipByNormExercise.self,
    GRUGatesExercise.self,
    GRUStepExercise.self,
    GRUStepBackwardExercise.self,
    RecurrentParametersExercise.self,
    AddingBatchExercise.self,
    OneBySixExercise.self,
    NeverTheSameExercise.self,
  ]
}
