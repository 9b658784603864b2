import NumberText
import Tensors

/// Reads and writes `.npy`, NumPy's file of one array.
///
/// Versions 1 to 3 are read, row by row or column by column, the lowest or the highest byte first; written are row by
/// row and version 1 (2 for a header too long for it).
///
/// - PyTorch: `torch.from_numpy(numpy.load(path))`.
/// - Source: NumPy's documentation, `numpy.lib.format`.
public enum NPYFile {
  /// The array of the file at `path`.
  ///
  /// - Throws: `FileError` when the file cannot be read, is cut off, or holds numbers of a type that is not read.
  public static func read(_ path: String) throws(FileError) -> StoredArray {
    try parse(FileContents.bytes(of: path)[...], path: path, name: "")
  }

  /// Writes `array` to `path`.
  ///
  /// - Throws: `FileError` when the file cannot be written, or `array` is of type BF16, which NumPy does not have.
  public static func write(
    _ array: StoredArray, to path: String, creatingFolders: Bool = false
  ) throws(FileError) {
    let header = try header(array, path: path)
    try AtomicFile.write(to: path, creatingFolders: creatingFolders) { file throws(FileError) in
      try file.write(header)
      try file.write(array.bytes)
    }
  }

  /// Writes `tensor` to `path`, as `float32`.
  public static func write(_ tensor: Tensor, to path: String, creatingFolders: Bool = false) throws(FileError)
  {
    try write(StoredArray(tensor), to: path, creatingFolders: creatingFolders)
  }

  /// Writes `tensor` to `path`, as `int64`.
  public static func write(_ tensor: IntTensor, to path: String, creatingFolders: Bool = false)
    throws(FileError)
  {
    try write(StoredArray(tensor), to: path, creatingFolders: creatingFolders)
  }

  private static let types: [String: ScalarType] = [
    "b1": .bool, "u1": .uint8, "i1": .int8, "i2": .int16, "u2": .uint16, "f2": .float16, "i4": .int32,
    "u4": .uint32, "f4": .float32, "f8": .float64, "i8": .int64, "u8": .uint64,
  ]

  /// Everything before the numbers.
  static func header(_ array: StoredArray, path: String) throws(FileError) -> [UInt8] {
    guard let code = types.first(where: { $0.value == array.scalarType })?.key else {
      throw FileError(
        path, "NumPy has no type \(array.scalarType.rawValue)",
        advice: "Convert the numbers first, for example to F32.")
    }
    let order = array.scalarType.byteCount == 1 ? "|" : "<"
    let sizes = array.shape.map(String.init).joined(separator: ", ") + (array.shape.count == 1 ? "," : "")
    var text = "{'descr': '\(order)\(code)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // The numbers begin at a multiple of 64; the header ends in a line break.
    let isShort = text.utf8.count + 75 < 1 << 16
    let prefixCount = isShort ? 10 : 12
    text += String(repeating: " ", count: 63 - (prefixCount + text.utf8.count) % 64) + "\n"
    let length = (0..<(isShort ? 2 : 4)).map { UInt8(truncatingIfNeeded: text.utf8.count >> (8 * $0)) }
    return magic + [isShort ? 1 : 2, 0] + length + Array(text.utf8)
  }

  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// Reads an array; `name` is what it is called inside an `.npz` file.
  static func parse(_ given: ArraySlice<UInt8>, path: String, name: String) throws(FileError) -> StoredArray {
    let bytes = given.startIndex == 0 ? given : Array(given)[...]
    let subject = name.isEmpty ? "" : "\(quoted(name)): "
    func problem(_ found: String, expected: String? = nil, _ advice: String? = nil) -> FileError {
      FileError(
        path, subject + found, expected: expected, advice: advice ?? "The file is damaged or no .npy file.")
    }
    func cutOff(_ expected: String) -> FileError {
      problem(
        "the file ends after \(counted(bytes.count, "byte"))", expected: expected,
        "It was probably cut off while downloading or copying; fetch it again.")
    }
    if bytes.isEmpty { throw problem("the file is empty", expected: "a .npy file") }
    if !bytes.starts(with: magic.prefix(bytes.count)) {
      if name.isEmpty, let other = FileError.other(path, than: "a .npy file", bytes) { throw other }
      throw problem("this is not a .npy file", "Check that this is the file you mean.")
    }
    if bytes.count < 10 { throw cutOff("a header") }
    let version = bytes[6]
    if !(1...3).contains(version) {
      throw problem("its format version is \(version).\(bytes[7])", expected: "1, 2 or 3")
    }
    let lengthCount = version == 1 ? 2 : 4
    if bytes.count < 8 + lengthCount { throw cutOff("a header") }
    let length = bytes[8..<8 + lengthCount].reversed().reduce(0) { $0 << 8 | Int($1) }
    let dataStart = 8 + lengthCount + length
    if bytes.count < dataStart { throw cutOff("a header of \(counted(length, "byte"))") }

    let header = NPYHeader(parsing: bytes[(8 + lengthCount)..<dataStart], isUTF8: version == 3)
    guard let header else {
      throw problem(
        "its header cannot be understood", expected: "{'descr': …, 'fortran_order': …, 'shape': …}")
    }
    guard let type = types[header.type] else {
      throw problem(
        "its type is \(quoted(header.descr))",
        expected: "one of \(types.keys.sorted().joined(separator: " "))",
        "Convert it in Python: numpy.save(path, x.astype('float32')).")
    }
    guard let size = byteCount(of: header.shape, type) else {
      throw problem("shape \(header.shape) holds more bytes than can be counted")
    }
    let data = bytes[dataStart...]
    if data.count < size {
      throw cutOff("\(grouped(size)) after the header, for shape \(header.shape)")
    }
    if data.count > size {
      if data.dropFirst(size).starts(with: magic) {
        throw problem(
          "another array follows the first", expected: "one array a file",
          "Several calls of numpy.save wrote to one file; write the arrays with numpy.savez instead, as one .npz file."
        )
      }
      throw problem(
        "\(counted(data.count - size, "byte")) follow the numbers",
        expected: "\(grouped(size)) for shape \(header.shape)")
    }
    var numbers = data
    if header.isColumnMajor { numbers = rowMajor(numbers, header.shape, type.byteCount)[...] }
    if header.isBigEndian { numbers = reversingBytes(numbers, type.byteCount)[...] }
    return StoredArray(type, shape: header.shape, bytes: numbers, origin: (path, name))
  }

