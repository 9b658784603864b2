import ExerciseKit
import Foundation
import Testing

@testable import Classroom
@testable import ExerciseKit
@testable import Formats

/// What a learner's file asks of the compiler, before anything of it runs. In the sandbox, as marking compiles it.
@Suite struct CompilerAttackTests {
  private static let confined = Task {
    let toolchain = try Toolchain(root: Class.root)
    try await toolchain.prepare()
    return (try? await Sandbox(toolchain)).map { toolchain.confined(by: $0) } ?? toolchain
  }

  private func verdict(_ before: String, _ body: String? = nil) async throws -> Verdict {
    let folder = try TestFolder()
    let entry = try Class.entry("2.1")
    let right = try Class.solution("2.1")
    let text =
      before + (body.map { try! Class.stub("2.1").replacing("throw Unfinished()", with: $0) } ?? right)
    let file = URL(filePath: folder("\(entry.name).swift"))
    try Data(text.utf8).write(to: file)
    return try await entry.examine(file, with: try await Self.confined.value)
  }

  @Test func theRightAnswerPasses() async throws { #expect(try await verdict("").state == .passed) }

  /// The compiler quotes the line that an error is in: of no other file.
  @Test(arguments: ["/etc/passwd", "/proc/self/environ", "../../Package.swift"])
  func quotesNoOtherFile(_ path: String) async throws {
    let verdict = try await verdict(
      "#sourceLocation(file: \"\(path)\", line: 1)\nlet a: Int = \"no\"\n#sourceLocation()\n")
    #expect(verdict.state == .doesNotCompile)
    let text = verdict.problem ?? ""
    #expect(
      !text.contains("root:") && !text.contains("PATH=") && !text.contains("swift-tools-version"), "\(text)")
  }

  @Test func runsNoMacrosOfItsOwn() async throws {
    let verdict = try await verdict(
      "@freestanding(expression) macro steal() -> Int = #externalMacro(module: \"Evil\", type: \"Steal\")\nlet a = #steal\n"
    )
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.problem?.contains("Evil") == true, "\(verdict.problem ?? "")")
  }

  /// Modules of the system's headers, and of the workbook's own, are not for answers.
  @Test(arguments: ["CZlib", "CExerciseHost", "ExerciseChannel", "CKernels", "SwiftShims"])
  func importsNoOtherModule(_ module: String) async throws {
    let verdict = try await verdict("import \(module)\n")
    #expect(verdict.problem?.contains("You import \(module).") == true, "\(verdict.problem ?? "")")
  }

  /// What the host and the judge's own glue are made of cannot be called, or put in their place.
  @Test(arguments: [
    "host_confine", "dlopen", "dlsym", "mmap", "pthread_create", "sigaction", "setrlimit", "dup2",
  ])
  func callsNothingOfTheHost(_ name: String) async throws {
    let verdict = try await verdict(
      "@_silgen_name(\"\(name)\") func another() -> Int32\n", "_ = another()\n  return []")
    #expect(verdict.problem?.contains("You use \(name).") == true, "\(verdict.problem ?? "")")
  }

  @Test func standsForNothingElse() async throws {
    let verdict = try await verdict(
      "@_cdecl(\"exerciseFunctions\") public func mine() -> UnsafeMutableRawPointer? { nil }\n")
    #expect(verdict.state == .doesNotCompile && verdict.points == 0, "\(verdict.state)")
  }

  /// One learner's compiler leaves nothing for the next.
  @Test func leavesNothingBehind() async throws {
    let toolchain = try await Self.confined.value
    guard toolchain.sandbox != nil else { return }
    let folder = try TestFolder()
    let place = URL(filePath: folder.path)
    for path in [
      toolchain.moduleCache.path, toolchain.products.path + "/Modules", Class.root.path + "/Exercises",
      "/usr",
    ] {
      let sandbox = try #require(toolchain.sandbox)
      let (program, arguments) = sandbox.command(
        URL(filePath: "/bin/sh"), ["-c", "echo > \(path)/left"],
        readable: toolchain.readableByCompiler + [toolchain.moduleCache], writable: [place])
      let (_, text) = try await ExerciseKit.output(of: program, arguments)
      #expect(!text.isEmpty && !FileManager.default.fileExists(atPath: path + "/left"), "\(path): \(text)")
    }
  }
}
