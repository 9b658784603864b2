/// The margin around every figure, so that it also stands well on a dark page.
let margin = 24

extension Drawing {
  /// Draws title and subtitle in the upper left corner, and returns where the content may begin.
  ///
  /// - Parameters:
  ///   - title: In large letters; may be empty.
  ///   - subtitle: In smaller ones; nil for none.
  ///   - width: Of the picture: longer lines are broken.
  public mutating func addHeading(_ title: String, _ subtitle: String?, width: Int) -> Int {
    var y = margin
    for line in Font.title.wrapped(title, to: width - 2 * margin) where !line.isEmpty {
      add(Label(text: line, x: margin, y: y + Font.title.capHeight, font: .title))
      y += Font.title.lineHeight
    }
    if y > margin { y += 2 }
    for line in Font.body.wrapped(subtitle ?? "", to: width - 2 * margin) where !line.isEmpty {
      add(Label(text: line, x: margin, y: y + Font.body.capHeight, font: .body, color: .faintInk))
      y += Font.body.lineHeight
    }
    return y == margin ? margin : y + 12
  }
}
