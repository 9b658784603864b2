import BookKit
import Foundation
import Workbench

/// A repository of a test's own, with a book in it; removed when the test ends.
final class TemporaryBook {
  let root: URL

  init() throws {
    root = URL(filePath: NSTemporaryDirectory()).appending(path: "book-tests-\(UUID().uuidString)")
    try write("# 3 Pooling\n", to: "Book/03-pooling.md")
    var table = Table("Accuracy by shift", columns: ["pooling", "pixels", "right"])
    table.add("max | 2×2", "0", "98.7 %")
    table.add("none", "-12", "9.1 %")
    var other = Table("Weights", columns: ["layer", "weights"])
    other.add("conv1", "832")
    var results = Results(command: "pooling shifts", seed: 1)
    results.seconds = 12.34
    results.machine.processor = "Test 9000"
    results.machine.threads = 2
    results.tables = [table, other]
    results.files = ["accuracy.svg", "weights.safetensors"]
    results.metrics = [
      "accuracy": 0.98765, "conv1.zeros": 0.25, "images": 12000, "loss": 0.00000123, "change": -0.5,
    ]
    try write(results, to: "03-pooling/shifts")
    try write("<svg/>", to: "Book/Results/03-pooling/shifts/accuracy.svg")
  }

  deinit { try? FileManager.default.removeItem(at: root) }

  func write(_ results: Results, to experiment: String) throws {
    try write(
      String(decoding: JSONEncoder().encode(results), as: UTF8.self),
      to: "Book/Results/\(experiment)/results.json")
  }

  func write(_ text: String, to path: String) throws {
    let file = root.appending(path: path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: file, atomically: true, encoding: .utf8)
  }

  func read(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  /// The page `03-pooling.md` with this text, filled in.
  func filled(_ text: String) throws -> FilledPage {
    try write(text, to: "Book/03-pooling.md")
    return try Book(root: root).filled("Book/03-pooling.md")
  }

  /// The one thing that is wrong with such a page, as the command prints it.
  func problem(_ text: String) throws -> String {
    let page = try filled(text)
    if page.after != text { return "the page was changed: \(page.after)" }
    return page.problems.map(\.description).joined(separator: "\n")
  }
}