  /// Numbers that lie column by column (the first index runs fastest), row by row.
  private static func rowMajor(_ data: ArraySlice<UInt8>, _ shape: [Int], _ width: Int) -> [UInt8] {
    if shape.count < 2 || data.isEmpty { return Array(data) }
    var strides: [Int] = []
    var step = width
    for size in shape {
      strides.append(step)
      step *= size
    }
    return [UInt8](unsafeUninitializedCapacity: data.count) { out, initialized in
      data.withUnsafeBytes { source in
        var index = [Int](repeating: 0, count: shape.count)
        var from = 0
        for to in Swift.stride(from: 0, to: data.count, by: width) {
          for b in 0..<width { out[to + b] = source[from + b] }
          var axis = shape.count - 1
          while axis >= 0 {
            index[axis] += 1
            from += strides[axis]
            if index[axis] < shape[axis] { break }
            from -= strides[axis] * shape[axis]
            index[axis] = 0
            axis -= 1
          }
        }
      }
      initialized = data.count
    }
  }

  private static func reversingBytes(_ data: ArraySlice<UInt8>, _ width: Int) -> [UInt8] {
    var bytes = Array(data)
    for start in Swift.stride(from: 0, to: bytes.count, by: width) { bytes[start..<start + width].reverse() }
    return bytes
  }
}

/// The header of a `.npy` file, a dictionary as Python writes it.
struct NPYHeader: Equatable {
  var descr = ""
  var isColumnMajor = false
  var shape: [Int] = []

  /// The type without its byte order: `f4`.
  var type: String { "<>|=".contains(descr.first ?? " ") ? String(descr.dropFirst()) : "" }
  var isBigEndian: Bool { descr.first == ">" }

  /// - Parameter isUTF8: As in version 3; the versions before are in Latin-1.
  init?(parsing bytes: ArraySlice<UInt8>, isUTF8: Bool) {
    let latin1 = isUTF8 ? nil : String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    guard let text = latin1 ?? String(validating: bytes, as: UTF8.self) else { return nil }
    var rest = text.unicodeScalars[...]
    var seen: Set<String> = []

    func skip(_ scalar: Unicode.Scalar) -> Bool {
      rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" }
      if rest.first != scalar { return false }
      rest.removeFirst()
      return true
    }
    func string() -> String? {
      let quote: Unicode.Scalar = skip("'") ? "'" : "\""
      if quote == "\"", !skip(quote) { return nil }
      guard let end = rest.firstIndex(of: quote) else { return nil }
      defer { rest = rest[rest.index(after: end)...] }
      return String(rest[..<end])
    }
    func word() -> String {
      rest = rest.drop { $0 == " " }
      let word = rest.prefix {
        ("a"..."z").contains($0) || ("A"..."Z").contains($0) || ("0"..."9").contains($0)
      }
      rest = rest.dropFirst(word.count)
      return String(word)
    }
    func sizes() -> [Int]? {
      guard skip("(") else { return nil }
      var sizes: [Int] = []
      while !skip(")") {
        // Python 2 wrote long integers with an L.
        var digits = word()[...]
        if digits.last == "L" { digits.removeLast() }
        guard let size = Int(digits), size >= 0 else { return nil }
        sizes.append(size)
        if !skip(",") {
          if !skip(")") { return nil }
          break
        }
      }
      return sizes
    }

    guard skip("{") else { return nil }
    while !skip("}") {
      guard let key = string(), seen.insert(key).inserted, skip(":") else { return nil }
      switch key {
      case "descr":
        if let descr = string() {
          self.descr = descr
        } else {
          // A list: a type made of fields, which is refused by its name.
          descr = "fields"
          return
        }
      case "fortran_order":
        guard let value = ["True": true, "False": false][word()] else { return nil }
        isColumnMajor = value
      case "shape":
        guard let shape = sizes() else { return nil }
        self.shape = shape
      default: return nil
      }
      if !skip(",") {
        if !skip("}") { return nil }
        break
      }
    }
    rest = rest.drop { $0 == " " || $0 == "\n" || $0 == "\t" }
    if seen.count != 3 || !rest.isEmpty { return nil }
  }
}
