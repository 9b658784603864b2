/// A line of text with indices and powers: `h_{t−1}`, `x_i`, `W^T`.
struct Markup {
  enum Level: Int { case index = -1, line = 0, power = 1 }

  private(set) var pieces: [(text: String, level: Level)] = []

  init(_ text: String) {
    var rest = text[...]
    func add(_ piece: some StringProtocol, _ level: Level) {
      if piece.isEmpty { return }
      if pieces.last?.level == level {
        pieces[pieces.count - 1].text += piece
      } else {
        pieces.append((String(piece), level))
      }
    }
    while let mark = rest.firstIndex(where: { $0 == "_" || $0 == "^" }) {
      add(rest[..<mark], .line)
      let level: Level = rest[mark] == "_" ? .index : .power
      rest = rest[rest.index(after: mark)...]
      if rest.first == "{", let end = rest.firstIndex(of: "}") {
        add(rest.dropFirst().prefix(upTo: end), level)
        rest = rest[rest.index(after: end)...]
      } else if let next = rest.first {
        add(String(next), level)
        rest = rest.dropFirst()
      }
    }
    add(rest, .line)
  }

  /// Letters of an index are smaller by this.
  static let small: Float = 0.75

  /// How wide the line is, by the letters of DejaVu Sans, which are wider than those of most other fonts.
  func width(_ size: Diagram.Size, isBold: Bool) -> Float {
    pieces.reduce(0) { sum, piece in
      let font = isBold ? Font.title : Font.body
      let letters = Float(font.width(of: piece.text)) / Float(font.size) * size.rawValue
      return sum + (piece.level == .line ? letters : letters * Self.small)
    }
  }
}
