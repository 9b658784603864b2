import Foundation
import Testing

/// What an editor shows in a learner's file when the workbook's folder is open: sourcekit-lsp is asked as editors ask it.
@Suite(.serialized) struct EditorTests {
  /// Completions after "t.", and the one name that is unknown.
  @Test(.enabled(if: LanguageServer.program != nil, "sourcekit-lsp is not in PATH"))
  func learnersFiles() throws {
    let server = try LanguageServer(in: Self.folder())
    let answer = try server.open(
      "Exercises/Yours/02-Convolution/OutputSize.swift",
      """
      import Foundation
      import Practice

      func outputSize(_ n: Int) throws -> Int {
        let t = Tensor.zeros([2, 3])
        t.
        return undefinedName
      }
      """)
    #expect(try server.completions(in: answer, line: 5, character: 4).contains("shape"))
    let problems = try server.problems(in: answer)
    #expect(problems.contains { $0.contains("'undefinedName'") }, "\(problems)")
    #expect(!problems.contains { $0.contains("module") }, "\(problems)")

    // A program with a fault may use all of the engine; two files may have functions of the same name.
    let program = try server.open(
      "Exercises/Yours/08-TrainingAnRNN/Program.swift",
      "import Engine\n\nfunc helper() -> Variable { Variable(Tensor.zeros([2])) }\n")
    #expect(try server.problems(in: program) == [])
    let other = try server.open(
      "Exercises/Yours/08-TrainingAnRNN/Other.swift",
      "import Practice\n\nfunc helper() throws -> Int { throw Unfinished() }\n")
    #expect(try server.problems(in: other) == [])
  }

  /// The workbook's folder, with what an editor looks at, and learners' files of its own.
  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let files = FileManager.default
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    for place in [".build", "Exercises/Yours"] {
      try files.createDirectory(atPath: folder.file(place), withIntermediateDirectories: true)
    }
    for file in ["Package.swift", "Exercises/Package.swift", "Exercises/Yours/compile_flags.txt"] {
      try files.copyItem(atPath: root.appending(path: file).path, toPath: folder.file(file))
    }
    try files.createSymbolicLink(
      atPath: folder.file("Sources"), withDestinationPath: root.appending(path: "Sources").path)
    try files.createSymbolicLink(
      atPath: folder.file(".build/debug"),
      withDestinationPath: URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().path)
    return folder
  }
}

/// A running sourcekit-lsp.
private final class LanguageServer {
  static let program: String? = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    .map { "\($0)/sourcekit-lsp" }.first { FileManager.default.isExecutableFile(atPath: $0) }

  private let folder: TemporaryFolder
  private let process = Process()
  private let (input, output) = (Pipe(), Pipe())
  private var received = Data()
  private var number = 0

  struct Failed: Error { let description: String }

  init(in folder: TemporaryFolder) throws {
    self.folder = folder
    process.executableURL = URL(filePath: Self.program!)
    process.currentDirectoryURL = URL(filePath: folder.path)
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    _ = try ask(
      "initialize",
      [
        "processId": ProcessInfo.processInfo.processIdentifier, "rootUri": "file://\(folder.path)",
        "initializationOptions": ["backgroundIndexing": false],
        "capabilities": ["textDocument": ["completion": [:], "diagnostic": [:]] as [String: Any]],
      ])
    try tell("initialized", [:])
  }

  deinit { process.terminate() }

  /// Writes a file and opens it; gives its address.
  func open(_ name: String, _ text: String) throws -> String {
    let file = URL(filePath: folder.file(name))
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
    let address = "file://\(file.path)"
    try tell(
      "textDocument/didOpen",
      ["textDocument": ["uri": address, "languageId": "swift", "version": 1, "text": text] as [String: Any]])
    return address
  }

  func completions(in address: String, line: Int, character: Int) throws -> [String] {
    let result = try ask(
      "textDocument/completion",
      ["textDocument": ["uri": address], "position": ["line": line, "character": character]])
    let items = (result as? [String: Any])?["items"] as? [[String: Any]] ?? []
    return items.compactMap { $0["label"] as? String }
  }

  func problems(in address: String) throws -> [String] {
    let result = try ask("textDocument/diagnostic", ["textDocument": ["uri": address]])
    guard let items = (result as? [String: Any])?["items"] as? [[String: Any]] else {
      throw Failed(description: "no problems, but \(result)")
    }
    return items.compactMap { $0["message"] as? String }
  }

  private func ask(_ method: String, _ parameters: [String: Any]) throws -> Any {
    number += 1
    try send(["id": number, "method": method, "params": parameters])
    while true {
      let message = try receive()
      if message["method"] != nil {
        // A question of the server's own.
        if let id = message["id"] { try send(["id": id, "result": NSNull()]) }
      } else if message["id"] as? Int == number {
        guard let result = message["result"] else {
          throw Failed(description: "\(method): \(message["error"] ?? "no result")")
        }
        return result
      }
    }
  }

  private func tell(_ method: String, _ parameters: [String: Any]) throws {
    try send(["method": method, "params": parameters])
  }

  private func send(_ message: [String: Any]) throws {
    let body = try JSONSerialization.data(
      withJSONObject: message.merging(["jsonrpc": "2.0"]) { old, _ in old })
    try input.fileHandleForWriting.write(
      contentsOf: Data("Content-Length: \(body.count)\r\n\r\n".utf8) + body)
  }

  private func receive() throws -> [String: Any] {
    while true {
      if let end = received.range(of: Data("\r\n\r\n".utf8)) {
        let head = String(decoding: received[..<end.lowerBound], as: UTF8.self)
        let count = head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } ?? 0
        if received.distance(from: end.upperBound, to: received.endIndex) >= count {
          let body = received[end.upperBound...].prefix(count)
          received = Data(received[body.endIndex...])
          return try JSONSerialization.jsonObject(with: body) as? [String: Any] ?? [:]
        }
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { throw Failed(description: "sourcekit-lsp has ended") }
      received += more
    }
  }
}
