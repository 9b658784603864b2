import ArgumentParser
import Engine
import Workbench

/// Where the texts come from.
struct TextOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file with a label, a tab and a text on each line (default: generated sentences).",
      valueName: "file"))
  var data: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Read the first N words of each text of the file (default: 200).", valueName: "n"))
  var words: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How often a word of the file must occur to be known (default: 2).", valueName: "n"))
  var minimumCount: Int?

  func validate() throws {
    try checkFileOption("--data", data)
    try checkOption("--words", words, in: 1...10_000)
    try checkOption("--minimum-count", minimumCount, atLeast: 1)
    if data == nil, words != nil || minimumCount != nil {
      throw ValidationError(
        "--words and --minimum-count need --data: they say how to read the file")
    }
  }

  /// Reads the file, should there be one, to learn early whether it can be used.
  func check(_ common: CommonOptions) throws { if data != nil { _ = try load(common) } }

  /// Reads the file, or makes sentences; with `--quick` few of them.
  func load(_ common: CommonOptions) throws -> TextData {
    guard let data else {
      return common.quick
        ? .sentences(training: 1_000, validation: 200, test: 400, seed: common.seed)
        : .sentences(training: 4_000, seed: common.seed)
    }
    let texts = try TextData.file(
      data, minimumCount: minimumCount ?? 2, limit: words ?? 200, seed: common.seed)
    return common.quick ? texts.first(training: 1_000, validation: 200, test: 400) : texts
  }
}

/// `1,000 to learn from, 200 to watch it by, 400 held out`, and what else there is to know of the texts.
func describe(_ data: TextData) -> String {
  let lengths = data.training.lengths
  let mean = Double(lengths.reduce(0, +)) / Double(lengths.count)
  var text = """
    \(data.source): \(grouped(data.training.count)) to learn from, \(grouped(data.validation.count)) to watch it by, \
    \(grouped(data.test.count)) held out
      \(data.classes.count) classes, \(grouped(data.tokenizer.vocabularySize)) words, texts of \(lengths.min()!) to \
    \(lengths.max()!) words, \(fixed(mean, 1)) on average
    """
  if data.shortened > 0 {
    text += """
      \n  \(grouped(data.shortened)) \(data.shortened == 1 ? "text has" : "texts have") more than \
      \(data.limit) words, of which the first \(data.limit) are read
      """
  }
  return text
}
