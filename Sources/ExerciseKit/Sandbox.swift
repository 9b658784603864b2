import Formats
import Foundation

/// A small world for one program, made by bubblewrap: the system's libraries and the folders that it is shown, to be
/// read; a folder or two to write into; no network, no other processes, no other files.
///
/// Marking puts the compiler and a learner's process into such worlds. A learner's own workbook does without: there
/// nobody is harmed but whoever wrote the code.
public struct Sandbox: Sendable {
  private let program: URL
  private let system: [String]
  private let environment: [String: String]

  /// What there is in place of a sandbox, and why.
  public struct Missing: Error, CustomStringConvertible {
    public let description: String
  }

  /// How much may be written into the world's own folder for temporary files.
  static let temporaryBytes = 64 << 20

  /// Finds bubblewrap, and tries whether it works here.
  ///
  /// - Parameters:
  ///   - toolchain: The compiler and the libraries that are shown to it.
  ///   - given: This program's own environment.
  /// - Throws: `Missing` where it is not installed, or where the system lets nobody make such worlds.
  public init(
    _ toolchain: Toolchain, environment given: [String: String] = ProcessInfo.processInfo.environment
  )
    async throws
  {
    guard let program = ProgramSearch.find("bwrap") else {
      throw Missing(description: "bubblewrap is not installed (sudo apt-get install bubblewrap)")
    }
    self.program = program
    let compiler = toolchain.compiler.resolvingSymlinksInPath()
    // …/usr/bin/swiftc: the toolchain's folder is two above.
    let tools = compiler.deletingLastPathComponent().deletingLastPathComponent()
    var system: [String] = []
    for path in ["/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/alternatives"] {
      if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: path) {
        system += ["--symlink", target, path]
      } else if FileManager.default.fileExists(atPath: path) {
        system += ["--ro-bind", path, path]
      }
    }
    if !tools.path.hasPrefix("/usr/") && tools.path != "/usr" {
      system += ["--ro-bind", tools.path, tools.path]
    }
    self.system = system
    // With other kernels than here, what trains there would come out differently, and a known mistake not be known again.
    let passedOn = ["LD_LIBRARY_PATH", "OPENBLAS_CORETYPE"]
    environment = [
      "PATH": tools.path + "/bin:/usr/bin:/bin", "HOME": "/tmp", "TMPDIR": "/tmp", "LANG": "C.UTF-8",
      "OPENBLAS_NUM_THREADS": "1", "SWIFT_BACKTRACE": "enable=no",
    ].merging(given.filter { passedOn.contains($0.key) }) { $1 }
    let (succeeded, text) = try await output(
      of: program, arguments(for: URL(filePath: "/bin/true"), [], readable: [], writable: []))
    if !succeeded {
      let reason = text.split(separator: "\n").first.map(String.init) ?? "it says nothing"
      throw Missing(description: "bubblewrap is installed and cannot work here (\(reason))")
    }
  }

  /// The arguments by which bubblewrap runs a program in a world of its own.
  ///
  /// - Parameters:
  ///   - readable: Files and folders that it is shown, at the places where they are.
  ///   - writable: Folders that it may write into.
  func arguments(for tool: URL, _ arguments: [String], readable: [URL], writable: [URL]) -> [String] {
    // Folders outside first: a later one may lie in an earlier one.
    let shown = readable.map { ["--ro-bind", $0.path, $0.path] }.sorted { $0[1] < $1[1] }
    let open = writable.map { ["--bind", $0.path, $0.path] }.sorted { $0[1] < $1[1] }
    return ["--unshare-all", "--clearenv"]
      + environment.sorted { $0.key < $1.key }.flatMap { ["--setenv", $0.key, $0.value] }
      + system
      + ["--proc", "/proc", "--dev", "/dev", "--size", "\(Self.temporaryBytes)", "--tmpfs", "/tmp"]
      + shown.flatMap(\.self) + open.flatMap(\.self)
      + ["--remount-ro", "/", "--chdir", "/tmp", "--", tool.path] + arguments
  }

  /// The program to start, and its arguments.
  func command(_ tool: URL, _ arguments: [String], readable: [URL], writable: [URL] = [])
    -> (program: URL, arguments: [String])
  {
    // Without this program's environment: what is in there is nobody's business, and the world's first process keeps it.
    (
      URL(filePath: "/usr/bin/env"),
      ["-i", program.path] + self.arguments(for: tool, arguments, readable: readable, writable: writable)
    )
  }
}

extension Toolchain {
  /// The same toolchain, with the compiler and learners' processes each in a world of its own.
  public func confined(by sandbox: Sandbox) -> Toolchain {
    var confined = self
    confined.sandbox = sandbox
    return confined
  }

  /// What the compiler reads, besides the system and itself: the engine's modules, and the headers of the libraries.
  var readableByCompiler: [URL] {
    [products.appending(path: "Modules")] + moduleMaps.map { $0.deletingLastPathComponent() } + headerFolders
  }
}
