import ExerciseKit

/// The exercises of chapter 12, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    MagnitudeMaskExercise.self,
    PruningScheduleExercise.self,
    SoftTargetsGradientExercise.self,
    AffineQuantizationExercise.self,
    PerChannelScalesExercise.self,
    StraightThroughExercise.self,
    IntegerProductExercise.self,
    WeightsThatComeBackExercise.self,
    CalibratedTooWideExercise.self,
    SmallReaderExercise.self,
  ]
}
