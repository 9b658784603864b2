import BookKit
import Foundation

/// A picture of the book's, how large it is, and how it looks on a dark page.
struct Picture: Sendable {
  /// From the folder of the book on: `Results/02-convolution/filters/filters.png`.
  let source: String
  let file: URL
  /// In CSS pixels; nil when the file does not say.
  let width, height: Int?
  /// What is to be seen, as the picture itself says: an SVG's description, or else its title.
  let description: String?
  /// The SVG for a dark page, where that is another one.
  let darkSVG: String?
  /// The SVG for a light page, where the file asks the system which of the two it is on.
  let lightSVG: String?

  /// The file of the dark variant: `filters.dark.svg`.
  var darkSource: String { source.dropLast(".svg".count) + ".dark.svg" }

  /// - Parameter page: The page that shows the picture.
  /// - Throws: `BookProblem` when there is no such file.
  init(_ source: String, in book: URL, shownOn page: String) throws(BookProblem) {
    self.source = source
    file = book.appending(path: source)
    guard let data = try? Data(contentsOf: file) else {
      throw BookProblem(
        page, "there is no picture Book/\(source)", advice: "Run the experiment that draws it.")
    }
    if source.hasSuffix(".svg") {
      let svg = String(decoding: data, as: UTF8.self)
      let root = svg.firstMatch(of: /<svg[^>]*>/).map { String($0.0) } ?? ""
      width = root.firstMatch(of: /\bwidth="([0-9]+)/).flatMap { Int($0.1) }
      height = root.firstMatch(of: /\bheight="([0-9]+)/).flatMap { Int($0.1) }
      let said =
        svg.firstMatch(of: /<desc>([^<]*)<\/desc>/) ?? svg.firstMatch(of: /<title>([^<]*)<\/title>/)
      description = said.map { unescaped($0.1) }
      let asksSystem = svg.contains(Self.darkQuery)
      darkSVG = Self.dark(svg)
      lightSVG = asksSystem ? svg.replacing(Self.darkQuery, with: "@media not all") : nil
    } else {
      let bytes = [UInt8](data.prefix(24))
      let isPNG = bytes.count == 24 && bytes[1...3].elementsEqual("PNG".utf8)
      width = isPNG ? bytes[16..<20].reduce(0) { $0 << 8 | Int($1) } : nil
      height = isPNG ? bytes[20..<24].reduce(0) { $0 << 8 | Int($1) } : nil
      (description, darkSVG, lightSVG) = (nil, nil, nil)
    }
  }

  // MARK: Dark pages

  private static var darkQuery: Regex<Substring> { /@media\s*\(\s*prefers-color-scheme\s*:\s*dark\s*\)/ }

  /// The colours of `Pictures` for paper and ink, and for lines on white, and what they are on a dark page. What colours
  /// stand for categories gets lighter, in the same hue; the colours of scales stay.
  private static let darkColors = [
    "#ffffff": "#16181d", "#1f2328": "#dfe2e7", "#5f6670": "#a3abb6", "#8a919b": "#7b838e",
    "#e3e6ea": "#2d323a",
    "#e2e4e6": "#2d323a", "#000000": "#e8eaed",
    "#0072b2": "#4aa8e0", "#d55e00": "#f08a45", "#009e73": "#2fc094", "#cc79a7": "#dd92bb",
    "#e69f00": "#ecb03c",
    "#56b4e9": "#8fd0f5",
  ]

  /// The colours that stand for categories.
  private static let categories = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"]

  /// A category's colour mixed with white has a text on it: it becomes the same colour mixed with dark paper, and darker,
  /// for the text becomes light.
  private static func darkTint(_ color: String) -> String? {
    func channels(_ color: String) -> [Double] {
      let number = Int(color.dropFirst(), radix: 16) ?? 0
      return [16, 8, 0].map { Double(number >> $0 & 255) }
    }
    let (mixed, paper) = (channels(color), channels(darkColors["#ffffff"]!))
    for pure in categories.map(channels) {
      // The channel that is farthest from white says how much of the colour there is.
      let least = pure.indices.min { pure[$0] < pure[$1] }!
      let share = (255 - mixed[least]) / (255 - pure[least])
      guard (0.05...0.95).contains(share),
        pure.indices.allSatisfy({ abs(255 - (255 - pure[$0]) * share - mixed[$0]) < 1.5 })
      else { continue }
      let dark = pure.indices.map { paper[$0] + (pure[$0] - paper[$0]) * share * 0.75 }
      return "#" + dark.map { hexadecimal(UInt8($0.rounded())) }.joined()
    }
    return nil
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func dark(_ svg: String) -> String? {
    if svg.contains(darkQuery) { return svg.replacing(darkQuery, with: "@media all") }
    let changed = svg.replacing(/(fill|stroke|stop-color)="(#[0-9a-f]{6})"/) { match in
      "\(match.1)=\"\(darkColors[String(match.2)] ?? darkTint(String(match.2)) ?? String(match.2))\""
    }
    return changed == svg ? nil : changed
  }

  // MARK: In HTML

  /// The picture as an element; two where the dark page has another one, of which a stylesheet hides one.
  func html(alternative: String, from folder: String = "", hasDark: Bool = true) -> String {
    let size = width.map { " width=\"\($0)\" height=\"\(height ?? $0)\"" } ?? ""
    func image(_ source: String, _ kind: String) -> String {
      "<img\(kind.isEmpty ? "" : " class=\"\(kind)\"") src=\"\(escaped(folder + source))\" alt=\"\(escaped(alternative))\"\(size) loading=\"lazy\">"
    }
    guard darkSVG != nil, hasDark else { return image(source, source.hasSuffix(".png") ? "card" : "") }
    return image(source, "on-light") + image(darkSource, "on-dark")
  }
}
