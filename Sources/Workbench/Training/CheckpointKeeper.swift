import ArgumentParser
import Formats
import Tensors
import Training

/// Writes a run's checkpoints: now and then when asked to, and when the user interrupts it.
public final class CheckpointKeeper<Task: TrainingTask> {
  /// Where the state goes when the user interrupts a run that had no checkpoint.
  static var fileName: String { "checkpoint.safetensors" }

  /// The file that is kept up to date; nil when none is.
  public let path: String?
  let run: TrainingRun<Task>
  private let output: OutputFolder
  private let interval: Double
  private var sinceWritten = Stopwatch()

  /// Takes the run to where it was, when it is to be resumed, and tries whether the file can be written.
  ///
  /// - Parameters:
  ///   - options: What the user has said of checkpoints: which file, how often, and whether to resume.
  ///   - run: The run whose state is kept.
  ///   - output: The experiment's folder, for the state of a run that is interrupted.
  public init(_ options: CheckpointOptions, _ run: TrainingRun<Task>, _ output: OutputFolder) throws {
    path = options.checkpoint ?? options.resume
    interval = options.checkpointEvery
    self.run = run
    self.output = output
    if let resume = options.resume,
      let remark = try run.resume(from: Checkpoint(readingFrom: resume), path: resume)
    {
      Terminal.error("note: \(remark)")
    }
    if let path { try run.checkpoint.write(to: path, creatingFolders: true) }
  }

  /// To be called after each step. Throws when the user wants to stop.
  public func stepIsDone() throws {
    if Interruption.isAsked {
      let path = self.path ?? output.file(Self.fileName)
      try run.checkpoint.write(to: path)
      Progress.clearLine()
      Terminal.error(
        """
        interrupted in epoch \(run.history.count + 1), after step \(run.progress?.batch ?? 0). To go on:
          \(CommandToGoOn.line(resuming: path))
        """)
      throw ExitCode(130)
    }
    if let path, sinceWritten.seconds >= interval {
      write(to: path)
      sinceWritten = Stopwatch()
    }
  }

  /// To be called at the end of the run.
  public func runIsDone() {
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
}
