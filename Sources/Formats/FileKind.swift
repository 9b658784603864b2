/// What a file really is, told by how it begins: what its name says may be wrong.
struct FileKind: Equatable {
  /// With its article: `a JPEG file`.
  let name: String
  /// What to do with such a file, whatever was expected.
  let advice: String?
  let isPicture: Bool

  private init(_ name: String, _ advice: String? = nil, isPicture: Bool = false) {
    self.name = name
    self.advice = advice
    self.isPicture = isPicture
  }

  /// So many bytes tell a kind.
  static let prefixCount = 512

  private static let torchAdvice = """
    Convert it in Python: safetensors.torch.save_file(torch.load(path, map_location="cpu"), "weights.safetensors").
    When the file holds a whole module, save its state_dict().
    """

  /// The kinds that begin with certain bytes; the first that fits counts.
  private static let beginnings: [(bytes: [UInt8], kind: FileKind)] = [
    (
      Array("version https://git-lfs".utf8),
      FileKind(
        "a Git LFS pointer, which stands for a file not fetched yet", "Run git lfs pull in its folder.")
    ),
    ([0x1F, 0x8B], FileKind("a gzip file", "Unpack it first: gunzip.")),
    (Array("BZh".utf8), FileKind("a bzip2 file", "Unpack it first: bunzip2.")),
    ([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], FileKind("an xz file", "Unpack it first: unxz.")),
    ([0x28, 0xB5, 0x2F, 0xFD], FileKind("a Zstandard file", "Unpack it first: unzstd.")),
    ([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], FileKind("a 7-Zip file", "Unpack it first.")),
    (Array("Rar!".utf8), FileKind("a RAR file", "Unpack it first.")),
    ([0x93] + Array("NUMPY".utf8), FileKind("a .npy file, one array of NumPy's", "In code: NPYFile.")),
    (
      [0x89] + Array("HDF\r\n".utf8),
      FileKind("an HDF5 file, as Keras writes them", "Convert it in Python, with h5py and safetensors.")
    ),
    (Array("GGUF".utf8), FileKind("a GGUF file")),
    (Array("%PDF".utf8), FileKind("a PDF file")),
    ([0x89] + Array("PNG\r\n".utf8), FileKind("a PNG file", isPicture: true)),
    ([0xFF, 0xD8, 0xFF], FileKind("a JPEG file", isPicture: true)),
    (Array("GIF8".utf8), FileKind("a GIF file", isPicture: true)),
    (Array("II*\0".utf8), FileKind("a TIFF file", isPicture: true)),
    (Array("MM\0*".utf8), FileKind("a TIFF file", isPicture: true)),
    ([0, 0, 8, 1], FileKind("an IDX file of labels", "In code: IDXFile.readLabels.")),
    ([0, 0, 8, 3], FileKind("an IDX file of images", "In code: IDXFile.readImages.")),
  ]

  /// The kind of a file that begins with these bytes, or `nil` when it is none of those known.
  init?(_ beginning: some Collection<UInt8>) {
    let bytes = Array(beginning.prefix(Self.prefixCount))
    func has(_ text: String, at place: Int) -> Bool {
      bytes.count >= place && bytes[place...].starts(with: text.utf8)
    }
    if bytes.starts(with: [0x50, 0x4B, 3, 4]) {
      self = Self.zip(bytes)
    } else if let known = Self.beginnings.first(where: { bytes.starts(with: $0.bytes) }) {
      self = known.kind
    } else if has("RIFF", at: 0), has("WEBP", at: 8) {
      self = FileKind("a WebP file", isPicture: true)
    } else if has("ftyphei", at: 4) || has("ftypmif1", at: 4) || has("ftypavif", at: 4) {
      self = FileKind("a HEIC or AVIF file, as phones take them", isPicture: true)
    } else if has("ustar", at: 257) {
      self = FileKind("a tar file", "Unpack it first: tar -xf.")
    } else if bytes.count > 2, bytes[0] == 0x80, 2...5 ~= bytes[1],
      bytes[2] == 0x8A || bytes[2] == 0x95 || bytes[2] == 0x7D || bytes[2] == 0x63
    {
      // The number that torch.save began its files with before version 1.6.
      let isTorch = bytes.dropFirst(2).starts(with: [0x8A, 0x0A, 0x6C, 0xFC, 0x9C, 0x46, 0xF9])
      self = FileKind(
        isTorch ? "a file of torch.save, in its old form" : "a pickle file of Python's", Self.torchAdvice)
    } else if let text = Self.markup(bytes) {
      self = text
    } else if bytes.count > 9, bytes[8] == UInt8(ascii: "{"), bytes[5] == 0, bytes[6] == 0, bytes[7] == 0 {
      self = FileKind("a safetensors file", "In code: SafeTensors.")
    } else {
      return nil
    }
  }

  /// A zip file: the name of its first entry tells who wrote it.
  private static func zip(_ bytes: [UInt8]) -> FileKind {
    let count = bytes.count > 28 ? Int(bytes[26]) | Int(bytes[27]) << 8 : 0
    let name = String(decoding: bytes.dropFirst(30).prefix(count), as: UTF8.self)
    for part in ["/data.pkl", "/byteorder", "/.format_version", "/constants.pkl", "/version"]
    where name.hasSuffix(part) {
      return FileKind("a file of torch.save", torchAdvice)
    }
    if name.hasSuffix(".npy") { return FileKind("an .npz file, arrays of NumPy's", "In code: NPZFile.") }
    return FileKind("a zip file", "Unpack it first: unzip.")
  }

  private static func markup(_ bytes: [UInt8]) -> FileKind? {
    var start = String(decoding: bytes, as: UTF8.self).unicodeScalars[...]
    while let first = start.first, first == "\u{FEFF}" || first.properties.isWhitespace {
      start.removeFirst()
    }
    let text = String(start.prefix(200)).lowercased()
    let advice = "The download fetched a page about the file instead, perhaps an error; open it and look."
    if ["<!doctype html", "<html", "<head", "<body", "<script"].contains(where: text.hasPrefix) {
      return FileKind("a web page", advice)
    }
    return text.hasPrefix("<?xml") ? FileKind("an XML page", advice) : nil
  }
}

extension FileError {
  /// The error for a file of another kind than `expected`; `nil` when the kind is not known.
  ///
  /// - Parameter advice: What to do about a file of this kind, when that is not the kind's own advice.
  static func other(
    _ path: String, than expected: String, _ beginning: some Collection<UInt8>,
    advice: (FileKind) -> String? = { $0.advice }
  ) -> FileError? {
    guard let kind = FileKind(beginning) else { return nil }
    return FileError(path, "this is \(kind.name)", expected: expected, advice: advice(kind))
  }
}
