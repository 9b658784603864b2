import ExerciseKit
import Practice

public final class VocabularyExercise: Exercise {
  public typealias Collect =
    @Sendable (_ texts: [[String]], _ minimumCount: Int, _ limit: Int) throws -> [String]
  public typealias Encode =
    @Sendable (_ words: [String], _ vocabulary: [String], _ length: Int) throws -> [Int]

  public struct Answer: Sendable {
    let collect: Collect
    let encode: Encode
  }

  public init() {}

  public let title = "A vocabulary, and texts as numbers"
  public let section = "8.1"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["vocabulary", "encoded"]

  public let solution = Answer(
    collect: { try vocabulary(of: $0, minimumCount: $1, limit: $2) },
    encode: { try encoded($0, vocabulary: $1, length: $2) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      collect: { try learner.call("vocabulary", $0, $1, $2) },
      encode: { try learner.call("encoded", $0, $1, $2) })
  }

  public let hints = [
    "A dictionary from a word to its count answers the first half; then filter, sort and cut. For the second half, a "
      + "word's number is its place in the vocabulary, moved by the two numbers that are taken already.",
    "Sort by two things: a before b if count(a) > count(b), or if the counts are equal and a < b. A text of n words "
      + "gives min(n, length) numbers and length − min(n, length) zeros behind them.",
    """
    var counts: [String: Int] = [:]
    for word in texts.flatMap({ $0 }) { counts[word, default: 0] += … }
    let sorted = counts.keys.filter { … }.sorted { a, b in
      counts[a]! == counts[b]! ? … : …
    }
    return Array(sorted.prefix(limit))

    for word in words.prefix(length) {
      if let place = vocabulary.firstIndex(of: word) { numbers.append(…) } else { numbers.append(…) }
    }
    while numbers.count < length { … }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "the words of two texts, the most frequent first", points: 1) { answer, trial in
      try expectWords(example, 2, 9, of: answer, trial)
      try expectWords(example, 1, 3, of: answer, trial)
      try expectWords(example, 1, 9, of: answer, trial)
    },
    Check(.byHand, "a text as five numbers", points: 1) { answer, trial in
      try expectNumbers(["weather", "not", "bad"], ["bad", "not"], 5, of: answer, trial)
      try expectNumbers(["not", "bad", "at", "all", "not"], ["bad", "not", "all"], 3, of: answer, trial)
      try expectNumbers(["bad", "not"], ["bad", "not"], 2, of: answer, trial)
      try expectNumbers(["Bad", "bad"], ["bad"], 4, of: answer, trial)
    },
    Check(.byHand, "texts without words, and a vocabulary without words", points: 1) { answer, trial in
      try expectWords([], 1, 5, of: answer, trial)
      try expectWords([["b", "a"], [], ["a"]], 3, 5, of: answer, trial)
      try expectNumbers([], ["a"], 3, of: answer, trial)
      try expectNumbers(["a", "b"], [], 3, of: answer, trial)
    },
    Check(.property, "as the rules say, for thirty collections of texts", points: 2) { answer, trial in
      var inputs = Inputs(seed: 811)
      let letters = ["a", "b", "c", "d", "e", "f", "g", "A", "zz", "é"]
      for _ in 0..<30 {
        let texts = (0..<inputs.integer(1...6)).map { _ in
          (0..<inputs.integer(0...9)).map { _ in letters[min(inputs.integer(0...9), inputs.integer(0...9))] }
        }
        let (minimum, limit) = (inputs.integer(1...4), inputs.integer(1...8))
        try expectWords(texts, minimum, limit, of: answer, trial)
        let known = words(texts, minimum, limit)
        for text in texts { try expectNumbers(text, known, inputs.integer(1...10), of: answer, trial) }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongWords(
      "the rarest first",
      advice: "Your rarest words come first. Sort by falling counts: the most frequent first."
    ) { texts, minimum, limit in
      let counts = counts(of: texts)
      return Array(
        counts.filter { $0.value >= minimum }.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.map(\.key)
          .prefix(limit))
    },
    wrongWords(
      "by the alphabet alone",
      advice: "Your words stand in alphabetical order. That decides only between equal counts."
    ) { texts, minimum, limit in
      Array(counts(of: texts).filter { $0.value >= minimum }.map(\.key).sorted().prefix(limit))
    },
    wrongWords(
      "equal counts from the end of the alphabet",
      advice: "Of equally frequent words you take the larger first. The smaller by < comes first."
    ) { texts, minimum, limit in
      Array(
        counts(of: texts).filter { $0.value >= minimum }.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
          .map(\.key).prefix(limit))
    },
    wrongWords(
      "more often than the minimum",
      advice: "A word that occurs exactly `minimumCount` times is missing. At least so often is enough."
    ) { texts, minimum, limit in words(texts, minimum + 1, limit) },
    wrongWords(
      "how many texts have it",
      advice:
        "You count the texts that have a word. Count every occurrence, also a second one in the same text."
    ) { texts, minimum, limit in words(texts.map { Array(Set($0)) }, minimum, limit) },
    wrongWords(
      "the minimum is not used", advice: "Rare words are still there. Leave out those below `minimumCount`."
    ) { texts, _, limit in words(texts, 1, limit) },
    wrongWords(
      "the limit is not used", advice: "Your vocabulary is too large. Keep at most `limit` words."
    ) { texts, minimum, _ in words(texts, minimum, .max) },
    wrongNumbers(
      "numbered from 0",
      advice: "Your first word has number 0, which is padding. The vocabulary begins at number 2."
    ) { text, known, length in
      fill(text.prefix(length).map { word in known.firstIndex(of: word) ?? 1 }, length)
    },
    wrongNumbers(
      "numbered from 1",
      advice: "Your first word has number 1, which is the unknown word. The vocabulary begins at number 2."
    ) { text, known, length in
      fill(text.prefix(length).map { word in known.firstIndex(of: word).map { $0 + 1 } ?? 1 }, length)
    },
    wrongNumbers(
      "unknown words are left out",
      advice: "You leave out unknown words. They keep their place, with number 1."
    ) { text, known, length in
      fill(numbers(text, known).filter { $0 != 1 }, length)
    },
    wrongNumbers(
      "unknown words are padding", advice: "Your unknown words have number 0. That is padding; theirs is 1."
    ) { text, known, length in fill(numbers(text, known).map { $0 == 1 ? 0 : $0 }, length) },
    wrongNumbers(
      "padding at the beginning", advice: "You fill up at the beginning. The zeros stand behind the text."
    ) { text, known, length in
      let own = Array(numbers(text, known).prefix(length))
      return [Int](repeating: 0, count: length - own.count) + own
    },
    wrongNumbers(
      "the end is kept", advice: "Of a longer text you keep the end. Cut the end off and keep the beginning."
    ) { text, known, length in fill(Array(numbers(text, known).suffix(length)), length) },
  ]
}

private let example = [["not", "bad", "not", "bad", "at", "all"], ["bad", "weather"]]

private func wrongWords(
  _ name: String, advice: String, _ collect: @escaping VocabularyExercise.Collect
) -> Mistake<VocabularyExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(collect: collect, encode: { text, known, length in fill(numbers(text, known), length) }))
}

private func wrongNumbers(
  _ name: String, advice: String, _ encode: @escaping VocabularyExercise.Encode
) -> Mistake<VocabularyExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(collect: { words($0, $1, $2) }, encode: encode))
}

private func counts(of texts: [[String]]) -> [String: Int] {
  Dictionary(texts.joined().map { ($0, 1) }, uniquingKeysWith: +)
}

private func words(_ texts: [[String]], _ minimum: Int, _ limit: Int) -> [String] {
  Array(
    counts(of: texts).filter { $0.value >= minimum }.sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }
      .map(\.key).prefix(limit))
}

private func numbers(_ text: [String], _ known: [String]) -> [Int] {
  text.map { word in known.firstIndex(of: word).map { $0 + 2 } ?? 1 }
}

private func fill(_ numbers: [Int], _ length: Int) -> [Int] {
  (0..<length).map { $0 < numbers.count ? numbers[$0] : 0 }
}

private func expectWords(
  _ texts: [[String]], _ minimum: Int, _ limit: Int, of answer: VocabularyExercise.Answer, _ trial: Trial
) throws {
  let expected = words(texts, minimum, limit)
  let all = counts(of: texts).sorted { (-$0.value, $0.key) < (-$1.value, $1.key) }
  trial.expect(
    try answer.collect(texts, minimum, limit), equals: expected,
    "vocabulary(of: \(texts), minimumCount: \(minimum), limit: \(limit))",
    by: { _ in "counts: " + all.map { "\($0.key) \($0.value)" }.joined(separator: ", ") })
}

private func expectNumbers(
  _ text: [String], _ known: [String], _ length: Int, of answer: VocabularyExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.encode(text, known, length), equals: fill(numbers(text, known), length),
    "encoded(\(text), vocabulary: \(known), length: \(length))", tolerance: 0,
    by: { place in
      guard place[0] < text.count else { return "the text has only \(text.count) words: padding is 0" }
      let word = text[place[0]]
      return known.contains(word)
        ? "“\(word)” is at place \(known.firstIndex(of: word)!) of the vocabulary: \(known.firstIndex(of: word)!) + 2"
        : "“\(word)” is not in the vocabulary: 1"
    })
}
