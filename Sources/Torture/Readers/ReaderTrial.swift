import Foundation
import NumberText

/// Tries one reader: its child is started again after each input that ended it, until all inputs have been read.
struct ReaderTrial {
  /// What came of one reader.
  struct Outcome {
    var name: String
    var inputs = 0
    var accepted = 0
    var refused = 0
    var trapped = 0
    var hung = 0
    var overMemory = 0
    /// Damage read as whole, good files refused, errors that are not ours.
    var wrong = 0
    /// The most memory that a child has taken for its inputs, in bytes.
    var peak = 0
    /// A sum over all inputs, by which one can see whether they are the same as another time.
    var digest = 0
    /// One for each fault, with the command that repeats it.
    var words: [String] = []

    var faults: Int { trapped + hung + overMemory + wrong }
  }

  let subject: ReaderSubject
  let seed: UInt64
  let count: Int
  /// Where the child works, and where inputs are kept.
  let work: String
  let kept: String
  /// How long one input may take.
  var mostSeconds = 20.0

  /// What a child may take beyond what it begins with: inputs are small, so this is many times any of them.
  static let mostMiB = 192
  private static let mostEnds = 12

  func run() throws -> Outcome {
    var outcome = Outcome(name: subject.name)
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: work) }
    let shared = try SharedNumbers(work + "/numbers")
    var next = 0
    var ends = 0
    while next < count, ends < Self.mostEnds {
      shared[ReadMutated.Place.current.rawValue] = next
      let child = try Child(
        Child.thisProgram, arguments(next, count, Self.limited), words: work + "/words")
      let (end, isHung) = watch(child, shared)
      let place = shared[ReadMutated.Place.current.rawValue]
      if end == .exited(0), !isHung { break }
      if case .exited(let code) = end, !isHung {
        let words = (try? String(contentsOfFile: work + "/words", encoding: .utf8)) ?? ""
        throw Fault("the reader of \(subject.name) could not be tried (exit status \(code)): \(words)")
      }
      ends += 1
      try note(place, end, isHung, &outcome)
      next = place + 1
    }
    func number(_ place: ReadMutated.Place) -> Int { shared[place.rawValue] }
    outcome.inputs = number(.reads) + outcome.trapped + outcome.hung + outcome.overMemory
    (outcome.accepted, outcome.refused) = (number(.accepted), number(.refused))
    (outcome.wrong, outcome.peak) = (number(.faults), number(.peak))
    outcome.digest = number(.digest)
    let lines = ((try? String(contentsOfFile: work + "/faults", encoding: .utf8)) ?? "").split(
      separator: "\n")
    for line in lines.prefix(8) {
      let parts = line.split(separator: "\t", maxSplits: 1).map(String.init)
      guard let index = parts.first.flatMap({ Int($0) }) else { continue }
      outcome.words.append("\(parts.last ?? "")\n    \(try keep(index))")
    }
    if ends == Self.mostEnds {
      outcome.words.append("\(subject.name) has ended its process \(ends) times: the rest was not tried")
    }
    return outcome
  }

  /// A sanitizer's shadow is memory, too: a limit would end everything.
  private static var limited: Int { isSanitized ? 0 : mostMiB }

  private func arguments(_ from: Int, _ to: Int, _ limit: Int) -> [String] {
    [
      "read-mutated", "--reader", subject.name, "--seed", "\(seed)", "--from", "\(from)", "--to", "\(to)",
      "--folder",
      work, "--numbers", work + "/numbers", "--limit", "\(limit)",
    ]
  }

  /// Waits until the child ends or stands still.
  private func watch(_ child: Child, _ shared: SharedNumbers) -> (Child.End, isHung: Bool) {
    var place = -1
    var since = ContinuousClock.now
    while true {
      if let end = child.wait(0.5) { return (end, false) }
      let now = shared[ReadMutated.Place.current.rawValue]
      if now != place { (place, since) = (now, .now) }
      if since.duration(to: .now) > .seconds(mostSeconds) { return (child.kill(), true) }
    }
  }

  /// Finds out by trying once more, alone, why a child has ended.
  private func note(_ index: Int, _ end: Child.End, _ isHung: Bool, _ outcome: inout Outcome) throws {
    let command = try keep(index)
    let what = Mutator(subject, seed: seed).input(index).what
    if isHung {
      outcome.hung += 1
      outcome.words.append("\(subject.name), input \(index) (\(what)): hung\n    \(command)")
      return
    }
    let alone = try Child(Child.thisProgram, arguments(index, index + 1, 0), words: work + "/words")
    // It has time: whoever is only slow without a limit was over it before.
    let second = alone.wait(max(mostSeconds, 20)) ?? alone.kill()
    if second == .exited(0) {
      outcome.overMemory += 1
      outcome.words.append(
        "\(subject.name), input \(index) (\(what)): more than \(Self.mostMiB) MiB of memory\n    \(command)")
    } else {
      outcome.trapped += 1
      let words = (try? String(contentsOfFile: work + "/words", encoding: .utf8)) ?? ""
      let first =
        words.split(separator: "\n").first { $0.contains("atal error") || $0.contains("ERROR") } ?? ""
      outcome.words.append("\(subject.name), input \(index) (\(what)): \(end) \(first)\n    \(command)")
    }
  }

  /// Keeps an input, and says how to read it again.
  private func keep(_ index: Int) throws -> String {
    try FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
    let name = subject.name.map { $0.isLetter || $0.isNumber ? $0 : "-" }
    let file = "\(kept)/\(String(name))-\(seed)-\(index)\(subject.ending)"
    try Data(Mutator(subject, seed: seed).input(index).bytes).write(to: URL(filePath: file))
    return "./workbook torture read '\(subject.name)' '\(file)'"
  }
}

/// Whether this program was compiled with a sanitizer: its own run-time is in it then.
let isSanitized: Bool = dlsym(nil, "__asan_init") != nil || dlsym(nil, "__tsan_init") != nil
