import Tensors

/// Text as one number for each word, and back.
///
/// A word is a run of letters and digits, with the apostrophes and hyphens inside it; every other character that is no
/// space is a word of its own. Capital letters count as small ones. Number 0 is padding, which no text has; number 1
/// stands for all words that the vocabulary lacks; those it has are numbered from 2, the most frequent first.
///
/// ```swift
/// let tokenizer = WordTokenizer(vocabularyOf: ["Not bad, not bad."])   // bad not , .
/// tokenizer.encode("Not good.")                                        // [3, 1, 5]
/// ```
///
/// - Book: chapter 8.
public struct WordTokenizer: Sendable, Equatable {
  /// The number that fills up shorter texts of a batch.
  public static let padding = 0
  /// The number of an unknown word.
  public static let unknown = 1
  /// The most characters that a word keeps: what is longer is hardly a word, and would fill the memory.
  public static let longestWord = 64

  /// The word of each number; the first two are `<pad>` and `<unknown>`.
  public let vocabulary: [String]
  private let ids: [String: Int]

  /// The words that `texts` have.
  ///
  /// - Parameters:
  ///   - texts: What the vocabulary is taken from: the training part, so that the rest stays unseen.
  ///   - minimumCount: How often a word must occur to be in the vocabulary. With 2 or more the rare ones count as unknown,
  ///     and a network meets number 1 while it learns.
  ///   - maximumSize: The most words that are kept, the most frequent.
  public init(vocabularyOf texts: some Sequence<String>, minimumCount: Int = 1, maximumSize: Int = 50_000) {
    var counts: [String: Int] = [:]
    for text in texts { for word in Self.words(of: text) { counts[word, default: 0] += 1 } }
    let known = counts.filter { $0.value >= minimumCount }
      .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    self.init(words: Array(known.prefix(maximumSize)))
  }

  /// The vocabulary of `words`, numbered from 2 in their order. Traps when a word is there twice.
  public init(words: [String]) {
    vocabulary = ["<pad>", "<unknown>"] + words
    var ids: [String: Int] = [:]
    for (i, word) in words.enumerated() where ids.updateValue(i + 2, forKey: word) != nil {
      trap("WordTokenizer: the word \(word) is there twice")
    }
    self.ids = ids
  }

  /// `V`, padding and the unknown word included.
  public var vocabularySize: Int { vocabulary.count }

  /// The number of `word`, as `words(of:)` writes it; nil when it is unknown.
  public func id(of word: String) -> Int? { ids[word] }

  /// The number of each word of `text`.
  ///
  /// - Parameters:
  ///   - text: Any text; a word that is not in the vocabulary becomes the unknown word's number.
  ///   - limit: The most words that are read, the first ones.
  public func encode(_ text: String, limit: Int = .max) -> [Int] {
    Self.words(of: text, limit: limit).map { ids[$0] ?? Self.unknown }
  }

  /// The words of `ids` with spaces between them, padding left out. Traps when a number is not in the vocabulary.
  public func decode(_ ids: some Sequence<Int>) -> String {
    ids.compactMap { id -> String? in
      if !vocabulary.indices.contains(id) {
        trap("WordTokenizer: number \(id) is not in the vocabulary of \(vocabularySize)")
      }
      return id == Self.padding ? nil : vocabulary[id]
    }.joined(separator: " ")
  }

  /// The words of `text` in small letters, in their order: `It's not bad.` is `it's`, `not`, `bad`, `.`
  ///
  /// - Parameters:
  ///   - text: Any text; punctuation becomes words of its own.
  ///   - limit: The most words that are read; the rest of the text is not looked at.
  public static func words(of text: String, limit: Int = .max) -> [String] {
    var words: [String] = []
    var word = String.UnicodeScalarView()
    func end() {
      if word.isEmpty { return }
      words.append(String(word).lowercased())
      word = String.UnicodeScalarView()
    }
    let scalars = text.unicodeScalars
    for place in scalars.indices {
      if words.count >= limit { return words }
      let scalar = scalars[place]
      if isLetter(scalar) || (isInside(scalar) && !word.isEmpty && isLetter(after: place, in: scalars)) {
        if word.count < longestWord { word.append(scalar) }
      } else {
        end()
        let isSpace = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
        if !isSpace && words.count < limit { words.append(String(scalar)) }
      }
    }
    if words.count < limit { end() }
    return words
  }

  /// A letter, a digit, or a mark that belongs to the letter before it.
  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
      .nonspacingMark, .spacingMark:
      true
    default: false
    }
  }

  /// What may stand inside a word: it's, it’s, double-check.
  private static func isInside(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "'" || scalar == "\u{2019}" || scalar == "-"
  }

  private static func isLetter(after place: String.Index, in scalars: String.UnicodeScalarView) -> Bool {
    let next = scalars.index(after: place)
    return next < scalars.endIndex && isLetter(scalars[next])
  }
}
