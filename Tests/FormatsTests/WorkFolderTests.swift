import Foundation
import Testing

@testable import Formats

/// What is made beside its place and gets its name at the end.
@Suite struct WorkFolderTests {
  private let folder = FileManager.default.temporaryDirectory.appending(path: "work-\(UUID().uuidString)")
    .path

  private var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
  }

  private func make(_ text: String, in work: WorkFolder) throws {
    try FileManager.default.createDirectory(atPath: work.path + "/made", withIntermediateDirectories: true)
    try text.write(toFile: work.path + "/made/file", atomically: true, encoding: .utf8)
  }

  private func text() -> String? { try? String(contentsOfFile: folder + "/copy/file", encoding: .utf8) }

  @Test func theOldOneChangesPlacesWithTheNewOne() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for text in ["first", "second"] {
      let work = try WorkFolder(in: folder, for: "release")
      try make(text, in: work)
      if text == "second" { #expect(self.text() == "first") }
      try work.publish("made", as: folder + "/copy")
      #expect(self.text() == text)
      withExtendedLifetime(work) {}
    }
    #expect(names == ["copy"])
  }

  @Test func whatAKilledProgramLeftIsRemoved() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let left = folder + "/.release-1-abc"
    try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
    try Data().write(to: URL(filePath: left + "/.lock"))
    try Data().write(to: URL(filePath: left + "/half"))
    // Killed while it was being removed, and killed before it was locked.
    for (name, isEmpty) in [(".release-2-abc", false), (".release-3-abc", true)] {
      try FileManager.default.createDirectory(atPath: folder + "/" + name, withIntermediateDirectories: true)
      if !isEmpty { try Data().write(to: URL(filePath: folder + "/" + name + "/half")) }
    }
    let other = try WorkFolder(in: folder, for: "release")
    #expect(names == [URL(filePath: other.path).lastPathComponent])
    // One that is at work stays, and so does what is of another kind.
    try FileManager.default.createDirectory(
      atPath: folder + "/.collecting-1-x", withIntermediateDirectories: true)
    let third = try WorkFolder(in: folder, for: "release")
    #expect(names.count == 3)
    withExtendedLifetime((other, third)) {}
  }
}
