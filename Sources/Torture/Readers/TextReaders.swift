import ArgumentParser
import BookKit
import Datasets
import ExerciseKit
import Formats
import Foundation
import Ranks
import Tensors
import Training
import Workbench

/// Readers of text: labelled texts, plain UTF-8, tokenisers' files, hostfiles, logs, the book's pages, learners' and marked
/// sources, command lines.
enum TextReaders {
  static func all() throws -> [ReaderSubject] {
    try [labelledTexts(), text(), tokenizers(), hostfiles(), pages(), commandLines()]
  }

  private static func labelledTexts() -> ReaderSubject {
    let rows = (0..<12).map { "\($0 % 2 == 0 ? "good" : "bad")\ta wörd and number \($0) of a text\n" }
      .joined()
    return ReaderSubject(
      name: "TSV", ending: ".tsv",
      good: [Array(rows.utf8), [0xEF, 0xBB, 0xBF] + Array(rows.replacing("\n", with: "\r\n").utf8)]
    ) { path in
      var reading = Reading()
      for row in try TSVFile.read(path) {
        reading.add(row.label)
        reading.add(row.text)
      }
      let data = try TextData.file(path, minimumCount: 1, seed: 1)
      reading.add(data.tokenizer.vocabularySize)
      return reading
    }
  }

  private static func text() -> ReaderSubject {
    ReaderSubject(
      name: "UTF-8 text", ending: ".txt",
      good: [
        Array("A line.\nAnother, with é and e\u{301}.\r\n日本語 👩‍🔬\n".utf8), Array("aaaa bbbb aaaa bbbb\n".utf8),
      ]
    ) { path in
      let text = try FileContents.text(of: path)
      let characters = CharacterTokenizer(vocabularyOf: text)
      let decoded = characters.decode(characters.encode(text))
      // Whatever the text is, it comes back.
      if !text.utf8.elementsEqual(decoded.utf8), !text.unicodeScalars.contains(CharacterTokenizer.replacement)
      {
        throw Fault("the characters of a text do not give it back")
      }
      let part = String(text.prefix(2000))
      let pairs = BytePairTokenizer(trainedOn: part, vocabularySize: 280)
      if !pairs.decode(pairs.encode(part)).utf8.elementsEqual(part.utf8) {
        throw Fault("the byte pairs of a text do not give it back")
      }
      return Reading(text)
    }
  }

  private static func tokenizers() throws -> ReaderSubject {
    let trained = BytePairTokenizer(
      trainedOn: String(repeating: "lower lowest newer newest wider ", count: 8), vocabularySize: 280)
    return ReaderSubject(
      name: "tokeniser", ending: ".txt",
      good: [
        try ArrayReaders.written(".txt") { try trained.write(to: $0) },
        Array("byte pairs: 2 merges\n108 111\n256 119\n".utf8), Array("byte pairs: 0 merges\n".utf8),
      ]
    ) { path in
      let tokenizer = try BytePairTokenizer(readingFrom: path)
      let text = "the lowest newest, wïder 🙂"
      if !tokenizer.decode(tokenizer.encode(text)).utf8.elementsEqual(text.utf8) {
        throw Fault("a tokeniser's file was read, and the tokeniser does not give a text back")
      }
      var reading = Reading()
      for merge in tokenizer.merges {
        reading.add(merge.left)
        reading.add(merge.right)
      }
      return reading
    }
  }

  private static func hostfiles() -> ReaderSubject {
    ReaderSubject(
      name: "hostfile",
      good: [Array("node1 slots=2\n# the other\nnode2 slots=4\n".utf8), Array("localhost\n".utf8)]
    ) { Reading(try RankLauncher.machines(inHostfile: $0).joined(separator: "\n")) }
  }

  private static func pages() -> ReaderSubject {
    let page = """
      # 3 Pooling

      What *is* **pooling**? See [section 3.1](#31-averages) and `code`, $x_1$, <!--= 03-pooling/shifts accuracy %1 -->98 %<!--/-->.

      ## 3.1 Averages

      | a | b |
      |---|--:|
      | 1 | 2 |

      - one
        1. two
      > a quotation

      ```swift
      let x = [1, 2]
      ```

      <!-- table: 03-pooling/shifts 1 | Table 3.1. Digits. -->
      <!-- end -->

      ```math
      y = \\max_i x_i
      ```

      <details><summary>more</summary>

      Text.

      </details>
      """
    let source = """
      import Practice

      /// A comment with é.
      func answer(_ x: [Float]) throws -> Float {
        // BEGIN SOLUTION
        let text = "a \\(x.count) \\"quoted\\""  /* nested /* comment */ */
        return x.reduce(0, +)
        // INSTEAD
        // return 0
        // END SOLUTION
      }
      """
    return ReaderSubject(name: "page", ending: ".md", good: [Array(page.utf8), Array(source.utf8)]) { path in
      let book = try bookFolder(beside: path)
      defer { try? FileManager.default.removeItem(at: book) }
      try FileManager.default.copyItem(atPath: path, toPath: book.path + "/Book/03-pooling.md")
      let read = try Book(root: book)
      let filled = try read.filled("Book/03-pooling.md")
      var reading = Reading(
        "\(filled.page.headings.count) \(filled.page.allBlocks.count) \(filled.page.title)")
      reading.add(filled.after)
      // Every inline of every block, as the site's pages ask for them.
      for block in filled.page.allBlocks { for text in block.texts { reading.add(plainText(text)) } }
      for problem in filled.problems { reading.add("\(problem)") }
      let marked = MarkedSource(filled.page.text)
      reading.add(marked.stub)
      reading.add(marked.solution)
      return reading
    }
  }

  /// A book's folder with an experiment's results, and no page yet.
  static func bookFolder(beside path: String, results: [UInt8]? = nil) throws -> URL {
    let root = URL(filePath: path + ".d")
    let folder = root.appending(path: "Book/Results/03-pooling/shifts")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try Data(results ?? StateReaders.results()).write(to: folder.appending(path: "results.json"))
    return root
  }

  /// What a program's options are made of: every chapter's command line goes through these.
  private struct CommandLineOptions: ParsableCommand {
    @OptionGroup var common: CommonOptions
    @OptionGroup var checkpoint: CheckpointOptions
    @Argument var names: [String] = []
  }

  private static func commandLines() -> ReaderSubject {
    func line(_ words: String...) -> [UInt8] { Array(words.joined(separator: "\n").utf8) }
    return ReaderSubject(
      name: "command line",
      good: [
        line("--seed", "7", "--output", "out/ä b", "--threads", "4", "--quick", "name"),
        line("--seed=1", "--checkpoint", "run.safetensors", "--checkpoint-every", "0.5", "--full"),
        line("a", "--", "--b"),
      ]
    ) { path in
      let text = String(decoding: try FileContents.bytes(of: path), as: UTF8.self)
      let words = text.components(separatedBy: "\n")
      try CommandWords.check(words)
      let options = try CommandLineOptions.parse(words)
      return Reading(
        "\(options.common.seed) \(options.common.scale) \(options.checkpoint.checkpointEvery) \(options.names)"
      )
    }
  }
}
