import ArgumentParser
import ExerciseKit
import Foundation
import Reference

struct DocsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "docs",
    abstract: "Make the reference of the engine's modules: a site of all that is public.",
    discussion: """
      DocC, which comes with Swift, makes it of the documentation comments; the first pages are those in \
      Sources/Engine/Engine.docc. DIR is written whole or not at all: a warning, such as a parameter that is \
      not explained or a link that leads nowhere, stops it, with file and line.

      A browser does not show these pages from a file: their script loads data from beside them, which works \
      only through a server. Start one and open its address:

        python3 -m http.server --directory DIR          then http://localhost:8000

      EXAMPLES
        workbook docs out/reference                       pages name chapters and sections of the book
        workbook docs out/reference --book out/site       and link there: the book's site goes along
        workbook docs public --base /workbook             for a server that shows the folder as /workbook
        workbook docs --check                             only: is there a warning?
      """)

  @Argument(help: "The folder to make; an earlier reference there is replaced.") var dir: String?
  @Option(
    help: ArgumentHelp("The book's site, which is copied to DIR/book and linked to.", valueName: "site"))
  var book: String?
  @Option(help: ArgumentHelp("The path under which a server shows DIR.", valueName: "path")) var base = ""
  @Flag(help: "Write nothing; fail where DocC has something to say.") var check = false

  func validate() throws {
    if check == (dir != nil) { throw ValidationError("name a folder, or say --check") }
    if check, book != nil || !base.isEmpty {
      throw ValidationError("--check: --book and --base are for a folder")
    }
  }

  func run() throws {
    let reference = try Reference(
      root: workbookFolder, products: Toolchain(root: workbookFolder).products)
    let problems =
      try dir.map { try reference.write(to: $0, book: book.map { URL(filePath: $0) }, base: base) }
      ?? reference.problems()
    if problems.isEmpty {
      guard let dir else { return print("DocC has nothing to say.") }
      print("The reference is in \(dir).\n\nRead it    python3 -m http.server --directory \(dir)")
      print("           then http://localhost:8000")
      return
    }
    fflush(nil)
    for problem in problems { FileHandle.standardError.write(Data("error: \(problem)\n".utf8)) }
    throw ExitCode(1)
  }
}
