import NumberText
import Tensors

/// Reads and writes safetensors files, which PyTorch's `safetensors` package reads and writes too.
///
/// A file is the length of a header (eight bytes), the header (JSON: each array's type, shape and place) and the
/// arrays' bytes. Files are written in the order that the package uses, largest numbers first and then by name, so
/// the same arrays give the same bytes; only the order of several metadata keys, which the package leaves to chance,
/// is fixed here: by name.
///
/// - PyTorch: `safetensors.torch.load_file`, `save_file`.
/// - Source: the format's description in the README of huggingface/safetensors.
public enum SafeTensors {
  /// The package's own bound on the header's length.
  static let mostHeaderBytes = 100_000_000
  private static let advice = "The file is damaged or no safetensors file; fetch it again or write it anew."

  /// The arrays of the file at `path`, in the order in which they lie in it.
  ///
  /// - Throws: `FileError` when the file cannot be read, is cut off, or its header does not fit its contents.
  public static func read(_ path: String) throws(FileError) -> NamedArrays {
    try parse(FileContents.bytes(of: path), path: path)
  }

  /// Writes `arrays` and their metadata to `path`.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  public static func write(
    _ arrays: NamedArrays, to path: String, creatingFolders: Bool = false
  ) throws(FileError) {
    let order = try writingOrder(arrays)
    let header = header(order, arrays.metadata)
    try AtomicFile.write(to: path, creatingFolders: creatingFolders) { file throws(FileError) in
      try file.write((0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) })
      try file.write(header)
      for (_, array) in order { try file.write(array.bytes) }
    }
  }

  /// Largest numbers first, so that each is aligned; types of one size in the package's order; then by name.
  private static func writingOrder(
    _ arrays: NamedArrays
  ) throws(FileError) -> [(name: String, array: StoredArray)] {
    let ranks = Dictionary(uniqueKeysWithValues: ScalarType.allCases.enumerated().map { ($1, $0) })
    var order: [(name: String, array: StoredArray)] = []
    for name in arrays.names { order.append((name, try arrays.array(name))) }
    return order.sorted { a, b in
      let (ra, rb) = (ranks[a.array.scalarType]!, ranks[b.array.scalarType]!)
      return ra != rb ? ra > rb : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
  }

  private static func header(
    _ order: [(name: String, array: StoredArray)], _ metadata: NamedValues<String>
  ) -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
      let sorted = metadata.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
      let pairs = sorted.map { "\(JSONValue.quoted($0.name)):\(JSONValue.quoted($0.value))" }
      members.append("\"__metadata__\":{\(pairs.joined(separator: ","))}")
    }
    var offset = 0
    for (name, array) in order {
      if name == "__metadata__" { trap("SafeTensors.write: no array may be called __metadata__") }
      let end = offset + array.bytes.count
      let shape = array.shape.map(String.init).joined(separator: ",")
      let type = array.scalarType.rawValue
      members.append(
        "\(JSONValue.quoted(name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}"
      )
      offset = end
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    return header
  }

  static func parse(_ bytes: [UInt8], path: String) throws(FileError) -> NamedArrays {
    // Only a safetensors file has a brace after eight bytes.
    if bytes.count < 9 || bytes[8] != UInt8(ascii: "{"),
      let other = FileError.other(path, than: "a safetensors file", bytes)
    {
      throw other
    }
    if bytes.count < 8 {
      throw FileError(
        path, "the file ends after \(counted(bytes.count, "byte"))",
        expected: "8 bytes with the header's length",
        advice: advice)
    }
    let length = bytes[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    if length > mostHeaderBytes || length < 2 {
      throw FileError(
        path, at: .byte(0), "the header's length is \(grouped(length)) bytes",
        expected: "from 2 to \(grouped(mostHeaderBytes))", advice: advice)
    }
    let dataStart = 8 + Int(length)
    if dataStart > bytes.count {
      throw FileError(
        path, "the file ends after \(grouped(bytes.count)) of \(grouped(dataStart)) bytes, inside the header",
        advice: advice)
    }
    let json: JSONValue
    do throws(JSONProblem) {
      json = try JSONValue(parsing: bytes[8..<dataStart])
    } catch {
      throw FileError(
        path, at: .byte(8 + error.offset), "the header is no JSON: found \(error.found)",
        expected: error.expected,
        advice: advice)
    }
    guard case .object(let members) = json else {
      throw FileError(path, at: .byte(8), "the header is no JSON object", advice: advice)
    }
    let header = try SafeTensorsHeader(members, path: path)
    try header.check(dataCount: bytes.count - dataStart, fileCount: bytes.count)

    var arrays = NamedArrays(metadata: header.metadata)
    arrays.path = path
    for entry in header.entries {
      guard let type = entry.type else {
        arrays.add(unreadable: entry.name, header.unknownType(of: entry))
        continue
      }
      let data = bytes[dataStart + entry.start..<dataStart + entry.end]
      arrays[entry.name] = StoredArray(
        type, shape: entry.shape, bytes: data, origin: (path, entry.name))
    }
    return arrays
  }
}

