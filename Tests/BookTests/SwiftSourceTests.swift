import Testing

@testable import BookKit

@Suite struct SwiftSourceTests {
  private let source = SwiftSource(
    #"""
    /// func one() in a comment
    /* func one()
       { /* nested } */ */
    public func one() -> String {
      // a } in a comment
      let text = "a } \(braces("}", [1, 2]) + "}") \(b) \" }"
      let raw = #"a } \(not) " "#
      return text + """
        func one() {
        }
        """ + raw
    }

    let numbers = [
      1,
      2,
    ]
    let short = 1
    let long =
      numbers
      .map { $0 }

    func pool() {}
    func poolAll(
      _ a: Int
    )
      -> Int
    {
      a
    }

    struct A {
      var size: Int { 1 }
      func call() { a() }
    }
    extension B {
      func call() {
        b()

        c()
      }
    }
    """#)

  private func text(_ beginning: String) throws -> String {
    try source.declaration(beginning).joined(separator: "\n")
  }

  @Test func stringsAndCommentsAreNoCode() throws {
    let one = try source.declaration("public func one")
    #expect(one.count == 9)
    #expect(one.last == "}")
    #expect(throws: MarkerProblem.self) { try source.declaration("func one") }
  }

  @Test func withoutBraces() throws {
    #expect(try text("let numbers") == "let numbers = [\n  1,\n  2,\n]")
    #expect(try text("let short") == "let short = 1")
    #expect(try text("let long") == "let long =\n  numbers\n  .map { $0 }")
  }

  @Test func wholeWordsComeFirst() throws {
    #expect(try text("func pool") == "func pool() {}")
    #expect(try text("func poolA") == "func poolAll(\n  _ a: Int\n)\n  -> Int\n{\n  a\n}")
  }

  @Test func insideAnother() throws {
    #expect(try text("struct A > func call") == "func call() { a() }")
    #expect(try text("extension B > func call") == "func call() {\n  b()\n\n  c()\n}")
    #expect(try text("var size") == "var size: Int { 1 }")
    let problem = #expect(throws: MarkerProblem.self) { try source.declaration("func call") }
    #expect(problem?.advice?.contains("struct Name > func call") == true)
  }
}
