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

  /// Pixels in a row.
  public let width: Int
  /// The number of rows.
  public let height: Int
  /// What a pixel consists of.
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
  /// a gray `background`, white unless said otherwise; colour asked for as gray becomes its luminance. A picture that a
  /// camera marked as turned or mirrored (EXIF) comes upright.
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
    let orientation = try Self.checkChunks(encoded, path)
    // libpng keeps the address between its two calls, so it must stay valid until the last.
    let result = encoded.withUnsafeBytes { Self.decode($0, color, background, path) }
    self = try result.get().upright(orientation)
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

  static func checkSize(_ width: Int, _ height: Int, _ path: String) throws(FileError) {
    let (count, overflows) = width.multipliedReportingOverflow(by: height)
    if overflows || count > mostPixels {
      throw FileError(
        path, "the picture is too large: \(grouped(height))×\(grouped(width)) pixels",
        expected: "no more than \(grouped(mostPixels)) in all")
    }
  }

  static func damaged(_ path: String, at place: FileError.Place? = nil, _ why: String) -> FileError {
    FileError(path, at: place, "the picture is damaged: \(why)", advice: "Fetch it again.")
  }

  private static func message(_ image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
