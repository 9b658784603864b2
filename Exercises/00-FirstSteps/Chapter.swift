import ExerciseKit

/// The exercises of chapter 0, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    BroadcastShapeExercise.self,
    ChainOfStepsExercise.self,
    PlaneStepExercise.self,
    LargestRateExercise.self,
    SurpriseExercise.self,
    MarginLossExercise.self,
    ThreePartsExercise.self,
    LineThatFliesExercise.self,
  ]
}
