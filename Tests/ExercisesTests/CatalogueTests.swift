import Testing

@testable import ExerciseKit

/// How exercises are called, and what is said to a name that none has.
@Suite struct CatalogueTests {
  private let catalogue: Catalogue

  init() throws { catalogue = try Workplace.catalogue.get() }

  @Test(arguments: [
    "2.1", "CrossCorrelation1d", "crosscorrelation1d", "cross-correlation 1D",
    "Exercises/Yours/02-Convolution/CrossCorrelation1d.swift",
  ]) func names(_ name: String) throws { #expect(try catalogue.entry(name).id == "2.1") }

  @Test(arguments: [
    ("CrossCorelation1d", "2.1 CrossCorrelation1d"), ("softmx", "4.3 Softmax"), ("2.44", "2.1 … 2."),
  ]) func typingMistakes(_ name: String, _ similar: String) {
    let error = #expect(throws: Catalogue.Problem.self) { try catalogue.entry(name) }
    #expect(error?.description.contains("did you mean \(similar)") == true, "\(error?.description ?? "")")
  }

  @Test func nothingLikeIt() {
    let error = #expect(throws: Catalogue.Problem.self) { try catalogue.entry("zzzzzz") }
    #expect(error?.description == "there is no exercise zzzzzz; `./workbook list` shows all")
  }

  @Test func chapters() throws {
    #expect(try catalogue.select("2").map(\.chapter).allSatisfy { $0 == 2 })
    #expect(try catalogue.select("2").count == catalogue.entries.count { $0.chapter == 2 })
    #expect(try catalogue.select("2.1").map(\.id) == ["2.1"])
    let error = #expect(throws: Catalogue.Problem.self) { try catalogue.entry("2") }
    #expect(error?.description.hasPrefix("2 is a chapter; name one of its exercises: 2.1, 2.2") == true)
    #expect(throws: Catalogue.Problem.self) { try catalogue.select("77") }
  }

  /// As the book's pages are called.
  @Test func titles() {
    #expect(catalogue.title(ofChapter: 7) == "Training a CNN")
    #expect(catalogue.title(ofChapter: 1) == "Big and small")
    #expect(catalogue.title(ofChapter: 5) == "GRU")
  }

  @Test(arguments: [
    ("abc", "abc", 0), ("abc", "acb", 1), ("abc", "ac", 1), ("kitten", "sitting", 3), ("", "ab", 2),
  ])
  func distances(_ a: String, _ b: String, _ distance: Int) {
    #expect(editDistance(a, b) == distance)
    #expect(editDistance(b, a) == distance)
  }
}
