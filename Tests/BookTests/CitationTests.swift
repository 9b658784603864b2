import BookKit
import Foundation
import Testing

/// Sources named by author and year, and the list at the end of the page.
@Suite struct CitationTests {
  private static let list = """


    ## References

    - Aho, "One, alone", *Journal* 86(11), 1971–1985, 1998, <https://doi.org/10.1109/5.1996>: to read on.
    - Baker, Cho, "A pair", [arXiv 1999.06450](https://arxiv.org/abs/1999.06450), 2016.
    - Dahl, Eck, van de Ree, "Three since 1990", ICML 2017.
    - Fox and others, "Many", 2019.
    - Free Group, "Notes", 2001: to read on.
    - Müller, *A book of 1950*, MIT Press, 2004.
    """

  private func problems(_ text: String, _ list: String = Self.list) throws -> [BookProblem] {
    let book = try TemporaryBook()
    try book.write(text + list, to: "Book/03-pooling.md")
    return try Book(root: book.root).check("Book/03-pooling.md")
  }

  /// The names that make every work of the list a named one.
  private static let all = "So Baker, Dahl, Fox and Müller say"

  @Test(arguments: [
    "(Aho, 1998)", "Baker and Cho (2016)", "(Dahl and others, 2017; Fox and others, 2019)",
    "Aho (1998), in 2020",
    "Dahl, Eck and van de Ree, 2017", "Müller (2004)", "Ada, *A book* (2016)", "in May 2003",
    "a Free Group, 2001", "BERT2 (2018)",
  ])
  func areFound(text: String) throws {
    #expect(try problems("\(Self.all): \(text).").map(\.description) == [])
  }

  @Test(arguments: [
    ("(Aho, 1999)", "Aho, 1999", "The list has Aho, 1998."),
    ("(Aho, 1971)", "Aho, 1971", "The list has Aho, 1998."),
    ("Baker and others (2016)", "Baker and others, 2016", "The list has Baker and Cho, 2016."),
    ("Baker (2016)", "Baker, 2016", "The list has Baker and Cho, 2016."),
    ("(Dahl and Eck, 2017)", "Dahl and Eck, 2017", "The list has Dahl and others, 2017."),
    ("Dahl and others (1990)", "Dahl and others, 1990", "The list has Dahl and others, 2017."),
    ("Müller (1950)", "Müller, 1950", "The list has Müller, 2004."),
    ("(Baker and\n  Cho, 2015)", "Baker and Cho, 2015", "The list has Baker and Cho, 2016."),
    ("(van Rossum, 2001)", "van Rossum, 2001", "Add the work to the list at the end of the page."),
  ])
  func areMissed(text: String, found: String, advice: String) throws {
    let problems = try problems("\(Self.all):\n\n- \(text).")
    #expect(problems.map(\.found) == ["\(found) is not among the references"])
    #expect(problems.map(\.advice) == [advice])
    #expect(problems.map(\.line) == [3])
  }

  /// Captions and answers in italics are read, too.
  @Test func areReadInCaptions() throws {
    let caption = "Figure 3.1. As in Aho (2001)."
    let text = """
      \(Self.all).

      <!-- figure: 03-pooling a.svg | \(caption) -->

      ![\(caption)](../Book/03-pooling.md)

      *\(caption)*

      <!-- end -->
      """
    #expect(try problems(text).map(\.found).contains("Aho, 2001 is not among the references"))
  }

  @Test func worksThatNobodyNames() throws {
    let problems = try problems("So Baker, Dahl and Müller say.")
    #expect(problems.map(\.found) == ["the text never names Fox and others, 2019"])
    #expect(problems.map(\.line) == [8])
  }

  @Test func withoutAListNothingIsAsked() throws {
    #expect(try problems("So Aho (1998).", "").map(\.description) == [])
  }
}
