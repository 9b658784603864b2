import Foundation
import Testing

/// What a program did.
struct Outcome {
  let status: Int32
  let output: String
  let errors: String
}

/// A folder of its own for a test, gone with the test.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "workbook-tests-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// Runs one of the package's programs, built beside the tests.
func run(_ program: String, _ arguments: String...) throws -> Outcome { try run(program, arguments) }

/// Runs one of the package's programs, in `place` where that is given.
func run(_ program: String, _ arguments: [String], in place: String? = nil) throws -> Outcome {
  let folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
  let process = Process()
  process.executableURL = folder.appendingPathComponent(program)
  process.arguments = arguments
  if let place { process.currentDirectoryURL = URL(fileURLWithPath: place) }
  let (output, errors) = (Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = errors
  process.standardInput = FileHandle.nullDevice
  try process.run()
  let group = DispatchGroup()
  // Written by one closure, read after the group has waited for it.
  nonisolated(unsafe) var errorData = Data()
  DispatchQueue.global().async(group: group) { errorData = errors.fileHandleForReading.readDataToEndOfFile() }
  let outputData = output.fileHandleForReading.readDataToEndOfFile()
  group.wait()
  process.waitUntilExit()
  return Outcome(
    status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
    output: String(decoding: outputData, as: UTF8.self), errors: String(decoding: errorData, as: UTF8.self))
}

/// The metrics of a `results.json`.
func metrics(_ path: String) throws -> [String: Double] {
  let data = try Data(contentsOf: URL(fileURLWithPath: path))
  let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
  return object?["metrics"] as? [String: Double] ?? [:]
}

/// Holds an experiment to this: all its figures but times are the same with any number of threads, and others with another
/// seed.
func expectFiguresOfTheSeed(_ program: String, _ experiment: String...) throws {
  func figures(_ arguments: String...) throws -> [String: Double] {
    let folder = try TemporaryFolder()
    let outcome = try run(program, experiment + ["--quick", "--output", folder.path] + arguments)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try metrics(folder.file("results.json")).filter { !$0.key.contains("milliseconds") }
  }
  let one = try figures("--threads", "1")
  #expect(!one.isEmpty)
  #expect(try figures("--threads", "3") == one)
  #expect(try figures("--seed", "2") != one)
}
