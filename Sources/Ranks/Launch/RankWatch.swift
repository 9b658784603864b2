import Foundation
import NumberText
import Tensors

/// What is known of the ranks from their signals, and what follows from it when something goes wrong.
struct RankWatch {
  let ranks: Int
  let timeLimit: Double
  /// What `mpirun` and the ranks have said besides.
  var words: [String] = []
  private var heard: [Int: (signal: RankSignal, at: Double)] = [:]
  /// When a step was made last, in any rank, by this watch.
  private var lastStepAt = 0.0
  private let now: () -> Double

  /// - Parameter now: Seconds since the beginning.
  init(ranks: Int, timeLimit: Double, now: (() -> Double)? = nil) {
    (self.ranks, self.timeLimit) = (ranks, timeLimit)
    let watch = Stopwatch()
    self.now = now ?? { watch.seconds }
  }

  mutating func hear(_ signal: RankSignal) {
    let before = heard[signal.rank]?.signal
    if before == nil || before?.step != signal.step || signal.phase == .done { lastStepAt = now() }
    heard[signal.rank] = (signal, now())
  }

  private func name(_ signal: RankSignal) -> String {
    "rank \(signal.rank) (process \(signal.process) on \(signal.host))"
  }

  /// Why nothing is going on any more; nil as long as steps are made.
  var stuck: String? {
    let time = now()
    if time - lastStepAt < timeLimit { return nil }
    let limit = "for \(fixed(timeLimit, timeLimit < 10 ? 1 : 0)) s"
    if heard.count < ranks {
      let missing = (0..<ranks).filter { heard[$0] == nil }.map(String.init).joined(separator: ", ")
      return "nothing was heard of rank \(missing) \(limit): it has not begun"
    }
    let all = heard.sorted { $0.key < $1.key }.map(\.value)
    // A process that lives sends four signals a second.
    if let silent = all.first(where: { $0.signal.phase != .done && time - $0.at > 2 }) {
      return
        "\(name(silent.signal)) gives no sign of life, after step \(silent.signal.step): it was stopped, or its machine "
        + "cannot be reached"
    }
    let busy = all.filter { $0.signal.phase != .waiting && $0.signal.phase != .done }
    if let culprit = busy.first, busy.count < all.count {
      return "\(name(culprit.signal)) is stuck: it has been at step \(culprit.signal.step + 1) \(limit), and "
        + (all.count == 2 ? "the other waits for it" : "others wait for it")
    }
    return "no rank has made a step \(limit); "
      + (busy.isEmpty ? "all wait for each other" : "all are at work on one")
      + ". If a step takes that long, give a larger --time-limit"
  }

  /// Why the ranks have ended, from what they said themselves, else from what `mpirun` said.
  func reason(status: Int32) -> String {
    let signals = heard.values.map(\.signal)
    let failed = signals.filter { $0.phase == .failed }.sorted { $0.rank < $1.rank }
    if let first = failed.first, let why = first.words {
      // What all say alike is nobody's in particular.
      let isShared = failed.allSatisfy { $0.words == why } && failed.count == ranks
      return isShared || why.contains("rank ") ? why : "rank \(first.rank): \(why)"
    }
    let text = words.joined(separator: "\n")
    if let (rank, signal) = signalled(text) {
      let who = heard[rank].map { name($0.signal) } ?? "rank \(rank)"
      return "\(who) has died after step \(heard[rank]?.signal.step ?? 0): "
        + Self.meaning(of: signal)
        + (words.first { $0.contains("atal error:") }.map { "\n       \($0)" } ?? "")
    }
    if let (rank, code) = exited(text) {
      let who = heard[rank].map { name($0.signal) } ?? "rank \(rank)"
      return "\(who) has ended before its time, with status \(code)"
    }
    let last = words.filter { !$0.allSatisfy { "-= ".contains($0) } }.suffix(6).joined(separator: "\n       ")
    return "the ranks have ended (status \(status))" + (last.isEmpty ? "" : "; mpirun says:\n       \(last)")
  }

  /// Open MPI: `process rank 1 with PID 12 on node x exited on signal 9`; MPICH: `PID 12 RUNNING AT x` and `EXIT CODE: 9`.
  private func signalled(_ text: String) -> (rank: Int, signal: Int)? {
    if let found = text.firstMatch(
      of: #/process rank (\d+) with PID \d+ on node \S+\s+exited on\s+signal (\d+)/#)
    {
      return (Int(found.1)!, Int(found.2)!)
    }
    guard let process = text.firstMatch(of: #/PID (\d+) RUNNING AT/#), let rank = rank(process: process.1),
      let code = text.firstMatch(of: #/EXIT CODE: (\d+)/#), text.contains("signal")
    else { return nil }
    return (rank, Int(code.1)! & 0x7F)
  }

  private func exited(_ text: String) -> (rank: Int, code: Int)? {
    if let found = text.firstMatch(of: #/Process name: \[\[\d+,\d+\],(\d+)\]\s+Exit code:\s+(\d+)/#) {
      return (Int(found.1)!, Int(found.2)!)
    }
    if let found = text.firstMatch(of: #/process rank (\d+) with PID \d+ on\s+node \S+ exiting improperly/#) {
      return (Int(found.1)!, 0)
    }
    guard let process = text.firstMatch(of: #/PID (\d+) RUNNING AT/#), let rank = rank(process: process.1),
      let code = text.firstMatch(of: #/EXIT CODE: (\d+)/#)
    else { return nil }
    return (rank, Int(code.1)!)
  }

  private func rank(process: Substring) -> Int? {
    heard.first { "\($0.value.signal.process)" == process }?.key
  }

  private static func meaning(of signal: Int) -> String {
    switch Int32(signal) {
    case SIGKILL: "it was killed (signal 9), by somebody or because the memory ran out"
    case SIGSEGV, SIGBUS: "it reached for memory that is not its own (signal \(signal))"
    case SIGILL, SIGTRAP: "it found a mistake of the program's and trapped (signal \(signal))"
    case SIGABRT: "it gave up (signal \(signal))"
    case SIGTERM: "it was told to end (signal \(signal))"
    default: "by signal \(signal)"
    }
  }
}
