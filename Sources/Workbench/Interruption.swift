import Foundation
import Synchronization

/// The user's wish to stop, by Ctrl-C, for programs that have something to save first.
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
/// The first Ctrl-C, or the signal SIGTERM, only sets a flag, which the program looks at where it can stop. The second
/// ends it at once.
public enum Interruption {
  private static let flag = Atomic<Bool>(false)

  /// Whether somebody has asked since `watching` began.
  public static var isAsked: Bool { flag.load(ordering: .relaxed) }

  /// Runs `body` with the two signals watched, and leaves them afterwards as they were.
  public static func watching<Result>(_ body: () throws -> Result) rethrows -> Result {
    // Whoever started this program may have held the two back, and a program inherits that.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    // Made here, not in the handler, where nothing may be made.
    flag.store(false, ordering: .relaxed)
    let before = [SIGINT, SIGTERM].map { number in
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
}
