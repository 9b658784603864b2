import ArgumentParser
import Workbench

struct FullyConnected: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fully-connected",
    abstract: "Chapter 4: layers in which all numbers meet, and how they learn.",
    discussion: """
      Without a subcommand, runs all experiments, each into a folder of its own.

      EXAMPLES
        fully-connected                      everything
        fully-connected depth                first weights, four ways, 20 layers
        fully-connected shuffled --seed 3    pixels in another order: who minds?
        fully-connected cost --threads 1     parameters, work, time of layers
        fully-connected weights              rows of weights, as images
        fully-connected autodiff --quick     a tiny automatic differentiation
      """,
    version: Results.projectVersion,
    subcommands: [All.self, Depth.self, Shuffled.self, Cost.self, Weights.self, Autodiff.self],
    defaultSubcommand: All.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "04-fully-connected"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let output = try common.prepare(chapterFolder)
    try autodiff(seed: common.seed, quick: common.quick, to: output.folder("autodiff"))
    try depth(seed: common.seed, quick: common.quick, to: output.folder("depth"))
    try cost(seed: common.seed, quick: common.quick, to: output.folder("cost"))
    try weights(seed: common.seed, quick: common.quick, to: output.folder("weights"))
    try shuffled(seed: common.seed, quick: common.quick, to: output.folder("shuffled"))
  }
}

runCommand(FullyConnected.self)
