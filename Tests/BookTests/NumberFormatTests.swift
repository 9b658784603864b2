import Testing

@testable import BookKit

@Suite struct NumberFormatTests {
  @Test(arguments: [
    (".2", 0.98765, "0.99"), (".0", 2.5, "3"), (".1", -0.04, "0.0"), (".1", -3.25, "−3.3"),
    ("+.1", 3.0, "+3.0"),
    ("+.1", -3.0, "−3.0"), ("%1", 0.98765, "98.8 %"), ("%0", 1, "100 %"), ("+%1", 0.0123, "+1.2 %"),
    ("p1", 0.0734, "7.3"), ("+p0", 0.02, "+2"),
    (",", 1_234_567, "1,234,567"), (",", -1000, "−1,000"), (",", 999, "999"),
    ("e2", 0.00000123, "1.23 · 10⁻⁶"),
    ("e1", 9.96, "1.0 · 10¹"), ("e0", -2e12, "−2 · 10¹²"), ("e2", 0, "0.00"), ("g3", 0.98765, "0.988"),
    ("g3", 1234.5, "1,230"), ("g3", 9.996, "10.0"), ("g2", 0.00996, "0.010"), ("g3", 0, "0.00"),
    ("g2", -15.6, "−16"),
    ("g6", 1234.5678, "1,234.57"), ("e3", 1000, "1.000 · 10³"),
  ])
  func text(_ format: String, _ value: Double, _ text: String) throws {
    #expect(try #require(NumberFormat(format)).text(value) == text)
  }

  @Test(arguments: ["2", "", "+", "x2", "p", ".-1", ".1.2", "%", "g0", "e", ",2", ".٣", ".99"])
  func noFormat(_ text: String) {
    #expect(NumberFormat(text) == nil)
  }

  @Test func editsBetweenNames() {
    #expect(edits(between: "", and: "abc") == 3)
    #expect(edits(between: "kitten", and: "sitting") == 3)
    #expect(edits(between: "accuracy", and: "accuracy") == 0)
  }
}
