import ExerciseKit

/// The exercises of chapter 2, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    CrossCorrelation1dExercise.self,
    OutputSizeExercise.self,
    CrossCorrelation2dExercise.self,
    StridedCrossCorrelation2dExercise.self,
    ConvolutionLayerExercise.self,
    WindowsAsColumnsExercise.self,
    ReceptiveFieldExercise.self,
    ConvolutionMatrixExercise.self,
    MovedInputExercise.self,
  ]
}
