/// A page of the book as blocks: what filling in, the checks and every other output of the book share.
///
/// The Markdown that is understood is the part that the pages use: headings with `#`, paragraphs, lists, tables with
/// bars, code in fences or indented, quotations, rules, `<details>`, formulas (in `$…$`, with or without backticks
/// inside the dollars, and in fences of the language `math`), and the markers that CONTRIBUTING.md explains. A
/// formula is read before the Markdown around it, so that `_` and `\,` are safe in it. `RenderingCheck` holds this
/// reading to that of `cmark-gfm`, block by block.
public struct Page: Sendable {
  /// From the repository's root on: `Book/03-pooling.md`.
  public let path: String
  /// The page as it stands in the file.
  public let text: String
  /// The page's blocks, in order; those between a marker and its end are inside `Block.Content.marked`.
  public let blocks: [Block]
  let lines: [String]
  /// The page in runs of whole lines, as they are filled in.
  let segments: [PageSegment]
  /// Markers that have no end, and ends that have no marker, by the line's number.
  let problems: [(line: Int, problem: MarkerProblem)]

  /// A page by its text; `path` is what problems and links name it by.
  public init(path: String, text: String) {
    self.path = path
    self.text = text
    var outline = PageOutline(text)
    outline.read()
    lines = outline.lines
    segments = outline.segments
    problems = outline.problems
    var parser = BlockParser()
    blocks = parser.blocks(of: segments, in: outline.lines)
  }

  /// The number that the page's name begins with: 3 of `Book/03-pooling.md`.
  public var chapter: Int? { Int(path.split(separator: "/").last?.prefix { $0.isNumber } ?? "") }

  /// The first heading, as plain text; the page's name when there is none.
  public var title: String { headings.first.map { plainText($0.text) } ?? path }

  /// All headings, in order, for a table of contents.
  public var headings: [Heading] {
    allBlocks.compactMap { if case .heading(let heading) = $0.content { heading } else { nil } }
  }

  /// All blocks, also those inside others, each before what it holds.
  public var allBlocks: [Block] { blocks.flatMap(\.andInner) }
}

/// One block of a page, and the lines where it stands.
public struct Block: Sendable, Equatable {
  /// What the block is, with all that is in it.
  public let content: Content
  /// The first and the last line, counted from 1.
  public let lines: ClosedRange<Int>

  /// The kinds of blocks.
  public indirect enum Content: Sendable, Equatable {
    /// A heading of any level.
    case heading(Heading)
    /// Running text.
    case paragraph([Inline])
    /// Items with a dot or a number before each.
    case list(PageList)
    /// A table with bars.
    case table(PageTable)
    /// Fenced or indented code; the language is empty when none is given.
    case code(String, language: String)
    /// A formula on lines of its own, in TeX without dollars.
    case formula(String)
    /// Blocks after `>`.
    case quotation([Block])
    /// What opens when the summary is clicked on.
    case details(summary: [Inline], [Block])
    /// A line across the page.
    case rule
    /// Another block of HTML, or a comment that is no marker, as written.
    case html(String)
    /// What a marker holds: `kind` is `table`, `figure` or `code`, `request` the text after the colon.
    case marked(kind: String, request: String, [Block])
  }

  /// The blocks that stand inside this one.
  public var inner: [Block] {
    switch content {
    case .list(let list): list.items.flatMap { $0 }
    case .quotation(let blocks), .details(_, let blocks), .marked(_, _, let blocks): blocks
    default: []
    }
  }

  /// The block, and all that is inside it.
  public var andInner: [Block] { [self] + inner.flatMap(\.andInner) }

  /// The figure that this marker holds, once it has been filled in.
  public var figure: PageFigure? {
    guard case .marked("figure", _, let blocks) = content, blocks.count == 2,
      case .paragraph(let picture) = blocks[0].content, picture.count == 1,
      case .image(let alternative, let source) = picture[0],
      case .paragraph(let below) = blocks[1].content, below.count == 1,
      case .emphasis(let caption) = below[0]
    else { return nil }
    return PageFigure(source: source, alternative: alternative, caption: caption)
  }

  /// The texts that the block itself shows, without those of blocks inside it: a table has one for each cell.
  public var texts: [[Inline]] {
    switch content {
    case .heading(let heading): [heading.text]
    case .paragraph(let text): [text]
    case .table(let table): table.header + table.rows.flatMap { $0 }
    case .details(let summary, _): [summary]
    default: []
    }
  }
}

/// A heading, and the name by which links reach it.
public struct Heading: Sendable, Equatable {
  /// 1 is the page's title.
  public let level: Int
  /// What it says, without the `#`.
  public let text: [Inline]
  /// As GitHub makes it: `2.5 Channels` is reached by `#25-channels`, a second one by `#25-channels-1`.
  public let anchor: String
}

/// A list, with or without numbers.
public struct PageList: Sendable, Equatable {
  /// The first number; nil when the items have none.
  public let start: Int?
  /// The blocks of each item.
  public let items: [[Block]]
}

/// A table: a header, and rows of as many cells.
public struct PageTable: Sendable, Equatable {
  /// Where the cells of a column stand.
  public enum Alignment: Sendable {
    /// At the left edge.
    case left
    /// In the middle.
    case center
    /// At the right edge, as numbers are.
    case right
  }

  /// One for each column; nil where the page does not say.
  public let alignments: [Alignment?]
  /// The cells of the first row.
  public let header: [[Inline]]
  /// The rows below it, each a list of cells.
  public let rows: [[[Inline]]]
}

/// A picture with the caption below it.
public struct PageFigure: Sendable, Equatable {
  /// The picture's file, from the page's folder on.
  public let source: String
  /// What is to be seen, for those who cannot.
  public let alternative: String
  /// The caption, without the asterisks around it.
  public let caption: [Inline]
}

/// A piece of running text.
public indirect enum Inline: Sendable, Equatable {
  /// Words as they are.
  case text(String)
  /// What stands between backticks.
  case code(String)
  /// A formula in TeX, without dollars.
  case formula(String)
  /// What stands between single asterisks or underscores.
  case emphasis([Inline])
  /// What stands between double ones.
  case strong([Inline])
  /// Text that leads elsewhere: to a file from the page's folder on, an anchor or an address.
  case link([Inline], target: String)
  /// A picture in the text, and what those hear who do not see it.
  case image(alternative: String, source: String)
  /// A number that a marker has filled in: what is shown, and what it asks for.
  case number(String, request: String)
  /// As written; nothing of it is shown.
  case comment(String)
  /// Two spaces at the end of a line, or a backslash there.
  case lineBreak

  /// What stands inside it.
  public var inner: [Inline] {
    switch self {
    case .emphasis(let inner), .strong(let inner), .link(let inner, _): inner
    default: []
    }
  }

  /// The piece, and all that is inside it.
  public var andInner: [Inline] { [self] + inner.flatMap(\.andInner) }
}

/// What a reader sees of a text, formulas in dollars, without any marks; white space as single spaces.
public func plainText(_ inlines: [Inline]) -> String {
  inlines.map(plain).joined().split(whereSeparator: \.isWhitespace).joined(separator: " ")
}

private func plain(_ inline: Inline) -> String {
  switch inline {
  case .text(let text), .code(let text), .number(let text, _), .image(let text, _): text
  case .formula(let formula): "$\(formula)$"
  case .emphasis(let inner), .strong(let inner), .link(let inner, _): inner.map(plain).joined()
  case .comment: ""
  case .lineBreak: " "
  }
}
