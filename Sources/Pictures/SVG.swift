import Formats
import Foundation

extension Drawing {
  /// The figure as an SVG file of its own: no style sheet, no script, its own white background.
  public func svg() -> String {
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        + "viewBox=\"0 0 \(width) \(height)\" role=\"img\" "
        + "font-family=\"'DejaVu Sans', Verdana, Geneva, sans-serif\">",
      "<title>\(escaped(title))</title>",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#ffffff\"/>",
    ]
    for element in elements { lines.append(svg(element)) }
    lines.append("</svg>")
    return lines.joined(separator: "\n") + "\n"
  }

  private func svg(_ element: Element) -> String {
    switch element {
    case .fill(let box, let color):
      "<rect x=\"\(box.x)\" y=\"\(box.y)\" width=\"\(box.width)\" height=\"\(box.height)\" fill=\"\(color.hex)\"/>"
    case .frame(let box, let color):
      // A stroke lies half on either side of its path.
      "<rect x=\"\(box.x).5\" y=\"\(box.y).5\" width=\"\(box.width - 1)\" height=\"\(box.height - 1)\" "
        + "fill=\"none\" stroke=\"\(color.hex)\"/>"
    case .picture(let canvas, let x, let y): image(canvas, x, y)
    case .label(let label):
      "<text x=\"\(label.x)\" y=\"\(label.y)\" font-size=\"\(label.font.size)\" fill=\"\(label.color.hex)\""
        + (label.font.isBold ? " font-weight=\"bold\"" : "")
        + (label.anchor == .start ? "" : " text-anchor=\"\(label.anchor.rawValue)\"")
        + (label.turned ? " transform=\"rotate(-90 \(label.x) \(label.y))\"" : "")
        + " xml:space=\"preserve\">\(escaped(label.text))</text>"
    case .line(let points, let width, let color, let dash):
      "<polyline points=\"\(coordinates(points))\" fill=\"none\" stroke=\"\(color.hex)\" "
        + "stroke-width=\"\(short(width))\""
        + " stroke-linecap=\"\(dash.isEmpty ? "round" : "butt")\" stroke-linejoin=\"round\""
        + (dash.isEmpty ? "" : " stroke-dasharray=\"\(dash.map(short).joined(separator: " "))\"") + "/>"
    case .outline(let points, let color, let opacity):
      "<polygon points=\"\(coordinates(points))\" fill=\"\(color.hex)\" fill-opacity=\"\(short(opacity))\"/>"
    case .disc(let center, let radius, let color):
      "<circle cx=\"\(short(center.x))\" cy=\"\(short(center.y))\" r=\"\(short(radius))\" fill=\"\(color.hex)\"/>"
    }
  }

  private func image(_ canvas: Canvas, _ x: Int, _ y: Int) -> String {
    let png = PNG(width: canvas.width, height: canvas.height, color: .rgb, bytes: canvas.bytes)
    // Only a picture without pixels has no encoding, and it shows nothing anyway.
    guard let bytes = try? png.encoded() else { return "" }
    return "<image x=\"\(x)\" y=\"\(y)\" width=\"\(canvas.width)\" height=\"\(canvas.height)\" "
      + "href=\"data:image/png;base64,\(Data(bytes).base64EncodedString())\"/>"
  }

  private func coordinates(_ points: [Point]) -> String {
    points.map { short($0.x) + "," + short($0.y) }.joined(separator: " ")
  }
}

/// A coordinate to a hundredth of a pixel.
func short(_ x: Float) -> String {
  let hundredths = Int((x * 100).rounded())
  if hundredths % 100 == 0 { return String(hundredths / 100) }
  let digits = String(hundredths.magnitude % 100)
  let fraction = digits.count == 1 ? "0" + digits : digits.hasSuffix("0") ? String(digits.first!) : digits
  return (hundredths < 0 ? "-" : "") + String(hundredths.magnitude / 100) + "." + fraction
}

/// `text` as XML wants it: its own signs replaced, control characters, which it forbids, left out.
func escaped(_ text: String) -> String {
  var escaped = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "&": escaped += "&amp;"
    case "<": escaped += "&lt;"
    case ">": escaped += "&gt;"
    case "\"": escaped += "&quot;"
    case "\t", "\n", "\r": escaped += " "
    case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: break
    default: escaped.unicodeScalars.append(scalar)
    }
  }
  return escaped
}
