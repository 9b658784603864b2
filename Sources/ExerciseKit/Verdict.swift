import Foundation

/// What came of checking one learner's file.
public struct Verdict: Sendable {
  /// How far an answer has come.
  public enum State: String, Sendable, Codable, CaseIterable {
    /// The file is as it was given, or not there.
    case notStarted = "not started"
    /// The compiler refuses it.
    case doesNotCompile = "does not compile"
    /// Its process ended in the middle, or took too long.
    case stopped = "crashed or ran out of time"
    /// It ran, and a check failed.
    case wrong
    /// Every check passed.
    case passed
  }

  /// How far the answer has come.
  public let state: State
  /// The learner's file.
  public let file: URL
  /// Nil when no check could be tried.
  public let judgement: Judgement?
  /// The first wrong result that is worth a picture.
  public let image: ImageFailure?
  /// The known mistake that was recognised.
  public let mistake: (name: String, advice: String)?
  /// Why there is no judgement: the compiler's message, or how the program stopped.
  public let problem: String?
  /// What was asked when the program stopped, as a learner would write it.
  public let call: String?
  /// The line of the learner's file that the verdict is about.
  public let line: Int?
  /// What the learner's code printed.
  public let printed: String
  /// What the compiler said of the learner's file though it compiled it.
  public let warnings: String
  /// How long it took.
  public let seconds: Seconds

  /// Where the time went.
  public struct Seconds: Sendable {
    /// Seconds of compiling.
    public var build = 0.0
    /// Seconds of running and judging.
    public var run = 0.0
    /// Both together.
    public var total: Double { build + run }
  }

  /// The points of the checks that passed, also where the program stopped in a later one.
  public var points: Int { state == .notStarted ? 0 : judgement?.points ?? 0 }
}

extension Verdict {
  /// The verdict on a file that is as it was given, or not there yet.
  public static func notStarted(_ file: URL) -> Verdict { Verdict(.notStarted, of: file, seconds: Seconds()) }

  init(
    _ state: State, of file: URL, judgement: Judgement? = nil, image: ImageFailure? = nil,
    mistake: (name: String, advice: String)? = nil,
    problem: String? = nil, call: String? = nil, line: Int? = nil, printed: String = "",
    warnings: String = "", seconds: Seconds
  ) {
    self.state = state
    self.file = file
    self.judgement = judgement
    self.image = image
    self.mistake = mistake
    self.problem = problem
    self.call = call
    self.line = line
    self.printed = printed
    self.warnings = warnings
    self.seconds = seconds
  }
}
