import Formats
import Foundation
import Tensors
import Testing

@testable import Datasets

@Suite struct SentenceCorpusTests {
  let corpus = SentenceCorpus(seed: 3)

  @Test func eachSentenceIsAFunctionOfSeedAndIndex() {
    let forwards = (0..<200).map { corpus.text(at: $0) }
    let backwards = (0..<200).reversed().map { SentenceCorpus(seed: 3).text(at: $0) }
    #expect(forwards == backwards.reversed())
    let others = (0..<200).map { SentenceCorpus(seed: 4).text(at: $0) }
    #expect(zip(forwards, others).count { $0 == $1 } < 5)
  }

  /// What the type promises: the same words, another order, the other class. So no count of words can tell them apart.
  @Test func theTwoOfAPairHaveTheSameWordsAndOppositeClasses() {
    var differences: [Int] = []
    for pair in 0..<2_000 {
      let (a, b) = (corpus.text(at: 2 * pair), corpus.text(at: 2 * pair + 1))
      let (first, second) = (WordTokenizer.words(of: a), WordTokenizer.words(of: b))
      #expect(first != second, "\(a)")
      #expect(first.sorted() == second.sorted(), "\(a) | \(b)")
      #expect(Set([corpus.label(at: 2 * pair), corpus.label(at: 2 * pair + 1)]) == [0, 1])
      differences.append(zip(first, second).count { $0 != $1 })
    }
    // Exactly two words have changed places.
    #expect(differences.allSatisfy { $0 == 2 })
  }

  /// Read by somebody who knows no grammar but this: which of the two words stands at the verdict's place.
  @Test func theClassIsThatOfTheWordAtTheVerdictsPlace() {
    for frame in SentenceGrammar.frames.joined() {
      #expect(frame.text.components(separatedBy: "{A}").count == 2, "\(frame.text)")
      #expect(frame.text.components(separatedBy: "{B}").count == 2, "\(frame.text)")
      #expect(frame.text.contains("{it}"), "\(frame.text)")
      #expect(Set(frame.praise).isDisjoint(with: frame.complaint))
    }
    for index in 0..<400 {
      let words = Set(WordTokenizer.words(of: corpus.text(at: index)))
      let good = words.intersection(SentenceGrammar.goodAdjectives + SentenceGrammar.goodVerbs)
      let bad = words.intersection(SentenceGrammar.badAdjectives + SentenceGrammar.badVerbs)
      #expect(!good.isEmpty && !bad.isEmpty)
    }
    // One sentence by hand, found by its frame: denied is what comes after the not.
    let denied = (0..<5_000).lazy.map { (corpus.text(at: $0), corpus.label(at: $0)) }.filter {
      $0.0.contains(" was not ") && $0.0.contains(" but ")
    }
    for (text, label) in denied.prefix(50) {
      let words = WordTokenizer.words(of: text)
      let place = words.firstIndex(of: "not")!
      #expect(SentenceGrammar.badAdjectives.contains(words[place + 1]) == (label == 1), "\(text)")
    }
  }

  @Test func sentencesAreWrittenAsSentences() {
    var lengths: Set<Int> = []
    for index in 0..<500 {
      let text = corpus.text(at: index)
      #expect(text.first!.isUppercase && text.hasSuffix("."), "\(text)")
      #expect(!text.contains("{") && !text.contains("}") && !text.contains("  "), "\(text)")
      #expect(
        !text.contains(" ,") && !text.contains(" .") && !text.contains(" ;") && !text.contains(" :"),
        "\(text)")
      lengths.insert(WordTokenizer.words(of: text).count)
    }
    #expect(lengths.min()! < 10 && lengths.max()! > 30)
  }

  @Test func aNegativeIndexTraps() async throws {
    let result = try await #require(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = SentenceCorpus(seed: 1).text(at: -1)
    }
    #expect(
      String(decoding: result.standardErrorContent, as: UTF8.self).contains(
        "SentenceCorpus: an index is at least 0, given -1"))
  }
}

@Suite struct TextDataTests {
  @Test func noSentenceIsInTwoPartsOrTwice() {
    let data = TextData.sentences(training: 3_001, validation: 400, test: 600, seed: 5)
    #expect([data.training, data.validation, data.test].map(\.count) == [3_002, 400, 600])
    let texts = data.training.texts + data.validation.texts + data.test.texts
    #expect(Set(texts).count == texts.count)
    for part in [data.training, data.validation, data.test] {
      #expect(part.labels.count { $0 == 1 } * 2 == part.count)
      #expect(part.ids.allSatisfy { !$0.contains(WordTokenizer.padding) })
    }
    // The grammar's words are few enough that the training part has them all.
    #expect(data.test.ids.allSatisfy { !$0.contains(WordTokenizer.unknown) })
  }

