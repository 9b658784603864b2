import BookKit
import Foundation
import Testing

@testable import Site

/// The repository's own book as a site, made once for all tests.
enum MadeSite {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static let place = FileManager.default.temporaryDirectory.appending(
    path: "site-tests-\(ProcessInfo.processInfo.processIdentifier)")

  /// The folder it is in; the tests' end removes it.
  static let folder: Result<URL, any Error> = Result {
    try? FileManager.default.removeItem(at: place)
    try publication.get().writeSite(to: place)
    atexit { try? FileManager.default.removeItem(at: MadeSite.place) }
    return place
  }

  static let publication: Result<Publication, any Error> = Result { try Publication(root: root) }

  /// The pages by their names, and `print`.
  static func pages() throws -> [String: HTMLFile] {
    let folder = try folder.get()
    var pages: [String: HTMLFile] = [:]
    for name in try publication.get().pages.map(\.name) + ["print"] {
      pages["\(name).html"] = HTMLFile(
        try String(contentsOf: folder.appending(path: "\(name).html"), encoding: .utf8))
    }
    return pages
  }

  static let hasPandoc = OutsideProgram.pandoc.findIfThere() != nil
  static let hasChromium = OutsideProgram.chromium.findIfThere() != nil
  /// A build server must have what the tests need; elsewhere they are skipped, and say so.
  static let isServer = ProcessInfo.processInfo.environment["CI"] != nil

  static let needsPandoc = ConditionTrait.enabled(
    if: hasPandoc || isServer, "pandoc is missing. Install it: \(OutsideProgram.pandoc.installation)")
  static let needsChromium = ConditionTrait.enabled(
    if: hasPandoc && hasChromium || isServer,
    "pandoc or Chromium is missing. Install them: \(OutsideProgram.chromium.installation)")
}

/// A page as the tests look at it: its text with tags, and what is in them.
struct HTMLFile {
  let text: String

  init(_ text: String) { self.text = text }

  /// The values of an attribute, in order.
  func values(of attribute: String) -> [String] {
    text.matches(of: try! Regex("<[^>]*?\\s\(attribute)=\"([^\"]*)\"", as: (Substring, Substring).self)).map {
      unescaped($0.1)
    }
  }

  var ids: [String] { values(of: "id") }
  /// How often a tag is opened.
  func count(_ tag: String) -> Int { text.matches(of: try! Regex("<\(tag)[\\s>]")).count }
}
