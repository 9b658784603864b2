import Foundation

/// A learner's file, compiled into a library that the host loads.
struct LearnerBuild: Sendable {
  let library: URL
  /// A copy of the learner's file, as it was when it was compiled: whatever becomes of the file meanwhile, and whatever
  /// its date.
  let source: URL
  /// Whether the library has variables that outlive a call.
  let keepsState: Bool

  enum Problem: Error {
    /// The file cannot be read.
    case unreadable(String)
    /// The compiler was ended for its time or memory, or by a fault of its own.
    case compilerStopped(isLimit: Bool)
    /// What the compiler says of the learner's file.
    case diagnostics(String)
    /// The file compiles, but its functions are not those that the exercise asks for.
    case otherFunctions([String])
    case forbidden(Forbidden, line: Int?)
    case forbiddenImport(String, line: Int)
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
    let source = folder.appending(path: "\(module).swift")
    self.source = source
    do {
      try Data(contentsOf: file).write(to: source)
    } catch {
      throw Problem.unreadable("The file cannot be read: \(error.localizedDescription)")
    }
    if let (module, line) = Outside.firstForbiddenImport(in: lines(of: source)) {
      throw Problem.forbiddenImport(module, line: line)
    }
    let glue = folder.appending(path: "Functions.swift")
    library = folder.appending(path: "lib\(module).so")
    try Self.glue(for: functions).write(to: glue, atomically: true, encoding: .utf8)

    var rest = ["-emit-library", "-o", library.path, source.path, glue.path]
    #if os(macOS)
      rest += ["-Xlinker", "-undefined", "-Xlinker", "dynamic_lookup"]
    #endif
    let arguments = toolchain.arguments(module: module, isOptimized: false) + rest
    var (succeeded, text) = try await toolchain.compile(arguments, in: folder)
    if !succeeded && toolchain.sandbox == nil && !Diagnostic.all(in: text).contains(where: \.isError)
      && !Self.isStoppedByLimit(text)
    {
      // The compiler complains of no file: what it keeps from earlier runs may be out of date.
      try? FileManager.default.removeItem(at: toolchain.moduleCache)
      (succeeded, text) = try await toolchain.compile(arguments, in: folder)
    }
    diagnostics = Diagnostic.all(in: text).filter { $0.path == source.path }
      .map { $0.replacing(path: source.path, with: file.path) }
    guard succeeded else {
      if Self.isStoppedByLimit(text) { throw Problem.compilerStopped(isLimit: true) }
      let errors = diagnostics.filter { $0.isError }
      if !errors.isEmpty { throw Problem.diagnostics(errors.map(\.text).joined(separator: "\n")) }
      if Diagnostic.all(in: text).contains(where: { $0.path == glue.path }) {
        throw Problem.otherFunctions(functions)
      }
      if text.contains("due to signal") { throw Problem.compilerStopped(isLimit: false) }
      throw Problem.diagnostics(text)
    }
    let symbols = try await Symbols(of: library, toolchain: toolchain)
    if let forbidden = allowed.firstForbidden(
      among: symbols.undefined, modules: toolchain.engineModules, module: module)
    {
      throw Problem.forbidden(forbidden, line: Self.line(of: forbidden, in: source))
    }
    keepsState = symbols.haveVariables
    if isOptimized {
      // Only now: what is inlined asks for names that the learner never wrote.
      let fast = toolchain.arguments(module: module, isOptimized: true) + rest
      (succeeded, text) = try await toolchain.compile(fast, in: folder)
      guard succeeded else {
        if text.contains("due to signal") {
          throw Problem.compilerStopped(isLimit: Self.isStoppedByLimit(text))
        }
        throw Problem.diagnostics(text)
      }
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

  /// Whether the compiler was ended because it took too long, or asked for too much memory.
  private static func isStoppedByLimit(_ text: String) -> Bool {
    text.contains("due to signal")
      && ["due to signal \(SIGKILL)", "due to signal \(SIGXCPU)", "out of memory", "bad_alloc"]
        .contains { text.contains($0) }
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

  func replacing(path old: String, with new: String) -> Diagnostic {
    Diagnostic(
      path: path == old ? new : path, isError: isError, isWarning: isWarning,
      text: text.replacing(old, with: new))
  }

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
