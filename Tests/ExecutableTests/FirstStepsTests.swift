import Engine
import Foundation
import Testing

/// Chapter 0's program as a user meets it.
@Suite struct FirstStepsTests {
  static let files = [
    "swift": ["results.json"],
    "tensors": ["results.json"],
    "line": ["lines.svg", "rates.svg", "results.json", "too-large.svg", "valley.svg"],
    "neuron": ["clouds.svg", "results.json"],
    "split": ["curves.svg", "losses.svg", "results.json"],
  ]

  @Test func aQuickRunLeavesAllItsFilesAndFigures() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("first-steps", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    for (experiment, files) in Self.files {
      #expect(
        try FileManager.default.contentsOfDirectory(atPath: folder.file(experiment)).sorted() == files)
    }

    let line = try metrics(folder.file("line/results.json"))
    #expect(line["loss_after_0"] == 11.5 && abs(line["loss_after_3"]! - 0.06026225) < 1e-9)
    #expect(abs(line["w_best"]! - 1.4) < 1e-9 && abs(line["b_best"]! - 0.9) < 1e-9)
    // 2 over the larger eigenvalue of [[7, 3], [3, 2]].
    #expect(abs(line["largest_rate"]! - 4 / (9 + 61.0.squareRoot())) < 1e-9)
    #expect(line["engine_difference"]! < 1e-5)

    let neuron = try metrics(folder.file("neuron/results.json"))
    #expect(abs(neuron["loss_after_0"]! - log(2)) < 1e-9 && neuron["accuracy_after_0"] == 0.5)
    #expect(neuron["loss_after_1000"]! < 0.45)
    #expect(abs(neuron["test_accuracy_after_1000"]! - 0.868) < 0.03)
    #expect(neuron["engine_difference"]! < 1e-3)

    let split = try metrics(folder.file("split/results.json"))
    for degree in 1..<12 { #expect(split["training_\(degree)"]! <= split["training_\(degree - 1)"]! + 1e-9) }
    #expect(split["training_11"]! < 1e-9 && split["test_11"]! > 10 * split["test_3"]!)
    #expect(split["test_3"]! < 0.5 * split["test_1"]!)
  }

  /// The page's code says behind an arrow what each line prints. It prints that.
  @Test(arguments: [("swift", "SwiftPage.swift"), ("tensors", "TensorExamples.swift")])
  func theArrowsAreRight(experiment: String, file: String) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let source = try String(
      contentsOf: root.appending(path: "Chapters/00-FirstSteps/Executable/\(file)"), encoding: .utf8)
    let expected = source.split(separator: "\n").compactMap { line in
      line.split(separator: "// → ").count == 2 ? String(line.split(separator: "// → ")[1]) : nil
    }
    #expect(expected.count >= 10)
    let folder = try TemporaryFolder()
    let outcome = try run("first-steps", experiment, "--output", folder.path)
    let lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    // A title, an empty line, and then the page's own.
    #expect(Array(lines.dropFirst(2).prefix(expected.count)) == expected)
    #expect(lines[2 + expected.count] == "")
  }

  @Test func anotherSeedHasOtherPoints() throws {
    try expectFiguresOfTheSeed("first-steps", "neuron")
  }

  @Test(arguments: [
    (["line", "--threads", "0"], "--threads must be from 1 to 1,024, given 0"),
    (["split", "--seed", "many"], "The value 'many' is invalid for '--seed"),
    (["neurons"], "Unexpected argument 'neurons'"),
  ])
  func aWrongCommandLineExitsWithTwo(arguments: [String], message: String) throws {
    let outcome = try run("first-steps", arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test(arguments: [[], ["swift"], ["tensors"], ["line"], ["neuron"], ["split"]])
  func helpHasExamples(command: [String]) throws {
    let outcome = try run("first-steps", command + ["--help"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("EXAMPLES\n") && outcome.output.contains("--quick"))
    #expect(outcome.output.contains("  first-steps " + (command.first ?? "line")))
  }
}
