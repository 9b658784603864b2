import BookKit
import Formats
import Foundation

extension Publication {
  /// Prints the whole book, with Chromium, from the site's page of everything.
  ///
  /// - Parameter file: Written whole or not at all.
  /// - Throws: `BookProblem` when pandoc or Chromium is missing or fails, `FileError` when nothing can be written there.
  public func writePDF(to file: URL) throws {
    let chromium = try OutsideProgram.chromium.find()
    let scratch = try TemporaryFolder()
    defer { scratch.remove() }
    let site = scratch.url.appending(path: "site")
    try writeSite(to: site)
    let printed = scratch.url.appending(path: "book.pdf")
    let result = try chromium.run(
      Self.chromiumOptions(profile: scratch.url.appending(path: "profile")) + [
        "--no-pdf-header-footer", "--generate-pdf-document-outline", "--print-to-pdf=\(printed.path)",
        site.appending(path: "print.html").absoluteString,
      ])
    guard let data = try? Data(contentsOf: printed), data.starts(with: Array("%PDF".utf8)) else {
      throw BookProblem("chromium", "it printed no PDF", advice: result.errors)
    }
    try AtomicFile.write(data, to: file.path)
  }

  /// How Chromium is started so that nobody sees it and nothing is kept or fetched.
  ///
  /// Its sandbox needs rights that root does not have in it; the pages are our own and come from the disk.
  public static func chromiumOptions(profile: URL) -> [String] {
    [
      "--headless=new", "--disable-gpu", "--no-first-run", "--disable-extensions",
      "--disable-background-networking",
      "--disable-sync", "--disable-component-update", "--hide-scrollbars", "--user-data-dir=\(profile.path)",
    ] + (geteuid() == 0 ? ["--no-sandbox"] : [])
  }
}
