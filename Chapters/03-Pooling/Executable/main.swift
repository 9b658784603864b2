import ArgumentParser
import Workbench

struct Pooling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pooling",
    abstract: "Chapter 3.",
    version: Results.projectVersion,
    subcommands: [All.self],
    defaultSubcommand: All.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "03-pooling"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    _ = try common.prepare(chapterFolder)
  }
}

runCommand(Pooling.self)
