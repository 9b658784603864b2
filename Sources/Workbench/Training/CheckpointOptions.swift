import ArgumentParser

/// The options of every program that trains for long: how a run is kept, and gone on with.
public struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Keep the state of the run in this file, again and again.", valueName: "file"))
  public var checkpoint: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long after one checkpoint the next is written; 0: every step.", valueName: "seconds"))
  public var checkpointEvery = 5.0

  @Option(
    help: ArgumentHelp(
      "Go on with the run that this checkpoint is of. All other options must be as they were, only --epochs may be more; the file is kept up to date.",
      valueName: "file"))
  public var resume: String?

  public init() {}

  public func validate() throws {
    if checkpoint == "" { throw ValidationError("--checkpoint must name a file, given \"\"") }
    if resume == "" { throw ValidationError("--resume must name a file, given \"\"") }
    if !(checkpointEvery >= 0) {
      throw ValidationError("--checkpoint-every must be a number of seconds, given \(checkpointEvery)")
    }
  }
}
