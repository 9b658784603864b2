import ExerciseKit
import Foundation
import Testing

@testable import Classroom
@testable import Formats

/// What strangers hand in is read without following it anywhere, and a broken one says why.
@Suite struct HandedInTests {
  private func plan() throws -> CoursePlan { try Class.course(#"{"exercises": ["2.1", "2.3"]}"#) }

  private func files(_ path: String) throws -> SubmissionFiles {
    try SubmissionFiles(of: Submission(alone: path), for: plan().entries)
  }

  private func reason(_ path: String) -> String {
    do {
      let files = try files(path)
      return files.problems.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(
        separator: "; ")
    } catch { return "\(error)" }
  }

  @Test func foldersAndZipFiles() throws {
    let folder = try TestFolder()
    let text = "import Practice\n"
    try Class.write(["2.1": text, "2.3": text + "//\n"], to: folder("ada"))
    // Beside it what must not be taken: a copy laid aside, and one in a hidden folder.
    try Class.write(
      [
        "Exercises/Yours/Backups/02-Convolution/CrossCorrelation1d.swift": "old",
        ".git/CrossCorrelation1d.swift": "old",
      ],
      to: folder("ada"))
    try Class.zip(
      [
        ("w/CrossCorrelation1d.swift", "loose"),
        ("w/Exercises/Yours/02-Convolution/CrossCorrelation1d.swift", text),
      ],
      to: folder("bob.zip"))
    #expect(
      try files(folder("ada")).answers == ["2.1": Array(text.utf8), "2.3": Array((text + "//\n").utf8)])
    #expect(try files(folder("bob.zip")).answers == ["2.1": Array(text.utf8)])
  }

  @Test func linksAreNotFollowed() throws {
    let folder = try TestFolder()
    try Class.write(["2.1": "secret"], to: folder("ada"))
    #expect(symlink(folder("ada"), folder("eve")) == 0)
    #expect(reason(folder("eve")) == "it is a link: hand in the folder or a zip file itself")

    let inside = folder("mallory/02-Convolution")
    try AtomicFile.createFolder(inside)
    #expect(symlink(folder("ada/") + (try Class.path(of: "2.1")), inside + "/CrossCorrelation1d.swift") == 0)
    #expect(reason(folder("mallory")).contains("CrossCorrelation1d.swift is a link or no file at all"))

    // A folder on the way.
    try AtomicFile.createFolder(folder("trent"))
    #expect(symlink(folder("ada/Exercises"), folder("trent/Exercises")) == 0)
    #expect(reason(folder("trent")).contains("Exercises is a link"))

    // What would be waited for, for ever.
    try AtomicFile.createFolder(folder("pipe"))
    #expect(mkfifo(folder("pipe/CrossCorrelation1d.swift"), 0o600) == 0)
    #expect(reason(folder("pipe")).contains("is a link or no file at all"))
  }

  @Test func zipFilesThatLeadOutside() throws {
    let folder = try TestFolder()
    for (index, name) in [
      "../../up.swift", "/etc/up.swift", "a/../../CrossCorrelation1d.swift", "..\\up.swift", "C:\\up.swift",
    ].enumerated() {
      let path = folder("slip\(index).zip")
      try Class.zip([(name, "x"), ("CrossCorrelation1d.swift", "y")], to: path)
      #expect(reason(path).hasPrefix("the zip file names a place outside itself: "), "\(reason(path))")
    }
  }

  /// A small file that unpacks to a large one, and one that lies about how large it is.
  @Test func zipBombs() throws {
    let folder = try TestFolder()
    let bomb = folder("bomb.zip")
    try Class.zip(
      [("CrossCorrelation1d.swift", String(repeating: "x", count: SubmissionFiles.mostBytes + 1))], to: bomb)
    #expect(reason(bomb).contains("CrossCorrelation1d.swift has 1048577 bytes; at most 1048576 are read"))

    // Deflated zeros: a stream that is longer than the directory says.
    var packed = Gzip.packed([UInt8](repeating: 0, count: 50 << 20), level: 9).dropFirst(10).dropLast(8)
    let (name, stated) = (Array("CrossCorrelation1d.swift".utf8), 1000)
    func little(_ number: Int, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
    let common =
      little(20, 2) + little(0, 2) + little(8, 2) + little(0, 4) + little(0, 4) + little(packed.count, 4)
      + little(stated, 4) + little(name.count, 2) + little(0, 2)
    var zip = little(0x0403_4B50, 4) + common + name + packed
    let start = zip.count
    zip +=
      little(0x0201_4B50, 4) + little(20, 2) + common + little(0, 2) + little(0, 2) + little(0, 2)
      + little(0, 4)
      + little(0, 4) + name
    zip +=
      little(0x0605_4B50, 4) + little(0, 4) + little(1, 2) + little(1, 2) + little(zip.count - start, 4)
      + little(start, 4) + little(0, 2)
    packed = []
    let lie = folder("lie.zip")
    try AtomicFile.write(zip, to: lie)
    #expect(reason(lie).contains("2.1: ") && reason(lie).contains("is damaged"), "\(reason(lie))")
  }

  @Test func brokenOnes() throws {
    let folder = try TestFolder()
    try AtomicFile.write("no zip", to: folder("a.zip"))
    try AtomicFile.write("", to: folder("b.zip"))
    try AtomicFile.createFolder(folder("c"))
    #expect(reason(folder("a.zip")).contains("this is not a zip file"))
    #expect(reason(folder("b.zip")).contains("the file is empty"))
    #expect(
      reason(folder("c"))
        == "there is no exercise's file in it, such as 02-Convolution/CrossCorrelation1d.swift")
    #expect(reason(folder("none")) == "No such file or directory")
    try Class.write(["2.1": String(repeating: "x", count: 2 << 20)], to: folder("long"))
    #expect(reason(folder("long")).contains("at most 1048576 are read"))
    try Class.write(
      [(0..<14).map { "\($0)" }.map { "d\($0)/" }.joined() + "x.swift": "x"], to: folder("deep"))
    #expect(reason(folder("deep")) == "its folders are more than 12 deep")
  }

  @Test func namesAndTimes() throws {
    let folder = try TestFolder()
    for name in [
      "ada@2026-10-12T20-15-00Z.zip", "ada@2026-10-13T20-15-00Z.zip", "line\nbreak", "=1+1", "grace@home",
      "eve@uni.edu@2026-10-12T20-15-00Z",
      ".hidden",
      "roster.csv", "Ö", "ADA",
    ] { try AtomicFile.createFolder(folder(name)) }
    let all = try Submission.all(in: folder.path)
    let names = all.map(\.learner.text)
    #expect(Set(names) == ["ada", "line\nbreak", "=1+1", "grace@home", "eve@uni.edu", "Ö", "ADA"])
    #expect(
      all.filter { $0.learner.text == "ada" }.map { $0.time?.formatted(.iso8601) } == [
        "2026-10-12T20:15:00Z", "2026-10-13T20:15:00Z",
      ])
    // No two names are the same file, also where capitals do not count; and none leads anywhere.
    let keys = Set(all.map { $0.learner.key.lowercased() })
    #expect(keys.count == 7)
    #expect(keys.allSatisfy { $0.wholeMatch(of: /[a-z0-9_.@%-]+/) != nil && !$0.hasPrefix(".") })
    #expect(LearnerName("..").key == "%2e.")
    #expect(LearnerName(String(repeating: "é", count: 300)).key.utf8.count <= 140)
  }

  /// What lies in a submission says nothing of whose it is, or when it came.
  @Test func aSubmissionDoesNotSayWhoseItIs() throws {
    let folder = try TestFolder()
    try Class.write(
      [
        "2.1": "x",
        "submission.json": #"{"learner": "ada", "source": "", "received": "2020-01-01T00:00:00Z"}"#,
      ],
      to: folder("class/eve"))
    let one = try #require(try Submission.all(in: folder("class")).first)
    #expect(one.learner.text == "eve")
    #expect(one.time == nil)
    #expect(one.problem == nil)
  }
}
