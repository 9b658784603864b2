import BookKit
import Foundation

/// A formula in TeX, within a line or on lines of its own.
struct Formula: Hashable, Sendable {
  let tex: String
  let isDisplayed: Bool

  init(_ tex: String, isDisplayed: Bool) {
    (self.tex, self.isDisplayed) = (tex, isDisplayed)
  }
}

/// The book's formulas as MathML: one run of pandoc makes them all.
struct Formulas: Sendable {
  private let mathML: [Formula: String]

  subscript(formula: Formula) -> String? { mathML[formula] }

  /// - Throws: `BookProblem` when pandoc is missing, or cannot read one of the formulas.
  init(of publication: Publication) throws(BookProblem) {
    let all = publication.formulas.sorted {
      ($0.tex, $0.isDisplayed ? 1 : 0) < ($1.tex, $1.isDisplayed ? 1 : 0)
    }
    func problem(_ formula: Formula, _ found: String) -> BookProblem {
      let page = publication.pages.first { $0.formulas.contains(formula) }
      return BookProblem(
        page?.page.path ?? "Book", found + ": \(formula.tex)",
        advice:
          "Write it with what pandoc's reader of TeX knows: \\mathop{…}, aligned, cases, bmatrix, \\underbrace."
      )
    }
    for formula in all where formula.tex.contains(/\\(?:tag|label)\b/) {
      throw problem(formula, "pandoc would drop \\tag or \\label of this formula")
    }
    let pandoc = try OutsideProgram.pandoc.find()
    let empty = try pandoc.run(["--from", "markdown", "--to", "json"], input: Data())
    guard let header = try? JSONDecoder().decode(PandocDocument.Header.self, from: empty.output) else {
      throw BookProblem("pandoc", "does not say which version of its format it reads")
    }
    let document = PandocDocument(version: header.version, formulas: all)
    guard let json = try? JSONEncoder().encode(document) else {
      throw BookProblem("pandoc", "no JSON was written")
    }
    let result = try pandoc.run(
      ["--from", "json", "--to", "html5", "--mathml", "--wrap", "none"], input: json)
    let html = String(decoding: result.output, as: UTF8.self)
    var mathML: [Formula: String] = [:]
    for part in html.matches(of: /<div id="f([0-9]+)">\s*([\s\S]*?)\s*<\/div>/) {
      guard let index = Int(part.1), all.indices.contains(index) else { continue }
      guard part.2.hasPrefix("<math"), part.2.hasSuffix("</math>") else {
        throw problem(all[index], "pandoc cannot read this formula")
      }
      mathML[all[index]] = Self.trimmed(String(part.2), all[index].tex)
    }
    if let missing = all.first(where: { mathML[$0] == nil }) {
      throw problem(missing, "pandoc cannot read this formula")
    }
    if result.errors.contains("Could not convert TeX math") {
      throw BookProblem("Book", "pandoc cannot read a formula: \(result.errors)")
    }
    self.mathML = mathML
  }

  /// Without the formula's TeX inside, which would be found and copied as text; it goes into `alttext`.
  private static func trimmed(_ math: String, _ tex: String) -> String {
    let text = escaped(tex.split(whereSeparator: \.isWhitespace).joined(separator: " "))
    return "<math alttext=\"\(text)\""
      + math.dropFirst("<math".count).replacing(/<annotation[\s\S]*?<\/annotation>/, with: "")
      .replacing(/<\/?semantics>/, with: "")
  }

  /// A formula's letters and signs, for searching: `yᵢ = Σ` without its layout.
  func text(of formula: Formula) -> String {
    unescaped((mathML[formula] ?? "").replacing(/<[^>]*>/, with: " "))
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}

/// A document of pandoc's that holds nothing but formulas, each in a division with its number.
private struct PandocDocument: Encodable {
  struct Header: Decodable {
    let version: [Int]
    enum CodingKeys: String, CodingKey { case version = "pandoc-api-version" }
  }

  let version: [Int]
  let formulas: [Formula]

  enum CodingKeys: String, CodingKey {
    case version = "pandoc-api-version"
    case meta, blocks
  }

  func encode(to encoder: any Encoder) throws {
    var document = encoder.container(keyedBy: CodingKeys.self)
    try document.encode(version, forKey: .version)
    try document.encode([String: String](), forKey: .meta)
    try document.encode(formulas.enumerated().map { Node.division("f\($0)", $1) }, forKey: .blocks)
  }

  /// Pandoc writes every element as a name `t` and contents `c`.
  private indirect enum Node: Encodable {
    case element(String, Node?)
    case list([Node])
    case text(String)

    static func division(_ name: String, _ formula: Formula) -> Node {
      let kind = Node.element(formula.isDisplayed ? "DisplayMath" : "InlineMath", nil)
      let math = Node.element("Math", .list([kind, .text(formula.tex)]))
      return .element(
        "Div",
        .list([.list([.text(name), .list([]), .list([])]), .list([.element("Plain", .list([math]))])]))
    }

    enum CodingKeys: String, CodingKey { case t, c }

    func encode(to encoder: any Encoder) throws {
      switch self {
      case .element(let name, let contents):
        var element = encoder.container(keyedBy: CodingKeys.self)
        try element.encode(name, forKey: .t)
        try element.encodeIfPresent(contents, forKey: .c)
      case .list(let nodes):
        var list = encoder.unkeyedContainer()
        for node in nodes { try list.encode(node) }
      case .text(let text):
        var value = encoder.singleValueContainer()
        try value.encode(text)
      }
    }
  }
}
