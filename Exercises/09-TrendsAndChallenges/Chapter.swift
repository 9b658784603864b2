import ExerciseKit

/// The exercises of chapter 9, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    SaliencyByHandExercise.self,
    OcclusionExercise.self,
    IntegratedGradientsExercise.self,
    GradCAMExercise.self,
    MembershipThresholdExercise.self,
    PerExampleClippingExercise.self,
    AccountantStepExercise.self,
    SeparableCountsExercise.self,
    MinHashExercise.self,
    PrivateInNameExercise.self,
    MapThatMisleadsExercise.self,
  ]
}
