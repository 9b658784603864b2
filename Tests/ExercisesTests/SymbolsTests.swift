import Foundation
import Testing

@testable import ExerciseKit

/// What a library keeps from call to call, by the names in it.
@Suite struct SymbolsTests {
  private func variables(in source: String) async throws -> Bool {
    let folder = FileManager.default.temporaryDirectory.appending(path: "symbols-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let (file, library) = (folder.appending(path: "a.swift"), folder.appending(path: "a.so"))
    try source.write(to: file, atomically: true, encoding: .utf8)
    let toolchain = try Toolchain(root: Workplace.root)
    let (succeeded, text) = try await output(
      of: toolchain.compiler,
      ["-emit-library", "-parse-as-library", "-swift-version", "6", "-o", library.path, file.path])
    try #require(succeeded, "\(text)")
    return try await Symbols(of: library, toolchain: toolchain).haveVariables
  }

  @Test(arguments: [
    "nonisolated(unsafe) private var kept = 3\npublic func f() -> Int { kept += 1; return kept }",
    "public struct S { nonisolated(unsafe) static var kept: [Int: Int] = [:] }\npublic func f() { S.kept[1] = 2 }",
    "public func f() -> Int { struct L { nonisolated(unsafe) static var n = 0 }; L.n += 1; return L.n }",
    "final class Box: @unchecked Sendable { var n = 0 }\nlet box = Box()\npublic func f() { box.n += 1 }",
  ]) func kept(_ source: String) async throws { #expect(try await variables(in: source)) }

  @Test func nothingIsKept() async throws {
    let source = """
      enum Odd: Error { case a(Int), b }
      final class Node { var value = 1; var inputs: [Node] = []; lazy var twice = 2 * value }
      struct Pair<T: Equatable>: Equatable { var a: T; var b: [Int: String] }
      public func f(_ x: [Double]) throws -> [Double] {
        var y: [Double] = []
        for number in x { y.append(number * 2) }
        func inner(_ i: Int) -> Double { y[i] + Double(Node().twice) }
        if Pair(a: 1, b: [1: "x"]) == Pair(a: 2, b: [:]) || y.isEmpty { throw Odd.a(3) }
        return y.indices.map(inner)
      }
      """
    #expect(try await !variables(in: source))
  }
}
