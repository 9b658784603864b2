import ArgumentParser
import Workbench

struct BigAndSmall: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "big-and-small",
    abstract: "Chapter 1: what makes a model big, and what it costs.",
    discussion: """
      Without a subcommand, runs all experiments, each into a folder of its own.

      EXAMPLES
        big-and-small                    everything
        big-and-small count              what published models come to
        big-and-small scaling --quick    one network in many sizes
      """,
    version: Results.projectVersion,
    subcommands: [All.self, Count.self, Scaling.self],
    defaultSubcommand: All.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "01-big-and-small"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let output = try common.prepare(chapterFolder)
    try count(seed: common.seed, to: output.folder("count"))
    try scaling(seed: common.seed, quick: common.quick, to: output.folder("scaling"))
  }
}

runCommand(BigAndSmall.self)
