import ArgumentParser
import Workbench

struct Convolution: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convolution",
    abstract: "Chapter 2: small windows that slide over images.",
    discussion: """
      Without a subcommand, runs all experiments, each into a folder of its own.

      EXAMPLES
        convolution                              everything
        convolution filters --image photo.png    filters made by hand, on a picture of yours
        convolution feature-maps --seed 3        what a trained network's filters see
        convolution receptive-field              which pixels a number depends on
        convolution equivariance                 what moves in moves out, and where it does not
        convolution speed --quick                the same convolution, four ways
      """,
    version: Results.projectVersion,
    subcommands: [
      All.self, Filters.self, FeatureMaps.self, ReceptiveFields.self, Equivariance.self, Speed.self,
    ],
    defaultSubcommand: All.self)
}

/// The folder under `out/` of this chapter.
let chapterFolder = "02-convolution"

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "all", abstract: "Every experiment, each into a folder of its own.")

  @OptionGroup var common: CommonOptions

  func run() throws {
    let output = try common.prepare(chapterFolder)
    try filters(imagePath: nil, seed: common.seed, to: output.folder("filters"))
    try featureMaps(seed: common.seed, quick: common.quick, to: output.folder("feature-maps"))
    try receptiveFields(seed: common.seed, quick: common.quick, to: output.folder("receptive-field"))
    try equivariance(seed: common.seed, quick: common.quick, to: output.folder("equivariance"))
    try speed(seed: common.seed, quick: common.quick, to: output.folder("speed"))
  }
}
runCommand(Convolution.self)
