import ExerciseKit

/// The exercises of chapter 6, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    LSTMGatesExercise.self,
    LSTMStepExercise.self,
    LSTMStepBackwardExercise.self,
    CellCarryExercise.self,
    ForgetBiasExercise.self,
    WeightCountsExercise.self,
    EmbeddedReberExercise.self,
    PossibleNextExercise.self,
    PeepholeStepExercise.self,
    LossThatCannotBeExercise.self,
    HalfAMemoryExercise.self,
  ]
}
