import ExerciseKit

/// The exercises of chapter 11, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    RangeTestExercise.self,
    GradientNoiseExercise.self,
    GradientAccumulationExercise.self,
    LossScalingExercise.self,
    RingAllReduceExercise.self,
    ZeROMemoryExercise.self,
    PipelineBubbleExercise.self,
    ClusterPlanExercise.self,
    EqualShardsExercise.self,
    ClippedTooSoonExercise.self,
  ]
}
