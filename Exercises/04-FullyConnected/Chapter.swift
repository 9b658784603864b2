import ExerciseKit

/// The exercises of chapter 4, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    LinearForwardExercise.self,
    ActivationsExercise.self,
    SoftmaxExercise.self,
    CrossEntropyExercise.self,
    CrossEntropyGradientExercise.self,
    LinearBackwardExercise.self,
    InitializationExercise.self,
    AutomaticDifferentiationExercise.self,
    ConvolutionWeightGradientExercise.self,
    ConvolutionInputGradientExercise.self,
    MaxPoolingGradientExercise.self,
    AveragePoolingGradientExercise.self,
    LossThatStaysHighExercise.self,
    NothingLearnedExercise.self,
  ]
}
