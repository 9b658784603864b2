import Foundation

/// What a child process said about the files it was given.
struct ChildReport {
  /// Begins each line that is a case's result; everything else a child says is noise, or its last words.
  static let mark = "\u{1}"

  /// For how many files a result came, in their order.
  private(set) var finished = 0
  private(set) var lastWords = "no message"

  init(checking files: [URL], onResult: (_ line: String, _ passed: Bool) -> Void) throws {
    let child = Process()
    child.executableURL = URL(fileURLWithPath: try Self.ownPath())
    child.arguments = ["--cases"] + files.map(\.path)
    let pipe = Pipe()
    child.standardOutput = pipe
    child.standardError = pipe
    try child.run()
    var pending = Data()
    while true {
      let chunk = pipe.fileHandleForReading.availableData
      if chunk.isEmpty { break }
      pending.append(chunk)
      while let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
        take(String(decoding: pending[..<end], as: UTF8.self), onResult)
        pending.removeSubrange(...end)
      }
    }
    take(String(decoding: pending, as: UTF8.self), onResult)
    child.waitUntilExit()
  }

  private mutating func take(_ line: String, _ onResult: (String, Bool) -> Void) {
    if line.hasPrefix(Self.mark) {
      finished += 1
      onResult(String(line.dropFirst(2)), line.dropFirst().first == "+")
    } else if line.contains("Fatal error") {
      lastWords = line
    }
  }

  private static func ownPath() throws -> String {
    #if os(Linux)
      return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    #else
      return Bundle.main.executablePath ?? CommandLine.arguments[0]
    #endif
  }
}

/// Says something on standard error.
func complain(_ text: String) {
  FileHandle.standardError.write(Data(text.utf8))
}
