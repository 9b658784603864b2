import ArgumentParser
import Chapter08TrainingAnRNN
import Chapter10ChoosingAModel
import Engine
import Workbench

extension PositionKind: ExpressibleByArgument {}

/// The sizes of a GPT, as options.
struct GPTSizeOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "How many blocks follow each other.")
  var blocks = 4

  @Option(parsing: .unconditional, help: "Into how many heads the width is cut.")
  var heads = 4

  @Option(parsing: .unconditional, help: "The width of a character's vector.")
  var width = 128

  @Option(parsing: .unconditional, help: "The most characters that it can look at.")
  var context = 64

  @Option(parsing: .unconditional, help: "How likely a number is dropped while training.")
  var dropout: Float = 0

  @Flag(inversion: .prefixedNo, help: "Biases in linear layers and norms.")
  var bias = false

  @Flag(inversion: .prefixedNo, help: "Let the last layer's weights be the characters' vectors.")
  var tied = true

  @Option(help: "How it knows places: learned, sinusoidal, rotary or none.")
  var positions = PositionKind.learned

  func validate() throws {
    for (name, value, most) in [
      ("--blocks", blocks, 64), ("--heads", heads, 256), ("--width", width, 4_096),
      ("--context", context, 65_536),
    ] where !(1...most).contains(value) {
      throw ValidationError("\(name) must be from 1 to \(grouped(most)), given \(value)")
    }
    if width % heads != 0 {
      throw ValidationError(
        "--heads must divide --width: a width of \(width) does not divide into \(heads) heads")
    }
    if let problem = size(vocabulary: 2).problem { throw ValidationError(problem) }
  }

  func size(vocabulary: Int) -> GPTSize {
    var size = GPTSize(
      vocabulary: vocabulary, context: context, width: width, heads: heads, blocks: blocks)
    (size.dropout, size.hasBiases, size.isTied, size.positions) = (dropout, bias, tied, positions)
    return size
  }
}

/// A GPT's sizes and its characters, kept beside its weights.
struct SavedGPT: Codable, Equatable {
  var size: GPTSize
  /// The vocabulary, without the unknown character.
  var characters: String

  init(_ tokenizer: CharacterTokenizer, _ size: GPTSize) {
    self.size = size
    var scalars = String.UnicodeScalarView()
    scalars.append(contentsOf: tokenizer.vocabulary.dropFirst())
    characters = String(scalars)
  }

  struct BadSizes: Error {}

  func check() throws {
    let isSmall = size.blocks <= 64 && size.width <= 4_096 && size.context <= 65_536
    if size.problem != nil || !isSmall || tokenizer.vocabularySize != size.vocabulary { throw BadSizes() }
  }

  var tokenizer: CharacterTokenizer { CharacterTokenizer(vocabularyOf: characters) }
}
