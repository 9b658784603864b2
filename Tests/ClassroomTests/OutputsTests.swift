import BookKit
import Foundation
import Testing
import Workbench

@testable import Classroom
@testable import Formats

/// The book's outputs: which there are, how two runs are compared, and the slides.
@Suite struct OutputsTests {
  private func results(_ metrics: [String: Double], processor: String = "A") -> Results {
    var results = Results(command: "x", seed: 1)
    results.metrics = metrics
    results.machine.processor = processor
    results.machine.kernels = "wide"
    return results
  }

  private func differences(_ a: Results, _ b: Results, _ folders: (String, String) = ("", ""))
    -> OutputComparison
  {
    OutputComparison(a, b, committedFolder: folders.0, newFolder: folders.1)
  }

  @Test func comparing() throws {
    let committed = results(["accuracy": 0.9, "loss": 2, "images_per_second": 100])
    #expect(differences(committed, committed).differences == [])
    // The same bits on the same processor, timings never.
    let near = results(["accuracy": 0.900001, "loss": 2, "images_per_second": 7])
    #expect(
      differences(committed, near).differences == ["accuracy: 0.9 was committed, and now it is 0.900001"])
    #expect(differences(committed, near).timings == 1)
    // Another processor: within what is stated.
    let other = results(["accuracy": 0.915, "loss": 2.09, "images_per_second": 7], processor: "B")
    #expect(differences(committed, other).differences == [])
    let far = results(["accuracy": 0.9, "loss": 2.2, "images_per_second": 7], processor: "B")
    #expect(differences(committed, far).differences == ["loss: 2.0 was committed, and now it is 2.2"])
    // A run in full has other numbers than one that was not: that is all there is to say.
    var (full, standard) = (committed, far)
    (full.scale, standard.scale) = (.full, .standard)
    #expect(
      differences(full, standard).differences == [
        "the committed run was a full one, and this is a standard one"
      ])
    #expect(differences(full, full).differences == [])
    // One processor has many names, and one name many processors: the instructions count as well.
    var narrow = near
    narrow.machine.kernels = nil
    #expect(differences(committed, narrow).differences == [] && !differences(committed, narrow).isExact)
    #expect(
      differences(committed, results(["accuracy": 0.9, "images_per_second": 1])).differences
        == ["loss is in one of the two alone"])
  }

  @Test func picturesAreComparedWhereNothingIsMeasured() throws {
    let folder = try TestFolder()
    for (name, text) in [("a/p.svg", "1"), ("b/p.svg", "2")] {
      try AtomicFile.write(text, to: folder(name), creatingFolders: true)
    }
    let folders = (folder("a"), folder("b"))
    #expect(
      differences(results(["x": 1]), results(["x": 1]), folders).differences == ["p.svg is another picture"])
    #expect(differences(results(["x_ms": 1]), results(["x_ms": 2]), folders).differences == [])
    #expect(differences(results(["x": 1]), results(["x": 1], processor: "B"), folders).differences == [])
  }

  @Test(arguments: [
    ("images_per_second", true), ("gru.step_ms", true), ("add.gflops", true), ("time_exponent", true),
    ("accuracy", false),
    ("adding.gru.half_time", false), ("loss", false), ("parameters", false), ("atoms", false),
  ]) func timings(_ name: String, _ isTiming: Bool) { #expect(OutputComparison.isTiming(name) == isTiming) }

  @Test func chaptersAndExperiments() async throws {
    let debug = Class.root.appending(path: ".build/debug")
    let outputs = Outputs(root: Class.root, programs: debug)
    let chapters = try outputs.chapters()
    let third = try #require(chapters.first { $0.number == 3 })
    #expect(chapters.count >= 12 && third.folder == "03-pooling" && third.program == "pooling")
    let items = try await outputs.items([1])
    #expect(items.map(\.folder).contains("01-big-and-small/count"))

    // One that is short is made, compared with itself, and broken off without a trace.
    let folder = try TestFolder()
    let count = try #require(items.first { $0.experiment == "count" })
    try await outputs.run(count, .quick, to: folder("count"), threads: nil)
    let made = try #require(Outputs.results(in: folder("count")))
    #expect(differences(made, made).differences == [] && differences(made, made).compared > 10)
    #expect(outputs.committed(count) != nil)
    let missing = Outputs.Item(
      chapter: 1, program: "big-and-small", experiment: "none", folder: "01-big-and-small/none")
    await #expect(throws: CannotRead.self) {
      try await outputs.run(missing, .quick, to: folder("none"), threads: nil)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["count"])
  }

  @Test func slides() async throws {
    guard Class.has("pandoc") else { return }
    for name in ["3", "5"] {
      let book = try Book(root: Class.root)
      let page = try book.read(try book.page(name))
      let html = try await SlideDeck(page, in: Class.root).html()
      #expect(html.matches(of: /<section\s/).count >= 10)
      #expect(html.contains("<math display=\"block\"") && html.contains("data:image/"))
      // Without a network, and without what only the page's readers need.
      #expect(html.firstMatch(of: /(src|href)="(?!data:|#)/) == nil && !html.contains("<!--="))
      #expect(!html.contains("References"))
    }
  }

  @Test func thePlanIsCounted() throws {
    let plan = try TeachingPlan.results(Class.catalogue.get(), Class.root, command: "x")
    let weeks = try #require(plan.tables.first?.rows)
    #expect(weeks.count >= 12)
    let sum = weeks.reduce(0) { $0 + (Int($1[4]) ?? 0) }
    #expect(plan.metrics["exercises"] == Double(sum) && sum >= 123)
    // The page names exercises that there are.
    let page = try String(contentsOf: Class.root.appending(path: "Book/teaching.md"), encoding: .utf8)
    let ids = Set(try Class.catalogue.get().entries.map(\.id))
    let rows = page.split(separator: "\n").filter { $0.firstMatch(of: #/^\| \d+ \| \d+\.\d+ to /#) != nil }
    #expect(rows.count >= 12)
    for row in rows {
      for match in row.split(separator: "|").dropFirst().prefix(2).joined().matches(of: /\d+\.\d+/) {
        #expect(ids.contains(String(match.output)), "\(row)")
      }
    }
    #expect(try #require(plan.metrics["week_2.reading_minutes"]) > 10)
  }
}

extension Class {
  static func has(_ program: String) -> Bool {
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
      FileManager.default.isExecutableFile(atPath: $0 + "/" + program)
    }
  }
}
