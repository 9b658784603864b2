import Testing
import Workbench

@Suite struct SpreadTests {
  @Test func meanAndDeviation() {
    let spread = Spread([1, 2, 3, 6])
    #expect(spread.mean == 3)
    #expect(abs(spread.deviation - (14.0 / 3).squareRoot()) < 1e-12)
    #expect(spread.text(2) == "3.00 ± 2.16")
    #expect(Spread([0.98, 0.99]).percentText() == "98.5 ± 0.7 %")
  }

  @Test func oneRunHasNoDeviation() {
    #expect(Spread([0.5]).deviation == 0)
    #expect(Spread([0.5]).percentText(0) == "50 %")
  }
}
