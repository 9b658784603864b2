import Foundation
import Testing

@testable import Formats

@Suite struct FileErrorTests {
  @Test func readsLikeASentenceWithAdviceBelow() {
    let error = FileError(
      "a/b.tsv", at: .line(1200), "there is no tab", expected: "a label, a tab and a text",
      advice: "First thing.\nSecond thing.")
    #expect(
      "error: \(error)" == """
        error: a/b.tsv: line 1,200: there is no tab; expected a label, a tab and a text.
               First thing.
               Second thing.
        """)
    #expect("\(FileError("a", at: .byte(1_234_567), "odd"))" == "a: byte 1,234,567: odd.")
  }

  @Test func theSystemsReasonsWhenReading() {
    func words(_ number: Int32) -> String { "\(FileError.reading("p", number))" }
    #expect(words(ENOENT) == "p: there is no such file.\n       Check the path and the folder you are in.")
    #expect(words(ENOTDIR) == "p: a part of this path is a file, not a folder.\n       Check the path.")
    #expect(words(EACCES) == "p: no permission to read it.\n       Change its permissions, or copy it.")
    #expect(words(EISDIR) == "p: this is a folder; expected a file.")
    #expect(words(EIO) == "p: it cannot be read: \(String(cString: strerror(EIO))).")
  }

  @Test func theSystemsReasonsWhenWriting() {
    func words(_ number: Int32) -> String { "\(FileError.writing("a b/c", number, written: 4096))" }
    #expect(words(ENOENT) == "a b/c: the folder a b does not exist.\n       Make it first: mkdir -p 'a b'")
    #expect(
      words(ENOTDIR) == "a b/c: a part of this path is a file, not a folder.\n       Choose another path.")
    #expect(
      words(EACCES)
        == "a b/c: no permission to write here.\n       Choose another folder, or change the permissions.")
    #expect(words(EROFS) == "a b/c: this file system is read-only.\n       Choose another folder.")
    #expect(
      words(EISDIR) == "a b/c: this is a folder; expected a file.\n       Give the file a name of its own.")
    #expect(
      words(ENOSPC) == """
        a b/c: the disk is full: no room after 4,096 bytes.
               Make room, or write to another disk. Nothing half-written was left behind.
        """)
    #expect(
      words(EFBIG) == """
        a b/c: files may not be larger here: stopped after 4,096 bytes.
               Write to another disk. Nothing half-written was left behind.
        """)
    #expect(words(ENAMETOOLONG) == "a b/c: the name is too long.\n       Choose a shorter one.")
    #expect(words(EIO) == "a b/c: it cannot be written: \(String(cString: strerror(EIO))).")
  }
}
