import ExerciseChannel

/// What the checks said of one answer.
public struct Judgement: Sendable {
  public struct Line: Sendable {
    public enum Outcome: Sendable { case passed, failed(Failure), notTried }

    public let layer: Layer
    public let text: String
    public let points: Int
    public let outcome: Outcome

    public var isPassed: Bool { if case .passed = outcome { true } else { false } }
    public var failure: Failure? { if case .failed(let failure) = outcome { failure } else { nil } }
  }

  public let lines: [Line]
  /// All that the answer gave, check by check: by this, two answers are told apart.
  let answers: [[Value]]
  /// The answer said of itself, at its first call, that it is not written yet.
  public let isUnfinished: Bool
  /// The first wrong result that is worth a picture.
  let image: ImageFailure?
  /// What the checks drew of the answer.
  public let pictures: [TrialPicture]
  /// How numbers went while the answer ran.
  public let curves: [Curve]

  public var isPassed: Bool { lines.allSatisfy(\.isPassed) }
  public var points: Int { lines.reduce(0) { $0 + ($1.isPassed ? $1.points : 0) } }
  public var failure: Failure? { lines.lazy.compactMap(\.failure).first }
}

extension Exercise {
  /// Tries the checks, layer by layer, until one layer fails.
  ///
  /// Throws `LearnerStopped` alone: what else an answer throws is a wrong answer.
  ///
  /// - Parameter last: The last layer to try.
  public func judge(_ answer: Answer, upTo last: Layer = .training) throws -> Judgement {
    var lines: [Judgement.Line] = []
    var answers: [[Value]] = []
    var isUnfinished = false
    var failedLayer: Layer?
    var pictures: [TrialPicture] = []
    var curves: [Curve] = []
    var image: ImageFailure?

    for check in checksInOrder {
      if isUnfinished || check.layer > last || failedLayer.map({ $0 < check.layer }) ?? false {
        lines.append(.init(layer: check.layer, text: check.text, points: check.points, outcome: .notTried))
        continue
      }
      let trial = Trial()
      do {
        try check.body(answer, trial)
      } catch let stopped as LearnerStopped {
        throw stopped
      } catch let error as LearnerError {
        if case .unfinished = error { isUnfinished = answers.isEmpty && trial.answers.isEmpty }
        trial.note(thrown: error.description)
      } catch {
        trial.note(thrown: "\(error)")
      }
      answers.append(trial.answers)
      pictures += trial.pictures
      curves += trial.curves
      image = image ?? trial.imageFailure.flatMap { ImageFailure($0, check: check.text) }
      if trial.failure != nil { failedLayer = failedLayer ?? check.layer }
      lines.append(
        .init(
          layer: check.layer, text: check.text, points: check.points,
          outcome: trial.failure.map { .failed($0) } ?? .passed))
    }
    return Judgement(
      lines: lines, answers: answers, isUnfinished: isUnfinished, image: image, pictures: pictures,
      curves: curves)
  }

  /// The known mistake that gives just the answers that were judged, if there is one.
  public func mistake(behind judgement: Judgement) -> Mistake<Answer>? {
    if judgement.isPassed || judgement.isUnfinished { return nil }
    return mistakes.first { mistake in
      guard let other = try? judge(mistake.answer) else { return false }
      return areAlike(judgement.answers, other.answers)
    }
  }

  private func areAlike(_ a: [[Value]], _ b: [[Value]]) -> Bool {
    let (a, b) = (a.flatMap(\.self), b.flatMap(\.self))
    return a.count == b.count && !a.isEmpty
      && zip(a, b).allSatisfy { Difference(between: $0, and: $1, tolerance: 1e-5, isNaNEqual: true) == nil }
  }
}
