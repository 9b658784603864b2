import Engine
import Foundation

/// A figure of the book's site that readers touch: its script, its data, and its static picture.
struct TouchFigure {
  let name: String
  /// Where its picture and its data lie, under `Book/Results`.
  let experiment: String
  /// With its ending.
  let pictureName: String
  /// The page that shows it.
  let page: String

  static let digit = TouchFigure(
    name: "draw-a-digit", experiment: "12-optimizing-models/touch", pictureName: "draw-a-digit.svg",
    page: "12-optimizing-models.md")
  static let kernel = TouchFigure(
    name: "slide-a-kernel", experiment: "02-convolution/touch", pictureName: "slide-a-kernel.svg",
    page: "02-convolution.md")
  static let sentence = TouchFigure(
    name: "your-sentence", experiment: "10-choosing-a-model/touch", pictureName: "your-sentence.png",
    page: "10-choosing-a-model.md")
  static let all = [digit, kernel, sentence]

  static let book = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Book")
  var folder: URL { Self.book.appending(path: "Touch") }
  var script: URL { folder.appending(path: "\(name).js") }
  private var results: URL { Self.book.appending(path: "Results/\(experiment)") }
  var data: URL { results.appending(path: "\(name).data.js") }
  var picture: URL { results.appending(path: pictureName) }

  /// What the experiment measured.
  func metrics() throws -> [String: Double] {
    struct Results: Decodable { let metrics: [String: Double] }
    return try JSONDecoder().decode(
      Results.self, from: Data(contentsOf: results.appending(path: "results.json"))
    ).metrics
  }

  struct NoData: Error {}

  /// What the data script gives to the figure's.
  func contents<Contents: Decodable>(as type: Contents.Type = Contents.self) throws -> Contents {
    let text = try String(contentsOf: data, encoding: .utf8)
    let (start, end) = ("(window.workbookData ??= {})[\"\(name)\"] = ", ";\n")
    guard text.hasPrefix(start), text.hasSuffix(end) else { throw NoData() }
    return try JSONDecoder().decode(
      Contents.self, from: Data(text.dropFirst(start.count).dropLast(end.count).utf8))
  }
}

extension Data {
  /// Whole numbers of eight bits with a sign.
  var wholeNumbers: [Float] { map { Float(Int8(bitPattern: $0)) } }

  /// Floats of four bytes, the lowest first.
  var floats: [Float] {
    let bytes = [UInt8](self)
    return stride(from: 0, to: bytes.count, by: 4).map { i -> Float in
      let pattern = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: i, as: UInt32.self) }
      return Float(bitPattern: UInt32(littleEndian: pattern))
    }
  }
}

/// The largest difference between numbers, infinite where there are not as many.
func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
  if a.count != b.count { return .infinity }
  return zip(a, b).reduce(0) { most, pair in
    let difference = abs(pair.0 - pair.1)
    return difference.isNaN ? .infinity : max(most, difference)
  }
}
