import ArgumentParser
import ExerciseKit
import Foundation

/// What every command needs: the exercises, the learner's files and the progress.
struct Desk: Sendable {
  let root: URL
  let catalogue: Catalogue
  let files: LearnerFiles
  let progressFile: ProgressFile

  /// The exercise that a command is about: the one named, else the one at work.
  func entry(_ name: String?) throws -> Catalogue.Entry {
    if let name { return try catalogue.entry(name) }
    return try current()
  }

  /// The exercise at work: of those that are not passed, the one whose file was saved last; else the next one.
  func current() throws -> Catalogue.Entry {
    let progress = try progressFile.read()
    let started = catalogue.entries.filter { progress[$0.id].state != .passed }
      .compactMap { entry in savedAt(entry).map { (entry, $0) } }
    if let latest = started.max(by: { $0.1 < $1.1 }) { return latest.0 }
    guard let entry = next(in: progress) ?? catalogue.entries.last else {
      throw CouldNot("there are no exercises in \(root.path)/Exercises")
    }
    return entry
  }

  /// The next exercise that is not passed: in the chapter of the one at work, then in those after it, then in those
  /// before.
  ///
  /// - Parameter entry: The one at work. Without it, the one that was tried last.
  func next(in progress: LearnerProgress, after entry: Catalogue.Entry? = nil) -> Catalogue.Entry? {
    let entries = catalogue.entries
    let last = entries.compactMap { entry in progress[entry.id].lastTried.map { (entry, $0) } }
      .max { $0.1 < $1.1 }?.0
    guard let place = (entry ?? last).flatMap({ entry in entries.firstIndex { $0.id == entry.id } }) else {
      return entries.first { progress[$0.id].state != .passed }
    }
    let chapter = entries[place].chapter
    let inChapter = entries.filter { $0.chapter == chapter }
    let number = entries[place].number
    let order =
      inChapter.filter { $0.number >= number } + inChapter.filter { $0.number < number }
      + entries.filter { $0.chapter > chapter } + entries.filter { $0.chapter < chapter }
    return order.first { progress[$0.id].state != .passed }
  }

  /// When the learner's file was saved; nil when there is none, or it is as it was made.
  func savedAt(_ entry: Catalogue.Entry) -> Date? {
    let file = files.path(of: entry)
    guard let text = try? Data(contentsOf: file), text != (try? Data(entry.markedSource().stub.utf8))
    else { return nil }
    return try? file.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
  }

  /// Checks the learner's file, notes what came of it, and draws what is wrong where that makes an image.
  func check(_ entry: Catalogue.Entry, with toolchain: Toolchain) async throws -> Checked {
    let isLong = entry.exercise.secondsAllowed > 30 && isatty(STDERR_FILENO) == 1
    if isLong { tell("Checking; the last part may take up to a minute …") }
    let verdict = try await entry.examine(files.file(for: entry), with: toolchain)
    if isLong { tell("\r\u{1B}[K") }
    var checked = Checked(verdict: verdict)
    // The verdict is shown, whether or not it can be kept.
    do {
      checked.picture = try files.drawPicture(of: verdict, for: entry)
      checked.results = try files.drawResults(of: verdict, for: entry)
    } catch {
      checked.problems.append("the pictures are not drawn: \(error)")
    }
    do {
      try progressFile.change { $0.note(verdict, of: entry.id) }
    } catch {
      checked.problems.append("your progress is not kept: \(error)")
    }
    for problem in checked.problems { tell("error: \(problem)\n") }
    return checked
  }

  /// Says something while the learner waits, beside the results.
  private func tell(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }

  /// A path as it is best shown: from the working directory on where that is possible.
  func shown(_ url: URL) -> String {
    let here = FileManager.default.currentDirectoryPath + "/"
    return url.path.hasPrefix(here) ? String(url.path.dropFirst(here.count)) : url.path
  }

  func text(of checked: Checked, for entry: Catalogue.Entry, style: Style) -> String {
    VerdictText(
      checked.verdict, of: entry, path: shown(files.path(of: entry)), picture: checked.picture.map(shown),
      results: checked.results.map { (shown($0.file), $0.meaning) }, style: style
    ).text
  }
}

/// What came of checking a learner's file, and where its pictures lie.
struct Checked: Sendable {
  let verdict: Verdict
  /// What is wrong, drawn; nil where that makes no image.
  var picture: URL?
  /// What the answer made.
  var results: [ResultPicture] = []
  /// What could not be written.
  var problems: [String] = []
}

/// Where the exercises and the learner's files are.
struct PlaceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of your files (default: Exercises/Yours in the workbook).", valueName: "dir"))
  var yours: String?

  func desk() throws -> Desk {
    let root = workbookFolder
    let folder =
      yours.map { URL(filePath: $0).standardizedFileURL } ?? root.appending(path: "Exercises/Yours")
    return Desk(
      root: root, catalogue: try Catalogue(root: root), files: LearnerFiles(folder: folder),
      progressFile: ProgressFile(folder: folder))
  }
}

/// The workbook's own folder: the script says where it is, wherever it was called from; else the working directory.
var workbookFolder: URL {
  let environment = ProcessInfo.processInfo.environment
  return URL(filePath: environment["WORKBOOK_FOLDER"] ?? FileManager.default.currentDirectoryPath)
    .standardizedFileURL
}

/// A reason why a command could not do what it was asked.
struct CouldNot: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}

/// Prints a value for programs.
func printJSON(_ value: some Encodable) throws {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.dateEncodingStrategy = .iso8601
  print(String(decoding: try encoder.encode(value), as: UTF8.self))
}
