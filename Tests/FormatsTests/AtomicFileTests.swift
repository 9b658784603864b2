import Foundation
import Synchronization
import Testing

@testable import Formats

@Suite struct AtomicFileTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func writesBytesAndTextAndLeavesNothingElse() throws {
    try AtomicFile.write([1, 2, 3] as [UInt8], to: folder("bytes"))
    try AtomicFile.write("é\n", to: folder("text"))
    try AtomicFile.write(AnySequence([7, 8]), to: folder("sequence"))
    try AtomicFile.write([UInt8](), to: folder("empty"))
    #expect(try contents(folder("bytes")) == [1, 2, 3])
    #expect(try contents(folder("text")) == [0xC3, 0xA9, 0x0A])
    #expect(try contents(folder("sequence")) == [7, 8])
    #expect(try contents(folder("empty")) == [])
    #expect(try folder.names == ["bytes", "empty", "sequence", "text"])
  }

  @Test func theOldFileStandsUntilTheNewOneIsWhole() throws {
    let path = try folder.file("f", [1])
    try AtomicFile.write(to: path) { file throws(FileError) in
      try file.write([2, 3] as [UInt8])
      #expect((try? contents(path)) == [1])
      #expect((try? folder.names.count) == 2)
      try file.write([4] as [UInt8])
      #expect(file.count == 3)
    }
    #expect(try contents(path) == [2, 3, 4])
    #expect(try folder.names == ["f"])
  }

  /// Two programs in one folder: what one has made and not yet locked, the other takes for a leftover.
  @Test func filesThatAreTakenForLeftoversAreMadeAgain() throws {
    let isDone = Atomic(false)
    let path = folder.path
    let cleaner = Thread {
      while !isDone.load(ordering: .relaxed) { TemporaryFiles.removeUnlocked(in: path) }
    }
    cleaner.start()
    defer { isDone.store(true, ordering: .relaxed) }
    for i in 0..<3000 { try AtomicFile.write([UInt8(i % 256)], to: folder("f")) }
    #expect(try contents(folder("f")) == [UInt8(2999 % 256)])
  }

  /// What a killed program left goes with the next that writes there; what somebody is writing stays.
  @Test func leftoversOfKilledProgramsAreRemoved() throws {
    let leftover = try folder.file(".workbook-1abc.tmp", [1, 2])
    let written = try folder.file(".workbook-2abc.tmp", [3])
    _ = try folder.file(".other.tmp", [4])
    let writer = open(written, O_RDONLY)
    #expect(flock(writer, LOCK_EX | LOCK_NB) == 0)
    defer { close(writer) }
    try AtomicFile.write(to: folder("f")) { file throws(FileError) in
      // The file being written is locked, so that no other program takes it for a leftover.
      let names = (try? folder.names) ?? []
      #expect(names.count == 3 && !names.contains(".workbook-1abc.tmp"))
      for name in names where name.hasPrefix(".workbook-") {
        let other = open(folder(name), O_RDONLY)
        #expect(flock(other, LOCK_EX | LOCK_NB) != 0, "\(name)")
        close(other)
      }
      try file.write([5] as [UInt8])
    }
    #expect(try folder.names == [".other.tmp", ".workbook-2abc.tmp", "f"])
    #expect(!FileManager.default.fileExists(atPath: leftover))
  }

  @Test func aFailureLeavesWhatWasThere() throws {
    let path = try folder.file("f", [1])
    let text = message(about: "elsewhere") {
      try AtomicFile.write(to: path) { file throws(FileError) in
        try file.write([2] as [UInt8])
        throw FileError("elsewhere", "it broke")
      }
    }
    #expect(text == "it broke.")
    #expect(try contents(path) == [1])
    #expect(try folder.names == ["f"])
  }

  @Test func makesFoldersOnlyWhenAsked() throws {
    let path = folder("a/b/c.txt")
    #expect(
      message(about: path) { try AtomicFile.write("x", to: path) }
        == "the folder \(folder("a/b")) does not exist.\n       Make it first: mkdir -p \(folder("a/b"))")
    #expect(try folder.names == [])
    try AtomicFile.write("x", to: path, creatingFolders: true)
    try AtomicFile.write("y", to: path, creatingFolders: true)
    #expect(try contents(path) == Array("y".utf8))
  }

  @Test func whatIsInTheWay() throws {
    let file = try folder.file("file", [1])
    #expect(
      message(about: folder.path) { try AtomicFile.write("x", to: folder.path) }
        == "this is a folder; expected a file.\n       Give the file a name of its own.")
    #expect(
      message(about: "no/such/") { try AtomicFile.write("x", to: "no/such/") }
        == "this is a folder; expected a file.\n       Give the file a name of its own.")
    #expect(
      message(about: file + "/x") { try AtomicFile.write("x", to: file + "/x") }
        == "a part of this path is a file, not a folder.\n       Choose another path.")
    #expect(
      message(about: file) { try AtomicFile.write("x", to: file + "/x", creatingFolders: true) }
        == "this is a file; expected a folder.\n       Move it away, or choose another folder.")
    #expect(
      message(about: "(no name)") { try AtomicFile.write("x", to: "") }
        == "the path is empty; expected the path of a file.")
    try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "nowhere")
    #expect(
      message(about: folder("link")) { try AtomicFile.createFolder(folder("link")) }
        == "this is a link to something that does not exist; expected a folder.\n       Remove the link.")
    try FileManager.default.removeItem(atPath: folder("link"))
    #expect(
      message(about: "(no name)") { try AtomicFile.createFolder("") }
        == "the path is empty; expected the path of a folder.")
    let long = folder(String(repeating: "n", count: 300))
    #expect(
      message(about: long) { try AtomicFile.write("x", to: long) }
        == "the name is too long.\n       Choose a shorter one.")
    #expect(try folder.names == ["file"])
  }

  @Test(.enabled(if: getuid() != 0, "the superuser may write everywhere"))
  func foldersAndFilesThatMayNotBeWritten() throws {
    let locked = folder("locked")
    try AtomicFile.createFolder(locked)
    let file = try folder.file("locked/f", [1])
    let expected = "no permission to write here.\n       Choose another folder, or change the permissions."
    chmod(file, 0o444)
    #expect(message(about: file) { try AtomicFile.write("x", to: file) } == expected)
    chmod(locked, 0o555)
    #expect(message(about: locked + "/g") { try AtomicFile.write("x", to: locked + "/g") } == expected)
    chmod(locked, 0o755)
    #expect(try contents(file) == [1])
  }

  @Test func keepsPermissionsAndFollowsLinks() throws {
    let path = try folder.file("real", [1])
    chmod(path, 0o640)
    try FileManager.default.createSymbolicLink(atPath: folder("link"), withDestinationPath: "real")
    try AtomicFile.write("new", to: folder("link"))
    #expect(try contents(path) == Array("new".utf8))
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: folder("link")) == "real")
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o640)
  }

  #if os(Linux)
    @Test func aFullDiskIsNamed() {
      let text = message(about: "/dev/full") { try AtomicFile.write("x", to: "/dev/full") }
      #expect(text.hasPrefix("the disk is full: no room after 0 bytes.\n"))
    }
  #endif

  @Test func writesDirectlyToWhatIsNoFile() throws {
    try AtomicFile.write("x", to: "/dev/null")
    #expect(
      try FileManager.default.attributesOfItem(atPath: "/dev/null")[.type] as? FileAttributeType
        == .typeCharacterSpecial)
  }
}

