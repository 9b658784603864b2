import ArgumentParser
import Foundation
import Tensors

/// The options that every chapter's executable has.
public struct CommonOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "The seed of everything that is left to chance.")
  public var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Where pictures and results go.", valueName: "dir"))
  public var output: String?

  @Option(parsing: .unconditional, help: "How many threads to use (default: one for each core).")
  public var threads: Int?

  @Flag(help: "A small version that is done in seconds.")
  public var quick = false

  public init() {}

  public func validate() throws {
    if output == "" { throw ValidationError("--output must name a folder, given \"\"") }
    if let threads, threads < 1 || threads > 1024 {
      throw ValidationError("--threads must be from 1 to 1024, given \(threads)")
    }
  }

  /// Puts the options to work, and makes the output folder: better to learn now than after an hour that it cannot be
  /// written.
  ///
  /// - Parameter name: The folder under `out/` when `--output` names none.
  public func prepare(_ name: String) throws -> OutputFolder {
    if let threads { Parallel.threads = threads }
    return try OutputFolder(output ?? "out/\(name)")
  }
}
