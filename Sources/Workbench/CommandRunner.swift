import ArgumentParser
@preconcurrency import Foundation  // for `stdout`, a variable in C

/// Runs a command to its end and leaves the process: with 0 when it is done, with 1 and one line on stderr when it
/// could not be done, with 2 when the command line was wrong.
///
/// What cannot be written to stderr is left out: nobody may be watching any more, and the work goes on. What cannot be
/// written to stdout is an error at the end, for those are the results.
public func runCommand(_ command: any ParsableCommand.Type) -> Never {
  Terminal.prepareStreams()
  useFastKernels()
  Progress.watchInterrupts()
  do {
    try CommandWords.check(CommandLine.arguments.dropFirst())
    var parsed = try command.parseAsRoot()
    try parsed.run()
  } catch {
    leave(command, after: error)
  }
  finishOutput()
  exit(0)
}

/// Leaves with 1 when something that was printed did not arrive.
private func finishOutput() {
  errno = 0
  guard fflush(stdout) != 0 || ferror(stdout) != 0 else { return }
  if errno == EPIPE { exit(128 + SIGPIPE) }  // `| head`: whoever read had enough
  let reason = errno == 0 ? "" : ": " + String(cString: strerror(errno))
  Terminal.error("error: not all that was printed could be written to the standard output\(reason)")
  exit(1)
}

private func leave(_ command: any ParsableCommand.Type, after error: any Error) -> Never {
  Progress.clearLine()
  let code = command.exitCode(for: error)
  if code == .success {  // --help and --version
    print(command.fullMessage(for: error))
    finishOutput()
    exit(0)
  }
  if code == .validationFailure {
    Terminal.error(command.fullMessage(for: error))
    exit(2)
  }
  if let code = error as? ExitCode { exit(code.rawValue) }
  Terminal.error("error: \(describe(error))")
  exit(1)
}

/// The error's own words; Foundation's say less.
private func describe(_ error: any Error) -> String {
  type(of: error) is NSError.Type ? error.localizedDescription : "\(error)"
}
