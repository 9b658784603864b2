import Foundation

/// A process that was started to be watched, and perhaps killed.
final class Child {
  /// How a process ended.
  enum End: Equatable, CustomStringConvertible {
    case exited(Int32)
    case signaled(Int32)

    var description: String {
      switch self {
      case .exited(let code): "exit status \(code)"
      case .signaled(let number): "signal \(number) (\(String(cString: strsignal(number))))"
      }
    }
  }

  let id: pid_t
  private(set) var end: End?
  /// Where its two streams went.
  let words: String

  /// Starts `program`.
  ///
  /// - Parameters:
  ///   - words: A file for what it prints; nil for nowhere.
  ///   - environment: What it has beyond this process's own variables.
  ///   - folder: Where it works.
  init(
    _ program: String, _ arguments: [String], words: String? = nil, environment: [String: String] = [:],
    in folder: String? = nil
  ) throws {
    self.words = words ?? "/dev/null"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, self.words, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A group of its own: all that it starts is ended with it. And each signal does what it does by itself, whatever is
    // blocked or ignored here: threads of a pool block nearly all.
    var (none, all) = (sigset_t(), sigset_t())
    sigemptyset(&none)
    sigfillset(&all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    var variables = ProcessInfo.processInfo.environment
    variables["SWIFT_BACKTRACE"] = "enable=no"
    variables["OPENBLAS_NUM_THREADS"] = "1"
    variables.merge(environment) { $1 }
    let line = [program] + arguments
    let whole = folder.map { ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", $0] + line } ?? line
    let words = whole.map { strdup($0) } + [nil]
    let values = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + values { free(text) } }
    var id = pid_t()
    let problem = posix_spawn(&id, whole[0], &actions, &attributes, words, values)
    if problem != 0 { throw Fault("\(program) cannot be started: \(String(cString: strerror(problem)))") }
    self.id = id
  }

  deinit { if end == nil { _ = kill() } }

  /// Whether it has ended; asks the system and does not wait.
  func poll() -> End? {
    if end != nil { return end }
    var status: Int32 = 0
    if waitpid(id, &status, WNOHANG) == id { end = Self.meaning(status) }
    return end
  }

  /// Waits for the end, for `seconds` at most; nil when it has not come then.
  func wait(_ seconds: Double) -> End? {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while poll() == nil, ContinuousClock.now < deadline { usleep(2000) }
    return end
  }

  func signal(_ number: Int32) { if poll() == nil { _ = Foundation.kill(id, number) } }

  /// Ends it and all that it has started, at once.
  func kill() -> End {
    if let end { return end }
    _ = Foundation.kill(-id, SIGKILL)
    var status: Int32 = 0
    while waitpid(id, &status, 0) < 0, errno == EINTR {}
    end = Self.meaning(status)
    return end!
  }

  private static func meaning(_ status: Int32) -> End {
    status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signaled(status & 0x7F)
  }

  /// The program that this process runs.
  static var thisProgram: String {
    #if os(Linux)
      return (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        ?? CommandLine.arguments[0]
    #else
      return Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}
