import BookKit
import Foundation

/// Where the sections, figures, tables and exercises of the book are, by their numbers.
struct Places: Sendable {
  struct Place: Sendable, Equatable {
    /// The page's name.
    let page: String
    let anchor: String
  }

  private var places: [String: Place] = [:]

  init(_ pages: [SitePage]) {
    for page in pages {
      if let chapter = page.page.chapter { note("chapter \(chapter)", Place(page: page.name, anchor: "")) }
      for heading in page.page.headings where heading.level > 1 {
        // Sections have two numbers; the lists of all exercises and questions name chapters.
        if let number = numbered(plainText(heading.text)).number, number.contains(".") {
          note("section \(number)", Place(page: page.name, anchor: heading.anchor))
        }
      }
      for block in page.page.allBlocks {
        if page.name == "exercises", case .table(let table) = block.content {
          for number in table.rows.compactMap(\.exerciseNumber) {
            note("exercise \(number)", Place(page: page.name, anchor: Self.anchor(of: "exercise \(number)")))
          }
        }
        guard let label = block.captionLabel else { continue }
        note(label.lowercased(), Place(page: page.name, anchor: Self.anchor(of: label)))
      }
    }
  }

  /// The first that has a name keeps it.
  private mutating func note(_ name: String, _ place: Place) {
    if places[name] == nil { places[name] = place }
  }

  /// What a text means by `kind` and `number`: `section` and `2.5`.
  func place(_ kind: String, _ number: String) -> Place? { places["\(kind) \(number)"] }

  /// The name by which links reach a figure or a table: `figure-2-1`.
  static func anchor(of label: String) -> String {
    label.lowercased().replacing(" ", with: "-").replacing(".", with: "-")
  }
}

extension Block {
  /// `Figure 2.1` or `Table 2.1`, where a marker's caption begins with it.
  var captionLabel: String? {
    guard case .marked(_, let request, _) = content, let bar = request.firstIndex(of: "|") else { return nil }
    let caption = request[bar...].dropFirst().drop(while: \.isWhitespace)
    return caption.prefixMatch(of: /(?:Figure|Table) [0-9]+\.[0-9]+/).map { String($0.0) }
  }
}

extension [[Inline]] {
  /// The number of the exercise that a row of the index is about: `2.3` of `2.3 Cross-correlation`.
  var exerciseNumber: String? { first.flatMap { numbered(plainText($0)).number } }
}

/// A piece of running text that names something with a number, or does not.
struct NamedPlace {
  let text: Substring
  let place: Places.Place?

  /// Cuts a text where it names sections, chapters, figures, tables or exercises: `Exercises 4.9 to 4.12` has two.
  static func pieces(of text: String, in places: Places) -> [NamedPlace] {
    var pieces: [NamedPlace] = []
    var rest = text[...]
    func add(_ piece: Substring, _ place: Places.Place?) {
      if !piece.isEmpty { pieces.append(NamedPlace(text: piece, place: place)) }
    }
    // Most texts name nothing, and a look for a few letters is much faster than one for all of the pattern.
    guard text.utf8.contains(where: { (0x30...0x39).contains($0) }),
      ["ection", "hapter", "able", "igure", "xercise"].contains(where: { text.contains($0) })
    else { return text.isEmpty ? [] : [NamedPlace(text: rest, place: nil)] }
    while let match = rest.firstMatch(
      of: /\b([Ss]ection|[Cc]hapter|[Tt]able|[Ff]igure|[Ee]xercise)(s?)[ \n]([0-9]+(?:\.[0-9]+)?)\b/)
    {
      let kind = match.1.lowercased()
      add(rest[..<match.range.lowerBound], nil)
      add(match.0, places.place(kind, String(match.3)))
      rest = rest[match.range.upperBound...]
      // What is counted up after a plural: `4.9, 4.10 and 4.12`.
      while !match.2.isEmpty,
        let next = rest.prefixMatch(of: /((?:,|,? and| to|–)[ \n]?)([0-9]+(?:\.[0-9]+)?)\b/),
        let place = places.place(kind, String(next.2))
      {
        add(next.1, nil)
        add(next.2, place)
        rest = rest[next.range.upperBound...]
      }
    }
    add(rest, nil)
    return pieces
  }
}
