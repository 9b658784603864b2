import CExerciseHost
import Foundation

/// Why a learner's process stopped answering, in words, and where in the learner's file.
struct StopReport: Sendable {
  let text: String
  let line: Int?
  /// What the learner's code printed before, without the last words of the runtime.
  let printed: String

  init(
    _ stopped: LearnerStopped, end: LearnerEnd, exercise: some Exercise, seconds: Int, build: LearnerBuild,
    toolchain: Toolchain
  ) async {
    var rest: [Substring] = []
    var signal: Int32?
    var offsets: [Int] = []
    var fatal: String?
    var refused: Int?
    let mark = String(cString: host_signal_mark)
    for line in end.printed.split(separator: "\n") {
      if line.hasPrefix(mark) {
        let words = line.dropFirst(mark.count).split(separator: " ")
        let numbers = words.compactMap { Int($0, radix: 16) }
        refused = words.first { $0.hasPrefix("s") }.flatMap { Int($0.dropFirst(), radix: 16) }
        signal = numbers.first.map(Int32.init)
        offsets = Array(numbers.dropFirst())
      } else if let match = line.firstMatch(
        of: /(?:Fatal error|Precondition failed|Assertion failed)(?:: (.*))?$/)
      {
        fatal = match.1.map(String.init) ?? String(match.0)
      } else if !Self.isOfStackTrace(line) {
        rest.append(line)
      }
    }
    if case .signaled(let number) = end.status, signal == nil { signal = number }
    printed = rest.joined(separator: "\n")
    let line = await Self.line(
      of: offsets, isLoop: signal == SIGXCPU, in: build.library, file: build.source, toolchain: toolchain)
    self.line = line

    let limit = seconds == 1 ? "a second" : "\(seconds) seconds"
    switch (stopped, signal) {
    case (.timedOut, _), (.beforeACall, _):
      let mebibytes = end.printedBytes >> 20
      text =
        mebibytes > 0
        ? "The program was stopped: it had printed \(mebibytes) MiB. Is there a loop that never ends?"
        : "The program did not come to an end, and was stopped. Does it wait for something?"
    case (.unreadable, _):
      text = "The program sent something that is not an answer. Only the function's result counts."
    case (.ended, SIGXCPU?):
      text = "The program was stopped after \(limit). Is there a loop that never ends?"
    case (.ended, SIGKILL?):
      text = "The program was stopped: it used more time or memory than this exercise allows."
    case (.ended, SIGXFSZ?):
      text = "The program was stopped: it wrote a file of more than 16 MiB."
    case (.ended, SIGSYS?):
      let name = refused.map { String(cString: host_refused_name($0)) } ?? "the system"
      text = """
        The program was stopped: it called \(name). An answer calculates: it leaves files, other programs and the system \
        alone.
        """
    case (.ended, SIGSEGV?) where Self.isRecursion(offsets):
      text = "The program ran out of stack. Does a function call itself without end?"
    case (.ended, _?):
      if let fatal {
        text = "The program stopped in your code:\n\(Self.plain(fatal, exercise: exercise))"
      } else if end.printed.contains("allocat") {
        text =
          "The program stopped. It may have asked for more memory than the \(exercise.mebibytesAllowed) MiB allowed."
      } else if signal == SIGABRT {
        text = "The program ended itself by abort() before it had answered."
      } else if signal == SIGSEGV || signal == SIGBUS {
        text = """
          The program touched memory that is not its own, or more than the \(exercise.mebibytesAllowed) MiB allowed. Does it \
          use pointers, or does something grow without end?
          """
      } else if signal == SIGILL || signal == SIGTRAP {
        // In the learner's code these come without words, and nearly always mean this.
        text = "A whole number became too large or too small for its type, so Swift stopped the program."
      } else {
        text = "The program stopped in your code (signal \(signal!))."
      }
    case (.ended, nil):
      if case .exited(let code) = end.status {
        text =
          code == 2 && end.printed.contains("exercise-host:")
          ? "The program could not be loaded:\n\(printed)"
          : "The program ended by itself (exit code \(code)) before it had answered. Remove the call of exit."
      } else {
        text = "The program ended before it had answered."
      }
    }
  }

  private static func plain(_ message: String, exercise: some Exercise) -> String {
    message.contains("allocate memory") || message.hasPrefix("failed to allocate")
      ? "no memory is left of the \(exercise.mebibytesAllowed) MiB allowed; does something grow without end?"
      : message
  }

  /// Swift's own list of the places where it stopped; the one that matters is named by its line.
  private static func isOfStackTrace(_ line: Substring) -> Bool {
    line == "Current stack trace:" || line.firstMatch(of: /^\d+ +\S+ +0x[0-9a-f]{8}/) != nil
  }

  /// The same few places over and over.
  private static func isRecursion(_ offsets: [Int]) -> Bool {
    offsets.count > 24 && Set(offsets).count < offsets.count / 2
  }

  /// The innermost line of the learner's file among the places where the program was.
  ///
  /// A place is where a call returns to, so the call stands one byte before it. A loop that ran out of time was stopped
  /// anywhere, also at an instruction that the compiler added and that is of no line, or where the line before it ends. So
  /// the bytes around the place vote: a loop has most of them.
  private static func line(
    of offsets: [Int], isLoop: Bool, in library: URL, file: URL, toolchain: Toolchain
  ) async -> Int? {
    guard !offsets.isEmpty, let symbolizer = toolchain.find(beside: "llvm-symbolizer") else { return nil }
    let around = isLoop ? Array(-24...24) : [-1]
    var function: Int?
    // Of a loop the innermost frames are enough, one after the other; else all at once.
    for part in isLoop ? offsets.prefix(8).map({ [$0] }) : [offsets] {
      let places = part.flatMap { offset in around.map { "0x" + String(max(0, offset + $0), radix: 16) } }
      guard
        let (succeeded, text) = try? await output(
          of: symbolizer, ["--obj=\(library.path)", "--output-style=GNU", "--no-demangle"] + places),
        succeeded
      else { return nil }
      // Names and places in turn.
      var name: Substring = ""
      var votes: [Int: Int] = [:]
      for line in text.split(separator: "\n") {
        guard let match = line.firstMatch(of: /^(.*):(\d+)/) else {
          name = line
          continue
        }
        if match.1 == file.path, let number = Int(match.2), number > 0 {
          if !isLoop { return number }
          votes[number, default: 0] += 1
        } else if match.1 == file.path || match.1.hasSuffix("<compiler-generated>"),
          let number = Self.line(ofFunction: String(name), in: file)
        {
          guard isLoop else { return number }
          function = function ?? number
        }
      }
      if let winner = votes.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }) { return winner.key }
    }
    return function
  }

  /// Where a function begins, for code compiled for speed, in which all checks of a function share one trap.
  private static func line(ofFunction symbol: String, in file: URL) -> Int? {
    guard let match = demangled(symbol)?.firstMatch(of: /(\w+)\(/) else { return nil }
    return lines(of: file).firstIndex { $0.contains("func \(match.1)(") }.map { $0 + 1 }
  }
}
