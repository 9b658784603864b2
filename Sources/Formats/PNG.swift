import CPNG
import Foundation

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
  /// white; colour asked for as gray becomes its luminance.
  ///
  /// - Throws: `PNGError` when the file cannot be read, is no PNG, is cut off or damaged, or claims too many pixels.
  public init(path: String, as color: Color) throws(PNGError) {
    guard let file = fopen(path, "rb") else { throw PNGError(path, .unreadable(reason(errno))) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&piece, 1, piece.count, file)
      bytes += piece[..<count]
      if count < piece.count { break }
    }
    if ferror(file) != 0 { throw PNGError(path, .unreadable(reason(errno))) }
    try self.init(encoded: bytes, as: color, path: path)
  }

  /// Decodes the bytes of a PNG file; errors speak of `path`.
  public init(encoded: [UInt8], as color: Color, path: String = "PNG in memory") throws(PNGError) {
    try Self.checkChunks(encoded, path)
    // libpng keeps the address between its two calls, so it must stay valid until the last.
    let result = encoded.withUnsafeBytes { Self.decode($0, color, path) }
    self = try result.get()
  }

  private static func decode(
    _ encoded: UnsafeRawBufferPointer, _ color: Color, _ path: String
  ) -> Result<PNG, PNGError> {
    var image = png_image()
    image.version = png_uint_32(PNG_IMAGE_VERSION)
    defer { png_image_free(&image) }
    if png_image_begin_read_from_memory(&image, encoded.baseAddress, encoded.count) == 0 {
      return .failure(PNGError(path, .damaged(message(image))))
    }
    let (width, height) = (Int(image.width), Int(image.height))
    if width * height > mostPixels {
      return .failure(PNGError(path, .tooLarge(width: width, height: height)))
    }
    image.format = color.format
    image.flags |= png_uint_32(PNG_IMAGE_FLAG_16BIT_sRGB)
    var white = png_color(red: 255, green: 255, blue: 255)
    var bytes = [UInt8](repeating: 0, count: width * height * color.rawValue)
    if png_image_finish_read(&image, &white, &bytes, 0, nil) == 0 {
      return .failure(PNGError(path, .damaged(message(image))))
    }
    return .success(PNG(width: width, height: height, color: color, bytes: bytes))
  }

  /// The bytes of a PNG file that holds these pixels.
  ///
  /// - Throws: `PNGError` when there are no pixels, or too many.
  public func encoded(path: String = "PNG in memory") throws(PNGError) -> [UInt8] {
    if width == 0 || height == 0 { throw PNGError(path, .empty) }
    if width * height > Self.mostPixels { throw PNGError(path, .tooLarge(width: width, height: height)) }
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
      throw PNGError(path, .damaged(Self.message(image)))
    }
    encoded.removeLast(encoded.count - Int(count))
    return encoded
  }

  /// Writes the pixels to a file. It appears whole or not at all.
  ///
  /// - Throws: `PNGError` when the folder is missing or may not be written to, or the disk is full.
  public func write(to path: String) throws(PNGError) {
    let bytes = try encoded(path: path)
    try PNGError.writingAtomically(bytes, to: path)
  }

  /// Walks from chunk to chunk, so that a file that was cut off is told from one that is damaged.
  private static func checkChunks(_ bytes: [UInt8], _ path: String) throws(PNGError) {
    let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
    if bytes.count < 8, !bytes.isEmpty, bytes == Array(signature.prefix(bytes.count)) {
      throw PNGError(path, .truncated(count: bytes.count, chunk: "signature"))
    }
    if !bytes.starts(with: signature) { throw PNGError(path, .notPNG(count: bytes.count)) }
    var place = 8
    while true {
      if place + 12 > bytes.count { throw PNGError(path, .truncated(count: bytes.count, chunk: nil)) }
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      let name = String(decoding: bytes[place + 4..<place + 8].map { $0 & 0x7F }, as: UTF8.self)
      if place + 12 + length > bytes.count {
        throw PNGError(path, .truncated(count: bytes.count, chunk: name))
      }
      if name == "IEND" { return }
      place += 12 + length
    }
  }

  private static func message(_ image: png_image) -> String {
    withUnsafeBytes(of: image.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
