import ArgumentParser
import Engine
import Workbench

/// Where the digits come from.
struct DataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A folder with MNIST-format files, plain or gzipped (default: generated digits).", valueName: "dir"))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Train on the first N images of the files; the rest are held out.", valueName: "n"))
  var split: Int?

  func validate() throws {
    if split != nil && data == nil {
      throw ValidationError("--split needs --data: it says how to divide the files")
    }
  }

  /// Reads the files, or makes a set of digits; with `--quick` few of them.
  func load(_ common: CommonOptions) throws -> ImageData {
    guard let data else {
      return common.quick
        ? .generatedDigits(training: 2_000, validation: 200, test: 400, seed: common.seed)
        : .generatedDigits(seed: common.seed)
    }
    let files = try ImageData.mnist(in: data, split: split)
    try check(files.training, data)
    try check(files.test, data)
    return common.quick ? files.first(training: 2_000, validation: 200, test: 400) : files
  }
}

/// Throws when the article's network cannot read these images.
func check(_ part: ImagePart, _ directory: String) throws {
  let set = part.set
  if set.height != 28 || set.width != 28 {
    throw CannotUse("\(directory): the images are \(set.height)×\(set.width); the article's CNN reads 28×28.")
  }
}

extension ImageData {
  /// The same, for experiments that compare runs by their validation losses.
  ///
  /// - Throws: `CannotUse` when the validation part is empty.
  var withValidation: ImageData {
    get throws {
      if validation.count > 0 { return self }
      throw CannotUse(
        "\(source): the validation part is empty, and runs are compared by it. Give more images.")
    }
  }

  /// As many of each part, or all where there are fewer.
  func first(training: Int, validation: Int = .max, test: Int = .max) -> ImageData {
    ImageData(
      training: self.training.first(training), validation: self.validation.first(validation),
      test: self.test.first(test), source: source)
  }
}
