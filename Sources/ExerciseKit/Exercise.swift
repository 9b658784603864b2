/// One exercise: what it asks for, how an answer is checked, and what commonly goes wrong.
///
/// An exercise is a folder, such as `Exercises/02-Convolution/03-CrossCorrelation2d/`. In it stand the marked source
/// `CrossCorrelation2d.swift`, from which the learner's file is made, and `CrossCorrelation2dExercise.swift` with a
/// class of that name, which conforms to this protocol. The chapter lists the class in its `Chapter.swift`.
public protocol Exercise: AnyObject, Sendable {
  /// What is checked: usually a function type, such as `@Sendable (Tensor, Tensor) throws -> Tensor`; a structure of
  /// several functions where an exercise asks for more than one.
  associatedtype Answer: Sendable

  /// The catalogue makes each exercise once, without arguments.
  init()

  /// What it is called in lists, such as "A GRU step".
  var title: String { get }

  /// Where in the book to read, such as "2.2".
  var section: String { get }

  /// What is asked for: to write a function, or to find the fault in a program.
  var kind: ExerciseKind { get }

  /// How hard it is, from 1, a formula written down, to 5, the work of an evening.
  ///
  /// Estimated by its author from the task and the solution, and not measured on learners.
  var difficulty: Int { get }

  /// About how many minutes it takes somebody who has read the section. Estimated in the same way.
  var minutes: Int { get }

  /// Three hints: an idea, the formula with shapes, nearly the code.
  var hints: [String] { get }

  /// What of the engine an answer may use.
  var allowed: Allowed { get }

  /// The learner's functions by name; where a name alone is not enough, `name: expression`.
  var functions: [String] { get }

  /// The answer that calls the learner's functions in their own process.
  func answer(of learner: Learner) -> Answer

  /// Our answer: the functions of the marked source.
  var solution: Answer { get }

  /// The questions that are asked of every answer, layer by layer: `Layer` has the order.
  var checks: [Check<Answer>] { get }

  /// Wrong answers that learners really give; at least three.
  var mistakes: [Mistake<Answer>] { get }

  /// How many seconds of processor time an answer may take for all checks together.
  var secondsAllowed: Int { get }

  /// How many MiB of address space an answer may take.
  var mebibytesAllowed: Int { get }

  /// Whether an answer is compiled for speed, because it has much to compute.
  var isOptimized: Bool { get }
}

/// What an exercise asks for.
public enum ExerciseKind: String, Sendable, Codable {
  /// To write what the learner's file leaves open.
  case write
  /// To find what is wrong in a program that compiles, runs and learns badly, and to mend it. Its first known mistake
  /// is the program as it is given.
  case findTheFault = "find the fault"
}

extension Exercise {
  public var kind: ExerciseKind { .write }
  public var secondsAllowed: Int { 5 }
  public var mebibytesAllowed: Int { 1536 }
  public var isOptimized: Bool { false }

  /// How hard it is and how long it takes, for a learner: "●●○○○, about 15 minutes".
  public var effort: String { "\(difficultyMarks), about \(minutes) minutes" }

  /// How hard it is, as five dots.
  public var difficultyMarks: String {
    String(repeating: "●", count: min(max(difficulty, 0), 5))
      + String(repeating: "○", count: 5 - min(max(difficulty, 0), 5))
  }

  /// The points for a full answer.
  public var points: Int { checks.reduce(0) { $0 + $1.points } }
}

/// A wrong answer that learners really give: complete, of the right shape, and known by name.
public struct Mistake<Answer: Sendable>: Sendable {
  /// What is done wrong, in a few words: "the kernel is flipped".
  public let name: String
  /// One sentence for the learner who made it.
  public let advice: String
  /// The wrong answer itself, to be called like any other.
  public let answer: Answer

  /// A mistake that an answer is recognised by when it gives the same wrong numbers.
  public init(_ name: String, advice: String, answer: Answer) {
    self.name = name
    self.advice = advice
    self.answer = answer
  }
}

extension Exercise {
  /// How many wrong answers are known.
  public var mistakeCount: Int { mistakes.count }
}
