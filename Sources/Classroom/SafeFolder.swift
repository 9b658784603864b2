import Formats
import Foundation
import NumberText

/// Why something that was handed in cannot be read, in words for its author.
package struct CannotRead: Error, CustomStringConvertible {
  package let description: String
  /// What is quoted of a file may be anything.
  package init(_ description: String) { self.description = fitForTerminal(description) }
}

/// A folder that a stranger has filled. It is walked and read without following a link anywhere: what points outside, and
/// what is no file, is refused by name.
struct SafeFolder {
  let path: String

  /// - Throws: `CannotRead` where it is no folder, or a link to one.
  init(_ path: String) throws {
    self.path = path
    close(try Self.open(path, isFolder: true))
  }

  /// Files and folders are looked into up to here: a learner's copy of the workbook has a tenth of it.
  static let mostEntries = 20_000
  static let mostDepth = 12

  /// All files whose names end in a certain way, as lists of names from the folder down; in the order of the names.
  ///
  /// - Parameter ending: The end of their names.
  /// - Returns: What was found, and what stands for a file and is none: links, devices, sockets.
  func files(ending: String) throws -> (files: [[[UInt8]]], others: [[[UInt8]]]) {
    var files: [[[UInt8]]] = []
    var others: [[[UInt8]]] = []
    var count = 0
    func walk(_ folder: Int32, _ names: [[UInt8]]) throws {
      guard let directory = fdopendir(folder) else {
        close(folder)
        throw CannotRead("a folder cannot be read: \(Self.text(names))")
      }
      defer { closedir(directory) }
      var inside: [[UInt8]] = []
      for name in Self.names(in: directory) {
        count += 1
        if count > Self.mostEntries {
          throw CannotRead("it has more than \(Self.mostEntries) files: hand in Exercises/Yours alone")
        }
        inside.append(name)
      }
      for name in inside.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
        var status = stat()
        guard fstatat(folder, Self.cString(name), &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
        let path = names + [name]
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
          // What the workbook itself makes, and what Git keeps.
          let text = String(decoding: name, as: UTF8.self)
          if text.hasPrefix(".") || text == "Backups" || text == "__MACOSX" { continue }
          if path.count > Self.mostDepth {
            throw CannotRead("its folders are more than \(Self.mostDepth) deep")
          }
          let inner = openat(folder, Self.cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
          if inner >= 0 { try walk(inner, path) }
        case S_IFREG:
          if name.suffix(ending.utf8.count).elementsEqual(ending.utf8) { files.append(path) }
        default:
          if name.suffix(ending.utf8.count).elementsEqual(ending.utf8) || status.st_mode & S_IFMT == S_IFLNK {
            others.append(path)
          }
        }
      }
    }
    try walk(try Self.open(path, isFolder: true), [])
    return (files, others)
  }

  /// The names in an open folder, as bytes, for they need not be text.
  static func names(in directory: OpaquePointer) -> [[UInt8]] {
    var names: [[UInt8]] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { place in
        place.withMemoryRebound(to: CChar.self, capacity: 256) { start in
          Array(UnsafeRawBufferPointer(start: start, count: strlen(start)))
        }
      }
      if name != [0x2E] && name != [0x2E, 0x2E] { names.append(name) }
    }
    return names
  }

  /// The bytes of a file in it.
  ///
  /// - Throws: `CannotRead` for a link anywhere on the way, for what is no file, and for one of more than `limit` bytes.
  func contents(of names: [[UInt8]], limit: Int) throws -> [UInt8] {
    var folder = try Self.open(path, isFolder: true)
    defer { close(folder) }
    for name in names.dropLast() {
      let next = openat(folder, Self.cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard next >= 0 else { throw CannotRead("\(Self.text(names)) cannot be read: \(Self.reason(errno))") }
      close(folder)
      folder = next
    }
    // Without waiting: a pipe that nobody writes to would be waited for.
    let file = openat(
      folder, Self.cString(names.last ?? []), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw CannotRead("\(Self.text(names)) cannot be read: \(Self.reason(errno))") }
    defer { close(file) }
    return try Self.read(file, Self.text(names), limit: limit)
  }

  /// The bytes of a file that a stranger has made.
  static func read(path: String, limit: Int) throws -> [UInt8] {
    let file = try open(path, isFolder: false)
    defer { close(file) }
    return try read(file, path, limit: limit)
  }

  private static func read(_ file: Int32, _ name: String, limit: Int) throws -> [UInt8] {
    var status = stat()
    guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw CannotRead("\(name) is no file")
    }
    if status.st_size > limit {
      throw CannotRead("\(name) has \(status.st_size) bytes; at most \(limit) are read")
    }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = Foundation.read(file, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      if count < 0 { throw CannotRead("\(name) cannot be read: \(reason(errno))") }
      if count == 0 { return bytes }
      bytes += part[..<count]
      if bytes.count > limit { throw CannotRead("\(name) is longer than \(limit) bytes") }
    }
  }

  private static func open(_ path: String, isFolder: Bool) throws -> Int32 {
    let flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (isFolder ? O_DIRECTORY : 0)
    let descriptor = Foundation.open(path, flags)
    if descriptor >= 0 { return descriptor }
    throw CannotRead(
      errno == ENOTDIR && isLink(path)
        ? "it is a link: hand in the folder or a zip file itself" : reason(errno))
  }

  private static func isLink(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK
  }

  private static func reason(_ number: Int32) -> String {
    switch number {
    case ELOOP: "it is a link, and links are not followed"
    case ENOTDIR: "it is neither a folder nor a zip file"
    default: String(cString: strerror(number))
    }
  }

  private static func cString(_ name: [UInt8]) -> [CChar] { name.map { CChar(bitPattern: $0) } + [0] }

  static func text(_ names: [[UInt8]]) -> String {
    names.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/").inOneLine
  }
}
