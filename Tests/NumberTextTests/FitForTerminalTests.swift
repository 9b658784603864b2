import NumberText
import Testing

/// What a message quotes may come from anywhere.
@Suite struct FitForTerminalTests {
  @Test func names() {
    #expect(quoted("conv1.weight é") == "\"conv1.weight é\"")
    #expect(quoted("a\u{1B}[31m\n") == "\"a\\u{1B}[31m\\n\"")
    #expect(quoted(String(repeating: "x", count: 81)) == "\"" + String(repeating: "x", count: 80) + "…\"")
  }

  @Test func manyNames() {
    #expect(listed(["a", "b\u{7F}"]) == "a, b\\u{7F}")
    #expect(listed((1...14).map { "n\($0)" }, most: 3) == "n1, n2, n3 and 11 more")
    #expect(listed([]) == "")
  }

  /// What others have written is quoted, but neither as long as it is, nor with what moves a terminal's cursor.
  @Test func messages() {
    #expect(fitForTerminal("a\u{1B}[2Jb\nc") == "a\u{FFFD}[2Jb\nc")
    #expect(fitForTerminal(String(repeating: "x", count: 2000)).utf8.count == 2000)
    let cut = fitForTerminal(String(repeating: "é", count: 30_000))
    #expect(cut.unicodeScalars.count < 520 && cut.hasSuffix(" … (and so on)"))
  }
}
