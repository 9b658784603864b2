import Formats
import Foundation
import Testing

/// The package that the page "Your own model in five minutes" walks through does what the page says.
///
/// Its sources are compiled here as a target of this package: to build it by itself would compile the whole engine again.
@Suite struct YourOwnModelTests {
  private let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  private let folder = FileManager.default.temporaryDirectory.appending(
    path: "your-own-model-\(UUID().uuidString)")

  private func run(_ program: String, _ arguments: [String], environment: [String: String] = [:]) throws
    -> (status: Int32, output: String)
  {
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: data, as: UTF8.self))
  }

  private func shapes(_ arguments: String...) throws -> (status: Int32, output: String) {
    let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(
      path: "shapes")
    return try run(program.path, arguments)
  }

  /// The probabilities that a program printed, by name.
  private func probabilities(_ output: String) -> [String: Double] {
    Dictionary(
      output.split(separator: "\n").compactMap { line in
        let words = line.split(separator: " ")
        return words.count == 2 ? Double(words[1]).map { (String(words[0]), $0) } : nil
      }, uniquingKeysWith: { $1 })
  }

  @Test func fromFolderToWeightsAndBack() throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try shapes("draw", "pictures").status == 0)
    let drawn = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/pictures/circle")
    #expect(drawn.count == 200)

    let trained = try shapes("train", "pictures", "shapes.safetensors")
    #expect(trained.status == 0)
    let share = try #require(Double(trained.output.prefix { $0 != " " }))
    #expect(share > 90, "\(trained.output)")
    #expect(trained.output.contains("of 60 pictures that it has not seen"))

    let read = try shapes("read", "pictures/circle/1.png", "shapes.safetensors")
    let ours = probabilities(read.output)
    #expect(ours.keys.sorted() == ["circle", "square", "triangle"])
    #expect(abs(ours.values.reduce(0, +) - 1) < 0.001)
    #expect(ours["circle"]! > 0.5)

    // PyTorch reads these weights, finds the same, and writes them back.
    let script = root.appending(path: "Book/your-own-model/pytorch.py").path
    let python = "/usr/bin/env"
    guard try run(python, ["python3", "-c", "import torch, safetensors, PIL"]).status == 0 else {
      print("note: PyTorch, safetensors or Pillow is missing; the way into PyTorch was not tried")
      return
    }
    let theirs = try run(
      python, ["python3", script, "pictures/circle/1.png", "shapes.safetensors", "back.safetensors"])
    #expect(theirs.status == 0)
    for (name, p) in probabilities(theirs.output) { #expect(abs(p - ours[name]!) < 0.0002) }
    try FileManager.default.copyItem(
      atPath: folder.path + "/shapes.safetensors.classes", toPath: folder.path + "/back.safetensors.classes")
    #expect(try shapes("read", "pictures/circle/1.png", "back.safetensors").output == read.output)
  }

  @Test func whatIsWrongIsSaid() throws {
    try FileManager.default.createDirectory(
      at: folder.appending(path: "pictures/a"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    #expect(try shapes().status == 2)
    #expect(try shapes("train", "nowhere", "w").status == 1)
    #expect(try shapes("train", "pictures", "w").status == 1)
    for (name, side) in [("1", 8), ("2", 9)] {
      try PNG(width: side, height: side, color: .gray, bytes: [UInt8](repeating: 0, count: side * side))
        .write(to: folder.path + "/pictures/a/\(name).png")
    }
    #expect(try shapes("train", "pictures", "w").status == 1)
  }

  /// The package's manifest asks for products that this package has.
  @Test func itsManifestAsksForWhatThereIs() throws {
    let own = try String(
      contentsOf: root.appending(path: "Book/your-own-model/Package.swift"), encoding: .utf8)
    let ours = try String(contentsOf: root.appending(path: "Package.swift"), encoding: .utf8)
    let products = own.matches(of: /\.product\(name: "(\w+)", package: "([\w-]+)"\)/)
    #expect(products.map { String($0.1) } == ["Engine", "Workbench"])
    for product in products {
      #expect(ours.contains(".library(name: \"\(product.1)\""))
      #expect(ours.contains("name: \"\(product.2)\""))
    }
  }

  @Test func thePageShowsTheScriptsNetwork() throws {
    let page = try String(contentsOf: root.appending(path: "Book/your-own-model.md"), encoding: .utf8)
    let script = try String(
      contentsOf: root.appending(path: "Book/your-own-model/pytorch.py"), encoding: .utf8)
    let start = try #require(script.firstRange(of: "class ShapeNet"))
    let end = try #require(script[start.lowerBound...].firstRange(of: "\n\n\n"))
    #expect(page.contains(script[start.lowerBound..<end.lowerBound]))
  }

  /// Each call in the page's table of names, so that none is only a word on a page.
  @Test func theTableOfNamesIsTrue() throws {
    let page = try String(contentsOf: root.appending(path: "Book/your-own-model.md"), encoding: .utf8)
    for name in PyTorchNames.rows.map(\.ours) { #expect(page.contains("`\(name)`"), "\(name)") }
    let rows = page.split(separator: "\n").drop { !$0.hasPrefix("| PyTorch") }.dropFirst(2).prefix {
      $0.hasPrefix("|")
    }
    #expect(rows.count == PyTorchNames.rows.count)
    PyTorchNames.useThem()
  }
}
