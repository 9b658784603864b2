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

  /// A right answer does not count when the program ends before the last question. What was answered until then does.
  @Test func exitsHalfWay() async throws {
    let before = c + "nonisolated(unsafe) var calls = 0\n"
    let verdict = try await verdict("  calls += 1\n  if calls > 4 { exit(0) }\n" + right, before: before)
    #expect(verdict.state == .stopped)
    let entry = try #require(Workplace.entries.first { $0.name == "CrossCorrelation1d" })
    #expect(verdict.points > 0 && verdict.points < entry.exercise.points)
    #expect(verdict.judgement?.lines.contains(where: \.isPassed) == true)
    #expect(verdict.call?.hasPrefix("crossCorrelate1d([") == true)
    let text = VerdictText(verdict, of: entry, path: "a.swift", style: Style(isColored: false)).text
    #expect(
      text.contains("✓") && text.contains("✗") && text.contains("in the call crossCorrelate1d(["), "\(text)")
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
        exit(0)
      """
    let verdict = try await verdict(body, before: c)
    #expect(verdict.state == .stopped)
    #expect(verdict.points == 0)
  }

  /// By abort nobody asks for memory.
  @Test func aborts() async throws {
    let verdict = try await verdict("  abort()", before: c)
    #expect(verdict.state == .stopped)
    #expect(verdict.problem == "The program ended itself by abort() before it had answered.")
    #expect(verdict.line == 4)
  }

  /// Sixty times twice as large: the compiler would need more time than anybody has.
  @Test func aTypeTooLargeForTheCompiler() async throws {
    var before = "typealias A0 = (Int, Int)\n"
    for i in 1...60 { before += "typealias A\(i) = (A\(i - 1), A\(i - 1))\n" }
    let verdict = try await verdict(right, before: before + "func bomb(_ x: A60) {}\n")
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.problem?.contains("The compiler was stopped") == true, "\(verdict.problem ?? "")")
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
    ("sgemm_", "  _ = another()\n"), ("dlvsym", "  _ = another()\n"), ("_Fork", "  _ = another()\n"),
    ("wordexp", "  _ = another()\n"), ("syscall", "  _ = another()\n"),
    ("open", "  _ = open(\"/proc/self/mem\", O_RDWR)\n"), ("write", "  _ = write(1, [65], 1)\n"),
    ("FileManager", "  _ = FileManager.default.contents(atPath: \"/etc/passwd\")\n"),
    ("FileHandle", "  _ = FileHandle(forReadingAtPath: \"/proc/self/mem\")\n"),
    ("contentsOfFile", "  _ = try String(contentsOfFile: \"/etc/passwd\", encoding: .utf8)\n"),
    ("Thread", "  Thread.detachNewThread {}\n"),
  ]) func reachesBeyondItself(_ name: String, _ line: String) async throws {
    let before = c + "import Foundation\n@_silgen_name(\"\(name)\") func another() -> Int32\n"
    let verdict = try await verdict(line + right, before: before)
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.problem?.contains("You use \(name).") == true, "\(verdict.problem ?? "")")
  }

  /// Only what exercises need may be imported.
  @Test(arguments: ["Dispatch", "FoundationNetworking", "ExerciseChannel"])
  func importsOthers(_ module: String) async throws {
    let verdict = try await verdict(right, before: "@preconcurrency import \(module)\n")
    #expect(verdict.state == .doesNotCompile)
    #expect(verdict.problem?.contains("You import \(module).") == true, "\(verdict.problem ?? "")")
    #expect(verdict.line == 1)
  }

  /// Numbers and text in all the ways that Swift and Foundation have for them.
  @Test func whatAnswersMayUse() async throws {
    let body = """
        let text = String(format: "%.3f", tanh(1.0)) + "a b".components(separatedBy: " ").joined()
          + " x ".trimmingCharacters(in: .whitespaces) + "aa".replacingOccurrences(of: "a", with: "b")
        let d = [1: sqrt(2.0), 2: pow(2, 0.5), 3: Double(Int.random(in: 0..<3)), 4: erf(0.3), 5: Double(lround(2.5))]
        var sorted = d.sorted { $0.key < $1.key }.map(\\.value)
        sorted.shuffle()
        print(text, sorted, Set(sorted).count, text.firstMatch(of: /b+/) as Any, Date.now.timeIntervalSince1970 > 0)
        var t = Tensor(x)
        t -= t
        t *= 2
        t += Tensor(x)
        t /= Tensor([1])
        guard t.scalars == x else { throw Odd.number(3) }
      """
    let verdict = try await verdict(
      body + "\n" + right, before: "import Foundation\nenum Odd: Error { case number(Int) }\n")
    #expect(verdict.state == .passed, "\(verdict.problem ?? "")")
  }

  /// A file that is older than time can be counted.
  @Test func aFileFromBefore1970() async throws {
    let entry = try #require(Workplace.entries.first { $0.name == "CrossCorrelation1d" })
    let folder = FileManager.default.temporaryDirectory.appending(path: "workbook-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appending(path: "CrossCorrelation1d.swift")
    try Data((head + right + "\n}\n").utf8).write(to: file)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSince1970: -90_000)], ofItemAtPath: file.path)
    let verdict = try await entry.examine(file, with: Toolchain(root: Workplace.root))
    #expect(verdict.state == .passed, "\(verdict.problem ?? "")")
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
