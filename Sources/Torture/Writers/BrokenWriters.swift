import Formats
import Foundation

/// Writers that do what none may do: whoever watches must notice. They are tried by name alone.
enum BrokenWriters {
  @Sendable private static func version(_ folder: String) throws -> Int {
    guard let text = try? String(contentsOfFile: folder + "/file", encoding: .utf8) else { return 0 }
    let numbers = text.split(separator: "\n").map { Int($0) }
    guard numbers.count == 4000, let first = numbers[0], numbers.allSatisfy({ $0 == first }) else {
      throw Fault("half of a file")
    }
    return first
  }

  private static func text(_ version: Int) -> [UInt8] {
    Array(String(repeating: "\(version)\n", count: 4000).utf8)
  }

  static let all: [WriterSubject] = [
    WriterSubject(
      name: "broken: writes in place", files: ["file"],
      write: { version, folder in
        guard let file = fopen(folder + "/file", "w") else { throw Fault("it cannot be opened") }
        defer { fclose(file) }
        // In two pieces, so that there is a moment at which half is there.
        let bytes = text(version)
        fwrite(bytes, 1, bytes.count / 2, file)
        fflush(file)
        usleep(1000)
        fwrite(Array(bytes[(bytes.count / 2)...]), 1, bytes.count - bytes.count / 2, file)
      }, version: version),
    WriterSubject(
      name: "broken: leaves files", files: ["file"],
      write: { version, folder in
        try AtomicFile.write(text(version), to: folder + "/file")
        try Data().write(to: URL(filePath: "\(folder)/left-\(version)"))
      }, version: version),
    // It says that it is done, and nothing is there.
    WriterSubject(name: "broken: forgets", files: ["file"], write: { _, _ in }, version: version),
  ]
}
