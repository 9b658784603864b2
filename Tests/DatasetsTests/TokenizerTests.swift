import Formats
import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite struct TokenizerTests {
  /// Texts whose bytes are easily lost: line ends, accents written on their own, flags, spaces, nothing.
  static let difficult = [
    "", " ", "\r\n", "a\r\n\tb", "e\u{301} \u{E9}", "🇸🇪🏳️‍🌈", "\u{0}\u{7F}\u{FFFD}", "日本語のテキスト", "  two  spaces ",
    String(repeating: "é漢🙂", count: 50), String(repeating: " ", count: 200),
    String(repeating: "ab", count: 100),
  ]
  static let corpus = String(
    repeating:
      "low low low low low lower lower newest newest newest newest newest newest widest widest widest ",
    count: 3)

  // MARK: Characters

  @Test func charactersAreNumberedInTheOrderOfTheirCodePoints() {
    let tokenizer = CharacterTokenizer(vocabularyOf: "hello\n")
    #expect(tokenizer.vocabulary == ["\u{FFFD}", "\n", "e", "h", "l", "o"])
    #expect(tokenizer.vocabularySize == 6)
    #expect(tokenizer.encode("hole!\n") == [3, 5, 4, 2, 0, 1])
    #expect(tokenizer.decode([3, 5, 4, 2, 0, 1]) == "hole\u{FFFD}\n")
    #expect(tokenizer.id(of: "h") == 3)
    #expect(tokenizer.id(of: "x") == nil)
    #expect(tokenizer.id(of: "\u{FFFD}") == nil)
  }

  @Test func rareCharactersAreUnknown() {
    let tokenizer = CharacterTokenizer(vocabularyOf: "aabbbcdd\u{FFFD}\u{FFFD}", minimumCount: 2)
    #expect(tokenizer.vocabulary == ["\u{FFFD}", "a", "b", "d"])
    #expect(tokenizer.encode("abcd") == [1, 2, 0, 3])
  }

  @Test(arguments: difficult) func charactersGiveBackTheSameBytes(_ text: String) {
    let tokenizer = CharacterTokenizer(vocabularyOf: text)
    // String equality takes é and e + accent for one.
    #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
  }

  // MARK: Byte pairs

  /// The paper's example, by hand: "es" 9 times, then "est" 9, then "lo" 7, "low" 7; ties go to the smaller numbers.
  @Test func mergesAreThoseOfThePapersExample() {
    let text =
      "low low low low low lower lower newest newest newest newest newest newest widest widest widest"
    let tokenizer = BytePairTokenizer(trainedOn: text, vocabularySize: 260)
    func pair(_ left: Character, _ right: Character) -> BytePairTokenizer.Pair {
      .init(Int(left.asciiValue!), Int(right.asciiValue!))
    }
    // "es" and "st" occur 9 times each, "e" is before "s".
    #expect(tokenizer.merges.prefix(2) == [pair("e", "s"), .init(256, 116)])
    #expect(tokenizer.tokens[257] == Array("est".utf8))
    // " l" 6 times, "lo" and "ow" 7 times.
    #expect(tokenizer.merges[2] == pair("l", "o"))
    #expect(tokenizer.tokens[259] == Array("low".utf8))
  }

  /// The plain way: count all pairs anew for each merge, and encode by applying merge after merge.
  @Test(arguments: [TokenizerTests.corpus, String(repeating: "aaaa abab aab ", count: 9), "日本日本語日 本語 日本"])
  func mergesAreThoseOfTheNaiveAlgorithm(_ text: String) {
    var words = BytePairTokenizer.pieces(of: Array(text.utf8)).map { $0.map(Int.init) }
    var merges: [BytePairTokenizer.Pair] = []
    while merges.count < 60 {
      var counts: [BytePairTokenizer.Pair: Int] = [:]
      for word in words { for (a, b) in zip(word, word.dropFirst()) { counts[.init(a, b), default: 0] += 1 } }
      guard let most = counts.values.max(), most > 1 else { break }
      let best = counts.filter { $0.value == most }.keys.min()!
      words = words.map { naiveMerge(best, 256 + merges.count, $0) }
      merges.append(best)
    }
    let tokenizer = BytePairTokenizer(trainedOn: text, vocabularySize: 316)
    #expect(tokenizer.merges == merges)
    #expect(tokenizer.encode(text) == words.flatMap { $0 })
    #expect(merges.count > 5)
  }

  private func naiveMerge(_ pair: BytePairTokenizer.Pair, _ id: Int, _ word: [Int]) -> [Int] {
    var word = word
    var i = 0
    while i + 1 < word.count {
      if word[i] == pair.left && word[i + 1] == pair.right { word.replaceSubrange(i...i + 1, with: [id]) }
      i += 1
    }
    return word
  }

  @Test(arguments: difficult) func bytePairsGiveBackTheSameBytes(_ text: String) {
    for training in ["", Self.corpus, text + text] {
      let tokenizer = BytePairTokenizer(trainedOn: training, vocabularySize: 400)
      #expect(Array(tokenizer.decode(tokenizer.encode(text)).utf8) == Array(text.utf8))
    }
  }

  @Test(arguments: difficult) func piecesAreShortAndKeepCharactersWhole(_ text: String) {
    let pieces = BytePairTokenizer.pieces(of: Array(text.utf8))
    #expect(pieces.flatMap { $0 } == Array(text.utf8))
    #expect(pieces.allSatisfy { (1...BytePairTokenizer.longestPiece).contains($0.count) })
    #expect(pieces.allSatisfy { String(validating: $0, as: UTF8.self) != nil })
  }

  @Test func piecesAreWordsWithTheSpaceBefore() {
    let pieces = BytePairTokenizer.pieces(of: Array("one two\n\n three ".utf8))
    #expect(pieces.map { String(decoding: $0, as: UTF8.self) } == ["one", " two", "\n\n three", " "])
  }

  @Test func trainingEndsWhenNoPairOccursTwice() {
    #expect(BytePairTokenizer(trainedOn: "abcd", vocabularySize: 1000).vocabularySize == 256)
    #expect(BytePairTokenizer(trainedOn: "ab cab", vocabularySize: 1000).vocabularySize == 257)
    #expect(BytePairTokenizer(trainedOn: Self.corpus, vocabularySize: 256).merges == [])
    #expect(BytePairTokenizer(trainedOn: Self.corpus, vocabularySize: 263).vocabularySize == 263)
  }

  @Test func aCutSequenceDecodesToAReplacementCharacter() {
    let tokenizer = BytePairTokenizer(trainedOn: "", vocabularySize: 256)
    #expect(tokenizer.decode(tokenizer.encode("aé").dropLast()) == "a\u{FFFD}")
  }

  // MARK: Traps

  @Test func impossibleNumbersTrap() async throws {
    let messages = [
      "CharacterTokenizer: number 3 is not in the vocabulary of 3",
      "BytePairTokenizer: number -1 is not in the vocabulary of 256",
      "BytePairTokenizer: the 256 bytes do not fit into a vocabulary of 255",
    ]
    for asked in 0..<3 {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [asked = asked as Int] in
        switch asked {
        case 0: _ = CharacterTokenizer(vocabularyOf: "ab").decode([1, 2, 3])
        case 1: _ = BytePairTokenizer(trainedOn: "", vocabularySize: 256).decode([97, -1])
        default: _ = BytePairTokenizer(trainedOn: "", vocabularySize: 255)
        }
      }
      #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains(messages[asked]))
    }
  }
}

