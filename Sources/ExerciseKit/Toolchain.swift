import Formats
import Foundation
import Subprocess

/// The compiler, and the engine's modules that the package manager has built.
public struct Toolchain: Sendable {
  /// Where the built executables lie, and `Modules` beside them.
  public let products: URL
  let compiler: URL
  /// Where the compiler keeps modules that it has read.
  let moduleCache: URL
  /// The folders with the module maps of C libraries.
  let moduleMaps: [URL]
  /// The folders that these point to.
  let headerFolders: [URL]
  /// The world that compilers and learners' processes are put into; nil: this one.
  var sandbox: Sandbox?
  /// The engine's modules: what an answer uses of them must be allowed.
  let engineModules: Set<String>

  /// What a toolchain lacks.
  public enum Problem: Error, CustomStringConvertible {
    /// There is no Swift compiler in `PATH`.
    case noCompiler
    /// The file at this path is missing: the workbook was not built.
    case notBuilt(String)
    /// The compiler cannot compile even an empty answer; what it said.
    case cannotCompile(String)

    public var description: String {
      switch self {
      case .cannotCompile(let text): "the compiler cannot compile even an empty answer:\n\(text)"
      case .noCompiler: "swiftc is not in PATH; `./workbook doctor` says how to install Swift"
      case .notBuilt(let path): "\(path): no such file; build the workbook first: ./workbook, or swift build"
      }
    }
  }

  /// The toolchain around the program that is running, with the package's sources in `root`.
  public init(root: URL) throws {
    guard
      let products = Self.runningProgram().ancestors.first(where: { $0.has("Modules/Tensors.swiftmodule") })
    else { throw Problem.notBuilt("Modules/Tensors.swiftmodule beside \(Self.runningProgram().path)") }
    guard products.has("exercise-host") else { throw Problem.notBuilt(products.path + "/exercise-host") }
    guard let compiler = ProgramSearch.find("swiftc") else { throw Problem.noCompiler }
    self.products = products
    self.compiler = compiler
    moduleCache = ModuleCache.folder(beside: products)

    let files = FileManager.default
    let sources = root.appending(path: "Sources")
    let system = ((try? files.contentsOfDirectory(atPath: sources.path)) ?? [])
      .map { sources.appending(path: $0) }.filter { $0.has("module.modulemap") }
    let generated = ((try? files.contentsOfDirectory(atPath: products.path)) ?? [])
      .map { products.appending(path: $0) }.filter { $0.has("module.modulemap") }
    moduleMaps = (system + generated).map { $0.appending(path: "module.modulemap") }

    // "header "/…/include/CKernels.h"", "umbrella "/…/include"": the files are elsewhere.
    headerFolders = Set(
      moduleMaps.compactMap { try? String(contentsOf: $0, encoding: .utf8) }
        .flatMap { $0.matches(of: /"(\/[^"]+)"/).map { String($0.1) } }
        .map { $0.hasSuffix(".h") ? URL(filePath: $0).deletingLastPathComponent().path : $0 }
    ).filter { files.fileExists(atPath: $0) && !$0.hasPrefix("/usr/") }.sorted().map { URL(filePath: $0) }

    let modules = (try? files.contentsOfDirectory(atPath: products.appending(path: "Modules").path)) ?? []
    let open: Set = ["Practice", "ExerciseChannel"]
    engineModules = Set(modules.filter { $0.hasSuffix(".swiftmodule") }.map { String($0.dropLast(12)) })
      .subtracting(open)
  }

  var host: URL { products.appending(path: "exercise-host") }

