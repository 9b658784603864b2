import NumberText
import Foundation

// The system's error numbers in words. Advice is kept to what a person can do about it.

extension FileError {
  /// Why `path` could not be opened or read.
  static func reading(_ path: String, _ number: Int32) -> FileError {
    switch number {
    case ENOENT:
      FileError(path, "there is no such file", advice: "Check the path and the folder you are in.")
    case ENOTDIR:
      FileError(path, "a part of this path is a file, not a folder", advice: "Check the path.")
    case EACCES, EPERM:
      FileError(path, "no permission to read it", advice: "Change its permissions, or copy it.")
    case EISDIR:
      FileError(path, "this is a folder", expected: "a file")
    default:
      FileError(path, "it cannot be read: \(words(number))")
    }
  }

  /// Why `path` could not be written, once `written` bytes had been.
  package static func writing(_ path: String, _ number: Int32, written: Int = 0) -> FileError {
    let folder = folder(of: path)
    switch number {
    case ENOENT:
      return FileError(
        path, "the folder \(folder) does not exist", advice: "Make it first: mkdir -p \(shellQuoted(folder))")
    case ENOTDIR:
      return FileError(path, "a part of this path is a file, not a folder", advice: "Choose another path.")
    case EACCES, EPERM:
      return FileError(
        path, "no permission to write here", advice: "Choose another folder, or change the permissions.")
    case EROFS:
      return FileError(path, "this file system is read-only", advice: "Choose another folder.")
    case EISDIR:
      return FileError(
        path, "this is a folder", expected: "a file", advice: "Give the file a name of its own.")
    case ENOSPC, EDQUOT:
      return FileError(
        path, "the disk is full: no room after \(counted(written, "byte"))",
        advice: "Make room, or write to another disk. Nothing half-written was left behind.")
    case EFBIG:
      return FileError(
        path, "files may not be larger here: stopped after \(counted(written, "byte"))",
        advice: "Write to another disk. Nothing half-written was left behind.")
    case ENAMETOOLONG:
      return FileError(path, "the name is too long", advice: "Choose a shorter one.")
    default:
      return FileError(path, "it cannot be written: \(words(number))")
    }
  }

  private static func words(_ number: Int32) -> String { String(cString: strerror(number)) }
}

/// The folder that `path` lies in; `.` for a bare name.
func folder(of path: String) -> String {
  guard let slash = path.lastIndex(of: "/") else { return "." }
  return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// The path as a shell reads it back.
private func shellQuoted(_ path: String) -> String {
  let isPlain = path.unicodeScalars.allSatisfy {
    "/._-+,@%".unicodeScalars.contains($0) || $0.properties.isAlphabetic || ("0"..."9").contains($0)
  }
  return isPlain ? path : "'" + path.replacingOccurrences(of: "'", with: "'\\''") + "'"
}
