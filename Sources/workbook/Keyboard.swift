import Foundation

/// Single keys from a terminal, without waiting for the end of a line.
///
/// The terminal is as it was before on every way out: `restore`, an interruption (Ctrl-C), a hangup, an end that somebody
/// else asks for, and a stop in the middle of the work. Stopped by Ctrl-Z, it is restored until the program goes on.
final class Keyboard {
  let isThere = isatty(STDIN_FILENO) == 1 && isatty(STDOUT_FILENO) == 1

  init() {
    guard isThere else { return }
    let modes = UnsafeMutablePointer<termios>.allocate(capacity: 2)
    modes.initialize(repeating: termios(), count: 2)
    tcgetattr(STDIN_FILENO, modes)
    modes[1] = modes[0]
    modes[1].c_lflag &= ~tcflag_t(ICANON | ECHO)
    terminalModes = modes
    for signal in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE] {
      handle(signal, by: leave)
    }
    handle(SIGTSTP, by: pause)
    setTerminal(1)
  }

  func restore() {
    setTerminal(0)
    terminalModes = nil
  }

  /// The key that is pressed within a tenth of a second.
  func key() -> Character? {
    guard isThere else {
      usleep(100_000)
      return nil
    }
    var poll = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    guard Foundation.poll(&poll, 1, 100) > 0 else { return nil }
    var byte: UInt8 = 0
    let count = read(STDIN_FILENO, &byte, 1)
    if count < 0 && errno == EINTR { return nil }
    // A terminal that is gone reads as its end.
    guard count == 1 else { return "q" }
    return Character(UnicodeScalar(byte))
  }
}

// What follows is also called while a signal is handled: it only calls what may be called then, and only touches memory
// that was set aside before.

/// How the terminal was, and how it is while keys are read; nil while it is as it was.
nonisolated(unsafe) private var terminalModes: UnsafeMutablePointer<termios>?

/// A program in the background leaves the terminal alone: it belongs to another one.
private func setTerminal(_ index: Int) {
  guard let terminalModes else { return }
  let owner = tcgetpgrp(STDIN_FILENO)
  if owner > 0 && owner != getpgrp() { return }
  tcsetattr(STDIN_FILENO, TCSANOW, terminalModes + index)
}

private func handle(_ signal: Int32, by handler: @escaping @convention(c) (Int32) -> Void) {
  var action = sigaction()
  #if canImport(Darwin)
    action.__sigaction_u.__sa_handler = handler
  #else
    action.__sigaction_handler.sa_handler = handler
  #endif
  action.sa_flags = Int32(SA_NODEFER)
  sigaction(signal, &action, nil)
}

/// Ends the program by the signal, as it would have ended without a handler.
private let leave: @convention(c) (Int32) -> Void = { signal in
  setTerminal(0)
  Foundation.signal(signal, SIG_DFL)
  raise(signal)
}

private let pause: @convention(c) (Int32) -> Void = { signal in
  setTerminal(0)
  Foundation.signal(signal, SIG_DFL)
  raise(signal)
  // Here it goes on.
  handle(signal, by: pause)
  setTerminal(1)
}
