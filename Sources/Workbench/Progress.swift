import Foundation
import NumberText
import Synchronization
import Tensors

/// The progress of something that takes more than a second, on stderr.
///
/// On a terminal one line is written over and over: a bar, the rate, what the caller has to say, and the time left.
/// Elsewhere a plain line is written at each quarter, and where that takes long, every half minute.
public final class Progress {
  private let title: String
  private let total: Int
  private let unit: String
  private let doneBefore: Int
  private let watch = Stopwatch()
  private var sinceShown = Stopwatch()
  private var nextPlainShare = 0.25

  /// - Parameters:
  ///   - title: What is being done: `epoch 1/5`.
  ///   - total: How many units there are to do.
  ///   - unit: What they are, for the rate: `images`.
  ///   - doneBefore: How many units were done before this began, and do not count for the rate.
  public init(_ title: String, total: Int, unit: String, from doneBefore: Int = 0) {
    self.title = title
    self.total = max(total, 1)
    self.unit = unit
    self.doneBefore = doneBefore
  }

  /// Says how far it has come.
  ///
  /// - Parameters:
  ///   - done: How many units are done.
  ///   - note: What else there is to say: the loss, say.
  public func update(_ done: Int, note: @autoclosure () -> String = "") {
    let seconds = seconds
    let rate = Double(done - doneBefore) / max(seconds, 1e-9)
    let left = Double(total - done) / max(rate, 1e-9)
    if Terminal.isInteractive {
      guard sinceShown.seconds > 0.1 else { return }
      sinceShown = Stopwatch()
      let line =
        "\(title)  \(Self.bar(Double(done) / Double(total), width: 20))  \(Self.rate(rate)) \(unit)/s  \(note())  "
        + "\(clock(left)) left"
      Terminal.note("\r\u{1B}[K" + line.prefix(Terminal.width - 1))
    } else if seconds > 5, sinceShown.seconds > 5,
      Double(done) / Double(total) >= nextPlainShare || sinceShown.seconds > 30
    {
      sinceShown = Stopwatch()
      nextPlainShare = Double(done) / Double(total) + 0.25
      Terminal.error(
        "\(title)  \(done)/\(total)  \(Self.rate(rate)) \(unit)/s  \(note())  \(clock(left)) left")
    }
  }

  /// Ends the line, and leaves a last one standing.
  public func finish(_ note: String = "") {
    let rate = Double(total - doneBefore) / max(seconds, 1e-9)
    let bar = Terminal.isInteractive ? "  " + Self.bar(1, width: 20) : ""
    Self.clearLine()
    Terminal.error("\(title)\(bar)  \(Self.rate(rate)) \(unit)/s  \(note)")
  }

  /// What is slow has a decimal: 0.6 answers a second are not 1.
  static func rate(_ rate: Double) -> String { rate < 10 ? fixed(rate, 1) : grouped(rate) }

  /// Seconds since the beginning.
  public var seconds: Double { watch.seconds }

  /// `━━━━━╸    `
  static func bar(_ share: Double, width: Int) -> String {
    let halves = Int((min(max(share, 0), 1) * Double(width * 2)).rounded(.down))
    let full = String(repeating: "━", count: halves / 2)
    let bar = full + (halves % 2 == 1 ? "╸" : "")
    return bar + String(repeating: " ", count: width - bar.count)
  }

  /// Takes a half-finished line off the terminal.
  public static func clearLine() {
    if Terminal.isInteractive { Terminal.note("\r\u{1B}[K") }
  }

  /// Leaves the terminal with a clean line when the user interrupts.
  static func watchInterrupts() {
    guard Terminal.isInteractive else { return }
    signal(SIGINT) { _ in
      let clear: StaticString = "\r\u{1B}[K"
      _ = write(STDERR_FILENO, clear.utf8Start, clear.utf8CodeUnitCount)
      _exit(130)
    }
  }
}
