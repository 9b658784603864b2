import ArgumentParser
import Chapter07TrainingACNN
import Engine
import Foundation
import Workbench

/// How a run is kept, and gone on with.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Keep the state of the run in this file, again and again.", valueName: "file"))
  var checkpoint: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long after one checkpoint the next is written; 0: every step.", valueName: "seconds"))
  var checkpointEvery = 5.0

  @Option(
    help: ArgumentHelp(
      "Go on with the run that this checkpoint is of. All other options must be as they were; the file is kept up to date.",
      valueName: "file"))
  var resume: String?

  func validate() throws {
    if checkpoint == "" { throw ValidationError("--checkpoint must name a file, given \"\"") }
    if resume == "" { throw ValidationError("--resume must name a file, given \"\"") }
    if !(checkpointEvery >= 0) {
      throw ValidationError("--checkpoint-every must be a number of seconds, given \(checkpointEvery)")
    }
  }
}

/// Writes a run's checkpoints: now and then when asked to, and when the user interrupts it.
final class CheckpointKeeper {
  /// Where the state goes when the user interrupts a run that had no checkpoint.
  static let fileName = "checkpoint.safetensors"

  /// The file that is kept up to date; nil when none is.
  let path: String?
  private let run: CNNRun
  private let output: OutputFolder
  private let interval: Double
  private var lastWritten = ContinuousClock.now

  /// Takes the run to where it was, when it is to be resumed, and tries whether the file can be written.
  init(_ options: CheckpointOptions, _ run: CNNRun, _ output: OutputFolder) throws {
    path = options.checkpoint ?? options.resume
    interval = options.checkpointEvery
    self.run = run
    self.output = output
    if let resume = options.resume {
      try run.resume(from: Checkpoint(readingFrom: resume), path: resume)
    }
    if let path { try run.checkpoint.write(to: path, creatingFolders: true) }
  }

  /// To be called after each step. Throws when the user wants to stop.
  func stepIsDone() throws {
    if Interruption.isAsked {
      let path = self.path ?? output.file(Self.fileName)
      try run.checkpoint.write(to: path)
      Progress.clearLine()
      Terminal.error(
        """
        interrupted in epoch \(run.history.count + 1), after step \(run.progress?.batch ?? 0). To go on:
          \(commandToGoOn(path))
        """)
      throw ExitCode(130)
    }
    if let path, (ContinuousClock.now - lastWritten).seconds >= interval {
      write(to: path)
      lastWritten = ContinuousClock.now
    }
  }

  /// To be called at the end of the run.
  func runIsDone() {
    if let path { write(to: path) }
  }

  /// Writes a checkpoint, or says why it could not: the training is worth more than that, and the last one is still there.
  private func write(to path: String) {
    do {
      try run.checkpoint.write(to: path)
    } catch {
      Progress.clearLine()
      Terminal.error("warning: the run goes on without a new checkpoint: \(error)")
    }
  }

  /// This program's command line, with `--resume`.
  private func commandToGoOn(_ path: String) -> String {
    var arguments = Array(CommandLine.arguments.dropFirst())
    if let place = arguments.firstIndex(of: "--resume") {
      arguments.removeSubrange(place..<min(place + 2, arguments.count))
    }
    arguments.removeAll { $0.hasPrefix("--resume=") }
    let words = ["train-cnn"] + arguments + ["--resume", path]
    return words.map { word in
      let isPlain =
        !word.isEmpty && word.allSatisfy { $0.isLetter || $0.isNumber || "-_./=~:,+".contains($0) }
      return isPlain ? word : "'" + word.replacing("'", with: "'\\''") + "'"
    }.joined(separator: " ")
  }
}
