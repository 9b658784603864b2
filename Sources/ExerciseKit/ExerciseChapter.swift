/// The exercises of one chapter: a public class `Chapter` in the chapter's own module, `Exercises/NN-Name/Chapter.swift`.
///
///     public final class Chapter: ExerciseChapter {
///       public init() {}
///
///       public let exercises: [any Exercise.Type] = [
///         CrossCorrelation1dExercise.self,
///         OutputSizeExercise.self,
///       ]
///     }
///
/// The catalogue finds the class by its name. The first exercise of the list is that of the folder `01-…`, and so on.
public protocol ExerciseChapter: AnyObject {
  /// The catalogue makes each chapter's list once, without arguments.
  init()

  /// The exercises' classes, in the order of their folders.
  var exercises: [any Exercise.Type] { get }
}
