import Tensors

/// Text as one number for each character, and back.
///
/// A character is a Unicode scalar here: unlike Swift's `Character`, it keeps "\r\n" and an accent that is written
/// on its own apart, so that decoding gives back the same bytes. Number 0 stands for all characters that the
/// vocabulary lacks; those it has are numbered from 1, in the order of their code points.
///
/// ```swift
/// let tokenizer = CharacterTokenizer(vocabularyOf: "hello")   // e h l o
/// tokenizer.encode("hole!")                                   // [2, 4, 3, 1, 0]
/// ```
///
/// - Book: chapter 8.
public struct CharacterTokenizer: Sendable, Equatable {
  /// The number of an unknown character.
  public static let unknown = 0
  /// What an unknown character is decoded to.
  public static let replacement: Unicode.Scalar = "\u{FFFD}"

  /// The character of each number; the first is the replacement.
  public let vocabulary: [Unicode.Scalar]
  private let ids: [Unicode.Scalar: Int]

  /// The characters that `text` has.
  ///
  /// - Parameters:
  ///   - text: What the vocabulary is taken from: the training part, so that the rest stays unseen.
  ///   - minimumCount: How often a character must occur to be in the vocabulary. With 2 or more the rare ones count as
  ///     unknown, and a network meets number 0 while it learns.
  public init(vocabularyOf text: String, minimumCount: Int = 1) {
    var counts: [Unicode.Scalar: Int] = [:]
    for scalar in text.unicodeScalars { counts[scalar, default: 0] += 1 }
    counts[Self.replacement] = nil
    let known = counts.filter { $0.value >= minimumCount }.keys.sorted { $0.value < $1.value }
    vocabulary = [Self.replacement] + known
    ids = Dictionary(uniqueKeysWithValues: vocabulary.enumerated().map { ($1, $0) })
  }

  /// `V`, the unknown character included.
  public var vocabularySize: Int { vocabulary.count }

  /// The number of `character`; nil when it is unknown.
  public func id(of character: Unicode.Scalar) -> Int? {
    let id = ids[character] ?? Self.unknown
    return id == Self.unknown ? nil : id
  }

  /// The number of each character of `text`.
  public func encode(_ text: String) -> [Int] { text.unicodeScalars.map { ids[$0] ?? Self.unknown } }

  /// The characters of `ids`. Traps when a number is not in the vocabulary.
  public func decode(_ ids: some Sequence<Int>) -> String {
    var text = String.UnicodeScalarView()
    for id in ids {
      if !vocabulary.indices.contains(id) {
        trap("CharacterTokenizer: number \(id) is not in the vocabulary of \(vocabularySize)")
      }
      text.append(vocabulary[id])
    }
    return String(text)
  }
}
