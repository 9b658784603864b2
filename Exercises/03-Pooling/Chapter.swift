import ExerciseKit

/// The exercises of chapter 3, in the order of their folders.
public final class Chapter: ExerciseChapter {
  public init() {}

  public let exercises: [any Exercise.Type] = [
    MaxPoolingExercise.self,
    WhereTheMaximumWasExercise.self,
    AveragePoolingExercise.self,
    GlobalAveragePoolingExercise.self,
    AdaptivePoolingExercise.self,
    PaddedMaxPoolingExercise.self,
    WhatPoolingKeepsExercise.self,
  ]
}
