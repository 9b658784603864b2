import ExerciseKit
import Foundation
import NumberText

/// Answers of different learners that are alike but for names and layout, for a person to judge.
///
/// Of each answer the words are taken, with every name of one's own replaced by one letter and comments left out; what
/// the learner was given does not count. Two answers are compared by the runs of words that they share. Short answers
/// are alike by themselves, so they are left out.
struct SimilarAnswers {
  struct Pair {
    let entry: Catalogue.Entry
    let a: ClassMarks.Learner
    let b: ClassMarks.Learner
    let share: Double
  }

  let pairs: [Pair]
  private let marks: ClassMarks

  /// Runs of so many words are compared.
  static let length = 8
  /// Fewer runs than this say nothing.
  static let fewest = 30
  static let threshold = 0.8

  init(_ marks: ClassMarks) throws {
    self.marks = marks
    let learners = Dictionary(uniqueKeysWithValues: marks.learners.map { ($0.key, $0) })
    var pairs: [Pair] = []
    for entry in marks.plan.entries {
      let given = Self.runs(try entry.markedSource().stub)
      let answers = (marks.texts[entry.id] ?? [:]).filter {
        learners[$0.key]?.marks[entry.id]?.record.isTried == true
      }
      .map { ($0.key, Self.runs($0.value).subtracting(given)) }
      .filter { $0.1.count >= Self.fewest }.sorted { $0.0 < $1.0 }
      for (index, a) in answers.enumerated() {
        for b in answers[(index + 1)...] {
          // By number of runs alone the two cannot be alike.
          let (least, most) = (min(a.1.count, b.1.count), max(a.1.count, b.1.count))
          if Double(least) < Self.threshold * Double(most) { continue }
          let common = a.1.intersection(b.1).count
          let share = Double(common) / Double(a.1.count + b.1.count - common)
          if share >= Self.threshold, let one = learners[a.0], let other = learners[b.0] {
            pairs.append(Pair(entry: entry, a: one, b: other, share: share))
          }
        }
      }
    }
    self.pairs = pairs.sorted { ($1.share, $0.a.key) < ($0.share, $1.a.key) }
  }

  private static let kept: Set<String> = [
    "for", "in", "let", "var", "if", "else", "guard", "while", "return", "func", "throws", "throw", "try",
    "map",
    "reduce", "zip", "stride", "repeat", "switch", "case", "Float", "Double", "Int", "Tensor", "shape",
    "count",
    "scalars", "struct", "private", "append", "filter", "max", "min", "exp", "log", "sqrt", "tanh",
  ]

  /// The runs of words of a text, as numbers.
  static func runs(_ text: String) -> Set<UInt64> {
    let words = words(text)
    guard words.count >= length else { return [] }
    return Set(
      (0...words.count - length).map { LearnerName.digest(words[$0..<$0 + length].joined(separator: [0])) })
  }

  /// The words and signs of a text, without comments; names of one's own as one letter.
  private static func words(_ text: String) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    func isLetter(_ byte: UInt8) -> Bool {
      byte >= 0x80 || byte == 0x5F || (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF)
    }
    var words: [[UInt8]] = []
    var i = 0
    while i < bytes.count {
      let start = i
      if bytes[i] == 0x2F, i + 1 < bytes.count, bytes[i + 1] == 0x2F {
        while i < bytes.count, bytes[i] != 0x0A { i += 1 }
      } else if bytes[i] == 0x2F, i + 1 < bytes.count, bytes[i + 1] == 0x2A {
        i += 2
        while i < bytes.count, !(bytes[i] == 0x2F && bytes[i - 1] == 0x2A) { i += 1 }
        i += 1
      } else if isLetter(bytes[i]) {
        while i < bytes.count, isLetter(bytes[i]) { i += 1 }
        let word = Array(bytes[start..<i])
        let isNumber = (0x30...0x39).contains(word[0])
        words.append(isNumber || kept.contains(String(decoding: word, as: UTF8.self)) ? word : [0x78])
      } else {
        if bytes[i] > 0x20 { words.append([bytes[i]]) }
        i += 1
      }
    }
    return words
  }

  var html: String {
    let escaped = HTMLPage.escaped
    var body = "<h1>Answers that are alike</h1>\n"
    body += """
      <p>Compared are runs of \(Self.length) words, names aside, without what everybody was given. Shown is what \
      \(percent(Self.threshold, 0)) or more is common of. It is no proof: for a short answer there are few ways to write \
      it. Read both.</p>

      """
    if pairs.isEmpty { body += "<p>There are none.</p>\n" }
    for pair in pairs.prefix(200) {
      body += "<h2>\(pair.entry.id): \(escaped(pair.a.name.inOneLine)) and \(escaped(pair.b.name.inOneLine))"
      body += ", \(percent(pair.share, 0)) in common</h2>\n<div class=\"pair\">"
      for learner in [pair.a, pair.b] {
        let text = marks.texts[pair.entry.id]?[learner.key] ?? ""
        body +=
          "<div><p class=\"faint\">\(escaped(learner.name.inOneLine))</p><pre>\(escaped(Self.answer(text)))</pre></div>"
      }
      body += "</div>\n"
    }
    return HTMLPage.page("Answers that are alike", body)
  }

  /// Without the task at the beginning, which all have.
  private static func answer(_ text: String) -> String {
    String(text.prefix(20_000)).split(separator: "\n", omittingEmptySubsequences: false)
      .drop { $0.hasPrefix("//") || $0.isEmpty }.joined(separator: "\n")
  }
}
