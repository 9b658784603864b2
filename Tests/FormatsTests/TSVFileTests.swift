import Testing

@testable import Formats

@Suite struct TSVFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func readsLines() throws {
    let path = try folder.file("f", "good\ta fine film\nbad\tno\twit — é\n".utf8)
    #expect(
      try TSVFile.read(path) == [
        LabeledText(label: "good", text: "a fine film", line: 1),
        LabeledText(label: "bad", text: "no\twit — é", line: 2),
      ])
  }

  @Test(arguments: ["\u{FEFF}a\tb\r\nc\td", "\u{FEFF}a\tb\nc\td\n\n\n", "a\tb\r\nc\td\r\n\r\n"])
  func windowsLineEndsMarksAndEmptyLinesAtTheEnd(text: String) throws {
    let path = try folder.file("f", text.utf8)
    #expect(
      try TSVFile.read(path) == [
        LabeledText(label: "a", text: "b", line: 1), LabeledText(label: "c", text: "d", line: 2),
      ])
  }

  @Test func anAccentAfterTheTabDoesNotHideIt() throws {
    let path = try folder.file("f", "a\t\u{301}b\n".utf8)
    #expect(try TSVFile.read(path) == [LabeledText(label: "a", text: "\u{301}b", line: 1)])
  }

  @Test func errors() throws {
    func text(_ bytes: some Sequence<UInt8>) throws -> String {
      let path = try folder.file("f", bytes)
      return message(about: path) { _ = try TSVFile.read(path) }
    }
    let expected = "; expected a label, a tab and a text."
    #expect(try text("a\tb\nno tab here\n".utf8) == "line 2: there is no tab" + expected)
    #expect(try text("a\tb\n\nc\td\n".utf8) == "line 2: the line is empty" + expected)
    #expect(try text("a\tb\n\tc\n".utf8) == "line 2: there is no label before the tab" + expected)
    #expect(try text("a\tb\nc\t\r\n".utf8) == "line 2: there is no text after the tab" + expected)
    for empty in ["", "\n", "\u{FEFF}\r\n"] {
      #expect(try text(empty.utf8) == "the file is empty; expected lines of a label, a tab and a text.")
    }
    #expect(
      try text(Array("a\tb\nc\t".utf8) + [0xC3, 0x28])
        == "line 2: this is not UTF-8 text.\n       Save the file as UTF-8, or check that it is text.")
  }
}
