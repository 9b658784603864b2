import Tensors

/// Text as numbers of frequent pieces: bytes, and pairs that were merged because they occurred often.
///
/// Numbers 0 to 255 are the bytes of UTF-8, so any text can be encoded, and decoding gives back the same bytes. Number
/// `256 + k` is what merge `k` made of two earlier ones. Encoding applies the merges in the order they were learned.
///
/// Merges do not cross words: the text is first cut into pieces, each a word with the white space before it, of at
/// most 64 bytes. So the work grows with the length of the text alone, also where a script writes no spaces.
///
/// ```swift
/// let tokenizer = BytePairTokenizer(trainedOn: corpus, vocabularySize: 1000)
/// let ids = tokenizer.encode("low lower lowest")
/// tokenizer.decode(ids)   // "low lower lowest"
/// ```
///
/// - Source: Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword units", ACL 2016. On bytes
///   and without their end-of-word mark, as in Radford et al., "Language models are unsupervised multitask learners",
///   2019.
/// - Book: chapter 11.
public struct BytePairTokenizer: Sendable, Equatable {
  /// Two neighbouring numbers. The smaller comes first by its left one, then by its right one.
  public struct Pair: Sendable, Hashable, Comparable {
    /// The number on the left.
    public let left: Int
    /// The number on the right.
    public let right: Int

    /// Two numbers as they stand side by side.
    public init(_ left: Int, _ right: Int) { (self.left, self.right) = (left, right) }

    /// By the left number, and where that is equal, by the right one.
    public static func < (a: Pair, b: Pair) -> Bool { (a.left, a.right) < (b.left, b.right) }
  }

  /// What was merged, in order: pair `k` became number `256 + k`.
  public let merges: [Pair]
  /// The bytes of each number.
  public let tokens: [[UInt8]]
  private let merged: [Pair: Int]

  /// The tokenizer of these merges, each of two numbers that exist before it, none twice, none longer than a piece.
  init(merges: [Pair]) {
    self.merges = merges
    var tokens = (0...255).map { [UInt8($0)] }
    for pair in merges { tokens.append(tokens[pair.left] + tokens[pair.right]) }
    self.tokens = tokens
    merged = Dictionary(uniqueKeysWithValues: merges.enumerated().map { ($1, 256 + $0) })
  }

  /// Learns merges from `text`: again and again, the most frequent pair of neighbours becomes one.
  ///
  /// Of pairs that are equally frequent the smallest is taken, so the same text always gives the same merges.
  ///
  /// - Parameters:
  ///   - text: What the merges are learned from; the longer it is, the more its pairs are those of the language.
  ///   - vocabularySize: How many numbers there are to be, 256 or more. There will be fewer when no pair occurs twice any
  ///     more.
  public init(trainedOn text: String, vocabularySize: Int) {
    if vocabularySize < 256 {
      trap("BytePairTokenizer: the 256 bytes do not fit into a vocabulary of \(vocabularySize)")
    }
    var training = BytePairTraining(text)
    var merges: [Pair] = []
    while merges.count < vocabularySize - 256, let pair = training.mostFrequentPair() {
      training.merge(pair, into: 256 + merges.count)
      merges.append(pair)
    }
    self.init(merges: merges)
  }

  /// `V`.
  public var vocabularySize: Int { tokens.count }

  /// The numbers of `text`.
  public func encode(_ text: String) -> [Int] {
    var ids: [Int] = []
    // Words come again: each is worked on once.
    var known: [ArraySlice<UInt8>: [Int]] = [:]
    for piece in Self.pieces(of: Array(text.utf8)) {
      if let found = known[piece] {
        ids += found
      } else {
        let found = encode(piece)
        known[piece] = found
        ids += found
      }
    }
    return ids
  }

  private func encode(_ piece: ArraySlice<UInt8>) -> [Int] {
    var ids = piece.map(Int.init)
    while true {
      // The earliest merge first: what it makes is only in merges that come after it.
      var next: (pair: Pair, id: Int)?
      for i in ids.indices.dropLast() {
        let pair = Pair(ids[i], ids[i + 1])
        if let id = merged[pair], id < next?.id ?? .max { next = (pair, id) }
      }
      guard let next else { return ids }
      ids = Self.merging(next.pair, into: next.id, in: ids)
    }
  }

  /// The text of `ids`. Traps when a number is not in the vocabulary.
  ///
  /// Numbers that end in the middle of a character, as a cut sequence may, give U+FFFD there.
  public func decode(_ ids: some Sequence<Int>) -> String {
    var bytes: [UInt8] = []
    for id in ids {
      if !tokens.indices.contains(id) {
        trap("BytePairTokenizer: number \(id) is not in the vocabulary of \(vocabularySize)")
      }
      bytes += tokens[id]
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// `ids` with each `pair`, from the left, replaced by `id`.
  static func merging(_ pair: Pair, into id: Int, in ids: [Int]) -> [Int] {
    var result: [Int] = []
    result.reserveCapacity(ids.count)
    var i = 0
    while i < ids.count {
      if i + 1 < ids.count, ids[i] == pair.left, ids[i + 1] == pair.right {
        result.append(id)
        i += 2
      } else {
        result.append(ids[i])
        i += 1
      }
    }
    return result
  }

  /// The most bytes that a piece may have.
  static let longestPiece = 64

  /// The pieces that no merge crosses: a word and the white space before it.
  static func pieces(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    for i in bytes.indices.dropFirst() {
      let startsWord = isSpace(bytes[i]) && !isSpace(bytes[i - 1])
      // One of any four bytes begins a character, so a long piece ends after 61 to 64 bytes.
      let isFull = i - start > longestPiece - 4 && bytes[i] & 0xC0 != 0x80
      if startsWord || isFull {
        pieces.append(bytes[start..<i])
        start = i
      }
    }
    if start < bytes.count { pieces.append(bytes[start...]) }
    return pieces
  }
}