@Suite struct BytePairFileTests {
  let path = FileManager.default.temporaryDirectory.path + "/byte-pairs-\(UUID().uuidString).txt"

  @Test func aTokenizerComesBackFromItsFile() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    let tokenizer = BytePairTokenizer(trainedOn: TokenizerTests.corpus, vocabularySize: 266)
    try tokenizer.write(to: path)
    #expect(try BytePairTokenizer(readingFrom: path) == tokenizer)
    #expect(try FileContents.text(of: path).hasPrefix("byte pairs: 10 merges\n101 115\n256 116\n"))

    let empty = BytePairTokenizer(trainedOn: "", vocabularySize: 256)
    try empty.write(to: path)
    #expect(try BytePairTokenizer(readingFrom: path) == empty)
  }

  @Test func aFileCutOffAnywhereIsRefused() throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try BytePairTokenizer(trainedOn: TokenizerTests.corpus, vocabularySize: 266).write(to: path)
    let bytes = try FileContents.bytes(of: path)
    for count in bytes.indices {
      try AtomicFile.write(bytes.prefix(count), to: path)
      #expect(throws: FileError.self, "\(count) bytes") { try BytePairTokenizer(readingFrom: path) }
    }
  }

  @Test(arguments: [
    ("", 1, "this is not the first line of a byte-pair tokenizer"),
    ("byte pairs: -1 merges\n", 1, "this is not the first line of a byte-pair tokenizer"),
    ("byte pairs: 2 merges\n1 2\n", 3, "the file ends after 1 merge"),
    ("byte pairs: 9223372036854775807 merges\n1 2\n", 3, "the file ends after 1 merge"),
    ("byte pairs: 1 merges\n1 2\n3 4\n", 3, "there is text after the last merge"),
    ("byte pairs: 1 merges\n1 2\nx", 3, "there is text after the last merge"),
    ("byte pairs: 1 merges\n1 x\n", 2, "\"1 x\" is not a merge"),
    ("byte pairs: 1 merges\n1  2\n", 2, "\"1  2\" is not a merge"),
    ("byte pairs: 2 merges\n1 2\n257 3\n", 3, "number 257 does not exist here"),
    ("byte pairs: 1 merges\n-1 2\n", 2, "number -1 does not exist here"),
    ("byte pairs: 2 merges\n1 2\n1 2\n", 3, "this pair was merged before"),
    (
      "byte pairs: 7 merges\n1 1\n256 256\n257 257\n258 258\n259 259\n260 260\n261 261\n", 8,
      "this merge makes 128 bytes"
    ),
  ])
  func aDamagedFileSaysWhere(_ text: String, _ line: Int, _ found: String) throws {
    defer { try? FileManager.default.removeItem(atPath: path) }
    try AtomicFile.write(text, to: path)
    let error = #expect(throws: FileError.self) { try BytePairTokenizer(readingFrom: path) }
    #expect(error?.path == path)
    #expect(error?.place == .line(line))
    #expect(error?.found == found)
    #expect(error?.expected != nil)
    #expect(error?.advice != nil)
  }

  @Test func aMissingFileIsAFileError() {
    let error = #expect(throws: FileError.self) { try BytePairTokenizer(readingFrom: path) }
    #expect(error?.found == "there is no such file")
  }
}
