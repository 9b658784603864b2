import Foundation

/// A learner's file, compiled into a library that the host loads.
struct LearnerBuild: Sendable {
  let library: URL

  enum Problem: Error {
    /// What the compiler says of the learner's file.
    case diagnostics(String)
    /// The file compiles, but its functions are not those that the exercise asks for.
    case otherFunctions([String])
    case forbidden(Forbidden, line: Int?)
  }

  /// Compiles `file` alone, with a few lines that hand its functions to the host.
  ///
  /// - Parameters:
  ///   - folder: An empty folder for the results.
  ///   - functions: The exercise's functions.
  ///   - isOptimized: Whether it is compiled for speed.
  init(
    file: URL, functions: [String], allowed: Allowed, isOptimized: Bool, toolchain: Toolchain,
    into folder: URL
  ) async throws {
    let module = file.deletingPathExtension().lastPathComponent
    let glue = folder.appending(path: "Functions.swift")
    library = folder.appending(path: "lib\(module).so")
    try Self.glue(for: functions).write(to: glue, atomically: true, encoding: .utf8)

    var rest = ["-emit-library", "-o", library.path, file.path, glue.path]
    #if os(macOS)
      rest += ["-Xlinker", "-undefined", "-Xlinker", "dynamic_lookup"]
    #endif
    let arguments = toolchain.arguments(module: module, isOptimized: false) + rest
    var (succeeded, text) = try await output(of: toolchain.compiler, arguments)
    if !succeeded && !Diagnostic.all(in: text).contains(where: \.isError) {
      // The compiler complains of no file: what it keeps from earlier runs may be out of date.
      try? FileManager.default.removeItem(at: toolchain.moduleCache)
      (succeeded, text) = try await output(of: toolchain.compiler, arguments)
    }
    diagnostics = Diagnostic.all(in: text).filter { $0.path == file.path }
    guard succeeded else {
      let errors = diagnostics.filter { $0.isError }
      if !errors.isEmpty { throw Problem.diagnostics(errors.map(\.text).joined(separator: "\n")) }
      if Diagnostic.all(in: text).contains(where: { $0.path == glue.path }) {
        throw Problem.otherFunctions(functions)
      }
      throw Problem.diagnostics(text)
    }
    if let nm = toolchain.find(beside: "llvm-nm") ?? Toolchain.find("nm") {
      let (_, list) = try await output(of: nm, ["-u", library.path])
      let symbols = list.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
      if let forbidden = allowed.firstForbidden(among: symbols, modules: toolchain.engineModules) {
        throw Problem.forbidden(forbidden, line: Self.line(of: forbidden, in: file))
      }
    }
    if isOptimized {
      // Only now: what is inlined asks for names that the learner never wrote.
      let fast = toolchain.arguments(module: module, isOptimized: true) + rest
      (succeeded, text) = try await output(of: toolchain.compiler, fast)
      guard succeeded else { throw Problem.diagnostics(text) }
    }
  }

  /// What the compiler said of the learner's file though it compiled it.
  let diagnostics: [Diagnostic]

  private static func glue(for functions: [String]) -> String {
    let entries = functions.map { entry in
      let parts = entry.split(separator: ":", maxSplits: 1)
      let name = parts[0].trimmingCharacters(in: .whitespaces)
      return "    Function(\"\(name)\", \(parts.count == 2 ? String(parts[1]) : name)),\n"
    }
    return """
      import ExerciseChannel
      import Practice

      @_cdecl("exerciseFunctions")
      public func exerciseFunctions() -> UnsafeMutableRawPointer {
        let table = FunctionTable([
      \(entries.joined())  ])
        return Unmanaged.passRetained(table).toOpaque()
      }

      """
  }

  /// The first line that names what is forbidden, comments aside.
  private static func line(of forbidden: Forbidden, in file: URL) -> Int? {
    let word = forbidden.name.split(separator: ".").last.map(String.init) ?? forbidden.name
    return lines(of: file).firstIndex { line in
      line[..<(line.range(of: "//")?.lowerBound ?? line.endIndex)].contains(word)
    }.map { $0 + 1 }
  }
}

/// One message of the compiler, with the lines that belong to it.
struct Diagnostic: Sendable {
  let path: String
  let isError: Bool
  let isWarning: Bool
  let text: String

  static func all(in output: String) -> [Diagnostic] {
    var all: [Diagnostic] = []
    var lines: [Substring] = []
    var head: (path: String, kind: String)?
    func flush() {
      guard let head else { return }
      all.append(
        Diagnostic(
          path: head.path, isError: head.kind == "error", isWarning: head.kind == "warning",
          text: lines.joined(separator: "\n")))
    }
    for line in output.split(separator: "\n", omittingEmptySubsequences: false) {
      if let match = line.wholeMatch(of: /(\/.+?):\d+:\d+: (error|warning|note): .*/) {
        if match.2 == "note" && head != nil && String(match.1) == head?.path {
          lines.append(line)
          continue
        }
        flush()
        head = (String(match.1), String(match.2))
        lines = [line]
      } else if line.wholeMatch(of: /(error|warning): .*/) != nil {
        flush()
        head = nil
      } else {
        lines.append(line)
      }
    }
    flush()
    return all
  }
}
