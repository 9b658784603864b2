import Foundation
import Testing

@testable import Formats

/// A folder of a test's own, removed with all that is in it when the test ends.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "formats-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of `name` in the folder.
  func callAsFunction(_ name: String) -> String { path + "/" + name }

  /// Makes a file without the code under test, and returns its path.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    try Data(bytes).write(to: URL(filePath: self(name)))
    return self(name)
  }

  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

/// The bytes of the file at `path`, read without the code under test.
func contents(_ path: String) throws -> [UInt8] { try Array(Data(contentsOf: URL(filePath: path))) }

/// The path of a committed file.
func fixture(_ name: String) throws -> String {
  try #require(Bundle.module.url(forResource: "Fixtures", withExtension: nil)).path + "/" + name
}

/// What the `FileError` that `body` must throw says after the path that it must begin with.
func message(about path: String, _ body: () throws -> Void) -> String {
  do {
    try body()
    return "nothing was thrown"
  } catch let error as FileError {
    if !error.description.hasPrefix(path + ": ") { return "the error is about another path: \(error)" }
    return String(error.description.dropFirst(path.count + 2))
  } catch {
    return "another error was thrown: \(error)"
  }
}

let cutOffAdvice = "\n       It was probably cut off while downloading or copying; fetch it again."
