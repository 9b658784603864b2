import ExerciseKit
import Formats
import Foundation
import Workbench

/// All that the book shows and a run makes: the chapters' experiments, and where their results lie.
public struct Outputs: Sendable {
  /// One experiment of a chapter's program.
  public struct Item: Sendable, Equatable {
    /// The chapter's number.
    public let chapter: Int
    /// The chapter's program, as `./workbook run` names it.
    public let program: String
    /// The experiment's subcommand.
    public let experiment: String
    /// From `Book/Results` on: `03-pooling/shifts`.
    public let folder: String

    /// As it is run.
    public func arguments(_ scale: Scale, to output: String, threads: Int?) -> [String] {
      [experiment, "--output", output] + scale.arguments + (threads.map { ["--threads", "\($0)"] } ?? [])
    }
  }

  let root: URL
  /// Where the programs are that were built.
  let programs: URL

  /// The experiments of the repository at `root`, run by the programs in a folder.
  public init(root: URL, programs: URL) { (self.root, self.programs) = (root, programs) }

  /// The chapters' programs, from the table of chapters in Package.swift.
  ///
  /// - Throws: Where the table cannot be read.
  public func chapters() throws -> [(number: Int, program: String, folder: String)] {
    let text = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    let pages = try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Book").path)
    return text.matches(of: /\n  Chapter\("(\d\d)-(\w+)", program: "([\w-]+)"/).map { match in
      // A chapter whose page is not written yet has the name that the page will have.
      let page = pages.first { $0.hasPrefix(match.1 + "-") && $0.hasSuffix(".md") }
      let words = Catalogue.title(ofFolder: String(match.2)).lowercased().split(separator: " ").joined(
        separator: "-")
      return (Int(match.1)!, String(match.3), page.map { String($0.dropLast(3)) } ?? "\(match.1)-\(words)")
    }
  }

  /// The experiments of some chapters, or of all.
  ///
  /// - Throws: Where a program does not say which it has.
  public func items(_ wanted: [Int]) async throws -> [Item] {
    var items: [Item] = []
    for chapter in try chapters() where wanted.isEmpty || wanted.contains(chapter.number) {
      let (succeeded, text) = try await output(of: programs.appending(path: chapter.program), ["experiments"])
      guard succeeded else {
        throw CannotRead("\(chapter.program): it does not say which experiments it has:\n\(text)")
      }
      items += text.split(separator: "\n").map { line in
        let name = String(line.prefix { $0 != "\t" })
        return Item(
          chapter: chapter.number, program: chapter.program, experiment: name,
          folder: "\(chapter.folder)/\(name)")
      }
    }
    return items
  }

  /// What was committed of an experiment.
  public func committed(_ item: Item) -> Results? {
    Self.results(in: root.path + "/Book/Results/" + item.folder)
  }

  static func results(in folder: String) -> Results? {
    FileManager.default.contents(atPath: folder + "/results.json").flatMap {
      try? JSONDecoder().decode(Results.self, from: $0)
    }
  }

  /// Runs an experiment into a folder that appears whole or not at all.
  ///
  /// - Throws: What the program said when it failed.
  public func run(_ item: Item, _ scale: Scale, to folder: String, threads: Int?) async throws {
    let temporary = folder + ".running-\(getpid())"
    try? FileManager.default.removeItem(atPath: temporary)
    defer { try? FileManager.default.removeItem(atPath: temporary) }
    try AtomicFile.createFolder(temporary)
    let program = programs.appending(path: item.program)
    let (succeeded, text) = try await output(
      of: URL(filePath: "/usr/bin/env"),
      ["WORKBOOK_COMMAND=\(item.program)", program.path]
        + item.arguments(scale, to: temporary, threads: threads))
    guard succeeded, Self.results(in: temporary) != nil else {
      throw CannotRead("\(item.program) \(item.experiment) failed:\n\(text.suffix(2000))")
    }
    try? FileManager.default.removeItem(atPath: folder)
    guard rename(temporary, folder) == 0 else {
      throw CannotRead("\(folder): \(String(cString: strerror(errno)))")
    }
  }

  /// Takes an experiment's results into the book: `results.json`, and of the pictures those that a page shows.
  public func take(_ item: Item, from folder: String) throws {
    let pages =
      try FileManager.default.contentsOfDirectory(atPath: root.path + "/Book").filter { $0.hasSuffix(".md") }
      .map { try String(contentsOfFile: root.path + "/Book/" + $0, encoding: .utf8) }
      + [(try? String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)) ?? ""]
    let target = root.path + "/Book/Results/" + item.folder
    let ready = target + ".taking-\(getpid())"
    try? FileManager.default.removeItem(atPath: ready)
    defer { try? FileManager.default.removeItem(atPath: ready) }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let isShown = pages.contains {
        $0.contains("\(item.folder) \(name)") || $0.contains("\(item.folder)/\(name)")
      }
      guard name == "results.json" || isShown else { continue }
      try AtomicFile.write(
        Data(contentsOf: URL(filePath: folder + "/" + name)), to: ready + "/" + name, creatingFolders: true)
    }
    try? FileManager.default.removeItem(atPath: target)
    guard rename(ready, target) == 0 else {
      throw CannotRead("\(target): \(String(cString: strerror(errno)))")
    }
  }

  /// What tells that results were made by just this program, at just this length.
  public func stamp(_ item: Item, _ scale: Scale) -> String {
    var status = stat()
    guard stat(programs.appending(path: item.program).path, &status) == 0 else { return "" }
    #if canImport(Darwin)
      let seconds = status.st_mtimespec.tv_sec
    #else
      let seconds = status.st_mtim.tv_sec
    #endif
    return "\(scale.rawValue) \(status.st_size) \(seconds)"
  }
}