/// What a header says, each entry by itself already checked.
struct SafeTensorsHeader {
  struct Entry {
    let name: String
    let typeName: String
    /// `nil` for a type that is not read.
    var type: ScalarType? { ScalarType(rawValue: typeName) }
    let shape: [Int]
    let start: Int
    let end: Int
  }
  private(set) var metadata: NamedValues<String> = [:]
  /// In the order in which the arrays lie in the file.
  private(set) var entries: [Entry] = []
  private let path: String

  init(_ members: [JSONValue.Member], path: String) throws(FileError) {
    self.path = path
    var seen: Set<ByteName> = []
    for member in members {
      let (name, value) = (member.name, member.value)
      if !seen.insert(.init(name)).inserted { throw problem("the header has \(quoted(name)) twice") }
      if name == "__metadata__" { try readMetadata(value) } else { entries.append(try entry(name, value)) }
    }
    // Arrays without numbers may lie where others begin: they come first.
    entries.sort { ($0.start, $0.end) < ($1.start, $1.end) }
  }

  private func problem(_ found: String, expected: String? = nil) -> FileError {
    FileError(
      path, found, expected: expected,
      advice: "The file is damaged or no safetensors file; fetch it again or write it anew.")
  }

  private mutating func readMetadata(_ value: JSONValue) throws(FileError) {
    guard case .object(let pairs) = value else { throw problem("__metadata__ is no JSON object") }
    for pair in pairs {
      let key = pair.name
      guard case .string(let text) = pair.value else {
        throw problem("the metadata \(quoted(key)) is no text", expected: "texts only")
      }
      if metadata[key] != nil { throw problem("the metadata has \(quoted(key)) twice") }
      metadata[key] = text
    }
  }

  private func entry(_ name: String, _ value: JSONValue) throws(FileError) -> Entry {
    guard case .object(let members) = value else { throw problem("\(quoted(name)) is no JSON object") }
    func member(_ key: String) throws(FileError) -> JSONValue {
      let values = members.filter { $0.name == key }
      if values.count > 1 { throw problem("\(quoted(name)) has \(key) twice") }
      guard let value = values.first?.value else { throw problem("\(quoted(name)) has no \(key)") }
      return value
    }
    func integers(_ key: String) throws(FileError) -> [Int] {
      guard case .array(let values) = try member(key) else {
        throw problem("\(quoted(name)): \(key) is no list")
      }
      var numbers: [Int] = []
      for value in values {
        guard case .integer(let number) = value, number >= 0 else {
          throw problem("\(quoted(name)): \(key) holds something else", expected: "whole numbers from 0")
        }
        numbers.append(number)
      }
      return numbers
    }

    guard case .string(let typeName) = try member("dtype") else {
      throw problem("\(quoted(name)): dtype is no text")
    }
    let shape = try integers("shape")
    let offsets = try integers("data_offsets")
    if offsets.count != 2 || offsets[0] > offsets[1] {
      throw problem(
        "\(quoted(name)): data_offsets is \(offsets)", expected: "a start and an end not before it")
    }
    let entry = Entry(name: name, typeName: typeName, shape: shape, start: offsets[0], end: offsets[1])
    // How large the numbers of another type are is not known here.
    guard let type = entry.type else { return entry }
    guard let size = byteCount(of: shape, type) else {
      throw problem("\(quoted(name)): shape \(shape) holds more bytes than can be counted")
    }
    if size != offsets[1] - offsets[0] {
      throw problem(
        "\(quoted(name)): its place is \(counted(offsets[1] - offsets[0], "byte")) long",
        expected: "\(grouped(size)), for \(typeName) and shape \(shape)")
    }
    return entry
  }

  /// What whoever asks for an array of another type is told.
  func unknownType(of entry: Entry) -> FileError {
    FileError(
      path, "\(quoted(entry.name)) is of type \(quoted(entry.typeName))",
      expected: "one of \(ScalarType.allCases.map(\.rawValue).joined(separator: " "))",
      advice: "This type cannot be read here; convert the file, for example to F32.")
  }

  /// The arrays must follow each other without a gap and fill the file.
  func check(dataCount: Int, fileCount: Int) throws(FileError) {
    var end = 0
    for entry in entries {
      if entry.start < end {
        throw problem(
          "\(quoted(entry.name)) begins at byte \(grouped(entry.start)) of the data, inside the array before it, which ends at \(grouped(end))"
        )
      }
      if entry.start > end {
        throw problem(
          "\(counted(entry.start - end, "byte")) of the data before \(quoted(entry.name)) belong to no array")
      }
      end = entry.end
    }
    if end > dataCount {
      // As a difference, for an absurd end must not overflow.
      let missing = end - dataCount
      throw FileError(
        path, "the file ends after \(counted(fileCount, "byte")); \(grouped(missing)) more are missing",
        advice: "It was probably cut off while downloading or copying; fetch it again.")
    }
    if end < dataCount { throw problem("\(counted(dataCount - end, "byte")) at the end belong to no array") }
  }
}

/// The bytes that an array takes, or `nil` if that is no `Int`.
///
/// Axes of size 0 do not excuse the others: their product must be countable too, for it becomes a tensor's shape.
func byteCount(of shape: [Int], _ type: ScalarType) -> Int? {
  var nonzero = type.byteCount
  for size in shape where size != 0 {
    let (product, overflows) = nonzero.multipliedReportingOverflow(by: size)
    if overflows { return nil }
    nonzero = product
  }
  return shape.contains(0) ? 0 : nonzero
}
