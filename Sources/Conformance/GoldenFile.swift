import Foundation

/// A reference file: one case, as PyTorch computed it.
public struct GoldenFile: Sendable {
  public let arrays: [String: GoldenArray]
  public let metadata: [String: String]

  struct Malformed: Error, CustomStringConvertible {
    let description: String
  }

  public init(_ url: URL) throws {
    let bytes = try Data(contentsOf: url)
    guard bytes.count >= 8 else { throw Malformed(description: "the file is shorter than 8 bytes") }
    let length = bytes.prefix(8).enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << (8 * UInt64($1.offset))
    }
    guard length <= UInt64(bytes.count - 8) else {
      throw Malformed(description: "the header ends after the file")
    }
    let start = 8 + Int(length)
    guard let header = try JSONSerialization.jsonObject(with: bytes[8..<start]) as? [String: Any] else {
      throw Malformed(description: "the header is no JSON object")
    }
    metadata = header["__metadata__"] as? [String: String] ?? [:]
    var arrays: [String: GoldenArray] = [:]
    for (name, value) in header where name != "__metadata__" {
      guard let entry = value as? [String: Any], let type = entry["dtype"] as? String,
        let element = GoldenArray.Element(rawValue: type), let shape = entry["shape"] as? [Int],
        let offsets = entry["data_offsets"] as? [Int], offsets.count == 2, offsets[0] <= offsets[1],
        start + offsets[1] <= bytes.count
      else { throw Malformed(description: "the entry of \(name) is not understood") }
      let scalars = Self.numbers(Array(bytes[start + offsets[0]..<start + offsets[1]]), element)
      guard scalars.count == shape.reduce(1, *) else {
        throw Malformed(description: "\(name): shape \(shape) and \(scalars.count) numbers")
      }
      arrays[name] = GoldenArray(scalars, shape: shape, element: element)
    }
    self.arrays = arrays
  }

  private static func numbers(_ bytes: [UInt8], _ element: GoldenArray.Element) -> [Double] {
    func read<Number>(_ type: Number.Type, _ convert: (Number) -> Double) -> [Double] {
      bytes.withUnsafeBytes { raw in
        stride(from: 0, to: bytes.count, by: MemoryLayout<Number>.size).map {
          convert(raw.loadUnaligned(fromByteOffset: $0, as: Number.self))
        }
      }
    }
    return switch element {
    case .float32: read(Float.self) { Double($0) }
    case .float64: read(Double.self) { $0 }
    case .int64: read(Int64.self) { Double($0) }
    case .int32: read(Int32.self) { Double($0) }
    case .int8: read(Int8.self) { Double($0) }
    case .uint8, .bool: read(UInt8.self) { Double($0) }
    }
  }
}
