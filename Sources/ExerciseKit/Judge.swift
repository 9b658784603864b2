import ExerciseChannel

/// What the checks said of one answer.
public struct Judgement: Sendable {
  /// One check, and what came of it.
  public struct Line: Sendable {
    /// What came of a check.
    public enum Outcome: Sendable {
      /// The answer gave what was expected.
      case passed
      /// The answer gave something else, or threw.
      case failed(Failure)
      /// The learner's process stopped answering in the middle of it.
      case stopped
      /// A check of a layer before it failed.
      case notTried
    }

    /// In which turn the check is tried.
    public let layer: Layer
    /// What holds when it passes.
    public let text: String
    /// What it is worth when it passes.
    public let points: Int
    /// What came of it.
    public let outcome: Outcome

    /// Whether the answer gave what was expected.
    public var isPassed: Bool { if case .passed = outcome { true } else { false } }
    /// The first thing that was wrong; nil where nothing was, or where it was not tried.
    public var failure: Failure? { if case .failed(let failure) = outcome { failure } else { nil } }
  }

  /// The checks in the order in which they are tried, without those that were left out.
  public let lines: [Line]
  /// All that the answer gave, check by check: by this, two answers are told apart.
  let answers: [[Value]]
  /// The answer said of itself, at its first call, that it is not written yet.
  public let isUnfinished: Bool
  /// The texts of checks that were left out, as if they were not there.
  let withheld: Set<String>
  /// The first wrong result that is worth a picture.
  let image: ImageFailure?
  /// What the checks drew of the answer.
  public let pictures: [TrialPicture]
  /// How numbers went while the answer ran.
  public let curves: [Curve]
  /// Why the answer's process stopped answering: the checks before that count.
  let stopped: LearnerStopped?

  /// Whether every check has passed.
  public var isPassed: Bool { lines.allSatisfy(\.isPassed) }
  /// The points of the checks that have passed.
  public var points: Int { lines.reduce(0) { $0 + ($1.isPassed ? $1.points : 0) } }
  /// The first thing that was wrong; nil where nothing was.
  public var failure: Failure? { lines.lazy.compactMap(\.failure).first }
}

extension Exercise {
  /// Tries the checks, layer by layer, until one layer fails.
  ///
  /// Where the answer's process stops answering, what was tried before stays. What else an answer throws is a wrong
  /// answer.
  ///
  /// - Parameters:
  ///   - answer: The answer that is tried: the learner's, ours or a known mistake.
  ///   - last: The last layer to try.
  ///   - withheld: The texts of checks to leave out, as if they were not there.
  public func judge(_ answer: Answer, upTo last: Layer = .training, without withheld: Set<String> = [])
    -> Judgement
  {
    var lines: [Judgement.Line] = []
    var answers: [[Value]] = []
    var isUnfinished = false
    var failedLayer: Layer?
    var pictures: [TrialPicture] = []
    var curves: [Curve] = []
    var image: ImageFailure?
    var stopped: LearnerStopped?

    for check in checksInOrder where !withheld.contains(check.text) {
      if stopped != nil || isUnfinished || check.layer > last
        || failedLayer.map({ $0 < check.layer }) ?? false
      {
        lines.append(.init(layer: check.layer, text: check.text, points: check.points, outcome: .notTried))
        continue
      }
      let trial = Trial()
      do {
        try check.body(answer, trial)
      } catch let reason as LearnerStopped {
        stopped = reason
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
          outcome: stopped != nil ? .stopped : trial.failure.map { .failed($0) } ?? .passed))
    }
    return Judgement(
      lines: lines, answers: answers, isUnfinished: isUnfinished, withheld: withheld, image: image,
      pictures: pictures, curves: curves, stopped: stopped)
  }
}