  @Test func theVocabularyIsThatOfTheTrainingPart() throws {
    let file = try TemporaryText(
      (0..<30).map { "a\tword\($0) common" }.joined(separator: "\n") + "\n"
        + (0..<30).map { "b\tother\($0) common" }.joined(separator: "\n"))
    let data = try TextData.file(file.path, minimumCount: 1, seed: 1)
    let known = Set(data.tokenizer.vocabulary)
    for text in data.training.texts { #expect(WordTokenizer.words(of: text).allSatisfy(known.contains)) }
    for text in data.test.texts {
      #expect(WordTokenizer.words(of: text).filter(known.contains) == ["common"])
    }
  }

  @Test func aBatchIsPaddedAtItsEnd() {
    let data = TextData.sentences(training: 100, validation: 2, test: 2, seed: 1)
    let (sequences, labels) = data.training.batch([3, 7, 11], paddedTo: 70)
    #expect(sequences.ids.shape == [3, 70])
    #expect(labels.scalars == [3, 7, 11].map { data.training.labels[$0] })
    for (row, place) in [3, 7, 11].enumerated() {
      let ids = data.training.ids[place]
      #expect(Array(sequences.ids.scalars[row * 70..<row * 70 + ids.count]) == ids)
      #expect(sequences.ids.scalars[row * 70 + ids.count..<(row + 1) * 70].allSatisfy { $0 == 0 })
      #expect(sequences.lengths[row] == ids.count)
    }
    #expect(
      data.training.batch([3, 7]).sequences.ids.shape[1]
        == max(data.training.ids[3].count, data.training.ids[7].count))
  }

  // MARK: Files

  @Test func aFileIsDividedByClass() throws {
    let lines = (0..<40).map { "good\tfine number\($0)" } + (0..<20).map { "bad\tpoor number\($0)" }
    let file = try TemporaryText(lines.joined(separator: "\r\n"), marked: true)
    let data = try TextData.file(file.path, minimumCount: 1, seed: 1)
    #expect(data.classes == ["bad", "good"])
    #expect([data.training, data.validation, data.test].map(\.count) == [48, 6, 6])
    for part in [data.validation, data.test] { #expect(part.labels.sorted() == [0, 0, 1, 1, 1, 1]) }
    #expect(Set(data.training.texts + data.validation.texts + data.test.texts).count == 60)
    let other = try TextData.file(file.path, minimumCount: 1, seed: 2)
    #expect(Set(other.test.texts) != Set(data.test.texts))
    #expect(try TextData.file(file.path, minimumCount: 1, seed: 1).test == data.test)
  }

  /// Somebody who copies a text must not be able to test on what was learned.
  @Test func equalTextsStayTogether() throws {
    let lines = (0..<12).flatMap { i in
      ["a\tText \(i), said twice.", "a\ttext  \(i) ,  said twice .", "b\tquite another text \(i)"]
    }
    let file = try TemporaryText(lines.joined(separator: "\n"))
    for seed in 1...5 as ClosedRange<UInt64> {
      let data = try TextData.file(file.path, minimumCount: 1, seed: seed)
      let parts = [data.training, data.validation, data.test].map { part in
        Set(part.texts.map { WordTokenizer.words(of: $0) })
      }
      #expect(parts[0].isDisjoint(with: parts[1]))
      #expect(parts[0].isDisjoint(with: parts[2]))
      #expect(parts[1].isDisjoint(with: parts[2]))
      #expect(data.training.count + data.validation.count + data.test.count == 36)
    }
  }

  @Test func unusableFilesAreRefusedWithTheirLine() throws {
    func text(_ lines: String) throws -> String {
      let file = try TemporaryText(lines)
      do {
        _ = try TextData.file(file.path, seed: 1)
      } catch {
        return "\(error)".replacing(file.path, with: "FILE").replacing("\n       ", with: " ")
      }
      return "it was read"
    }
    #expect(
      try text("a\tone\na\ttwo\na\tthree\n")
        == "FILE: line 1: all 3 lines, from this one on, have the label \"a\"; expected at least two classes to tell apart."
    )
    #expect(
      try text("a\tone\na\ttwo\na\tthree\nb\tone more\n")
        == "FILE: line 4: the class \"b\" has 1 text; expected at least 3: one each to learn from, to watch by and to test with."
    )
    #expect(
      try text("b\tone\nb\tOne\nb\tone\na\tx\na\ty\na\tz\n")
        == "FILE: line 1: the class \"b\" has 1 text; expected at least 3: one each to learn from, to watch by and to test with."
    )
    #expect(
      try text("a\tone\nb\t \u{3000} \n")
        == "FILE: line 2: the text has no words; expected a label, a tab and a text.")
    #expect(
      try text("a\tone\nb two\n") == "FILE: line 2: there is no tab; expected a label, a tab and a text.")
    let rare = (0..<6).map { "\($0 % 2)\tword\($0)" }.joined(separator: "\n")
    #expect(
      try text(rare)
        == "FILE: no word of the training part occurs 2 times. Give more texts, or let rarer words count with a smaller --minimum-count."
    )
  }

  @Test func aLineOfAMillionCharactersIsReadInPart() throws {
    let long = String(repeating: "word ", count: 200_000)
    let endless = String(repeating: "x", count: 1_000_000)
    let short = (0..<12).map { "\($0 % 2 == 0 ? "a" : "b")\tword \($0)" }.joined(separator: "\n")
    let file = try TemporaryText("a\t\(long)\nb\t\(endless)\n\(short)")
    let data = try TextData.file(file.path, minimumCount: 1, limit: 50, seed: 1)
    let lengths = (data.training.ids + data.validation.ids + data.test.ids).map(\.count)
    #expect(lengths.max() == 50)
    #expect(data.shortened == 1)
    #expect(data.tokenizer.vocabulary.allSatisfy { $0.count <= WordTokenizer.longestWord })
  }
}

