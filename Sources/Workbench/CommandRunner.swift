import ArgumentParser
import Foundation

/// Runs a command to its end and leaves the process: with 0 when it is done, with 1 and one line on stderr when it
/// could not be done, with 2 when the command line was wrong.
public func runCommand(_ command: any ParsableCommand.Type) -> Never {
  useFastKernels()
  Progress.watchInterrupts()
  do {
    var parsed = try command.parseAsRoot()
    try parsed.run()
  } catch {
    leave(command, after: error)
  }
  exit(0)
}

private func leave(_ command: any ParsableCommand.Type, after error: any Error) -> Never {
  Progress.clearLine()
  let code = command.exitCode(for: error)
  if code == .success {  // --help and --version
    print(command.fullMessage(for: error))
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
