import BookKit
import Foundation

/// The terms of the glossary, each with the names under which the pages use it.
///
/// The page `Book/glossary.md` has an item of a list for each: `**gradient**, *slope*: what it means. ([section 0.4](…))`.
/// What stands in bold, and in italics up to the colon, are the term's names.
struct Glossary: Sendable {
  struct Term: Sendable {
    let name: String
    let names: [String]
    /// The name by which links reach it: `term-gradient`.
    var anchor: String {
      "term-" + name.lowercased().map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined()
    }
  }

  let terms: [Term]
  /// The terms by their names, and these in small letters, by their first word: what is looked for at each word.
  private let byFirstWord: [String: [(words: [String], term: Term)]]

  init(_ page: Page?) {
    terms =
      page?.allBlocks.flatMap { block -> [Term] in
        guard case .list(let list) = block.content else { return [] }
        return list.items.compactMap(Self.term)
      } ?? []
    var table: [String: [(words: [String], term: Term)]] = [:]
    for term in terms {
      for name in term.names {
        let words = Self.words(of: name.lowercased()[...]).map(String.init)
        if let first = words.first { table[Self.stem(first), default: []].append((words, term)) }
      }
    }
    // The longest name that fits is meant: `learning rate` before `learning`.
    byFirstWord = table.mapValues { $0.sorted { $0.words.count > $1.words.count } }
  }

  /// The term that an item of the page's lists explains.
  static func term(of item: [Block]) -> Term? {
    guard case .paragraph(let text)? = item.first?.content, case .strong(let bold)? = text.first else {
      return nil
    }
    let name = plainText(bold)
    var names = [name]
    for inline in text.dropFirst() {
      if case .emphasis(let other) = inline { names.append(plainText(other)) }
      if case .text(let text) = inline, text.contains(":") { break }
    }
    return Term(name: name, names: names)
  }

  /// A word without the ending of its plural.
  private static func stem(_ word: String) -> String {
    if word.count > 4, word.hasSuffix("ies") { return word.dropLast(3) + "y" }
    if word.count > 4, word.hasSuffix("ches") || word.hasSuffix("xes") || word.hasSuffix("sses") {
      return String(word.dropLast(2))
    }
    return word.count > 3 && word.hasSuffix("s") && !word.hasSuffix("ss") ? String(word.dropLast()) : word
  }

  /// A piece of text with the term that it names, or none.
  struct Piece {
    let text: Substring
    let term: Term?
  }

  /// Cuts a text where it uses a term for which `isWanted` holds.
  func pieces(of text: Substring, where isWanted: (Term) -> Bool) -> [Piece] {
    var pieces: [Piece] = []
    var begin = text.startIndex
    let words = Self.words(of: text)
    var i = 0
    while i < words.count {
      let candidates = byFirstWord[Self.stem(words[i].lowercased())] ?? []
      if let found = candidates.first(where: { fits($0.words, words[i...], in: text) && isWanted($0.term) }) {
        let end = words[i + found.words.count - 1].endIndex
        if begin < words[i].startIndex {
          pieces.append(Piece(text: text[begin..<words[i].startIndex], term: nil))
        }
        pieces.append(Piece(text: text[words[i].startIndex..<end], term: found.term))
        // One link for each term: what follows is cut by the caller's next question.
        return pieces + self.pieces(of: text[end...], where: { $0.name != found.term.name && isWanted($0) })
      }
      i += 1
    }
    if begin < text.endIndex { pieces.append(Piece(text: text[begin...], term: nil)) }
    begin = text.endIndex
    return pieces
  }

  private func fits(_ names: [String], _ words: ArraySlice<Substring>, in text: Substring) -> Bool {
    guard words.count >= names.count else { return false }
    for (k, (name, word)) in zip(names, words).enumerated() {
      let written = word.lowercased()
      let isLast = k == names.count - 1
      guard written == name || isLast && Self.stem(written) == Self.stem(name) else { return false }
      // Nothing but white space, or a dash, between the words of a name.
      if !isLast {
        let next = words[words.startIndex + k + 1]
        guard text[word.endIndex..<next.startIndex].allSatisfy({ $0.isWhitespace || $0 == "–" }) else {
          return false
        }
      }
    }
    return true
  }

  private static func words(of text: Substring) -> [Substring] {
    text.split { !($0.isLetter || $0.isNumber || $0 == "-") }
  }
}
