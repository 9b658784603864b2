import NumberText
import Tensors

/// Grey images of one size, a byte a pixel.
public struct IDXImages: Sendable, Equatable {
  /// The number of images.
  public let count: Int
  /// Rows of an image.
  public let height: Int
  /// Columns of an image.
  public let width: Int
  /// All pixels, image by image and row by row; 0 is black and 255 is white.
  public let pixels: [UInt8]

  /// Traps when the number of pixels is not `count × height × width`.
  public init(count: Int, height: Int, width: Int, pixels: [UInt8]) {
    if count * height * width != pixels.count {
      trap("IDXImages: \(count) × \(height) × \(width) images and \(pixels.count) pixels")
    }
    self.count = count
    self.height = height
    self.width = width
    self.pixels = pixels
  }

  /// The images with rows and columns exchanged.
  public var transposed: IDXImages {
    var turned = [UInt8](repeating: 0, count: pixels.count)
    let size = height * width
    for n in 0..<count {
      for i in 0..<height {
        for j in 0..<width { turned[n * size + j * height + i] = pixels[n * size + i * width + j] }
      }
    }
    return IDXImages(count: count, height: width, width: height, pixels: turned)
  }
}

/// Reads and writes IDX, the format of the MNIST files: images (`idx3-ubyte`) and labels (`idx1-ubyte`).
///
/// A file is a magic number (two zeros, the type of the numbers, how many sizes follow), the sizes, four bytes each and
/// the highest byte first, and the numbers. Packed and plain files are told apart by how they begin, not by their names.
///
/// - PyTorch: `torchvision.datasets.MNIST` reads the same files.
/// - Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits", 1998.
/// - Book: chapter 7.
public enum IDXFile {
  /// The images of the file at `path`.
  ///
  /// - Throws: `FileError` when the file cannot be read, or is no complete IDX file of images.
  public static func readImages(_ path: String) throws(FileError) -> IDXImages {
    let (sizes, numbers) = try read(path, .images)
    return IDXImages(count: sizes[0], height: sizes[1], width: sizes[2], pixels: numbers)
  }

  /// The labels of the file at `path`, a byte each.
  ///
  /// - Throws: `FileError` when the file cannot be read, or is no complete IDX file of labels.
  public static func readLabels(_ path: String) throws(FileError) -> [UInt8] {
    try read(path, .labels).numbers
  }

  /// How many images the file at `path` promises; only its beginning is read.
  ///
  /// - Throws: `FileError` when the file cannot be read, or does not begin as an IDX file of images.
  public static func imageCount(_ path: String) throws(FileError) -> Int {
    try readHeader(open(path), .images)[0]
  }

  /// How many labels the file at `path` promises; only its beginning is read.
  ///
  /// - Throws: `FileError` when the file cannot be read, or does not begin as an IDX file of labels.
  public static func labelCount(_ path: String) throws(FileError) -> Int {
    try readHeader(open(path), .labels)[0]
  }

