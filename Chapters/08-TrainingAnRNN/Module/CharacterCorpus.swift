import Engine

/// A text as numbers, one a character, in two parts: the first nine tenths to learn from, and the last tenth to judge by.
///
/// The vocabulary is that of the first part; what occurs there once counts as unknown, so that a network meets number 0
/// while it learns.
///
/// - Book: section 8.8.
public struct CharacterCorpus: Sendable {
  /// Where the text comes from: the file's path, or words.
  public let source: String
  public let training: [Int]
  public let validation: [Int]
  public let tokenizer: CharacterTokenizer
  /// The training part as text, to see what was copied.
  public let text: String

  /// The most different characters: more would be no alphabet, and every one of them costs a row of weights.
  public static let mostCharacters = 20_000

  /// - Parameters:
  ///   - path: A file in UTF-8; nil for the book's prose.
  ///   - limit: The most characters that are read; nil for all.
  ///   - needed: How many there must be.
  ///   - reason: What for, as the message ends: `for 16 streams of 64 steps`.
  ///   - advice: What to do when there are fewer.
  /// - Throws: `FileError` when the file cannot be read, is no text, is too short, or has too many different characters.
  public init(
    file path: String?, limit: Int? = nil, atLeast needed: Int, _ reason: String, advice: String
  ) throws(FileError) {
    source = path ?? "the book's prose"
    var all = BookProse.text
    if let path { all = try FileContents.text(of: path, limit: 1 << 28) }
    if all.unicodeScalars.first == "\u{FEFF}" { all.unicodeScalars.removeFirst() }
    var scalars = Array(all.unicodeScalars)
    if let limit { scalars = Array(scalars.prefix(limit)) }
    if scalars.count < needed {
      throw FileError(
        source, "the text has \(scalars.count) \(scalars.count == 1 ? "character" : "characters")",
        expected: "at least \(needed) \(reason)", advice: advice)
    }
    func string(_ part: ArraySlice<Unicode.Scalar>) -> String {
      var view = String.UnicodeScalarView()
      view.append(contentsOf: part)
      return String(view)
    }
    let cut = Self.trainingCount(of: scalars.count)
    text = string(scalars[..<cut])
    tokenizer = CharacterTokenizer(vocabularyOf: text, minimumCount: 2)
    if tokenizer.vocabularySize > Self.mostCharacters {
      throw FileError(
        source, "the text has \(tokenizer.vocabularySize) different characters",
        expected: "at most \(Self.mostCharacters)")
    }
    training = tokenizer.encode(text)
    validation = tokenizer.encode(string(scalars[cut...]))
  }

  /// How many of so many characters are learned from.
  public static func trainingCount(of count: Int) -> Int { count * 9 / 10 }
}

/// What counting reaches on a corpus, one way of it.
///
/// - Book: section 8.8.
public struct CountedLoss: Sendable {
  /// `bigram`
  public let name: String
  /// α, what is added to every count; nil for the uniform model, which counts nothing.
  public let smoothing: Double?
  /// Nats a character, on the validation part.
  public let loss: Double

  /// Its name among metrics: `bigram_loss`.
  public var metric: String { name + "_loss" }

  /// Uniform, unigram, bigram and trigram, each with the smoothing that suits it best on the validation part: that flatters
  /// it a little.
  public static func all(of corpus: CharacterCorpus) -> [CountedLoss] {
    ["uniform", "unigram", "bigram", "trigram"].enumerated().map { order, name in
      let model = NGramModel(
        order: order, vocabularySize: corpus.tokenizer.vocabularySize, countingIn: corpus.training)
      if order == 0 {
        return CountedLoss(
          name: name, smoothing: nil, loss: model.loss(on: corpus.validation, smoothing: 1))
      }
      return [1, 0.3, 0.1, 0.05, 0.03, 0.01, 0.003].map { smoothing in
        CountedLoss(
          name: name, smoothing: smoothing, loss: model.loss(on: corpus.validation, smoothing: smoothing))
      }.min { $0.loss < $1.loss }!
    }
  }
}

/// How many characters in a row of `text` stand somewhere in `source` in the same way, counted in bytes of UTF-8.
///
/// - Book: section 8.9.
public func longestCopy(of text: String, in source: String) -> Int {
  let (written, whole) = (Array(text.utf8), Array(source.utf8))
  var longest = 0
  // For each place of the source, how many bytes up to there are the same: one row of the table at a time.
  var row = [Int](repeating: 0, count: written.count + 1)
  for byte in whole {
    for j in stride(from: written.count, to: 0, by: -1) {
      row[j] = written[j - 1] == byte ? row[j - 1] + 1 : 0
      longest = max(longest, row[j])
    }
  }
  return longest
}
