import ExerciseChannel

/// The known mistakes of an exercise, and what they answer to its checks.
///
/// To know a wrong answer again, its numbers are compared with those of the mistakes. A mistake may train for seconds, so
/// each is run once, when it is first asked for.
public final class KnownMistakes<E: Exercise> {
  private let exercise: E
  private let mistakes: [Mistake<E.Answer>]
  private let withheld: Set<String>
  private var judgements: [Int: Judgement] = [:]

  /// - Parameters:
  ///   - exercise: Whose mistakes they are.
  ///   - withheld: The texts of checks that are left out, as if they were not there.
  public init(of exercise: E, without withheld: Set<String> = []) {
    self.exercise = exercise
    mistakes = exercise.mistakes
    self.withheld = withheld
  }

  /// What the checks say of mistake number `index`.
  func judgement(of index: Int) -> Judgement {
    if let known = judgements[index] { return known }
    let judgement = exercise.judge(mistakes[index].answer, without: withheld)
    judgements[index] = judgement
    return judgement
  }

  /// The mistake that gives just the answers that were judged, if there is one.
  ///
  /// - Parameter judgement: Of the same checks.
  public func mistake(behind judgement: Judgement) -> Mistake<E.Answer>? {
    precondition(judgement.withheld == withheld, "other checks were left out")
    if judgement.isPassed || judgement.isUnfinished || judgement.stopped != nil { return nil }
    return mistakes.indices.first { areAlike(judgement.answers, self.judgement(of: $0).answers) }.map {
      mistakes[$0]
    }
  }

  /// Whether the answers that were judged tell a mistake from whatever else may be wrong: several numbers are as wrong as
  /// those of the mistake, and no other known mistake gives all of them.
  func isCertain(_ mistake: Mistake<E.Answer>, behind judgement: Judgement) -> Bool {
    let right = exercise.judge(exercise.solution, without: withheld).answers.flatMap(\.self)
    let wrong = zip(judgement.answers.flatMap(\.self), right).reduce(0) {
      $0 + $1.0.countOfNumbers(unlike: $1.1)
    }
    return wrong >= 3
      && !mistakes.indices.contains {
        mistakes[$0].name != mistake.name && areAlike(judgement.answers, self.judgement(of: $0).answers)
      }
  }

  private func areAlike(_ a: [[Value]], _ b: [[Value]]) -> Bool {
    let (a, b) = (a.flatMap(\.self), b.flatMap(\.self))
    return a.count == b.count && !a.isEmpty
      && zip(a, b).allSatisfy { Difference(between: $0, and: $1, tolerance: 1e-5, isNaNEqual: true) == nil }
  }
}

extension Value {
  /// How many of its numbers are not those of another value; all where the two have not even one shape.
  fileprivate func countOfNumbers(unlike other: Value) -> Int {
    let (a, b) = (numbers, other.numbers)
    guard a.shape != nil, a.shape == b.shape else { return self == other ? 0 : max(1, a.scalars.count) }
    return zip(a.scalars, b.scalars).count { x, y in
      !(x == y || x.isNaN && y.isNaN || abs(x - y) <= 1e-5 * max(1, abs(y)))
    }
  }
}
