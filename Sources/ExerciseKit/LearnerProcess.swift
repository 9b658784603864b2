import ExerciseChannel
import Foundation
import Subprocess
import Synchronization

/// How a learner's process ended, and what it printed.
struct LearnerEnd: Sendable {
  let status: TerminationStatus
  /// The beginning of what it printed, and the end when that was too much.
  let printed: String
  let printedBytes: Int
}

/// Runs a learner's library in a process of its own and asks it questions.
struct LearnerProcess: Sendable {
  let host: URL
  let library: URL
  /// Processor time, limited in the process itself.
  let seconds: Int
  /// Time that passes, whether it computes or waits.
  let waiting: Int
  let bytes: Int
  /// The world that it is put into.
  var sandbox: Sandbox?
  /// See `Learner.init(asksBefore:)`.
  var asksBefore = false
  /// What becomes of a reply before it is looked at: for tests, which put anything in its place.
  var tampers: (@Sendable (Request, Reply) -> Reply)?

  /// Calls `body` with the learner's functions. The process is gone when this returns.
  func ask<Result: Sendable>(
    _ body: @escaping @Sendable (Learner) throws -> Result
  ) async throws -> (result: Swift.Result<Result, any Error>, end: LearnerEnd) {
    let (ours, theirs) = try Channel.pair()
    let deadline = ContinuousClock.now + .seconds(waiting)
    let learner = Learner(asksBefore: asksBefore) { request in
      do {
        try ours.send(request.bytes, until: deadline)
        let reply = try Reply(bytes: ours.receive(until: deadline), to: request.number)
        return tampers?(request, reply) ?? reply
      } catch ChannelError.timedOut {
        throw LearnerStopped.timedOut
      } catch ChannelError.closed {
        throw LearnerStopped.ended
      } catch {
        throw LearnerStopped.unreadable
      }
    }
    let printed = Printed()
    var options = PlatformOptions()
    // A group of its own, so that all of it can be ended; in a world of its own, without this one's terminal.
    if sandbox == nil { options.processGroupID = 0 } else { options.createSession = true }
    let limits = [library.path, "\(bytes)", "\(seconds)"]
    let (program, arguments) =
      sandbox?.command(host, limits, readable: [host, library]) ?? (program: host, arguments: limits)
    let outcome = try await run(
      .path(.init(program.path)), arguments: Arguments(arguments),
      environment: .inherit.updating(["OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no"]),
      platformOptions: options,
      input: .fileDescriptor(
        .init(rawValue: fcntl(theirs.descriptor, F_DUPFD_CLOEXEC, 3)), closeAfterSpawningProcess: true),
      output: .sequence, error: .combinedWithOutput
    ) { execution in
      theirs.shut()
      async let drained: Void = {
        for try await buffer in execution.standardOutput { printed.append(buffer) }
      }()
      let result = await onThread { Swift.Result { try body(learner) } }
      let id = execution.processIdentifier.value
      switch learner.stopped {
      case .ended:
        waitBriefly(for: id)
      case .timedOut:
        kill(-id, SIGXCPU)  // so that it says where it stands
        waitBriefly(for: id)
      default: break
      }
      kill(-id, SIGKILL)
      try await drained
      return result
    }
    return (
      outcome.closureResult,
      LearnerEnd(status: ended(outcome.terminationStatus), printed: printed.text, printedBytes: printed.count)
    )
  }

  /// How the learner's process ended: bubblewrap says by 128 and a number that it was by a signal.
  private func ended(_ status: TerminationStatus) -> TerminationStatus {
    if sandbox != nil, case .exited(let code) = status, code > 128 { return .signaled(code - 128) }
    return status
  }

  /// Lets a process that closed its end come to its own end, so that its status tells how.
  private func waitBriefly(for id: pid_t) {
    for _ in 0..<50 {
      var info = siginfo_t()
      if waitid(P_PID, id_t(id), &info, WEXITED | WNOWAIT | WNOHANG) != 0 { return }
      if info.si_signo == SIGCHLD { return }
      usleep(10_000)
    }
  }
}

/// Runs blocking work on a thread that Swift's tasks do not need.
private func onThread<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: body()) }
  }
}

/// What a process prints: all is read, so that it never waits; the first and the last part are kept.
private final class Printed: Sendable {
  private struct Parts {
    var first: [UInt8] = []
    var last: [UInt8] = []
    var count = 0
  }
  private let parts = Mutex(Parts())
  private static let most = 16 << 10

  func append(_ buffer: SubprocessOutputSequence.Buffer) {
    buffer.withUnsafeBytes { bytes in
      parts.withLock { parts in
        parts.count += bytes.count
        parts.first += bytes.prefix(Self.most - parts.first.count)
        parts.last += bytes.suffix(Self.most)
        parts.last.removeFirst(max(0, parts.last.count - Self.most))
      }
    }
  }

  var count: Int { parts.withLock(\.count) }

  var text: String {
    parts.withLock { parts in
      if parts.count <= Self.most { return String(decoding: parts.first, as: UTF8.self) }
      return String(decoding: parts.first, as: UTF8.self) + "\n…\n"
        + String(decoding: parts.last, as: UTF8.self)
    }
  }
}
