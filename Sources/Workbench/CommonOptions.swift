import ArgumentParser
import Foundation
import Tensors

/// The options that every chapter's executable has.
public struct CommonOptions: ParsableArguments {
  /// `--seed`: what everything that is left to chance comes from.
  @Option(parsing: .unconditional, help: "The seed of everything that is left to chance.")
  public var seed: UInt64 = 1

  /// `--output`: the folder of pictures and results; nil for the chapter's own under `out/`.
  @Option(help: ArgumentHelp("Where pictures and results go.", valueName: "dir"))
  public var output: String?

  /// `--threads`: how many threads compute; nil for one on each core. Results are the same bits with any number.
  @Option(parsing: .unconditional, help: "How many threads to use (default: one for each core).")
  public var threads: Int?

  /// `--quick`: a small version, done in seconds; its figures mean nothing.
  @Flag(help: "A small version that is done in seconds.")
  public var quick = false

  /// `--full`: the long version, which the book's results come from.
  @Flag(help: "The long version, which the book's results come from.")
  public var full = false

  /// For the parser of command lines, which fills the options in.
  public init() {}

  /// How much of an experiment is run.
  public var scale: Scale { quick ? .quick : full ? .full : .standard }

  /// Checks what the options' types cannot say, such as `--quick` together with `--full`.
  ///
  /// - Throws: `ValidationError`: the program ends with a line that says what is wrong.
  public func validate() throws {
    if output == "" { throw ValidationError("--output must name a folder, given \"\"") }
    if quick && full { throw ValidationError("--quick and --full are the two ends: give one of them") }
    try checkOption("--threads", threads, in: 1...1024)
  }

  /// Puts the options to work, and makes the output folder: better to learn now than after an hour that it cannot be
  /// written.
  ///
  /// - Parameter name: The folder under `out/` when `--output` names none. A quick run has a place of its own there, so
  ///   that it does not overwrite what a longer one has left.
  public func prepare(_ name: String) throws -> OutputFolder {
    if let threads { Parallel.threads = threads }
    return try OutputFolder(output ?? Self.folder(name, scale))
  }

  /// Where results go when `--output` names no folder.
  public static func folder(_ name: String, _ scale: Scale) -> String {
    scale == .quick ? "out/quick/\(name)" : "out/\(name)"
  }

  /// These options as a command line.
  var arguments: [String] {
    var words = ["--seed", "\(seed)"]
    if let output { words += ["--output", output] }
    if let threads { words += ["--threads", "\(threads)"] }
    return words + scale.arguments
  }
}

/// How much of an experiment is run.
public enum Scale: String, Sendable, CaseIterable, Codable {
  /// In seconds: does it work?
  case quick
  /// Within the two minutes of a chapter.
  case standard
  /// As long as it takes: published protocols, more seeds.
  case full

  /// What a command line has for it.
  public var arguments: [String] { self == .standard ? [] : ["--" + rawValue] }

  /// One of three values.
  public func of<Value>(quick: Value, standard: Value, full: Value) -> Value {
    switch self {
    case .quick: quick
    case .standard: standard
    case .full: full
    }
  }
}
