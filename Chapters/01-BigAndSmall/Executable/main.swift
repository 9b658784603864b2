import ArgumentParser
import Workbench

struct BigAndSmall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "big-and-small",
    abstract: "Chapter 1.",
    version: Results.projectVersion,
    subcommands: [All.self],
    defaultSubcommand: All.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "01-big-and-small"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    _ = try common.prepare(chapterFolder)
  }
}

runCommand(BigAndSmall.self)
