import NumberText
import CPNG

/// Pixels as they lie in a file: rows from the top, 8 bits a channel.
public struct PNG: Sendable, Equatable {
  /// What a pixel consists of.
  public enum Color: Int, Sendable {
    /// One byte: 0 is black, 255 white.
    case gray = 1
    /// Three bytes: red, green, blue, in the sRGB colour space.
    case rgb = 3

    fileprivate var format: png_uint_32 { self == .gray ? 0 : png_uint_32(PNG_FORMAT_FLAG_COLOR) }
  }

  public let width: Int
  public let height: Int
  public let color: Color
  /// `[height, width, 1 or 3]`, row by row.
  public let bytes: [UInt8]

  /// The most pixels that are read or written. A file of a few bytes can claim to hold terabytes.
  public static let mostPixels = 1 << 27

  /// Pixels in memory. Traps when the number of bytes does not fit the size.
  public init(width: Int, height: Int, color: Color, bytes: [UInt8]) {
    if width < 0 || height < 0 || bytes.count != width * height * color.rawValue {
      fatalError("PNG: \(width) × \(height) × \(color.rawValue) bytes expected, given \(bytes.count)")
    }
    self.width = width
    self.height = height
    self.color = color
    self.bytes = bytes
  }

  /// Reads the PNG file at `path`.
  ///
  /// Every kind of PNG is read: a palette, 1 to 16 bits, gray or colour, interlaced. What is transparent is laid on
  /// a gray `background`, white unless said otherwise; colour asked for as gray becomes its luminance.
  ///
  /// - Throws: `FileError` when the file cannot be read, is no PNG, is cut off or damaged, or claims too many pixels.
  public init(path: String, as color: Color, background: UInt8 = 255) throws(FileError) {
    // The largest picture at 16 bits in four channels takes half of that when nothing in it can be packed.
    let encoded = try FileContents.bytes(of: path, limit: 16 * Self.mostPixels)
    try self.init(encoded: encoded, as: color, background: background, path: path)
  }

  /// Decodes the bytes of a PNG file; errors speak of `path`.
  public init(
    encoded: [UInt8], as color: Color, background: UInt8 = 255, path: String = "PNG in memory"
  ) throws(FileError) {
    try Self.checkChunks(encoded, path)
    // libpng keeps the address between its two calls, so it must stay valid until the last.
    let result = encoded.withUnsafeBytes { Self.decode($0, color, background, path) }
    self = try result.get()
  }

  private static func decode(
    _ encoded: UnsafeRawBufferPointer, _ color: Color, _ background: UInt8, _ path: String
  ) -> Result<PNG, FileError> {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    if png_image_begin_read_from_memory(&image, encoded.baseAddress, encoded.count) == 0 {
      return .failure(damaged(path, message(image)))
    }
    let (width, height) = (Int(image.width), Int(image.height))
    image.format = color.format
    image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
    var paper = png_color(red: background, green: background, blue: background)
    var bytes = [UInt8](repeating: 0, count: width * height * color.rawValue)
    if png_image_finish_read(&image, &paper, &bytes, 0, nil) == 0 {
      return .failure(damaged(path, message(image)))
    }
    return .success(PNG(width: width, height: height, color: color, bytes: bytes))
  }

  /// The bytes of a PNG file that holds these pixels.
  ///
  /// - Throws: `FileError` when there are no pixels, or too many.
  public func encoded(path: String = "PNG in memory") throws(FileError) -> [UInt8] {
    if width == 0 || height == 0 {
      throw FileError(path, "a picture without pixels cannot be a PNG file: \(height)×\(width)")
    }
    try Self.checkSize(width, height, path)
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    image.width = png_uint_32(width)
    image.height = png_uint_32(height)
    image.format = color.format
    defer { png_image_free(&image) }
    // Deflate adds 5 bytes to every block it cannot shrink; libpng's own headers stay far below the rest.
    let raw = bytes.count + height
    var count = png_alloc_size_t(raw + raw / 1000 + 4096)
    var encoded = [UInt8](repeating: 0, count: Int(count))
    if png_image_write_to_memory(&image, &encoded, &count, 0, bytes, 0, nil) == 0 {
      throw FileError(path, "the picture cannot be encoded: \(Self.message(image))")
    }
    encoded.removeLast(encoded.count - Int(count))
    return encoded
  }

  /// Writes the pixels to a file. It appears whole or not at all.
  ///
  /// - Throws: `FileError` when the folder is missing or may not be written to, or the disk is full.
  public func write(to path: String) throws(FileError) {
    try AtomicFile.write(encoded(path: path), to: path)
  }

  /// Walks from chunk to chunk, so that a file that was cut off is told from one that is damaged.
  private static func checkChunks(_ bytes: [UInt8], _ path: String) throws(FileError) {
    if bytes.isEmpty { throw FileError(path, "the file is empty", expected: "a PNG file") }
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    if !bytes.starts(with: signature.prefix(bytes.count)) { throw notPNG(bytes, path) }
    func endsAfterAll(_ place: String) -> FileError {
      FileError(
        path, "the file ends after \(counted(bytes.count, "byte")), \(place)",
        advice: "It was probably cut off while downloading or copying; fetch it again.")
    }
    if bytes.count < signature.count { throw endsAfterAll("inside its signature") }
    func number(at place: Int) -> Int { bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) } }
    var place = signature.count
    while true {
      if place + 12 > bytes.count { throw endsAfterAll("between two chunks") }
      let length = number(at: place)
      let letters = bytes[place + 4..<place + 8]
      let isName = letters.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
      let name = String(decoding: letters, as: UTF8.self)
      if !isName || length > Int32.max || (place == signature.count && (name != "IHDR" || length != 13)) {
        throw damaged(path, at: .byte(place), "no chunk begins here")
      }
      if place + 12 + length > bytes.count { throw endsAfterAll("inside its chunk \(name)") }
      // Before libpng sees it, which calls sizes beyond its own limits damaged.
      if name == "IHDR" { try checkSize(number(at: place + 8), number(at: place + 12), path) }
      if name == "IEND" { return }
      place += 12 + length
    }
  }

  private static func checkSize(_ width: Int, _ height: Int, _ path: String) throws(FileError) {
    let (count, overflows) = width.multipliedReportingOverflow(by: height)
    if overflows || count > mostPixels {
      throw FileError(
        path, "the picture is too large: \(grouped(height))×\(grouped(width)) pixels",
        expected: "no more than \(grouped(mostPixels)) in all")
    }
  }

  /// Says what the bytes are instead, where that is easy to tell: photographs come as JPEG.
  private static func notPNG(_ bytes: [UInt8], _ path: String) -> FileError {
    let other: String? =
      if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
        "a JPEG"
      } else if bytes.starts(with: "GIF8".utf8) {
        "a GIF"
      } else if bytes.starts(with: "RIFF".utf8), bytes.dropFirst(8).starts(with: "WEBP".utf8) {
        "a WebP"
      } else {
        nil
      }
    if let other {
      return FileError(
        path, "this is \(other) file", expected: "a PNG file", advice: "Save the picture as PNG first.")
    }
    return FileError(
      path,
      "this is not a PNG file: its \(counted(bytes.count, "byte")) do not begin with 89 50 4E 47 (\"PNG\")",
      advice: "Check that this is the file you mean; other kinds of pictures must be saved as PNG first.")
  }

  private static func damaged(_ path: String, at place: FileError.Place? = nil, _ why: String) -> FileError {
    FileError(path, at: place, "the picture is damaged: \(why)", advice: "Fetch it again.")
  }

  private static func message(_ image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