  /// The arguments by which a file finds the engine's modules.
  ///
  /// Usually not optimised, which compiles fastest, and the engine under it is optimised all the same. The messages of
  /// traps stay in both, with lines; more for a debugger would be a quarter of the work.
  func arguments(module: String, isOptimized: Bool) -> [String] {
    [
      "-module-name", module, "-swift-version", "6", isOptimized ? "-O" : "-Onone", "-assert-config", "Debug",
      "-gline-tables-only", "-wmo", "-parse-as-library",
      "-diagnostic-style", "llvm", "-no-color-diagnostics",
      "-I", products.appending(path: "Modules").path,
      "-module-cache-path", moduleCache.path,
    ]
      + moduleMaps.flatMap { ["-Xcc", "-fmodule-map-file=\($0.path)"] }
  }

  /// The processor time and the memory that the compiler may take for one file: many times what an answer needs.
  static let compilerSeconds = 15
  static let compilerMebibytes = 4096

  /// The size of the largest file that it may write.
  static let compilerFileMebibytes = 64

  /// Runs the compiler, within limits: a few lines can keep it busy for ever.
  ///
  /// - Parameter folder: Where it reads and writes.
  func compile(_ arguments: [String], in folder: URL) async throws -> (succeeded: Bool, text: String) {
    // The limits hold for each process that it starts as well. Some systems have none for memory.
    let limits = """
      ulimit -v \(Self.compilerMebibytes << 10) 2>/dev/null; ulimit -t \(Self.compilerSeconds); \
      ulimit -f \(Self.compilerFileMebibytes << 11)
      """
    let shell = URL(filePath: "/bin/sh")
    let words = ["-c", "\(limits); exec \"$0\" \"$@\"", compiler.path] + arguments
    guard let sandbox else { return try await output(of: shell, words) }
    // What is kept from earlier runs is only read: what one learner's file leaves there would reach the next one's.
    let (program, confined) = sandbox.command(
      shell, words, readable: readableByCompiler + (has(moduleCache) ? [moduleCache] : []), writable: [folder]
    )
    return try await output(of: program, confined)
  }

  /// Compiles a file that imports all that an answer may import, so that what the compiler keeps of them is there before
  /// it may only be read.
  public func prepare() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(
      path: "workbook-\(getpid())-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "Prepare.swift")
    let imports = Outside.imports.sorted().map { "#if canImport(\($0))\n  import \($0)\n#endif" }
    try Data(imports.joined(separator: "\n").utf8).write(to: file)
    let rest = ["-emit-library", "-o", folder.appending(path: "libPrepare.so").path, file.path]
    let words = arguments(module: "Prepare", isOptimized: false) + rest
    var (succeeded, text) = try await output(of: compiler, words)
    if !succeeded {
      // What is kept may be of another compiler.
      try? FileManager.default.removeItem(at: moduleCache)
      (succeeded, text) = try await output(of: compiler, words)
    }
    if !succeeded { throw Problem.cannotCompile(text) }
  }

  private func has(_ url: URL) -> Bool { FileManager.default.fileExists(atPath: url.path) }

  private static func runningProgram() -> URL {
    #if os(Linux)
      URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    #else
      var image = Dl_info()
      dladdr(#dsohandle, &image)
      return URL(filePath: String(cString: image.dli_fname)).resolvingSymlinksInPath()
    #endif
  }

  /// A program of the Swift toolchain, or of the system.
  func find(beside program: String) -> URL? {
    let beside = compiler.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: program)
    return FileManager.default.isExecutableFile(atPath: beside.path) ? beside : ProgramSearch.find(program)
  }
}

/// Runs a program to its end and gives back whether it succeeded, and what it printed.
public func output(of program: URL, _ arguments: [String]) async throws -> (succeeded: Bool, text: String) {
  let result = try await run(
    .path(.init(program.path)), arguments: Arguments(arguments), output: .string(limit: 8 << 20),
    error: .combinedWithOutput)
  return (result.terminationStatus.isSuccess, result.standardOutput)
}

extension URL {
  fileprivate var ancestors: [URL] {
    var all: [URL] = []
    var url = self
    while url.path != "/" {
      url = url.deletingLastPathComponent()
      all.append(url)
    }
    return all
  }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: appending(path: name).path) }
}
