import Foundation
import Testing

/// The experiments that write what the figures of the book's site calculate with.
@Suite struct TouchExperimentTests {
  @Test(arguments: [
    ("convolution", "slide-a-kernel", "svg"), ("choose-model", "your-sentence", "png"),
    ("optimize-model", "draw-a-digit", "svg"),
  ])
  func aQuickRunLeavesAPictureAndItsData(program: String, figure: String, ending: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run(program, "touch", "--quick", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        == [
          "\(figure).data.js", "\(figure).\(ending)", "results.json",
        ].sorted())
    let script = try Data(contentsOf: URL(fileURLWithPath: folder.file("\(figure).data.js")))
    let beginning = "(window.workbookData ??= {})[\"\(figure)\"] = "
    #expect(script.starts(with: beginning.utf8) && script.suffix(2) == Data(";\n".utf8))
    #expect(
      try JSONSerialization.jsonObject(with: script.dropFirst(beginning.utf8.count).dropLast(2))
        is [String: Any])
    #expect(try metrics(folder.file("results.json"))["data_bytes"] == Double(script.count))
  }

  /// The weights too: their checksum is among the figures.
  @Test(arguments: ["choose-model", "optimize-model"])
  func theSameSeedGivesTheSameWeights(program: String) throws {
    try expectFiguresOfTheSeed(program, "touch")
  }
}
