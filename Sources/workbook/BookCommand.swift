import ArgumentParser
import BookKit
import Classroom
import ExerciseKit
import Foundation
import Site

struct BookCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "book", abstract: "Fill in the book's tables, figures, numbers and code; publish it.",
    discussion: """
      What stands between markers on a page comes from the committed results in Book/Results and from the sources. \
      Nothing is run. CONTRIBUTING.md explains the markers. The check also shows each page with cmark-gfm, as code \
      hosts do, and fails on damaged formulas, split text, dead links and leftover markers.

      A site is a folder that works from the disk, without a server: open its index.html. It and the EPUB need pandoc; \
      the PDF needs Chromium as well. They are made of the pages as they are, and written whole or not at all.

      EXAMPLES
        workbook book                     all pages
        workbook book 02-convolution      one
        workbook book --check             is every page as it would be written?
        workbook book --site out/book     the book as a site
        workbook book --epub book.epub --pdf book.pdf
      """)

  @Flag(help: "Change nothing; fail where a page is not what it would be.") var check = false
  @Option(help: ArgumentHelp("Write the book as a site into this folder.", valueName: "dir")) var site:
    String?
  @Option(help: ArgumentHelp("Write the book as an EPUB.", valueName: "file")) var epub: String?
  @Option(help: ArgumentHelp("Write the book as a PDF.", valueName: "file")) var pdf: String?
  @Argument(help: "Pages: a name (02-convolution) or a number. All when none is given.") var pages: [String] =
    []

  private var isPublished: Bool { site != nil || epub != nil || pdf != nil }

  func validate() throws {
    if isPublished, check || !pages.isEmpty {
      throw ValidationError(
        "--site, --epub and --pdf take the whole book as it is: leave --check and pages away.")
    }
  }

  func run() async throws {
    if isPublished { return try publish() }
    // A book can be made without its exercises; an index that it has then stays as it is.
    let hasExercises = FileManager.default.fileExists(
      atPath: workbookFolder.appending(path: "Exercises").path)
    let exercises = hasExercises ? try Catalogue(root: workbookFolder).listedInBook() : nil
    let book = try Book(root: workbookFolder, exercises: exercises)
    let chosen = try pages.isEmpty ? book.pages : pages.map { try book.page($0) }
    var problems: [BookProblem] = []
    var isOutdated = false
    let width = chosen.map(\.count).max() ?? 0
    for path in chosen {
      let page = try book.filled(path)
      problems += page.problems + (check ? page.differences : [])
      let isChanged = try check ? page.after != page.before : book.write(page)
      isOutdated = isOutdated || isChanged
      let state =
        switch (page.problems.isEmpty, isChanged, check) {
        case (false, _, _): "has mistakes"
        case (true, true, true): "differs"
        case (true, true, false): "written"
        case (true, false, _): "as it was"
        }
      print("\(path.padding(toLength: width, withPad: " ", startingAt: 0))   \(state): \(page.summary)")
    }
    if check {
      if pages.isEmpty { problems += book.unusedFiles() }
      for path in pages.isEmpty ? book.documents : chosen { problems += try book.check(path) }
      if !Book.canRender { FileHandle.standardError.write(Data("note: \(Book.howToRender)\n".utf8)) }
    }
    if problems.isEmpty { return }
    fflush(nil)
    for problem in problems {
      FileHandle.standardError.write(Data("error: \(problem)\n".utf8))
    }
    if check, isOutdated {
      FileHandle.standardError.write(Data("./workbook book writes the pages anew.\n".utf8))
    }
    throw ExitCode(1)
  }

  /// Writes what was asked for, one after the other.
  private func publish() throws {
    let publication = try Publication(root: workbookFolder)
    if let site {
      let folder = URL(filePath: site, directoryHint: .isDirectory)
      let count = try publication.writeSite(to: folder)
      print("\(folder.appending(path: "index.html").path)   \(count) pages")
    }
    if let epub {
      try publication.writeEPUB(to: URL(filePath: epub))
      print(epub)
    }
    if let pdf {
      try publication.writePDF(to: URL(filePath: pdf))
      print(pdf)
    }
  }
}
