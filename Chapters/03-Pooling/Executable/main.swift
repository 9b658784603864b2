import ArgumentParser
import Workbench

struct Pooling: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pooling",
    abstract: "Chapter 3: one number for each small window.",
    discussion: """
      Without a subcommand, runs all experiments, each into a folder of its own.

      EXAMPLES
        pooling                        everything
        pooling shifts --seeds 10      how well networks read digits that were moved
        pooling maps --digit 4         what each pooling keeps of a digit
        pooling gradients --seed 3     where gradients arrive
        pooling --quick                everything, smaller, in seconds
      """,
    version: Results.projectVersion,
    subcommands: [All.self, Shifts.self, Maps.self, Gradients.self],
    defaultSubcommand: All.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "03-pooling"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let output = try common.prepare(chapterFolder)
    try gradients(seed: common.seed, quick: common.quick, to: output.folder("gradients"))
    try maps(seed: common.seed, quick: common.quick, to: output.folder("maps"))
    try shifts(seed: common.seed, quick: common.quick, to: output.folder("shifts"))
  }
}

runCommand(Pooling.self)
