import BookKit
import Formats
import Foundation

extension Publication {
  /// What a folder has that is a site of this book's.
  private static let mark = ".deep-learning-workbook-site"

  /// Writes the book as a site: a folder of pages that work from the disk, without a server.
  ///
  /// The folder is written whole or not at all: it is made beside its place, and renamed.
  ///
  /// - Parameter folder: Where. It may be missing, empty, or a site that was written before.
  /// - Returns: How many pages there are.
  /// - Throws: `BookProblem` when the folder holds something else, pandoc is missing, or a page cannot be made; `FileError`
  ///   when nothing can be written there.
  @discardableResult
  public func writeSite(to folder: URL) throws -> Int {
    let folder = folder.standardizedFileURL
    try Self.checkMayReplace(folder)
    let formulas = try Formulas(of: self)
    let pictures = try self.pictures()
    let parent = folder.deletingLastPathComponent()
    guard FileManager.default.fileExists(atPath: parent.path) else {
      throw BookProblem(parent.path, "there is no such folder", advice: "Make it first, or name another.")
    }
    let work = try WorkFolder(in: parent.path, for: "site")
    try write(into: URL(filePath: work.path + "/site"), formulas, pictures)
    try work.publish("site", as: folder.path)
    return pages.count
  }

  /// A folder with anything in it that is not a site of ours is somebody's.
  private static func checkMayReplace(_ folder: URL) throws(BookProblem) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder.path, isDirectory: &isFolder) else { return }
    let there = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    if isFolder.boolValue, there.isEmpty || there.contains(mark) { return }
    throw BookProblem(
      folder.path,
      isFolder.boolValue ? "this folder holds something other than a site of the book" : "this is a file",
      advice: "Name a folder that is empty, or that does not exist yet.")
  }

  // MARK: The files

  private func write(into folder: URL, _ formulas: Formulas, _ pictures: [String: Picture]) throws {
    let shell = PageShell(publication: self)
    func put(_ text: String, _ path: String) throws {
      let file = folder.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try text.write(to: file, atomically: false, encoding: .utf8)
    }
    func copy(_ file: URL, _ path: String) throws { try put(String(contentsOf: file, encoding: .utf8), path) }

    let hasTouchStyle = FileManager.default.fileExists(atPath: touchFolder.appending(path: "touch.css").path)
    for page in pages {
      var writer = PageWriter(page, of: self, as: .page, formulas: formulas, pictures: pictures)
      let text = writer.html()
      var scripts: [String] = []
      for name in writer.touched {
        if let data = touchData(name) {
          try copy(data, "touch/\(name).data.js")
          scripts.append("touch/\(name).data.js")
        }
        try copy(touchFolder.appending(path: "\(name).js"), "touch/\(name).js")
        scripts.append("touch/\(name).js")
      }
      let styles = !writer.touched.isEmpty && hasTouchStyle ? ["touch/touch.css"] : []
      if !styles.isEmpty { try copy(touchFolder.appending(path: "touch.css"), "touch/touch.css") }
      try put(shell.html(page, text: text, scripts: scripts, styles: styles), page.file)
    }
    try put(wholeBook(formulas, pictures), "print.html")
    for name in ["book.css", "book.js"] { try copy(assets.appending(path: name), "assets/\(name)") }
    try put(SearchIndex.script(of: self, formulas: formulas), "assets/search-index.js")
    try putPictures(pictures, into: folder)
    try put("\(Self.title)\n", Self.mark)
  }

  /// Writes the pictures, each where the pages look for it.
  private func putPictures(_ pictures: [String: Picture], into folder: URL) throws {
    for picture in pictures.values {
      let target = folder.appending(path: picture.source)
      try FileManager.default.createDirectory(
        at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
      if let light = picture.lightSVG {
        try light.write(to: target, atomically: false, encoding: .utf8)
      } else {
        try Data(contentsOf: picture.file).write(to: target)
      }
      if let dark = picture.darkSVG {
        try dark.write(to: folder.appending(path: picture.darkSource), atomically: false, encoding: .utf8)
      }
    }
  }

  /// All pages on one, to print.
  func wholeBook(_ formulas: Formulas, _ pictures: [String: Picture]) -> String {
    let shell = PageShell(publication: self)
    var contents = "<ol class=\"contents\">\n"
    var text = ""
    for page in pages {
      var writer = PageWriter(page, of: self, as: .whole, formulas: formulas, pictures: pictures)
      let html = writer.html()
      text += "<article>\n\(html)</article>\n"
      // What every page ends with, and the letters of the glossary, would only fill the list.
      let sections = page.sections.filter { numbered(plainText($0.text)).number?.contains(".") == true }.map {
        "<li><a href=\"#\(writer.anchor($0.anchor))\">\(escaped(plainText($0.text)))</a></li>"
      }
      contents += "<li><a href=\"#\(page.name)\">\(escaped(page.page.title))</a>"
      contents += sections.isEmpty ? "</li>\n" : "\n<ol>\(sections.joined(separator: "\n"))</ol></li>\n"
    }
    return """
      \(shell.head(title: "\(Self.title): the whole book", isPaged: false))
      <body class="whole">
      <header class="cover"><p class="book-title">\(Self.title)</p>
      <p class="back"><a href="index.html">Page by page</a></p></header>
      <main id="main">
      <nav aria-label="Contents" class="book-contents"><h2>Contents</h2>
      \(contents)</ol></nav>
      \(text)</main>
      </body>
      </html>

      """
  }

  // MARK: Where things are

  var bookFolder: URL { root.appending(path: "Book") }
  var assets: URL { root.appending(path: "Sources/Site/Assets") }
  private var touchFolder: URL { bookFolder.appending(path: "Touch") }

  /// The script that lets a reader touch the figure of this name, where there is one: `Book/Touch/NAME.js`.
  func touchScript(_ name: String) -> URL? {
    let file = touchFolder.appending(path: "\(name).js")
    return FileManager.default.fileExists(atPath: file.path) ? file : nil
  }

  /// The numbers of that figure, `NAME.data.js`, beside its picture.
  private func touchData(_ name: String) -> URL? {
    for source in pictureSources
    where source.split(separator: "/").last?.prefix(while: { $0 != "." }) == name[...] {
      let file = bookFolder.appending(path: source).deletingLastPathComponent().appending(
        path: "\(name).data.js")
      if FileManager.default.fileExists(atPath: file.path) { return file }
    }
    return nil
  }

  /// All pictures that the pages show, from the book's folder on.
  private var pictureSources: [String] {
    pages.flatMap { page in
      page.page.allBlocks.flatMap { $0.texts.joined().flatMap(\.andInner) }.compactMap { inline in
        if case .image(_, let source) = inline { source } else { nil }
      }
    }
  }

  func pictures() throws(BookProblem) -> [String: Picture] {
    var pictures: [String: Picture] = [:]
    for page in pages {
      for inline in page.page.allBlocks.flatMap({ $0.texts.joined().flatMap(\.andInner) }) {
        if case .image(_, let source) = inline, pictures[source] == nil {
          pictures[source] = try Picture(source, in: bookFolder, shownOn: page.page.path)
        }
      }
    }
    return pictures
  }
}