  /// Writes `images` to `path`, packed when the name ends in `.gz`.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  public static func write(
    _ images: IDXImages, to path: String, creatingFolders: Bool = false
  ) throws(FileError) {
    let header = header(.images, [images.count, images.height, images.width])
    try write(header + images.pixels, to: path, creatingFolders)
  }

  /// Writes `labels` to `path`, packed when the name ends in `.gz`.
  ///
  /// - Throws: `FileError` when the file cannot be written.
  public static func write(labels: [UInt8], to path: String, creatingFolders: Bool = false) throws(FileError)
  {
    try write(header(.labels, [labels.count]) + labels, to: path, creatingFolders)
  }

  private enum Kind: Int {
    case labels = 1
    case images = 3
    /// Two zeros, type 8 (a byte without a sign), the number of sizes.
    var magic: UInt32 { 0x0800 | UInt32(rawValue) }
    var name: String { self == .images ? "images" : "labels" }
    var headerCount: Int { 4 + 4 * rawValue }
  }

  /// More bytes than this in one file are taken for a mistake.
  private static let mostBytes = 1 << 34

  private static func write(_ bytes: [UInt8], to path: String, _ creatingFolders: Bool) throws(FileError) {
    if path.hasSuffix(".gz") {
      try Gzip.write(bytes, to: path, creatingFolders: creatingFolders)
    } else {
      try AtomicFile.write(bytes, to: path, creatingFolders: creatingFolders)
    }
  }

  private static func header(_ kind: Kind, _ sizes: [Int]) -> [UInt8] {
    ([Int(kind.magic)] + sizes).flatMap { size -> [UInt8] in
      guard let size = UInt32(exactly: size) else { trap("IDXFile: \(size) does not fit into four bytes") }
      return (0..<4).map { UInt8(truncatingIfNeeded: size >> (24 - 8 * $0)) }
    }
  }

  private static func open(_ path: String) throws(FileError) -> any ByteStream {
    let start = try FileInput(path).read(2)
    let file = try FileInput(path)
    return Gzip.isGzip(start) ? GzipInput(file) : file
  }

  private static func read(_ path: String, _ kind: Kind) throws(FileError) -> (sizes: [Int], numbers: [UInt8])
  {
    let stream = try open(path)
    let sizes = try readHeader(stream, kind)
    let count = sizes.reduce(1, *)
    let promised = kind.headerCount + count
    (stream as? GzipInput)?.promised = promised

    // A header may promise what never comes, and memory should not be taken on its word.
    if let size = (stream as? FileInput)?.size, size < promised { throw cutOff(path, size, of: promised) }
    let numbers = try stream.readAll(upTo: count)
    if numbers.count < count {
      throw cutOff(path, kind.headerCount + numbers.count, of: promised)
    }
    // Asking for one more also makes gzip verify its checksum.
    if try !stream.read(1).isEmpty {
      throw FileError(
        path, at: .byte(promised), "more bytes follow",
        expected: "the end, after the \(grouped(sizes[0])) \(kind.name) that the header promises",
        advice: "The file is damaged or was joined with another; fetch it again.")
    }
    return (sizes, numbers)
  }

  private static func cutOff(_ path: String, _ count: Int, of promised: Int) -> FileError {
    FileError(
      path, "the file ends after \(grouped(count)) of \(counted(promised, "byte"))",
      advice: "It was probably cut off while downloading or copying; fetch it again.")
  }

  private static func readHeader(_ stream: any ByteStream, _ kind: Kind) throws(FileError) -> [Int] {
    let path = stream.path
    let header = try stream.read(kind.headerCount)
    if header.isEmpty {
      throw FileError(
        path, "the file is empty", expected: "an IDX file of \(kind.name)",
        advice: "It was probably cut off while downloading or copying; fetch it again.")
    }
    if header.count >= 4 { try check(magic: header[..<4], kind, path) }
    if header.count < kind.headerCount {
      throw FileError(
        path, "the file ends after \(counted(header.count, "byte"))",
        expected: "a header of \(kind.headerCount) bytes",
        advice: "It was probably cut off while downloading or copying; fetch it again.")
    }
    let sizes = (1...kind.rawValue).map { i in Int(bigEndian(header[4 * i..<4 * i + 4])) }
    let count = byteCount(of: sizes, .uint8) ?? .max
    if count > mostBytes || sizes.dropFirst().contains(0) {
      throw FileError(
        path, at: .byte(4), "the header promises \(sizes.map { grouped($0) }.joined(separator: " × ")) bytes",
        expected: "a sensible number of \(kind.name)", advice: "The file is damaged; fetch it again.")
    }
    return sizes
  }

  private static func check(magic bytes: ArraySlice<UInt8>, _ kind: Kind, _ path: String) throws(FileError) {
    let magic = bigEndian(bytes)
    if magic == kind.magic { return }
    let expected = "\(hex(kind.magic)), an IDX file of \(kind.name)"
    let other: Kind = kind == .images ? .labels : .images
    if magic == other.magic {
      throw FileError(
        path, at: .byte(0), "the magic number is \(hex(magic)), an IDX file of \(other.name)",
        expected: expected,
        advice: "The files of images have idx3 in their names, those of labels idx1: are the two exchanged?")
    }
    let type = magic >> 8 & 0xFF
    let dimensions = magic & 0xFF
    if magic >> 16 == 0, type == 8 {
      throw FileError(
        path, at: .byte(0),
        "the magic number is \(hex(magic)), an IDX file with \(counted(Int(dimensions), "dimension"))",
        expected: expected)
    }
    if magic >> 16 == 0,
      let name = [9: "Int8", 0xB: "Int16", 0xC: "Int32", 0xD: "Float", 0xE: "Double"][type]
    {
      throw FileError(
        path, at: .byte(0), "the magic number is \(hex(magic)), an IDX file of numbers of type \(name)",
        expected: expected, advice: "Only bytes without a sign (UInt8) are read.")
    }
    // Looked at again, from its beginning: this was too little to tell what it is.
    if let beginning = try? open(path).read(FileKind.prefixCount) {
      if Gzip.isGzip(beginning) {
        throw FileError(
          path, "it was packed by gzip twice",
          expected: "an IDX file of \(kind.name), packed once or not at all",
          advice: "Unpack it once: gunzip.")
      }
      if let other = FileError.other(path, than: "an IDX file of \(kind.name)", beginning) { throw other }
    }
    throw FileError(
      path, at: .byte(0), "the magic number is \(hex(magic)), not that of an IDX file", expected: expected,
      advice: "Check that this is the file you mean; a download may have fetched a web page instead.")
  }

  private static func bigEndian(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func hex(_ number: UInt32) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return "0x" + String(repeating: "0", count: 8 - digits.count) + digits
  }
}
