import Engine
import Foundation

#if canImport(FoundationXML)
  import FoundationXML
#endif

/// A drawing as it stands in its file, read by an XML parser.
final class DrawnFile: NSObject, XMLParserDelegate {
  struct Text {
    let string: String
    let x, y, size: Float
    let anchor: String

    /// What it covers, by the letters of DejaVu Sans; indices count as full letters.
    var box: (left: Float, right: Float, top: Float, bottom: Float) {
      let width = Float(Font.body.width(of: string)) / Float(Font.body.size) * size
      let left = anchor == "middle" ? x - width / 2 : anchor == "end" ? x - width : x
      return (left, left + width, y - size * 0.73, y + size * 0.2)
    }
  }

  private(set) var title = "", seen = "", style = "", role = ""
  private(set) var width: Float = 0, height: Float = 0
  private(set) var texts: [Text] = []
  private(set) var isWellFormed = false
  private(set) var hasGround = false
  private var characters = ""
  private var open: [String: String] = [:]

  init(_ path: String) throws {
    super.init()
    let parser = XMLParser(data: try Data(contentsOf: URL(fileURLWithPath: path)))
    parser.delegate = self
    isWellFormed = parser.parse()
  }

  /// The strings of all texts, in the order in which they were drawn.
  var strings: [String] { texts.map(\.string) }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    switch name {
    case "svg":
      role = attributes["role"] ?? ""
      (width, height) = (Float(attributes["width"] ?? "") ?? 0, Float(attributes["height"] ?? "") ?? 0)
    case "rect":
      if Float(attributes["width"] ?? "") == width, Float(attributes["height"] ?? "") == height {
        hasGround = true
      }
    case "tspan": return
    default: break
    }
    if name == "text" { open = attributes }
    characters = ""
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { characters += string }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    switch name {
    case "title": title = characters
    case "desc": seen = characters
    case "style": style = characters
    case "text":
      texts.append(
        Text(
          string: characters, x: Float(open["x"] ?? "") ?? -1, y: Float(open["y"] ?? "") ?? -1,
          size: Float(open["font-size"] ?? "") ?? 0, anchor: open["text-anchor"] ?? "start"))
    default: break
    }
  }
}
