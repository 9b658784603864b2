import Formats
import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A page as `cmark-gfm` reads it, which is how code hosts do.
struct RenderedPage {
  /// A block that has no blocks inside it.
  struct Leaf: Equatable {
    enum Kind: Equatable { case heading, paragraph, row, code, html, rule }

    let kind: Kind
    /// Counted from 1.
    let line: Int
    /// What is shown; of a table's row the cells with bars between them.
    let text: String
  }

  /// What links and pictures lead to, with the line of the block that they stand in.
  struct Target: Equatable {
    let line: Int
    let destination: String
  }

  let leaves: [Leaf]
  let targets: [Target]

  static let program = "cmark-gfm"

  /// Where the program is, or nil when it is not installed.
  static func findProgram(path: String? = ProgramSearch.path) -> URL? {
    ProgramSearch.find(program, path: path)
  }

  /// - Throws: When the program cannot be run, or gives something other than its XML.
  init(file: URL, program: URL) throws {
    let process = Process()
    process.executableURL = program
    process.arguments =
      ["--to", "xml", "--sourcepos"]
      + ["table", "autolink", "strikethrough", "tasklist"].flatMap { ["--extension", $0] } + [file.path]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let xml = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    let reader = Reader()
    let parser = XMLParser(data: xml)
    parser.delegate = reader
    guard process.terminationStatus == 0, parser.parse() else {
      throw BookProblem(
        file.path, "\(Self.program) did not give XML (exit status \(process.terminationStatus))")
    }
    leaves = reader.leaves
    targets = reader.targets
  }
}

/// Collects leaves while the XML goes by.
private final class Reader: NSObject, XMLParserDelegate {
  private static let kinds: [String: RenderedPage.Leaf.Kind] = [
    "heading": .heading, "paragraph": .paragraph, "table_header": .row, "table_row": .row,
    "code_block": .code,
    "html_block": .html, "thematic_break": .rule,
  ]

  private(set) var leaves: [RenderedPage.Leaf] = []
  private(set) var targets: [RenderedPage.Target] = []
  private var leaf: (kind: RenderedPage.Leaf.Kind, line: Int)?
  private var text = ""
  private var isHidden = false
  private var isInText = false

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if let kind = Self.kinds[name] {
      leaf = (kind, Int(attributes["sourcepos"]?.prefix { $0 != ":" } ?? "") ?? 0)
      text = ""
    }
    if let destination = attributes["destination"] {
      targets.append(RenderedPage.Target(line: leaf?.line ?? 0, destination: destination))
    }
    isHidden = name == "html_inline"
    isInText = ["text", "code", "code_block", "html_block"].contains(name)
    if name == "softbreak" || name == "linebreak" { text += " " }
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    if isInText && !isHidden { text += characters }
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    isHidden = false
    isInText = false
    if name == "table_cell" { text += " | " }
    if let done = leaf, Self.kinds[name] == done.kind {
      leaves.append(RenderedPage.Leaf(kind: done.kind, line: done.line, text: singleSpaced(text)))
      leaf = nil
    }
  }
}

/// With every run of white space as one space, and none at the ends.
func singleSpaced(_ text: String) -> String {
  text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
}
