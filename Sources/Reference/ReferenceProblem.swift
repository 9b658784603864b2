import Foundation

/// What stands against a documentation comment or a page of the catalogue: where, what, and what to do.
///
/// `description` begins with the file and the line, as compilers write them, so that editors can jump there.
public struct ReferenceProblem: Sendable, Equatable, CustomStringConvertible {
  /// The file, from the repository's root on.
  public var path: String
  /// Counted from 1; nil when the whole file is meant.
  public var line: Int?
  /// What is wrong, without a full stop.
  public var found: String
  /// What to do, where DocC has a suggestion.
  public var advice: String?

  public var description: String {
    ([path] + (line.map { ["\($0)"] } ?? [])).joined(separator: ":") + ": " + found
      + (advice.map { "\n  \($0)" } ?? "")
  }

  /// The warnings and errors in DocC's file of diagnostics, each once; none where DocC has not come so far.
  ///
  /// - Throws: `CannotDocument` when the file holds something else than DocC writes.
  static func all(
    in file: URL, root: URL, catalogue: (copy: URL, original: String)
  ) throws -> [ReferenceProblem] {
    guard FileManager.default.fileExists(atPath: file.path) else { return [] }
    let report: Report
    do {
      report = try JSONDecoder().decode(Report.self, from: Data(contentsOf: file))
    } catch {
      throw CannotDocument("docc's diagnostics cannot be read: \(error)")
    }
    var all: [ReferenceProblem] = []
    for diagnostic in report.diagnostics where ["warning", "error"].contains(diagnostic.severity) {
      let problem = ReferenceProblem(
        path: place(diagnostic.source, root: root, catalogue: catalogue),
        line: diagnostic.range?.start.line, found: diagnostic.summary,
        advice: diagnostic.solutions?.first?.summary)
      // A comment that several declarations inherit is complained of once for each.
      if !all.contains(problem) { all.append(problem) }
    }
    return all
  }

  /// A file's address from the root on; a page of the catalogue's copy by its original.
  private static func place(_ source: String?, root: URL, catalogue: (copy: URL, original: String)) -> String
  {
    guard let source else { return catalogue.original }
    let path = (URL(string: source)?.isFileURL == true ? URL(string: source)!.path : source)
    for (folder, name) in [(catalogue.copy, catalogue.original + "/"), (root, "")] {
      for prefix in [folder.path, folder.resolvingSymlinksInPath().path] where path.hasPrefix(prefix + "/") {
        return name + path.dropFirst(prefix.count + 1)
      }
    }
    return path
  }

  /// DocC's file, as far as it is needed.
  private struct Report: Decodable {
    struct Diagnostic: Decodable {
      struct Place: Decodable { let line: Int }
      struct Range: Decodable { let start: Place }
      struct Solution: Decodable { let summary: String }

      let source: String?
      let range: Range?
      let severity: String
      let summary: String
      let solutions: [Solution]?
    }

    let diagnostics: [Diagnostic]
  }
}
