import NumberText
import Foundation

/// Bytes that come one after the other: from a file, from memory, out of a compressed file.
protocol ByteStream: AnyObject {
  /// The file that errors speak of.
  var path: String { get }
  /// Fills `buffer`, and returns how many bytes that took: fewer than its count only where the bytes end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int
}

extension ByteStream {
  /// The next `count` bytes, or those that are left.
  func read(_ count: Int) throws(FileError) -> [UInt8] {
    var failure: FileError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(FileError) {
        initialized = try read(
          into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// The next `count` bytes, or those that are left; memory grows with what is really there.
  func readAll(upTo count: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      let wanted = min(max(1 << 20, bytes.count), count - bytes.count)
      let piece = try read(wanted)
      if bytes.isEmpty { bytes = piece } else { bytes += piece }
      if piece.count < wanted { break }
    }
    return bytes
  }

  /// All bytes that are left, if they are `limit` or fewer; memory grows with what is really there.
  func readAll(limit: Int) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let wanted = min(max(1 << 16, bytes.count), limit - bytes.count + 1)
      let piece = try read(wanted)
      bytes += piece
      if bytes.count > limit { throw tooLarge(limit) }
      if piece.count < wanted { return bytes }
    }
  }
}

extension ByteStream {
  fileprivate func tooLarge(_ limit: Int) -> FileError {
    FileError(
      path, "it holds more than \(counted(limit, "byte"))", expected: "no more than that",
      advice: "Check that this is the file you mean.")
  }
}

/// A file open for reading.
final class FileInput: ByteStream {
  let path: String
  /// The file's size; `nil` for a pipe, which only its end can tell.
  let size: Int?
  private let descriptor: Int32

  init(_ path: String) throws(FileError) {
    self.path = path
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw FileError.reading(path, errno) }
    var status = stat()
    let known = fstat(descriptor, &status) == 0
    let kind = status.st_mode & S_IFMT
    if known, kind == S_IFDIR {
      close(descriptor)
      throw FileError.reading(path, EISDIR)
    }
    size = known && kind == S_IFREG ? Int(status.st_size) : nil
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(FileError) -> Int {
    var filled = 0
    while filled < buffer.count {
      let got = Foundation.read(descriptor, buffer.baseAddress! + filled, min(buffer.count - filled, 1 << 30))
      if got < 0 {
        if errno == EINTR { continue }
        throw FileError.reading(path, errno)
      }
      if got == 0 { break }
      filled += got
    }
    return filled
  }
}

/// Bytes in memory, read like a file.
final class MemoryInput: ByteStream {
  let path: String
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>, path: String) {
    self.path = path
    self.bytes = bytes
    position = bytes.startIndex
  }

  func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let piece = bytes[position...].prefix(buffer.count)
    piece.withUnsafeBytes { buffer.copyMemory(from: $0) }
    position += piece.count
    return piece.count
  }
}

/// Reads whole files.
public enum FileContents {
  /// All bytes of the file.
  ///
  /// - Parameters:
  ///   - path: The file's path; a relative one starts at the current folder.
  ///   - limit: The most bytes it may have.
  /// - Throws: `FileError` when it cannot be read, or is larger.
  public static func bytes(of path: String, limit: Int = 1 << 36) throws(FileError) -> [UInt8] {
    let file = try FileInput(path)
    if let size = file.size, size > 0 {
      if size > limit { throw file.tooLarge(limit) }
      // The file may grow meanwhile: what is read is what was there when it was opened.
      return try file.read(size)
    }
    return try file.readAll(limit: limit)
  }

  /// The file as text.
  ///
  /// - Throws: `FileError` when it cannot be read, or is no UTF-8; the error names the line.
  public static func text(of path: String, limit: Int = 1 << 32) throws(FileError) -> String {
    let bytes = try bytes(of: path, limit: limit)
    if let text = String(validating: bytes, as: UTF8.self) { return text }
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { break }
      line += 1
    }
    throw FileError(
      path, at: .line(line), "this is not UTF-8 text",
      advice: "Save the file as UTF-8, or check that it is text.")
  }
}