@Suite struct FileContentsTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  @Test func readsWholeFiles() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    #expect(try FileContents.bytes(of: folder.file("f", bytes)) == bytes)
    #expect(try FileContents.bytes(of: folder.file("empty", [])) == [])
    #expect(try FileContents.text(of: folder.file("t", "é\n".utf8)) == "é\n")
    #expect(try FileContents.bytes(of: "/dev/null") == [])
  }

  @Test func errors() throws {
    let missing = folder("missing")
    #expect(
      message(about: missing) { _ = try FileContents.bytes(of: missing) }
        == "there is no such file.\n       Check the path and the folder you are in.")
    #expect(
      message(about: folder.path) { _ = try FileContents.bytes(of: folder.path) }
        == "this is a folder; expected a file.")
    let path = try folder.file("f", [UInt8](repeating: 1, count: 1001))
    let tooLarge =
      "it holds more than 1,000 bytes; expected no more than that.\n       Check that this is the file you mean."
    #expect(message(about: path) { _ = try FileContents.bytes(of: path, limit: 1000) } == tooLarge)
    #expect(try FileContents.bytes(of: path, limit: 1001).count == 1001)
    #expect(
      message(about: path) {
        _ = try MemoryInput([UInt8](repeating: 1, count: 1001)[...], path: path).readAll(limit: 1000)
      }
        == tooLarge)
    let text = try folder.file("text", Array("good\nbad ".utf8) + [0xFF] + Array("\n".utf8))
    #expect(
      message(about: text) { _ = try FileContents.text(of: text) }
        == "line 2: this is not UTF-8 text.\n       Save the file as UTF-8, or check that it is text.")
  }
}
