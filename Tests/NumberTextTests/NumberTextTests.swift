import NumberText
import Testing

@Suite struct NumberTextTests {
  @Test func wholeNumbersAreGrouped() {
    #expect(grouped(0) == "0" && grouped(999) == "999" && grouped(1000) == "1,000")
    #expect(grouped(-123_456) == "−123,456" && grouped(47_040_016) == "47,040,016")
    #expect(grouped(Int.min) == "−9,223,372,036,854,775,808")
    #expect(grouped(12_345.4) == "12,345" && grouped(-0.4) == "0" && grouped(-0.6) == "−1")
    #expect(grouped(Double.infinity) == "inf")
    #expect(
      counted(1, "byte") == "1 byte" && counted(0, "byte") == "0 bytes"
        && counted(1024, "byte") == "1,024 bytes")
  }

  @Test func fixedDigits() {
    #expect(fixed(-0.001, 1) == "0.0" && fixed(2.5, 0) == "3" && fixed(-3.25, 1) == "−3.3")
    #expect(fixed(0.05, 2) == "0.05" && fixed(.nan, 2) == "nan")
    #expect(percent(0.987) == "98.7 %" && percent(1, 0) == "100 %")
    #expect(
      percent(9999, of: 10000) == "99.9 %" && percent(10, of: 10) == "100 %"
        && percent(1, of: 100_000) == "0.1 %")
    #expect(percent(0, of: 5) == "0 %" && percent(0, of: 0) == "–")
  }

  @Test func digitsThatCount() {
    #expect(significant(0.98765, 3) == "0.988" && significant(1_234_567, 3) == "1,230,000")
    #expect(significant(0.00000123, 3) == "0.00000123" && significant(-1234.5, 6) == "−1,234.50")
    #expect(
      scientific(9.996, 2) == "1.00 · 10¹" && scientific(-2e12, 0) == "−2 · 10¹²"
        && scientific(0, 2) == "0.00")
    #expect(superscript(-120) == "⁻¹²⁰")
    #expect(inGroups("−1234567.25") == "−1,234,567.25" && inGroups("nan") == "nan")
  }

  @Test func asPicturesShowThem() {
    #expect(readable(0.0) == "0" && readable(-0.5) == "−0.5" && readable(1234.6) == "1,235")
    #expect(readable(0.12345) == "0.123" && readable(-1e-5) == "−10⁻⁵" && readable(1.5e9) == "1.5·10⁹")
    #expect(readable(9.999e-5) == "10⁻⁴" && readable(.nan) == "NaN" && readable(-.infinity) == "−∞")
    #expect(readable(1234) == "1,234")
  }

  @Test func timesAreRoundedUp() {
    #expect(
      clock(0.2) == "0:01" && clock(65) == "1:05" && clock(7380) == "2:03:00" && clock(.infinity) == "?")
  }
}
