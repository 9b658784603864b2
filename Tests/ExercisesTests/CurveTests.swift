import Testing

@testable import ExerciseKit

/// The small chart under a verdict.
@Suite struct CurveTests {
  @Test func bothCurves() {
    let chart = Curve("the loss", yours: [4, 3, 2, 1, 0], expected: [4, 2, 1, 0, 0]).chart(height: 5)
    #expect(
      chart == [
        "the loss:  ● yours  · expected",
        "4 ┤●",
        "  ┤ ●",
        "  ┤ ·●",
        "  ┤  ·●",
        "0 ┤   ·●",
        "  └─────",
        "   1   5",
      ])
  }

  /// Each column is the mean of its steps: 112 steps in 56 columns.
  @Test func manySteps() {
    let chart = Curve("a", yours: (0..<112).map { $0.isMultiple(of: 2) ? 0 : 2 } + []).chart()
    #expect(chart[0] == "a:  ● yours")
    #expect(chart.filter { $0.contains("●") }.count == 2)
    #expect(chart[5].hasSuffix(String(repeating: "●", count: 56)))
    #expect(chart.last?.hasSuffix("112") == true)
  }

  /// Any answer can be drawn: what is not finite, what is far away, and nothing at all.
  @Test func anyNumbers() {
    let chart = Curve(
      "a", yours: [1, .nan, 1e300, -.greatestFiniteMagnitude, .infinity], expected: [1, 2, 1, 1, 1]
    )
    .chart()
    #expect(chart[0].hasSuffix("(2 of yours are not finite)"))
    #expect(chart.contains { $0.contains("▲") } && chart.contains { $0.contains("▼") })
    #expect(Curve("a", yours: []).chart() == ["a: nothing to draw"])
    #expect(Curve("a", yours: [.nan, .nan]).chart() == ["a: nothing to draw"])
    #expect(Curve("a", yours: [], expected: [1, 2]).chart().count > 5)
    #expect(
      Curve("a", yours: [.greatestFiniteMagnitude, -.greatestFiniteMagnitude]).chart().count > 5)
    #expect(Curve("a", yours: [3, 3]).chart().contains { $0.contains("●●") })
  }
}
