import Foundation

/// The other programs of the workbook, which lie beside this one.
struct Programs {
  let folder: String

  init() { folder = URL(filePath: Child.thisProgram).deletingLastPathComponent().path }

  /// Where a program is; nil where it is not built.
  func path(_ name: String) -> String? {
    let path = folder + "/" + name
    return access(path, X_OK) == 0 ? path : nil
  }

  /// The root of the workbook whose programs these are.
  static var root: String? {
    if let folder = ProcessInfo.processInfo.environment["WORKBOOK_FOLDER"] { return folder }
    var place = URL(filePath: Child.thisProgram)
    while place.path.count > 1 {
      place.deleteLastPathComponent()
      if access(place.path + "/Package.swift", R_OK) == 0, access(place.path + "/Exercises", R_OK) == 0 {
        return place.path
      }
    }
    return nil
  }

  /// What a program that was run to its end has said.
  struct Outcome {
    let end: Child.End
    let words: String
    var isDone: Bool { end == .exited(0) }
  }

  /// - Parameter user: Another user to run it as; only the system's administrator can.
  func start(
    _ name: String, _ arguments: [String], words: String, root: String? = nil, in folder: String? = nil,
    user: Int? = nil
  ) throws -> Child {
    guard let program = path(name) else { throw Fault("\(name) is not built: \(self.folder)/\(name)") }
    var variables: [String: String] = [:]
    if let root { variables["WORKBOOK_FOLDER"] = root }
    guard let user else {
      return try Child(program, arguments, words: words, environment: variables, in: folder)
    }
    variables["HOME"] = "/nonexistent"
    return try Child(
      "/usr/bin/setpriv", ["--reuid=\(user)", "--regid=\(user)", "--clear-groups", program] + arguments,
      words: words,
      environment: variables, in: folder)
  }

  func run(
    _ name: String, _ arguments: [String], words: String, root: String? = nil, in folder: String? = nil,
    user: Int? = nil,
    seconds: Double = 120
  ) throws -> Outcome {
    let child = try start(name, arguments, words: words, root: root, in: folder, user: user)
    let end = child.wait(seconds) ?? child.kill()
    return Outcome(end: end, words: (try? String(contentsOfFile: words, encoding: .utf8)) ?? "")
  }
}
