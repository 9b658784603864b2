import ExerciseKit

/// The exercises of chapter 10, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    AttentionHeadExercise.self,
    AttentionMaskExercise.self,
    AttentionBackwardExercise.self,
    ManyHeadsExercise.self,
    RotaryPositionsExercise.self,
    LayerNormExercise.self,
    LayerNormBackwardExercise.self,
    PreNormBlockExercise.self,
    KeyValueCacheExercise.self,
    BytePairMergeExercise.self,
    WonderfulLossExercise.self,
    TossedCoinExercise.self,
    YourOwnGPTExercise.self,
  ]
}
