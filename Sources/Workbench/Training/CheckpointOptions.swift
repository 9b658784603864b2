import ArgumentParser

/// The options of every program that trains for long: how a run is kept, and gone on with.
public struct CheckpointOptions: ParsableArguments {
  /// `--checkpoint`: the file that the state of the run is kept in; nil for none.
  @Option(
    help: ArgumentHelp("Keep the state of the run in this file, again and again.", valueName: "file"))
  public var checkpoint: String?

  /// `--checkpoint-every`: the seconds from one checkpoint to the next; 0 for every step.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How long after one checkpoint the next is written; 0: every step.", valueName: "seconds"))
  public var checkpointEvery = 5.0

  /// `--resume`: the checkpoint of the run to go on with; nil to begin anew.
  @Option(
    help: ArgumentHelp(
      "Go on with the run that this checkpoint is of. All other options must be as they were, only --epochs may be more; the file is kept up to date.",
      valueName: "file"))
  public var resume: String?

  /// For the parser of command lines, which fills the options in.
  public init() {}

  /// Checks what the options' types cannot say: empty names, and negative seconds.
  ///
  /// - Throws: `ValidationError`: the program ends with a line that says what is wrong.
  public func validate() throws {
    try checkFileOption("--checkpoint", checkpoint)
    try checkFileOption("--resume", resume)
    if !(checkpointEvery >= 0) {
      throw ValidationError("--checkpoint-every must be a number of seconds, given \(checkpointEvery)")
    }
  }
}
