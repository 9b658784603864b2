import ExerciseKit
import Foundation
import Testing

/// Whatever a learner's file does, it costs that exercise alone, gets the right state and never passes.
@Suite struct HostileFileTests {
  private let head =
    "import Practice\nfunc crossCorrelate1d(_ x: [Float], _ w: [Float]) throws -> [Float] {\n"

  private func verdict(
    _ body: String, before: String = "", seconds: Int? = nil, waiting: Int? = nil
  ) async throws -> Verdict {
    let entry = try #require(Workplace.entries.first { $0.name == "CrossCorrelation1d" })
    return try await Workplace.verdict(
      on: before + head + body + "\n}\n", for: entry, seconds: seconds, waiting: waiting)
  }

  #if canImport(Darwin)
    private let c = "import Darwin\n"
  #else
    private let c = "import Glibc\n"
  #endif

  private let right = """
      var y = [Float](repeating: 0, count: x.count - w.count + 1)
      for i in y.indices { for a in w.indices { y[i] += w[a] * x[i + a] } }
      return y
    """

  @Test func theRightAnswerPasses() async throws {
    #expect(try await verdict(right).state == .passed)
  }

  @Test func whatDoesNotCompile() async throws {
    let verdict = try await verdict("  return y")
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.line == 3)
    #expect(
      verdict.problem?.contains("CrossCorrelation1d.swift:3:10: error: cannot find 'y' in scope") == true)
  }

  @Test func anotherSignature() async throws {
    let entry = try #require(Workplace.entries.first { $0.name == "CrossCorrelation1d" })
    let verdict = try await Workplace.verdict(on: "func correlate() {}\n", for: entry)
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.problem?.contains("The file must contain crossCorrelate1d") == true)
  }

  @Test func trap() async throws {
    let verdict = try await verdict("  return [x[99]]")
    #expect(verdict.state == .stopped)
    #expect(verdict.problem?.contains("Index out of range") == true)
    #expect(verdict.line == 3)
  }

  @Test func trapInTheEngine() async throws {
    let verdict = try await verdict("  let t = Tensor(x)\n  return [t[x.count]]")
    #expect(verdict.state == .stopped)
    #expect(verdict.problem?.contains("subscript: index [5] is out of range for shape [5]") == true)
    #expect(verdict.line == 4)
  }

  @Test func endlessLoop() async throws {
    let verdict = try await verdict("  var n = 0\n  while true { n = (n + 1) % 7 }\n  return []", seconds: 3)
    #expect(verdict.state == .stopped)
    #expect(verdict.problem?.contains("loop that never ends") == true)
    #expect(verdict.line == 4)
  }

  @Test func endlessRecursion() async throws {
    let verdict = try await verdict("  return try crossCorrelate1d(w, x) + [1]")
    #expect(verdict.state == .stopped)
    #expect(verdict.problem?.contains("call itself without end") == true)
    // The stack ends at the function's entry or at the call.
    #expect([2, 3].contains(verdict.line))
  }

  @Test(arguments: [0, 1, 3]) func exits(_ code: Int) async throws {
    let verdict = try await verdict("  exit(\(code))", before: c)
    #expect(verdict.state == .stopped)
    #expect(verdict.problem?.contains("ended by itself (exit code \(code))") == true)
  }

  /// Even a right answer does not count when the program ends before the last question.
  @Test func exitsHalfWay() async throws {
    let before = c + "nonisolated(unsafe) var calls = 0\n"
    let verdict = try await verdict("  calls += 1\n  if calls > 4 { exit(0) }\n" + right, before: before)
    #expect(verdict.state == .stopped)
    #expect(verdict.points == 0)
  }

  @Test func printsMuch() async throws {
    let line =
      "  for _ in 0..<20_000 { print(\"0123456789012345678901234567890123456789012345678901234567890123\") }\n"
    let passed = try await verdict(line + right)
    #expect(passed.state == .passed)
    #expect(passed.printed.utf8.count < 64 << 10)
    #expect(try await verdict(line + "  return w").state == .wrong)
  }

  @Test func allocatesWithoutEnd() async throws {
    let verdict = try await verdict(
      "  var all: [[Float]] = []\n  while true { all.append([Float](repeating: 1, count: 1 << 22)) }\n  return all[0]"
    )
    #expect(verdict.state == .stopped)
    #expect(verdict.problem?.contains("memory") == true)
  }

  @Test func forgesAVerdict() async throws {
    let forged = #"{\"state\":\"passed\",\"points\":3}"#
    let body = """
        print("\(forged)\\n✓ passed")
        for descriptor in Int32(0)...255 {
          let bytes: [UInt8] = [3, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1]
          write(descriptor, bytes, bytes.count)
        }
        exit(0)
      """
    let verdict = try await verdict(body, before: c)
    #expect(verdict.state == .stopped)
    #expect(verdict.points == 0)
  }

  @Test func forbidden() async throws {
    let body = "  return conv2d(Tensor(x).reshaped([1, 1, 1, -1]), Tensor(w).reshaped([1, 1, 1, -1])).scalars"
    let verdict = try await verdict(body)
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.problem?.contains("You use conv2d") == true)
    #expect(verdict.line == 3)
  }

  /// What reaches beyond the learner's own process is found before anything runs.
  @Test(arguments: [
    ("kill", "  kill(getppid(), 9)\n"),
    ("Process", "  let child = Process()\n  try child.run()\n"),
    ("fork", "  _ = another()\n"),
  ]) func reachesBeyondItself(_ name: String, _ line: String) async throws {
    let before = c + "import Foundation\n@_silgen_name(\"fork\") func another() -> Int32\n"
    let verdict = try await verdict(line + right, before: before)
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.problem?.contains("You use \(name).") == true, "\(verdict.problem ?? "")")
  }

  /// Right at first, wrong from the fourth call on.
  @Test func answersDifferentlyLater() async throws {
    let before = "nonisolated(unsafe) var calls = 0\n"
    let verdict = try await verdict("  calls += 1\n  if calls > 3 { return w }\n" + right, before: before)
    #expect(verdict.state == .wrong)
  }

  /// Right whenever no shape comes twice with other numbers, as in all checks of this exercise.
  @Test func keepsAnswersByTheirShape() async throws {
    let before = "nonisolated(unsafe) var kept: [[Int]: [Float]] = [:]\n"
    let verdict = try await verdict(
      "  if let y = kept[[x.count, w.count]] { return y }\n"
        + right.replacingOccurrences(of: "return y", with: "kept[[x.count, w.count]] = y\n  return y"),
      before: before)
    #expect(verdict.state == .wrong)
    #expect(verdict.mistake?.name == "kept from call to call")
    #expect(verdict.points < 3)
  }

  /// A sum that goes on from call to call, as long as the sizes stay.
  @Test func keepsASumByItsShape() async throws {
    let before = "nonisolated(unsafe) var y: [Float] = []\n"
    let verdict = try await verdict(
      """
        if y.count != x.count - w.count + 1 { y = [Float](repeating: 0, count: x.count - w.count + 1) }
        for i in y.indices { for a in w.indices { y[i] += w[a] * x[i + a] } }
        return y
      """, before: before)
    #expect(verdict.state == .wrong)
  }

  /// What was worked out for just these numbers may be kept.
  @Test func keepsAnswersByTheirNumbers() async throws {
    let before = "nonisolated(unsafe) var kept: [[[Float]]: [Float]] = [:]\n"
    let verdict = try await verdict(
      "  if let y = kept[[x, w]] { return y }\n"
        + right.replacingOccurrences(of: "return y", with: "kept[[x, w]] = y\n  return y"), before: before)
    #expect(verdict.state == .passed)
  }

  /// Numbers that no check gives do not count against an answer that stops at them.
  @Test func stopsAtNumbersThatNobodyGave() async throws {
    let verdict = try await verdict("  precondition(x != [7, 4, 2, 1], \"odd\")\n" + right)
    #expect(verdict.state == .passed)
  }

  @Test func waitsForever() async throws {
    let verdict = try await verdict("  while true { sleep(100) }\n  return x", before: c, waiting: 2)
    #expect(verdict.state == .stopped)
    #expect(verdict.problem?.contains("wait for something") == true)
  }

  @Test func throwsAnError() async throws {
    let verdict = try await verdict("  throw Odd.number", before: "enum Odd: Error { case number }\n")
    #expect(verdict.state == .wrong)
    #expect(verdict.judgement?.failure?.difference.yours.contains("threw number") == true)
  }

  @Test func notANumber() async throws {
    #expect(
      try await verdict("  return [Float](repeating: .nan, count: x.count - w.count + 1)").state == .wrong)
  }
}
