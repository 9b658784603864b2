import ExerciseKit
import Practice

public final class BytePairMergeExercise: Exercise {
  public struct Answer: Sendable {
    var pair: @Sendable (_ words: [[String]], _ counts: [Int]) throws -> [String]
    var merge: @Sendable (_ word: [String], _ pair: [String]) throws -> [String]
    var pieces: @Sendable (_ word: [String], _ merges: [[String]]) throws -> [String]
  }

  public init() {}

  public let title = "Pieces of words"
  public let section = "10.9"
  public let difficulty = 2
  public let minutes = 30
  public let allowed = Allowed.nothing
  public let functions = ["mostFrequentPair", "merged", "pieces"]

  public let solution = Answer(
    pair: { try mostFrequentPair(in: $0, counts: $1) }, merge: { try merged($0, pair: $1) },
    pieces: { try Exercises10ChoosingAModel.pieces(of: $0, merges: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      pair: { try learner.call("mostFrequentPair", $0, $1) }, merge: { try learner.call("merged", $0, $1) },
      pieces: { try learner.call("pieces", $0, $1) })
  }

  public let hints = [
    "Count with a dictionary from a pair, written as a list of two pieces, to its count. To merge, walk through the word with "
      + "a place of your own, which moves on by two where the pair stands and by one elsewhere.",
    "Pair a comes before pair b if count(a) > count(b), or if the counts are equal and (a₁, a₂) < (b₁, b₂). The pieces of a word "
      + "are merged(… merged(merged(word, merge 1), merge 2) …).",
    """
    for i in word.indices.dropLast() { places[[word[i], word[i + 1]], default: 0] += … }

    while i < word.count {
      if i + 1 < word.count && word[i] == pair[0] && … {
        result.append(…)
        i += …
      } else {
        result.append(word[i])
        i += 1
      }
    }

    for pair in merges { word = try merged(word, pair: pair) }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "the most frequent pair of four words", points: 1) { answer, trial in
      try expectPair(["low", "lower", "newest", "widest"], [5, 2, 6, 3], answer, trial)
      try expectPair(["aaab", "ba", "cb"], [2, 3, 4], answer, trial)
      try expectPair(["tone", "stone"], [3, 1], answer, trial)
    },
    Check(.byHand, "merged from left to right", points: 1) { answer, trial in
      for (word, pair) in [
        ("newest", "es"), ("aaa", "aa"), ("abcabab", "ab"), ("baab", "ab"), ("aaaaa", "aa"), ("xyz", "ab"),
      ] { try expectMerged(letters(word), letters(pair), answer, trial) }
      try expectMerged(["es", "t", "es", "t"], ["es", "t"], answer, trial)
    },
    Check(.byHand, "all merges, in their order", points: 1) { answer, trial in
      let merges = [["e", "s"], ["es", "t"], ["l", "o"], ["lo", "w"]]
      for word in ["lowest", "slow", "estes"] { try expectPieces(letters(word), merges, answer, trial) }
      try expectPieces(letters("abcab"), [["b", "c"], ["a", "b"]], answer, trial)
      try expectPieces(letters("abcab"), [["b", "c"], ["a", "b"], ["a", "bc"]], answer, trial)
    },
    Check(.byHand, "words of one piece, and none at all", points: 1) { answer, trial in
      try expectPair(["a", "b"], [3, 4], answer, trial)
      try expectPair([[String]](), [], answer, trial)
      try expectMerged([], ["a", "b"], answer, trial)
      try expectMerged(["a"], ["a", "a"], answer, trial)
      try expectPieces(letters("ab"), [], answer, trial)
    },
    Check(.property, "as the rules say, for thirty lists of words", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1101)
      let alphabet = letters("abcdé")
      func word() -> [String] {
        (0..<inputs.integer(1...7)).map { _ in
          alphabet[min(inputs.integer(0...4), inputs.integer(0...4))]
        }
      }
      for _ in 0..<30 {
        var words = (0..<inputs.integer(1...6)).map { _ in word() }
        let counts = words.map { _ in inputs.integer(1...4) }
        var merges: [[String]] = []
        for _ in 0..<inputs.integer(1...5) {
          try expectPair(words, counts, answer, trial)
          guard let pair = pair(words, counts) else { break }
          for word in words { try expectMerged(word, pair, answer, trial) }
          words = words.map { merge($0, pair) }
          merges.append(pair)
        }
        for _ in 0..<3 {
          let other = word()
          // Where the order of the merges leaves two ways to read it, the word is not asked for.
          guard pieces(other, merges) == byRank(other, merges) else { continue }
          try expectPieces(other, merges, answer, trial)
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "each word counts once",
      advice: "You count each word of the list once. A word that occurs c times counts c times."
    ) { $0.pair = { words, counts in pair(words, counts.map { _ in 1 }) ?? [] } },
    wrong(
      "each word counts once for each pair",
      advice: "You count a pair once for each word that has it. It counts at every place where it stands."
    ) {
      $0.pair = { words, counts in
        best(zip(words, counts).flatMap { word, count in Set(pairs(word)).map { ($0, count) } })
      }
    },
    wrong(
      "the larger of equal pairs",
      advice: "Of equally frequent pairs you take the larger. The one that is smaller by < comes first."
    ) { $0.pair = { best(counted($0, $1)) { $0 > $1 } } },
    wrong(
      "the first of equal pairs",
      advice:
        "Of equally frequent pairs you take the one met first. The one that is smaller by < comes first."
    ) {
      $0.pair = { words, counts in
        let all = counted(words, counts)
        let sums = totals(all)
        return all.map(\.0).first { sums[$0] == sums.values.max() } ?? []
      }
    },
    wrong("the rarest pair", advice: "You take the pair with the smallest count. Take the largest.") {
      $0.pair = { words, counts in
        let sums = totals(counted(words, counts))
        return sums.keys.filter { sums[$0] == sums.values.min() }.min { isSmaller($0, $1) } ?? []
      }
    },
    wrong(
      "pairs across words",
      advice:
        "You count the end of a word and the beginning of the next as a pair. A pair stands within a word."
    ) {
      $0.pair = { words, counts in
        let all = zip(words, counts).flatMap { Array(repeating: $0, count: $1) }
        return best(pairs(Array(all.joined())).map { ($0, 1) })
      }
    },
    wrong(
      "from right to left",
      advice: "You merge from the end. From the left, a a a becomes aa a, not a aa."
    ) {
      $0.merge = { word, pair in
        merge(word.reversed(), pair.reversed()).reversed().map {
          $0 == pair[1] + pair[0] && !word.contains($0) ? pair[0] + pair[1] : $0
        }
      }
    },
    wrong(
      "only the first place",
      advice: "You merge the pair only where it stands first. Go on: each of its places becomes one piece."
    ) {
      $0.merge = { word, pair in
        guard let i = pairs(word).firstIndex(of: pair) else { return word }
        return word[..<i] + [pair[0] + pair[1]] + word[(i + 2)...]
      }
    },
    wrong(
      "a piece used twice",
      advice: "You use a piece for two merges: a a a becomes aa aa. After a merge, move on by two."
    ) {
      $0.merge = { word, pair in
        var result: [String] = []
        var isUsed = false
        for i in word.indices {
          if i + 1 < word.count && [word[i], word[i + 1]] == pair {
            result.append(pair[0] + pair[1])
            isUsed = true
          } else {
            if !isUsed { result.append(word[i]) }
            isUsed = false
          }
        }
        return result
      }
    },
    wrong(
      "the pair in either order",
      advice: "You also merge the two pieces when they stand the other way round. A pair has an order."
    ) {
      $0.merge = { word, pair in
        var result: [String] = []
        var i = 0
        while i < word.count {
          let two = Array(word[i..<min(i + 2, word.count)])
          let fits = two == pair || two == pair.reversed()
          result.append(fits ? two.joined() : word[i])
          i += fits ? 2 : 1
        }
        return result
      }
    },
    wrong(
      "the merges from last to first",
      advice:
        "You apply the merges from the last to the first. A later one is made of what earlier ones have made."
    ) { $0.pieces = { pieces($0, $1.reversed()) } },
    wrong(
      "only the first merge that fits",
      advice: "You stop after one merge. Every merge of the list is applied, one after the other."
    ) {
      $0.pieces = { word, merges in
        merges.first { pairs(word).contains($0) }.map { merge(word, $0) } ?? word
      }
    },
    wrong(
      "the longest piece first",
      advice:
        "You take the longest piece that fits, from left to right. The merges are applied in the order they were found."
    ) {
      $0.pieces = { word, merges in
        let known = Set(merges.map { $0.joined() })
        var result: [String] = []
        var i = 0
        while i < word.count {
          let rest = word[i...]
          let length = (1...rest.count).last { $0 == 1 || known.contains(rest.prefix($0).joined()) } ?? 1
          result.append(word[i..<i + length].joined())
          i += length
        }
        return result
      }
    },
  ]
}

private func letters(_ word: String) -> [String] { word.map { String($0) } }

private func pairs(_ word: [String]) -> [[String]] { zip(word, word.dropFirst()).map { [$0, $1] } }

/// Each place of each pair with the count of its word.
private func counted(_ words: [[String]], _ counts: [Int]) -> [([String], Int)] {
  zip(words, counts).flatMap { word, count in pairs(word).map { ($0, count) } }
}

private func totals(_ places: [([String], Int)]) -> [[String]: Int] {
  Dictionary(places, uniquingKeysWith: +)
}

private func isSmaller(_ a: [String], _ b: [String]) -> Bool { (a[0], a[1]) < (b[0], b[1]) }

private func best(
  _ places: [([String], Int)],
  _ comesFirst: ((String, String), (String, String)) -> Bool = { $0 < $1 }
) -> [String] {
  totals(places).min { a, b in
    a.value != b.value
      ? a.value > b.value : comesFirst((a.key[0], a.key[1]), (b.key[0], b.key[1]))
  }?.key ?? []
}

private func pair(_ words: [[String]], _ counts: [Int]) -> [String]? {
  let pair = best(counted(words, counts))
  return pair.isEmpty ? nil : pair
}

private func merge(_ word: [String], _ pair: [String]) -> [String] {
  var result: [String] = []
  var isOpen = false
  for piece in word {
    if isOpen && piece == pair[1] && result[result.count - 1] == pair[0] {
      result[result.count - 1] += piece
      isOpen = false
    } else {
      result.append(piece)
      isOpen = true
    }
  }
  return result
}

private func pieces(_ word: [String], _ merges: [[String]]) -> [String] { merges.reduce(word, merge) }

/// The other reading: always the earliest of all merges that fit.
private func byRank(_ word: [String], _ merges: [[String]]) -> [String] {
  var word = word
  while let first = merges.first(where: { pairs(word).contains($0) }) { word = merge(word, first) }
  return word
}

private func wrong(
  _ name: String, advice: String, _ change: (inout BytePairMergeExercise.Answer) -> Void
) -> Mistake<BytePairMergeExercise.Answer> {
  var answer = BytePairMergeExercise.Answer(
    pair: { pair($0, $1) ?? [] }, merge: { merge($0, $1) }, pieces: { pieces($0, $1) })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}

/// Pieces as one text, for comparison: a list of none and a list of some have no shape in common.
private func dotted(_ pieces: [String]) -> String { pieces.joined(separator: " · ") }

private func shown(_ pieces: [String]) -> String {
  pieces.isEmpty ? "nothing" : pieces.joined(separator: " ")
}

private func expectPair(
  _ words: [String], _ counts: [Int], _ answer: BytePairMergeExercise.Answer, _ trial: Trial
) throws { try expectPair(words.map(letters), counts, answer, trial) }

private func expectPair(
  _ words: [[String]], _ counts: [Int], _ answer: BytePairMergeExercise.Answer, _ trial: Trial
) throws {
  let sums = totals(counted(words, counts)).sorted {
    $0.value != $1.value ? $0.value > $1.value : isSmaller($0.key, $1.key)
  }
  let yours = try answer.pair(words, counts)
  trial.expect(
    dotted(yours), equals: dotted(pair(words, counts) ?? []),
    "mostFrequentPair(in: \(words.map(shown)), counts: \(counts)). The counts: "
      + sums.prefix(5).map { "\(shown($0.key)) \($0.value)" }.joined(separator: ", "))
}

private func expectMerged(
  _ word: [String], _ pair: [String], _ answer: BytePairMergeExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    dotted(try answer.merge(word, pair)), equals: dotted(merge(word, pair)),
    "merged(\(word), pair: \(pair))")
}

private func expectPieces(
  _ word: [String], _ merges: [[String]], _ answer: BytePairMergeExercise.Answer, _ trial: Trial
) throws {
  let steps = merges.indices.map { shown(pieces(word, Array(merges[...$0]))) }
  trial.expect(
    dotted(try answer.pieces(word, merges)), equals: dotted(pieces(word, merges)),
    "pieces(of: \(word), merges: \(merges.map(shown))). After each merge: " + steps.joined(separator: " | "))
}
