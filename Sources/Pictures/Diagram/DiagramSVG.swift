import Formats

extension Diagram {
  /// The drawing as an SVG file of its own: no ground, and colours for light and for dark pages in its style sheet.
  public func svg() -> String {
    let used = Tone.allCases.filter { tone in elements.contains { $0.uses(tone) } }
    func rules(dark: Bool) -> String { used.map { $0.rules(dark: dark) }.joined() }
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(short(width))\" height=\"\(short(height))\" "
        + "viewBox=\"0 0 \(short(width)) \(short(height))\" role=\"img\" "
        + "font-family=\"'DejaVu Sans', Verdana, Geneva, sans-serif\">",
      "<title>\(escaped(title))</title>",
      "<desc>\(escaped(description))</desc>",
      "<style>\(rules(dark: false))\n@media (prefers-color-scheme: dark){\(rules(dark: true))}</style>",
    ]
    for element in elements { lines.append(element.svg) }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Writes the drawing. It appears whole or not at all.
  ///
  /// - Throws: `FileError` when the folder is missing or may not be written to, or the disk is full.
  public func writeSVG(to path: String) throws(FileError) { try AtomicFile.write(svg(), to: path) }
}

extension Diagram.Element {
  var svg: String {
    switch self {
    case .rectangle(let frame, let corner, let fill, let stroke):
      "<rect x=\"\(short(frame.x))\" y=\"\(short(frame.y))\" width=\"\(short(frame.width))\" "
        + "height=\"\(short(frame.height))\"" + (corner > 0 ? " rx=\"\(short(corner))\"" : "")
        + look(fill, stroke) + "/>"
    case .circle(let center, let radius, let fill, let stroke):
      "<circle cx=\"\(short(center.x))\" cy=\"\(short(center.y))\" r=\"\(short(radius))\""
        + look(fill, stroke)
        + "/>"
    case .path(let path, let fill, let stroke): "<path d=\"\(path)\"" + look(fill, stroke) + "/>"
    case .text(let text, let place, let anchor, let tone, let size, let isBold):
      "<text x=\"\(short(place.x))\" y=\"\(short(place.y))\" font-size=\"\(short(size.rawValue))\" "
        + "class=\"\(tone.rawValue)\"" + (isBold ? " font-weight=\"bold\"" : "")
        + (anchor == .start ? "" : " text-anchor=\"\(anchor.rawValue)\"")
        // Else the space behind an index is lost in some programs.
        + (text.contains("_") || text.contains("^") ? " xml:space=\"preserve\"" : "")
        + ">\(spans(Markup(text), size.rawValue))</text>"
    }
  }

  /// Indices stand lower and powers higher; what follows them comes back to the line.
  private func spans(_ markup: Markup, _ size: Float) -> String {
    var (spans, level) = ("", Markup.Level.line)
    for piece in markup.pieces {
      let height = { (level: Markup.Level) in
        level == .index ? size * 0.22 : level == .power ? size * -0.38 : 0
      }
      let shift = height(piece.level) - height(level)
      level = piece.level
      if shift == 0, level == .line {
        spans += escaped(piece.text)
      } else {
        spans += "<tspan dy=\"\(short(shift))\""
        if level != .line { spans += " font-size=\"\(short(size * Markup.small))\"" }
        spans += ">\(escaped(piece.text))</tspan>"
      }
    }
    return spans
  }

  private func look(_ fill: Diagram.Fill, _ stroke: Diagram.Stroke?) -> String {
    var classes: [String] = []
    var more = ""
    switch fill {
    case .none: more += " fill=\"none\""
    case .tint(let tone): classes.append(tone.rawValue + "-tint")
    case .strong(let tone, let opacity):
      classes.append(tone.rawValue)
      if opacity < 1 { more += " fill-opacity=\"\(short(opacity))\"" }
    }
    if let stroke {
      classes.append(stroke.tone.rawValue + "-line")
      more += " stroke-width=\"\(short(stroke.width))\" stroke-linejoin=\"round\""
      more +=
        stroke.dash.isEmpty
        ? " stroke-linecap=\"round\""
        : " stroke-dasharray=\"\(stroke.dash.map(short).joined(separator: " "))\""
    }
    return (classes.isEmpty ? "" : " class=\"\(classes.joined(separator: " "))\"") + more
  }

  func uses(_ tone: Tone) -> Bool {
    func isIn(_ fill: Diagram.Fill, _ stroke: Diagram.Stroke?) -> Bool {
      if stroke?.tone == tone { return true }
      switch fill {
      case .none: return false
      case .tint(let used), .strong(let used, _): return used == tone
      }
    }
    switch self {
    case .rectangle(_, _, let fill, let stroke), .circle(_, _, let fill, let stroke),
      .path(_, let fill, let stroke):
      return isIn(fill, stroke)
    case .text(_, _, _, let used, _, _): return used == tone
    }
  }
}
