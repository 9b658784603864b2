import Foundation

/// Why a PNG file could not be read or written.
public struct PNGError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: Sendable, Equatable {
    /// The system does not let it be read.
    case unreadable(String)
    /// The bytes are something else.
    case notPNG(count: Int)
    /// The bytes end before the picture does, in the middle of `chunk` or between two.
    case truncated(count: Int, chunk: String?)
    /// libpng's words.
    case damaged(String)
    case tooLarge(width: Int, height: Int)
    case empty
    /// The system does not let it be written.
    case unwritable(String)
    case diskFull(needed: Int)
  }

  public let path: String
  public let reason: Reason

  init(_ path: String, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public var description: String {
    switch reason {
    case .unreadable(let why): "\(path): cannot be read: \(why). Check the path."
    case .notPNG(let count):
      "\(path): this is no PNG file: its \(count) bytes do not begin with 89 50 4E 47 (\"PNG\"). Convert it first."
    case .truncated(let count, let chunk):
      "\(path): the file ends after \(count) bytes, \(chunk.map { "inside its chunk \($0)" } ?? "between two chunks")."
        + " It was probably cut off while copying; fetch it again."
    case .damaged(let why): "\(path): the picture is damaged: \(why). Fetch it again."
    case .tooLarge(let width, let height):
      "\(path): \(width) × \(height) pixels are more than \(PNG.mostPixels), the most that one picture may have."
    case .empty: "\(path): a picture without pixels cannot be a PNG file."
    case .unwritable(let why):
      "\(path): cannot be written: \(why). Choose another folder, or create this one."
    case .diskFull(let needed):
      "\(path): the disk is full: \(needed) bytes are needed. Make room; nothing half-written was left behind."
    }
  }

  /// Writes to a temporary file beside `path`, then gives it the name.
  package static func writingAtomically(_ bytes: [UInt8], to path: String) throws(PNGError) {
    let temporary = path + ".\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp"
    let number = write(bytes, temporary, thenRename: path)
    if number == 0 { return }
    unlink(temporary)
    throw PNGError(
      path,
      number == ENOSPC || number == EDQUOT
        ? .diskFull(needed: bytes.count) : .unwritable(Formats.reason(number)))
  }

  /// The error number, 0 when all went well.
  static func write(_ bytes: [UInt8], _ temporary: String, thenRename path: String) -> Int32 {
    guard let file = fopen(temporary, "wb") else { return errno }
    if fwrite(bytes, 1, bytes.count, file) != bytes.count || fflush(file) != 0 {
      let number = errno
      fclose(file)
      return number
    }
    if fclose(file) != 0 || rename(temporary, path) != 0 { return errno }
    return 0
  }
}

/// The system's words for an error number.
func reason(_ number: Int32) -> String { String(cString: strerror(number)) }
