import Foundation
import RegexBuilder

/// Holds the sources that a page names by author and year to the list at its end.
///
/// What the text cites stands in the list. What the list has is named in the text, or a remark after a colon says what
/// it is good for: `…, ACL 2018: to read on.`
struct CitationCheck {
  let page: Page

  /// A page without a list is left alone: it speaks of works that the chapters list.
  var problems: [BookProblem] {
    var citations: [(citation: Citation, line: Int)] = []
    var works: [(work: ListedWork, line: Int)] = []
    var words: Set<Substring> = []
    var isReference = false
    for block in page.blocks {
      if case .heading(let heading) = block.content, heading.level <= 2 {
        isReference = plainText(heading.text) == "References"
      } else if isReference, case .list(let list) = block.content {
        works += list.items.compactMap { item in
          guard let first = item.first, case .paragraph(let text) = first.content else { return nil }
          return (ListedWork(text), first.lines.lowerBound)
        }
      } else if !isReference {
        for part in block.andInner {
          for text in part.texts.map(markdown) {
            citations += Citation.all(in: text).map { ($0, part.lines.lowerBound) }
            words.formUnion(text.split { !$0.isLetter && $0 != "-" })
          }
        }
      }
    }
    if works.isEmpty { return [] }
    return unlisted(citations, in: works.map(\.work)) + unnamed(works, words)
  }

  private func unlisted(_ citations: [(citation: Citation, line: Int)], in works: [ListedWork])
    -> [BookProblem]
  {
    citations.filter { cited in !works.contains { $0.isMeant(by: cited.citation) } }.map { cited in
      let near = works.first { $0.authors.first == cited.citation.names.first }
      return BookProblem(
        page.path, line: cited.line, "\(cited.citation.text) is not among the references",
        advice: near.map { "The list has \($0.citation)." }
          ?? "Add the work to the list at the end of the page.")
    }
  }

  private func unnamed(_ works: [(work: ListedWork, line: Int)], _ words: Set<Substring>) -> [BookProblem] {
    works.filter { listed in
      !listed.work.hasRemark && !words.isSuperset(of: listed.work.firstAuthor.split(separator: " "))
    }.map { listed in
      BookProblem(
        page.path, line: listed.line, "the text never names \(listed.work.citation)",
        advice: "Name it where it is used, or say after a colon what it is good for, or take it out.")
    }
  }
}

/// A source as running text names it: `Elman, 1990`, `Kingma and Ba (2015)`, `Cho and others, 2014`.
struct Citation: Equatable {
  /// The names in order; *others* is none of them.
  let names: [String]
  let hasOthers: Bool
  let year: String
  /// As it stands in the text.
  let text: String

  /// All of them, in a text written as Markdown: a title in italics is then no name.
  static func all(in text: String) -> [Citation] {
    let name = /(?:(?:van|von|de|der|den) )*\p{Lu}[\p{L}’'-]+/
    let citation = Regex {
      Capture {
        ZeroOrMore {
          name
          ", "
        }
        name
        Optionally {
          " and "
          ChoiceOf {
            "others"
            name
          }
        }
      }
      ChoiceOf {
        ", "
        " ("
      }
      Capture(/(?:19|20)[0-9]{2}\b/)
    }
    return text.matches(of: citation).map { match in
      let hasOthers = match.1.hasSuffix(" and others")
      let names = match.1.replacing(" and others", with: "").replacing(" and ", with: ", ")
      return Citation(
        names: names.split(separator: ", ").map(String.init), hasOthers: hasOthers, year: String(match.2),
        text: "\(match.1), \(match.2)")
    }
  }
}

/// A work as the list at a page's end has it: names, a title in quotation marks or italics, and where and when it
/// appeared.
struct ListedWork {
  let authors: [String]
  /// Whether the list of authors is cut short.
  let hasOthers: Bool
  let years: [String]
  /// Whether something is said of it after a colon.
  let hasRemark: Bool

  init(_ item: [Inline]) {
    let text = markdown(item)
    let work = Listings.withoutRemark(text)
    hasRemark = work.count + 1 < text.count
    let isTitle: (Character) -> Bool = { $0 == "\"" || $0 == "*" }
    let hasTitle = work.contains(where: isTitle)
    let names = hasTitle ? String(work.prefix { !isTitle($0) }) : String(work.prefix { $0 != "," })
    hasOthers = names.contains(" and others")
    authors = names.replacing(" and others", with: "").split(separator: ",").map {
      $0.trimmingCharacters(in: .whitespaces)
    }.filter { !$0.isEmpty }
    let title = work.firstMatch(of: /"[^"]*"|\*[^*]*\*/)?.range
    let after = title.map { work[$0.upperBound...] } ?? work.dropFirst(names.count)
    years = after.replacing(/<[^>]*>|\]\([^)]*\)|arXiv [0-9.]+|[0-9]+–[0-9]+/, with: "").matches(
      of: /\b(?:19|20)[0-9]{2}\b/
    ).map { String($0.0) }
  }

  var firstAuthor: String { authors.first ?? "" }

  /// How running text would name it.
  var citation: String {
    let names =
      hasOthers || authors.count > 2 ? firstAuthor + " and others" : authors.joined(separator: " and ")
    return "\(names), \(years.first ?? "without a year")"
  }

  /// Whether a citation has its year, and its names: all of them, or the first with *others*, where there are three or
  /// more.
  func isMeant(by citation: Citation) -> Bool {
    guard years.contains(citation.year) else { return false }
    if citation.hasOthers {
      return citation.names == [firstAuthor] && (hasOthers || authors.count > 2)
    }
    // Of a group's name, the last word has been read: *Forum* of *Message Passing Interface Forum*.
    let isGroup =
      authors.count == 1 && citation.names.count == 1 && firstAuthor.hasSuffix(" " + citation.names[0])
    return isGroup || citation.names == authors
  }
}
