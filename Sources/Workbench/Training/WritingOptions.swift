import ArgumentParser
import Datasets
import Tensors

/// What the programs that write have in common: a beginning, and how to go on with it.
public struct WritingOptions: ParsableArguments {
  /// What is gone on with; see `requireBeginning`.
  @Argument(help: "The beginning, in quotes.")
  public var beginning: String

  /// See `Sampler`.
  @Option(
    parsing: .unconditional, help: "How much the letters vary, from 0; 0: always the likeliest.")
  public var temperature: Float = 0.8

  /// See `Sampler`; nil for all letters.
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Choose among the k likeliest letters.", valueName: "k"))
  public var topK: Int?

  /// The letters to be written.
  @Option(parsing: .unconditional, help: ArgumentHelp("How many letters to write.", valueName: "n"))
  public var characters = 300

  /// The folder of a run; nil for the newest.
  @Option(
    help: ArgumentHelp(
      "The folder of the run that trained the network (default: the last run's under out/).",
      valueName: "dir"))
  public var weights: String?

  /// The defaults.
  public init() {}

  /// Throws where a number makes no sense.
  public func validate() throws {
    if !(temperature >= 0 && temperature.isFinite) {
      throw ValidationError("--temperature must be a number from 0, given \(temperature)")
    }
    try checkOption("--top-k", topK, atLeast: 1)
    try checkOption("--characters", characters, in: 1...100_000)
  }

  /// How a letter is chosen.
  public var sampler: Sampler { Sampler(temperature: temperature, topK: topK) }

  /// Throws where there is nothing to go on with.
  public func requireBeginning() throws {
    if beginning.isEmpty {
      throw CannotUse("there is no beginning: give a letter or a few words, in quotes.")
    }
  }

  /// Says so where the network has never seen some of the characters that it is to go on with.
  public func remark(onUnknownIn ids: [Int]) {
    let unknown = ids.count { $0 == CharacterTokenizer.unknown }
    if unknown > 0 {
      Terminal.error(
        "note: \(unknown) of \(ids.count) characters are unknown to this network, which never saw them.")
    }
  }
}
