import ArgumentParser
import Workbench

struct FullyConnected: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fully-connected",
    abstract: "Chapter 4.",
    version: Results.projectVersion,
    subcommands: [All.self],
    defaultSubcommand: All.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "04-fully-connected"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    _ = try common.prepare(chapterFolder)
  }
}

runCommand(FullyConnected.self)
