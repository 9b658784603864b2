import Foundation
import Testing

/// `torture`: its small version, which stands for the long one here; and whether it notices what it is there for.
@Suite(.serialized) struct TortureTests {
  @Test func aLittleOfEverything() throws {
    let folder = try TemporaryFolder()
    let outcome = try run("torture", "--quick", "--seed", "1", "--output", folder.path)
    #expect(outcome.status == 0, "\(outcome.errors)\(outcome.output.suffix(2000))")
    func figures(_ part: String) throws -> [String: Double] {
      try metrics(folder.file("\(part)/results.json"))
    }
    let readers = try figures("readers")
    #expect(readers["readers"]! >= 21)
    #expect(readers["fewest_inputs"] == 300)
    #expect(readers["faults"] == 0)
    let writers = try figures("writers")
    #expect(writers["kills"]! >= 36)
    #expect(writers["whole"] == writers["kills"])
    #expect(writers["kills_while_writing"]! > 0)
    #expect(writers["stray_files"] == 0)
    let arithmetic = try figures("arithmetic")
    for name in ["injected", "outliers", "empty", "steps", "threads"] {
      #expect(arithmetic["\(name).tried"]! > 0)
      #expect(arithmetic["\(name).right"] == arithmetic["\(name).tried"], "\(name)")
    }
    let together = try figures("together")
    #expect(together["right"] == together["cases"])
    #expect(together["left_out"] == 0)
  }

  /// The same seed gives the same inputs, and another gives others.
  @Test func inputsFollowTheSeed() throws {
    func figures(_ seed: String) throws -> [String: Double] {
      let folder = try TemporaryFolder()
      let line = [
        "readers", "--quick", "--minutes", "1", "--only", "npy", "--seed", seed, "--output", folder.path,
      ]
      #expect(try run("torture", line).status == 0)
      return try metrics(folder.file("results.json")).filter {
        ["accepted", "refused", "inputs_digest"].contains($0.key)
      }
    }
    let first = try figures("3")
    #expect(first.count == 3)
    #expect(try figures("3") == first)
    #expect(try figures("4")["inputs_digest"] != first["inputs_digest"])
  }

  @Test(arguments: [
    ("broken: traps", "trapped", "signal"),
    ("broken: takes memory", "over_memory", "more than 192 MiB of memory"),
    ("broken: reads damage as whole", "wrong", "a damaged file was read as whole"),
    ("broken: passes on an error", "wrong", "an error of Foundation is passed on"),
    ("broken: hangs", "hung", "hung"),
  ]) func aReaderThatIsBroken(_ name: String, _ figure: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run(
      "torture", "readers", "--only", name, "--most-seconds", "1.5", "--quick", "--output", folder.path)
    #expect(outcome.status == 1)
    #expect(try metrics(folder.file("results.json"))[figure]! > 0, "\(outcome.output)")
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
    // The command that the report prints repeats it.
    let match = try #require(outcome.errors.firstMatch(of: /\.\/workbook torture read '([^']*)' '([^']*)'/))
    #expect(match.1 == name)
    #expect(FileManager.default.fileExists(atPath: String(match.2)))
    if figure == "trapped" {
      #expect(try run("torture", "read", String(match.1), String(match.2)).status < 0)
    }
  }

  @Test(arguments: [
    ("broken: writes in place", "half of a file"), ("broken: leaves files", "left behind after the next run"),
    ("broken: forgets", "is there;"),
  ]) func aWriterThatIsBroken(_ name: String, _ words: String) throws {
    let folder = try TemporaryFolder()
    let outcome = try run(
      "torture", "writers", "--only", name, "--quick", "--minutes", "1", "--output", folder.path)
    #expect(outcome.status == 1)
    #expect(outcome.errors.contains(words), "\(outcome.errors)")
  }
}
