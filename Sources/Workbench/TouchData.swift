import Formats
import Foundation
import Pictures

extension Experiment {
  /// Writes what a figure that readers can touch calculates with: `NAME.data.js`, beside the figure's static picture.
  ///
  /// It is a script, because a page that is opened from a folder may load scripts but no other files. The figure's own
  /// script, `Book/Touch/NAME.js`, finds the data as `workbookData["NAME"]`. The size of the file and its checksum are kept
  /// among the metrics, so that a file of another run is noticed.
  ///
  /// - Parameters:
  ///   - data: Written as JSON; bytes, of the type `Data`, in base 64.
  ///   - figure: NAME.
  /// - Throws: `FileError` when the file cannot be written; what encoding throws: a number that is not finite.
  public mutating func writeTouchData(_ data: some Encodable, for figure: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let json = String(decoding: try encoder.encode(data), as: UTF8.self)
    let script = Array("(window.workbookData ??= {})[\"\(figure)\"] = \(json);\n".utf8)
    try AtomicFile.write(script, to: output.file("\(figure).data.js"))
    add("\(figure).data.js", "what the figure on the book's site calculates with")
    metrics["data_bytes"] = Double(script.count)
    metrics["data_crc32"] = Double(CRC32.checksum(script))
  }
}

/// Numbers as scripts take them from base 64: four bytes each, the lowest first.
public func littleEndianBytes(_ numbers: [Float]) -> Data {
  var bytes = Data(capacity: 4 * numbers.count)
  for number in numbers {
    for shift in [0, 8, 16, 24] { bytes.append(UInt8(truncatingIfNeeded: number.bitPattern >> shift)) }
  }
  return bytes
}

extension ColorMap {
  /// Red, green and blue of all 256 colours, for a figure's script.
  public var bytes: Data { Data(colors.flatMap { [$0.red, $0.green, $0.blue] }) }
}
