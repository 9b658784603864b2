import ArgumentParser
import Engine
import Workbench

/// What the experiments have in common that train many networks: few images each, and several seeds.
struct ComparisonOptions: ParsableArguments {
  @OptionGroup var files: DataOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("How many images to learn from.", valueName: "n"))
  var images: Int?

  @Option(parsing: .unconditional, help: "How often every image is seen.")
  var epochs: Int?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("From how many seeds to train.", valueName: "n"))
  var seeds: Int?

  func validate() throws {
    try checkOption("--images", images, atLeast: 1)
    try checkOption("--epochs", epochs, atLeast: 1)
    try checkOption("--seeds", seeds, atLeast: 1)
  }

  /// The sizes of an experiment: those asked for, or else its own.
  struct Sizes {
    var images: Int
    var epochs: Int
    var seeds: Int
    var heldOut = 2_000
  }

  func sizes(_ common: CommonOptions, usual: Sizes, quick: Sizes) -> Sizes {
    var sizes = common.quick ? quick : usual
    sizes.images = images ?? sizes.images
    sizes.epochs = epochs ?? sizes.epochs
    sizes.seeds = seeds ?? sizes.seeds
    return sizes
  }

  /// As many images as asked for, and all that the files hold out.
  func load(_ common: CommonOptions, _ sizes: Sizes) throws -> ImageData {
    if files.data == nil {
      return .generatedDigits(
        training: sizes.images, validation: sizes.heldOut / 2, test: sizes.heldOut, seed: common.seed)
    }
    var unhurried = common
    unhurried.quick = false
    let data = try files.load(unhurried).withValidation
    if data.training.count < sizes.images {
      throw CannotUse(
        "--images \(sizes.images) are more than the \(data.training.count) that there are to learn from.")
    }
    return data.first(
      training: sizes.images, validation: common.quick ? sizes.heldOut / 2 : .max,
      test: common.quick ? sizes.heldOut : .max)
  }
}