@Suite struct WordTokenizerTests {
  @Test(arguments: [
    ("It's not bad.", ["it's", "not", "bad", "."]), ("  two\t\nlines ", ["two", "lines"]), ("", []),
    (" \n", []),
    ("well-made, well -made", ["well-made", ",", "well", "-", "made"]), ("'quoted'", ["'", "quoted", "'"]),
    ("3.5 km", ["3", ".", "5", "km"]), ("ÉTÉ e\u{301}té", ["été", "e\u{301}té"]), ("日本", ["日本"]),
    ("a\u{0}b\u{7F}", ["a", "b"]), ("<pad> <unknown>", ["<", "pad", ">", "<", "unknown", ">"]),
  ])
  func words(text: String, expected: [String]) { #expect(WordTokenizer.words(of: text) == expected) }

  @Test func wordsAreNumberedByHowOftenTheyOccur() {
    let tokenizer = WordTokenizer(vocabularyOf: ["Not bad, not bad."])
    #expect(tokenizer.vocabulary == ["<pad>", "<unknown>", "bad", "not", ",", "."])
    #expect(tokenizer.encode("Not good.") == [3, 1, 5])
    #expect(tokenizer.decode([3, 1, 5, 0, 0]) == "not <unknown> .")
    #expect(tokenizer.id(of: "not") == 3)
    #expect(tokenizer.id(of: "good") == nil)
    #expect(WordTokenizer(words: Array(tokenizer.vocabulary.dropFirst(2))) == tokenizer)
  }

  @Test func rareWordsAreUnknownAndTheVocabularyHasALimit() {
    let texts = ["a a a b b c", "c d"]
    #expect(WordTokenizer(vocabularyOf: texts, minimumCount: 2).vocabulary.dropFirst(2) == ["a", "b", "c"])
    #expect(WordTokenizer(vocabularyOf: texts, maximumSize: 2).vocabulary.dropFirst(2) == ["a", "b"])
    #expect(WordTokenizer(vocabularyOf: []).vocabularySize == 2)
  }

  @Test func onlyTheFirstWordsAreReadWhereThereIsALimit() {
    let tokenizer = WordTokenizer(vocabularyOf: ["a b c"])
    #expect(tokenizer.encode("a b. c", limit: 3) == [2, 3, 1])
    #expect(tokenizer.encode("abc", limit: 1) == [1])
    #expect(tokenizer.encode("a b", limit: 0) == [])
  }

  @Test func traps() async throws {
    let messages = [
      "WordTokenizer: the word a is there twice", "WordTokenizer: number 4 is not in the vocabulary of 4",
    ]
    for asked in 0..<2 {
      let result = try await #require(
        processExitsWith: .failure, observing: [\.standardErrorContent]
      ) { [asked = asked as Int] in
        if asked == 0 {
          _ = WordTokenizer(words: ["a", "b", "a"])
        } else {
          _ = WordTokenizer(words: ["a", "b"]).decode([2, 4])
        }
      }
      #expect(String(decoding: result.standardErrorContent, as: UTF8.self).contains(messages[asked]))
    }
  }
}

/// A text in a file that goes with it.
final class TemporaryText {
  let path = FileManager.default.temporaryDirectory.path + "/text-\(UUID().uuidString).tsv"

  init(_ text: String, marked: Bool = false) throws {
    try Data(((marked ? "\u{FEFF}" : "") + text).utf8).write(to: URL(filePath: path))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
