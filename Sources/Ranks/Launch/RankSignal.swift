import Foundation
import Synchronization

/// What a rank tells the process that started it, a line at a time, on its standard error: where it is, and that it lives.
///
/// `mpirun` passes the lines on from every machine, so nothing else is needed between the two.
public struct RankSignal: Codable, Sendable, Equatable {
  /// What a rank is at.
  public enum Phase: String, Codable, Sendable {
    /// It makes its data and its network.
    case beginning
    /// It works on a step of its own.
    case computing
    /// It waits for the others.
    case waiting
    /// It has done all that it had to do.
    case done
    /// It could not go on, and says why.
    case failed
  }

  /// Which rank speaks.
  public var rank: Int
  /// The number of its process.
  public var process: Int32
  /// The name of its machine.
  public var host: String
  /// What it is at.
  public var phase = Phase.beginning
  /// The steps that it has made.
  public var step = 0
  /// How many there are to make; 0 when it does not know yet.
  public var steps = 0
  /// Why it could not go on.
  public var words: String?

  /// The signal of this process, as it begins.
  public init(rank: Int) {
    self.rank = rank
    process = ProcessInfo.processInfo.processIdentifier
    host = ProcessInfo.processInfo.hostName
  }

  private static let mark = "\u{1E}rank "

  var line: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return Self.mark + String(decoding: (try? encoder.encode(self)) ?? Data(), as: UTF8.self) + "\n"
  }

  /// The signal in a line of output; nil for any other line.
  init?(line: some StringProtocol) {
    guard line.hasPrefix(Self.mark),
      let signal = try? JSONDecoder().decode(Self.self, from: Data(line.dropFirst(Self.mark.count).utf8))
    else { return nil }
    self = signal
  }
}

/// Sends a rank's signals: four a second by a thread of its own, so that a rank that has stopped altogether can be told from
/// one that is stuck in a step.
public final class RankReporter: Sendable {
  private let signal: Mutex<RankSignal>

  /// Begins to report where a process has started this one that listens; nil elsewhere.
  public init?(rank: Int) {
    guard ProcessInfo.processInfo.environment[RankLauncher.watched] != nil else { return nil }
    signal = Mutex(RankSignal(rank: rank))
    let thread = Thread { [self] in
      while true {
        let now = signal.withLock { $0 }
        if now.phase == .done || now.phase == .failed { return }
        send(now)
        usleep(250_000)
      }
    }
    thread.name = "signals"
    thread.start()
  }

  /// Says what has changed, with the next signal; the last one at once.
  public func report(_ change: (inout RankSignal) -> Void) {
    let now = signal.withLock { signal in
      change(&signal)
      return signal
    }
    if now.phase == .done || now.phase == .failed { send(now) }
  }

  private func send(_ signal: RankSignal) {
    let bytes = Array(signal.line.utf8)
    // In one piece: signals of several ranks do not mix within a line then.
    _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
