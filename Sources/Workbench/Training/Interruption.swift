import Foundation
import Synchronization

/// The wish to stop, for programs that have something to save first: Ctrl-C, the signal SIGTERM, or a terminal that was
/// closed (SIGHUP).
///
/// ```swift
/// try Interruption.watching {
///   while … {
///     …
///     if Interruption.isAsked { throw … }
///   }
/// }
/// ```
///
/// The first signal only sets a flag, which the program looks at where it can stop. The second ends it at once.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether somebody has asked since `watching` began.
  public static var isAsked: Bool { flag.load(ordering: .relaxed) }

  /// Runs `body` with the signals watched, and leaves them afterwards as they were.
  public static func watching<Result>(_ body: () throws -> Result) rethrows -> Result {
    // `nohup` starts programs with SIGHUP ignored: they are to outlive the terminal, and that stands.
    let isToOutliveTerminal = isIgnored(SIGHUP)
    let watched = isToOutliveTerminal ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
    // Whoever started this program may have held them back, and a program inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in watched { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    // Made here, not in the handler, where nothing may be made.
    flag.store(false, ordering: .relaxed)
    let before = watched.map { number in
      (
        number,
        signal(number) { number in
          if Interruption.flag.exchange(true, ordering: .relaxed) { _exit(128 + number) }
        }
      )
    }
    defer { for (number, handler) in before { signal(number, handler) } }
    return try body()
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    #if canImport(Glibc)
      return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        == unsafeBitCast(SIG_IGN, to: Int.self)
    #else
      return unsafeBitCast(action.__sigaction_u.__sa_handler, to: Int.self)
        == unsafeBitCast(SIG_IGN, to: Int.self)
    #endif
  }
}
