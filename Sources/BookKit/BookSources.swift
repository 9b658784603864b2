import NumberText
import Foundation
import Formats
import Workbench

/// What the pages are filled in from: the committed results in `Book/Results`, and the sources that are compiled.
///
/// Reads each file once, and remembers what was asked for.
final class BookSources {
  let root: URL
  /// The pictures that pages show, from `Book/Results` on.
  private(set) var shown: Set<String> = []
  private var results: [String: Results] = [:]
  private var sources: [String: SwiftSource] = [:]
  private var pages: [String: Page] = [:]

  /// The folders whose Swift files are compiled by the manifest in the root; exercises' answers are not for pages. In `Book`
  /// they are those of packages that a page explains.
  static let sourceFolders = ["Sources", "Chapters", "Benchmarks", "Tests", "Book"]

  /// The exercises of the catalogue; nil where nobody has given them, and the book's index is left as it is.
  let exercises: [ListedExercise]?

  init(root: URL, exercises: [ListedExercise]?) {
    self.root = root
    self.exercises = exercises
  }

  private var resultsFolder: URL { root.appending(path: "Book/Results") }

  /// The lines that stand between a marker's comments.
  func lines(for marker: Marker) throws(MarkerProblem) -> [String] {
    switch marker {
    case .table(let experiment, let number, let caption):
      return try table(
        experiment, number, caption: caption.map { text throws(MarkerProblem) in try filled(text) })
    case .figure(let experiment, let picture, let caption, let seen):
      return try figure(
        experiment, picture, caption: filled(caption),
        seen: seen.map { text throws(MarkerProblem) in try filled(text) })
    case .code(let file, let beginning): return try code(file, beginning)
    case .list(.exercises): return listings.exercises(exercises ?? [])
    case .list(.questions): return listings.questions
    case .list(.references): return listings.references
    case .number(let number): return [try text(for: number)]
    }
  }

  /// A Markdown file as it stands now, from the root on; nil where it cannot be read as UTF-8.
  ///
  /// Every link asks for the page that it leads to, so a page is taken apart again only when its text is another.
  func page(_ path: String) -> Page? {
    guard let text = try? String(contentsOf: root.appending(path: path), encoding: .utf8) else { return nil }
    if let known = pages[path], known.text == text { return known }
    let page = Page(path: path, text: text)
    pages[path] = page
    return page
  }

  /// Of the pages as they stand in their files.
  private var listings: Listings {
    let folder = root.appending(path: "Book")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return Listings(
      names.filter { $0.hasSuffix(".md") && !$0.hasPrefix(".") }.compactMap { page("Book/\($0)") })
  }

  private func table(_ experiment: String, _ number: Int?, caption: String?) throws(MarkerProblem) -> [String]
  {
    let tables = try results(of: experiment).tables
    let titles = tables.enumerated().map { "\($0.offset + 1) \($0.element.title)" }.joined(separator: ", ")
    if number == nil, tables.count > 1 {
      throw MarkerProblem(
        "\(experiment) has \(tables.count) tables",
        "Say which, by its number after the experiment: \(titles).")
    }
    let index = (number ?? 1) - 1
    guard tables.indices.contains(index) else {
      throw MarkerProblem(
        "\(experiment) has no table \(index + 1)", tables.isEmpty ? "It has none." : "There are: \(titles).")
    }
    let table = tables[index]
    guard table.rows.allSatisfy({ $0.count == table.columns.count }) else {
      throw MarkerProblem(
        "table \(index + 1) of \(experiment) has rows of different lengths", "Run the experiment again.")
    }
    return [Self.label(of: caption) ?? "**\(table.title)**", ""] + table.markdownLines
  }

  /// A caption with its number in bold: `**Table 3.1.** Seeds.`
  private static func label(of caption: String?) -> String? {
    guard let caption else { return nil }
    guard let number = CaptionNumber(caption) else { return "**\(caption)**" }
    return "**\(number.label)**" + caption.dropFirst(number.label.count)
  }

  /// The picture, its caption, and what those hear who do not see it: what the page says is to be seen, else the drawing's
  /// own description, else the caption.
  private func figure(_ experiment: String, _ picture: String, caption: String, seen: String?)
    throws(MarkerProblem) -> [String]
  {
    let folder = resultsFolder.appending(path: experiment)
    let results = try results(of: experiment)
    let there = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let pictures = there.filter { $0 != "results.json" }
    guard there.contains(picture) else {
      throw MarkerProblem(
        "there is no picture Book/Results/\(experiment)/\(picture)",
        nearest(to: picture, among: pictures, call: "pictures there"))
    }
    guard results.files.contains(picture) else {
      throw MarkerProblem(
        "\(picture) is not in the list of files in Book/Results/\(experiment)/results.json",
        "It is left from another run: run the experiment again, and commit all that it wrote.")
    }
    shown.insert("\(experiment)/\(picture)")
    let alternative = (seen ?? results.descriptions?[picture] ?? caption)
      .filter { !"[]$*`\\".contains($0) }
    return ["![\(alternative)](Results/\(experiment)/\(picture))", "", "*\(caption)*"]
  }

