import ExerciseKit
import Formats
import Foundation
import Pictures

/// What marking has found about one exercise of one submission: a small file in the folder of marks.
public struct MarkRecord: Codable, Sendable, Equatable {
  /// What became of it.
  public enum State: String, Codable, Sendable, CaseIterable {
    /// Every check passed.
    case passed
    /// It ran, and a check failed.
    case wrong
    /// Its process ended in the middle, or took too long.
    case stopped = "crashed or ran out of time"
    /// The compiler refuses it.
    case doesNotCompile = "does not compile"
    /// It is as it was handed out.
    case notStarted = "not started"
    /// The submission has no such file.
    case missing = "not handed in"
    /// It could not be read, or the judge ended while it marked it: a person has to look.
    case unmarkable = "could not be marked"
  }

  /// One check, as it is shown to its learner.
  public struct Line: Codable, Sendable, Equatable {
    /// In which turn the check is tried, in words.
    public let layer: String
    /// What holds when it passes.
    public let text: String
    /// What it is worth when it passes.
    public let points: Int
    /// passed, failed, stopped, not tried
    public let outcome: String
    /// What was called, yours beside expected, and the calculation: lines of text in columns.
    public let failure: [String]
  }

  /// How a number went while the answer ran.
  public struct Curve: Codable, Sendable, Equatable {
    /// What the number is.
    public let name: String
    /// The number at each step; nil where it is not finite.
    public let yours: [Double?]
    /// The same of an answer without faults; empty where there is none.
    public let expected: [Double?]
  }

  /// The exercise, by its id.
  public var exercise: String
  /// What became of it.
  public var state: State
  /// The points of the checks that passed, by the exercise's own count.
  public var points = 0
  /// The checks in the order in which they are tried.
  public var lines: [Line] = []
  /// The name of the known mistake that was recognised.
  public var mistake: String?
  /// What to do about that mistake.
  public var advice: String?
  /// Why there is no judgement: the compiler's message, or how the program stopped.
  public var problem: String?
  /// What was asked when the program stopped, as a learner would write it.
  public var call: String?
  /// The line of the learner's file that it is about.
  public var line: Int?
  /// What the learner's code printed.
  public var printed = ""
  /// How numbers went while the answer ran.
  public var curves: [Curve] = []
  /// Yours, expected and the difference, as a PNG file.
  public var picture: Data?
  /// What the picture shows, for those who do not see it.
  public var pictureText: String?
  /// How long it took to compile and to run.
  public var seconds = 0.0
  /// What was marked: a digest of the file.
  public var answer = ""
  /// By what it was marked: a digest of the exercise.
  public var judge = ""

  /// A record without checks: of what was not handed in, say.
  public init(exercise: String, state: State, problem: String? = nil) {
    (self.exercise, self.state, self.problem) = (exercise, state, problem)
  }

  /// What a verdict says, without paths of this machine.
  init(_ verdict: Verdict, of entry: Catalogue.Entry) {
    exercise = entry.id
    state =
      switch verdict.state {
      case .passed: .passed
      case .wrong: .wrong
      case .stopped: .stopped
      case .doesNotCompile: .doesNotCompile
      case .notStarted: .notStarted
      }
    points = verdict.points
    let name = "\(entry.name).swift"
    func plain(_ text: String) -> String {
      let most = 8 << 10
      let text = text.replacing(verdict.file.path, with: name)
      return text.utf8.count > most ? String(text.prefix(most)) + " …" : text
    }
    lines = (verdict.judgement?.lines ?? []).map { line in
      let outcome =
        switch line.outcome {
        case .passed: "passed"
        case .failed: "failed"
        case .stopped: "stopped"
        case .notTried: "not tried"
        }
      return Line(
        layer: "\(line.layer)", text: line.text, points: line.points, outcome: outcome,
        failure: (line.failure?.lines(width: 90) ?? []).map(plain))
    }
    mistake = verdict.mistake?.name
    advice = verdict.mistake?.advice
    problem = verdict.problem.map(plain)
    call = verdict.call.map(plain)
    line = verdict.line
    printed = String(verdict.printed.prefix(2000))
    curves = (verdict.judgement?.curves ?? []).map { curve in
      func finite(_ numbers: [Double]) -> [Double?] { numbers.prefix(2000).map { $0.isFinite ? $0 : nil } }
      return Curve(name: curve.name, yours: finite(curve.yours), expected: finite(curve.expected))
    }
    if let image = verdict.image {
      let canvas = image.canvas(title: "\(entry.id)  \(entry.exercise.title)")
      let png = PNG(width: canvas.width, height: canvas.height, color: .rgb, bytes: canvas.bytes)
      picture = (try? png.encoded()).map { Data($0) }
      pictureText = "\(image.call): yours, expected and the difference. The check: \(image.check)."
    }
    seconds = verdict.seconds.total
  }

  /// Whether somebody tried: only tries count in the class's rates.
  public var isTried: Bool { state != .missing && state != .notStarted && state != .unmarkable }
}

/// A digest of bytes, for telling whether something has changed: SHA-256 is not needed, nobody gains by a collision with
/// what they handed in themselves. Two rounds of 64 bits.
func digest(_ bytes: some Sequence<UInt8>) -> String {
  let first = LearnerName.digest(bytes)
  var second: UInt64 = 0x9E37_79B9_7F4A_7C15
  for byte in bytes { second = (second &* 0x0000_0100_0000_01B3 &+ UInt64(byte)) ^ (second >> 29) }
  return String(format: "%016llx%016llx", first, second)
}
