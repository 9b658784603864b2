import Formats
import Foundation
import Tensors

/// A table of every step of a run, `log.csv`: the loss, the metric, the learning rate, and when.
///
///     epoch,step,examples,loss,accuracy,learning_rate,gradient_norm,time
///     1,1,64,2.3114,0.109375,0.001,,2026-02-03T10:20:30Z
///
/// Each row is written when its step is made, in one piece. Its last column is a time of fixed length that ends in `Z`, so that
/// a row cut off by a crash or a full disk never looks whole. A run that goes on from a checkpoint takes the rows after it
/// away first: those steps are made again.
///
/// - Book: chapter 7.
public final class TrainingLog {
  /// One step.
  public struct Row: Sendable, Equatable {
    /// From 1.
    public let epoch: Int
    /// The steps since the run began, this one included.
    public let step: Int
    /// How many examples the means are over.
    public let examples: Int
    /// The batch's mean loss, before the step.
    public let loss: Double
    /// The batch's mean metric; nil for a task without one.
    public let metric: Double?
    /// The first group's learning rate in this step.
    public let learningRate: Double
    /// Before it was clipped; nil where it is not.
    public let gradientNorm: Double?
  }

  /// Where the log is.
  public let path: String
  /// Why a row could not be written; from there on there are no more. Training is worth more than its log.
  public private(set) var failure: FileError?
  private let file: Int32
  private let clock = ISO8601DateFormatter()

  /// Begins the log, or goes on with it.
  ///
  /// - Parameters:
  ///   - path: The log's file, of comma-separated values; folders that are missing are made.
  ///   - metricName: The task's, for the column.
  ///   - stepsDone: How many steps the run has made: rows after that go. 0 begins a new log.
  /// - Throws: `FileError` when the file cannot be written.
  public init(_ path: String, metricName: String?, stepsDone: Int) throws(FileError) {
    self.path = path
    let metric = metricName.map { $0.replacing(",", with: " ").replacing(" ", with: "_") } ?? "metric"
    let header = "epoch,step,examples,loss,\(metric),learning_rate,gradient_norm,time"
    let kept = stepsDone == 0 ? [] : Self.wholeLines(path).filter { Self.row($0)?.step ?? .max <= stepsDone }
    try AtomicFile.write(([header] + kept).joined(separator: "\n") + "\n", to: path, creatingFolders: true)
    file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC)
    if file < 0 { throw FileError(path, "the log cannot be written: \(String(cString: strerror(errno)))") }
  }

  deinit { close(file) }

  func add(_ row: Row) {
    if failure != nil { return }
    func text(_ number: Double?) -> String { number.map { "\($0)" } ?? "" }
    let fields = [
      "\(row.epoch)", "\(row.step)", "\(row.examples)", text(row.loss), text(row.metric),
      text(row.learningRate),
      text(row.gradientNorm), clock.string(from: Date()),
    ]
    let line = Array((fields.joined(separator: ",") + "\n").utf8)
    if write(file, line, line.count) != line.count {
      failure = FileError(
        path, "the log could not be continued: \(String(cString: strerror(errno)))",
        advice: "The run goes on without it.")
    }
  }

  /// The rows of a log. What a crash has cut off is left out.
  public static func rows(of path: String) -> [Row] { wholeLines(path).compactMap(row) }

  private static func wholeLines(_ path: String) -> [String] {
    let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").filter { $0.hasSuffix("Z") }.map(String.init)
  }

  private static func row(_ line: String) -> Row? {
    let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard fields.count == 8, let epoch = Int(fields[0]), let step = Int(fields[1]),
      let examples = Int(fields[2]),
      let loss = Double(fields[3]), let learningRate = Double(fields[5])
    else { return nil }
    return Row(
      epoch: epoch, step: step, examples: examples, loss: loss, metric: Double(fields[4]),
      learningRate: learningRate, gradientNorm: Double(fields[6]))
  }
}
