import Formats
import Foundation

/// Another framework at the same work, in a process of its own that lives as long as this object.
///
/// It is told over its stdin to run a block, and answers on its stdout, a line of JSON each; `protocol.py` has the
/// conversation. So it can take turns with the engine without starting anew each time.
final class Peer {
  /// A program that runs a peer's script, and which script.
  struct Command: Sendable {
    let name: String
    let python: String
    let script: String
    /// The models that it can run, by their names in `Workload.request`; nil for all.
    var models: Set<String>?

    /// Its name among the metrics.
    var key: String { name.lowercased() }

    static func pytorch(_ python: String) -> Command {
      Command(name: "PyTorch", python: python, script: "pytorch.py")
    }

    static func tensorflow(_ python: String) -> Command {
      Command(
        name: "TensorFlow", python: python, script: "tensorflow_keras.py", models: ["cnn", "lstm", "gru"])
    }

    func canRun(_ request: [String: any Sendable]) -> Bool {
      models.map { $0.contains(request["model"] as? String ?? "") } ?? true
    }

    /// Where the scripts are: beside the sources that this program was built from.
    var path: String {
      URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Peers/\(script)").path
    }
  }

  let command: Command
  private(set) var version = ""
  private let process: Process
  private let requests: FileHandle
  private let answers: FileHandle
  private let errorFile: URL
  private var unread = Data()

  /// Starts the peer and waits until it is ready.
  ///
  /// - Throws: `Missing` when it lacks its framework, `PeerProblem` when it cannot be started or does not answer.
  init(_ command: Command, threads: Int) throws {
    signal(SIGPIPE, SIG_IGN)
    self.command = command
    errorFile = URL(filePath: NSTemporaryDirectory()).appending(path: "bench-\(UUID().uuidString).txt")
    _ = FileManager.default.createFile(atPath: errorFile.path, contents: nil)
    let (input, output) = (Pipe(), Pipe())
    process = Self.process(command, ["\(threads)"])
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle(forWritingAtPath: errorFile.path) ?? .nullDevice
    (requests, answers) = (input.fileHandleForWriting, output.fileHandleForReading)
    do {
      try process.run()
    } catch {
      try? FileManager.default.removeItem(at: errorFile)
      throw PeerProblem("\(command.python) cannot be started")
    }

    let hello = try answer(within: 120)
    if let missing = hello["missing"] as? String { throw Missing(python: command.python, framework: missing) }
    guard let version = hello["version"] as? String else { throw rubbish("\(hello)") }
    self.version = version
  }

  deinit {
    try? requests.close()
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
    try? FileManager.default.removeItem(at: errorFile)
  }

  /// The process that runs a script with some arguments.
  static func process(_ command: Command, _ arguments: [String]) -> Process {
    let process = Process()
    if command.python.contains("/") {
      process.executableURL = URL(filePath: command.python)
      process.arguments = [command.path] + arguments
    } else {
      process.executableURL = URL(filePath: "/usr/bin/env")
      process.arguments = [command.python, command.path] + arguments
    }
    var environment = ProcessInfo.processInfo.environment
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    // Ours, chosen for the engine's matrix products: theirs are not to be swayed.
    environment["OPENBLAS_CORETYPE"] = nil
    process.environment = environment
    return process
  }

  /// Sends a request and waits for its answer.
  func ask(_ request: [String: any Sendable], within seconds: Double) throws -> [String: Any] {
    let line = try JSONSerialization.data(withJSONObject: request) + Data("\n".utf8)
    do {
      try requests.write(contentsOf: line)
    } catch {
      throw ended()
    }
    return try answer(within: seconds)
  }

  /// Has the peer prepare some work.
  ///
  /// - Parameters:
  ///   - request: What it is; see the peers' scripts.
  ///   - arrays: The numbers to begin from.
  ///   - trialSeconds: How long it may try each of its settings for, to find its fastest.
  /// - Returns: What it reports of its first steps.
  func prepare(
    _ request: [String: any Sendable], _ arrays: NamedArrays, trialSeconds: Double
  ) throws -> [String: Any] {
    let file = NSTemporaryDirectory() + "bench-\(UUID().uuidString).safetensors"
    defer { try? FileManager.default.removeItem(atPath: file) }
    try SafeTensors.write(arrays, to: file)
    return try ask(
      request.merging(["do": "prepare", "file": file, "trial_seconds": trialSeconds]) { $1 }, within: 300)
  }

  /// Runs a block of steps.
  ///
  /// - Returns: How many steps were done in a second.
  func block(seconds: Double, of what: String = "step") throws -> Double {
    let answer = try ask(["do": "block", "of": what, "seconds": seconds], within: 60 + 20 * seconds)
    guard let steps = answer["steps"] as? Double, let elapsed = answer["seconds"] as? Double, steps > 0,
      elapsed > 0
    else { throw rubbish("\(answer)") }
    return steps / elapsed
  }

  private func answer(within seconds: Double) throws -> [String: Any] {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while true {
      if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
        let line = unread[unread.startIndex..<end]
        unread = Data(unread[unread.index(after: end)...])
        guard let object = try? JSONSerialization.jsonObject(with: line) as? [String: Any] else {
          throw rubbish(String(decoding: line, as: UTF8.self))
        }
        return object
      }
      let left = (deadline - ContinuousClock.now).components.seconds
      var waiting = pollfd(fd: answers.fileDescriptor, events: Int16(POLLIN), revents: 0)
      if left <= 0 || poll(&waiting, 1, Int32(min(left, 3600) * 1000)) == 0 {
        throw PeerProblem("\(command.name) did not answer within \(Int(seconds)) s")
      }
      let data = answers.availableData
      if data.isEmpty { throw ended() }
      unread += data
    }
  }

  private func rubbish(_ text: String) -> PeerProblem {
    let shown = text.count > 60 ? text.prefix(60) + "…" : text[...]
    return PeerProblem("\(command.python) gave an answer that bench does not understand: \(shown)")
  }

  private func ended() -> PeerProblem {
    process.waitUntilExit()
    let words = (try? String(contentsOf: errorFile, encoding: .utf8)) ?? ""
    let last = words.split(separator: "\n").last.map { ": \($0.trimmingCharacters(in: .whitespaces))" } ?? ""
    return PeerProblem("\(command.name) ended with status \(process.terminationStatus)\(last)")
  }

  /// The interpreter is there, the framework is not.
  struct Missing: Error { let python: String, framework: String }
}

/// Why a peer could not take part, in words for the user.
struct PeerProblem: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
