import ExerciseKit

/// The exercises of chapter 1, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    PerceptronParametersExercise.self,
    ConvolutionParametersExercise.self,
    LayerFLOPsExercise.self,
    TransformerParametersExercise.self,
    TrainingMemoryExercise.self,
    PowerLawExercise.self,
    ComputeBudgetExercise.self,
  ]
}