  private func code(_ file: String, _ beginning: String) throws(MarkerProblem) -> [String] {
    let lines = try source(file).declaration(beginning)
    // The fence is longer than any in the code.
    let longest = lines.map { $0.drop { $0 == " " }.prefix { $0 == "`" }.count }.max() ?? 0
    let fence = String(repeating: "`", count: max(3, longest + 1))
    return ["\(fence)swift"] + lines + [fence]
  }

  /// A number as it is printed, or a text: the processor's name, say.
  func text(for marker: NumberMarker) throws(MarkerProblem) -> String {
    let results = try results(of: marker.experiment)
    let texts = [
      "command": results.command, "version": results.version, "machine.processor": results.machine.processor,
      "machine.system": results.machine.system,
    ]
    if let text = texts[marker.metric] {
      if marker.format == nil { return text }
      throw MarkerProblem("\(marker.metric) is a text, and has no format", "Leave the format away.")
    }
    let numbers = [
      "seconds": results.seconds, "seed": Double(results.seed),
      "machine.cores": Double(results.machine.cores),
      "machine.threads": Double(results.machine.threads),
    ].merging(results.metrics) { _, metric in metric }
    guard let value = numbers[marker.metric] else {
      throw MarkerProblem(
        "\(marker.experiment) has no number \"\(marker.metric)\"",
        nearest(to: marker.metric, among: Array(numbers.keys) + texts.keys, call: "numbers"))
    }
    if let format = marker.format { return format.text(value) }
    guard value == value.rounded() else {
      throw MarkerProblem(
        "\(marker.metric) is \(value), and the marker does not say how to print it",
        "Add a format: \(NumberFormat.forms).")
    }
    return fixed(value, 0)
  }

  /// A caption with its numbers filled in: `{= 03-pooling/shifts accuracy %1}` is one.
  private func filled(_ caption: String) throws(MarkerProblem) -> String {
    var text = ""
    var rest = caption.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      .joined(separator: " ")[...]
    while let start = rest.firstRange(of: "{=") {
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
        throw MarkerProblem("a caption has {= without }", "Write: {= 03-pooling/shifts accuracy %1}")
      }
      text += rest[..<start.lowerBound] + (try self.text(for: NumberMarker(rest[start.upperBound..<end])))
      rest = rest[rest.index(after: end)...]
    }
    return text + rest
  }

  private func results(of experiment: String) throws(MarkerProblem) -> Results {
    if let known = results[experiment] { return known }
    let path = "Book/Results/\(experiment)/results.json"
    guard !experiment.hasPrefix("/"), !experiment.split(separator: "/").contains(".."),
      let data = try? Data(contentsOf: root.appending(path: path))
    else {
      throw MarkerProblem(
        "there is no \(path)",
        nearest(to: experiment, among: experiments, call: "experiments in Book/Results")
          + "\nA run writes them: ./workbook run PROGRAM --output Book/Results/\(experiment.prefix { $0 != "/" })"
      )
    }
    do {
      let read = try JSONDecoder().decode(Results.self, from: data)
      results[experiment] = read
      return read
    } catch {
      throw MarkerProblem(
        "\(path) does not hold an experiment's results", "Run the experiment again.\n\(error)")
    }
  }

  /// The folders in `Book/Results` that have results.
  private var experiments: [String] {
    files(in: "Book/Results").filter { $0.hasSuffix("/results.json") }
      .map { String($0.dropLast("/results.json".count)) }
  }

  private func source(_ file: String) throws(MarkerProblem) -> SwiftSource {
    if let known = sources[file] { return known }
    let folder = file.split(separator: "/").first.map(String.init) ?? ""
    guard Self.sourceFolders.contains(folder), file.hasSuffix(".swift"),
      !file.split(separator: "/").contains("..")
    else {
      throw MarkerProblem(
        "\(file) is no Swift file in \(Self.sourceFolders.joined(separator: ", "))",
        "Code on a page is cut out of files that the workbook compiles.")
    }
    guard let text = try? String(contentsOf: root.appending(path: file), encoding: .utf8) else {
      let others = files(in: folder).filter { $0.hasSuffix(".swift") }.map { "\(folder)/\($0)" }
      throw MarkerProblem("there is no file \(file)", nearest(to: file, among: others, call: "files"))
    }
    let read = SwiftSource(text)
    sources[file] = read
    return read
  }

  /// The files in a folder of the repository and below, without hidden ones.
  func files(in folder: String) -> [String] {
    let start = root.appending(path: folder).path
    guard let all = FileManager.default.enumerator(atPath: start) else { return [] }
    return all.compactMap { $0 as? String }.filter { path in
      if path.split(separator: "/").contains(where: { $0.hasPrefix(".") }) { return false }
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: start + "/" + path, isDirectory: &isFolder)
        && !isFolder.boolValue
    }.sorted()
  }
}
