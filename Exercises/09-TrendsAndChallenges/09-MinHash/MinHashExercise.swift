import ExerciseKit
import Practice

public final class MinHashExercise: Exercise {
  public typealias Sign =
    @Sendable (_ words: [Int], _ k: Int, _ base: Int, _ a: [Int], _ b: [Int], _ p: Int) throws -> [Int]

  public struct Answer: Sendable {
    var sign: Sign = { Hashes(k: $1, base: $2, a: $3, b: $4, p: $5).signature($0) }
    var compare: @Sendable (_ s: [Int], _ t: [Int]) throws -> Double = { equalShare($0, $1) }
  }

  public init() {}

  public let title = "Finding near-duplicates by MinHash"
  public let section = "9.10"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["signature", "similarity"]

  public let solution = Answer(
    sign: { try signature($0, shingleSize: $1, base: $2, a: $3, b: $4, p: $5) },
    compare: { try similarity($0, $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      sign: { try learner.call("signature", $0, $1, $2, $3, $4, $5) },
      compare: { try learner.call("similarity", $0, $1) })
  }

  public let hints = [
    "First the list of shingles as numbers, once for the text. Then one pass over it for each hash function. The comparison asks only "
      + "how many places agree.",
    "There are words.count − k + 1 shingles; shingle s holds words[s], …, words[s + k − 1]: begin with 0 and go on with x · base + word. "
      + "signature_i is the minimum of (a_i x + b_i) mod p. similarity is the number of places with s_i = t_i, divided by their number.",
    """
    let shingles = (0...words.count - k).map { start in
      words[start..<start + k].reduce(0) { … }
    }
    return zip(a, b).map { a, b in shingles.map { … }.min()! }

    Double(zip(s, t).count { … }) / Double(…)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "five words in pairs, two functions", points: 1) { answer, trial in
      let pairs = Hashes(k: 2, base: 10, a: [2, 3], b: [1, 4], p: 11)
      try pairs.expect([3, 1, 4, 1, 5], answer, trial)
      try pairs.expect([9, 2, 6, 5, 3], answer, trial)
      try pairs.expect([7, 0], answer, trial)
    },
    Check(.byHand, "three words at a time, three functions", points: 1) { answer, trial in
      let threes = Hashes(k: 3, base: 7, a: [5, 1, 30], b: [3, 0, 11], p: 101)
      try threes.expect([4, 0, 6, 2, 1, 5], answer, trial)
      try threes.expect([1, 5, 4, 0, 6, 3], answer, trial)
      try threes.expect([6, 6, 6, 6], answer, trial)
    },
    Check(.byHand, "two of three places agree", points: 1) { answer, trial in
      try expectSimilarity([6, 2, 4], [6, 4, 4], answer, trial)
      try expectSimilarity([1, 5, 9, 2, 5], [2, 1, 9, 5, 5], answer, trial)
      try expectSimilarity([7, 8, 7, 3], [8, 7, 3, 7], answer, trial)
      try expectSimilarity([3, 8, 1, 6], [8, 3, 2, 6], answer, trial)
      try expectSimilarity([7, 8, 7, 3], [7, 8, 7, 3], answer, trial)
    },
    Check(.property, "as the formulas say, for twenty texts", points: 1) { answer, trial in
      var inputs = Inputs(seed: 991)
      for _ in 0..<20 {
        let (k, base) = (inputs.integer(1...3), inputs.integer(2...9))
        let hashes = Hashes(k: k, base: base, count: inputs.integer(1...5), p: 997, &inputs)
        try hashes.expect(
          (0..<k + inputs.integer(0...9)).map { _ in inputs.integer(0...base - 1) }, answer, trial)
      }
    },
    Check(.property, "600 functions tell the similarity of two texts to 0.1", points: 2) { answer, trial in
      var inputs = Inputs(seed: 992)
      let hashes = Hashes(k: 3, base: 1_000, count: 600, p: 2_147_483_647, &inputs)
      for changed in [1, 8, 40] {
        let words = (0..<60).map { _ in inputs.integer(0...999) }
        var other = words
        for _ in 0..<changed { other[inputs.integer(0...59)] = inputs.integer(0...999) }
        let (s, t) = (
          try answer.sign(words, 3, 1_000, hashes.a, hashes.b, hashes.p),
          try answer.sign(other, 3, 1_000, hashes.a, hashes.b, hashes.p)
        )
        let right = jaccard(hashes.shingles(words), hashes.shingles(other))
        let yours = try answer.compare(s, t)
        trial.expect(
          abs(yours - right) < 0.1,
          "60 words, \(changed) of them changed: the signatures suggest \(right.shortText), to 0.1",
          about: yours)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("the largest value", advice: "You keep the largest value of each function. Keep the smallest.") {
      $0.isLargest = true
    },
    wrong(
      "shingles side by side",
      advice: "Your shingles begin every k words. One begins at every word: they overlap."
    ) { $0.step = $0.k },
    wrong(
      "the last shingle is left out",
      advice: "You leave out the last shingle. They begin at 0 … words.count − k."
    ) { $0.leavesOut = 1 },
    wrong(
      "the last word first",
      advice: "You read the words of a shingle backwards. The first is the digit that counts most."
    ) { $0.order = { $0.reversed() } },
    wrong(
      "the order of the words is lost",
      advice: "Your shingles do not keep the order of their words. Use them as digits, in their order."
    ) { $0.order = { $0.sorted() } },
    wrong(
      "single words", advice: "Your shingles are single words. They are k words in a row."
    ) { $0.order = { [$0[0]] } },
    wrong("b is left out", advice: "Your functions are a x mod p. They are (a x + b) mod p.") {
      $0.b = $0.b.map { _ in 0 }
    },
    wrong(
      "the rest is taken too early",
      advice: "You take the remainder of a x, and then add b. Add first: (a x + b) mod p."
    ) { $0.addsLate = true },
    wrong(
      "one function for all",
      advice: "You use a₀ and b₀ for every place. Place i has its own a_i and b_i."
    ) { hashes in
      let count = hashes.a.count
      hashes.a = [Int](repeating: hashes.a[0], count: count)
      hashes.b = [Int](repeating: hashes.b[0], count: count)
    },
    wrongComparison(
      "wherever it stands",
      advice: "You count numbers that stand anywhere in the other signature. Compare place by place."
    ) { s, t in Double(s.count { t.contains($0) }) / Double(s.count) },
    wrongComparison(
      "the Jaccard similarity of the signatures",
      advice: "You take the Jaccard similarity of the signatures' numbers. Compare place by place."
    ) { s, t in jaccard(s, t) },
    wrongComparison(
      "divided as for sets",
      advice: "You divide by the places that agree and twice those that do not. Divide by all places."
    ) { s, t in
      let equal = zip(s, t).count { $0 == $1 }
      return Double(equal) / Double(2 * s.count - equal)
    },
    wrongComparison(
      "the places that differ", advice: "You count the places that differ. Count the equal ones."
    ) {
      s, t in 1 - equalShare(s, t)
    },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Hashes) -> Void)
  -> Mistake<MinHashExercise.Answer>
{
  Mistake(
    name, advice: advice,
    answer: .init(sign: { words, k, base, a, b, p in
      var hashes = Hashes(k: k, base: base, a: a, b: b, p: p)
      change(&hashes)
      return hashes.signature(words)
    }))
}

private func wrongComparison(
  _ name: String, advice: String, _ compare: @escaping @Sendable ([Int], [Int]) -> Double
) -> Mistake<MinHashExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(compare: compare))
}

private func equalShare(_ s: [Int], _ t: [Int]) -> Double {
  Double(zip(s, t).count { $0 == $1 }) / Double(s.count)
}

private func jaccard(_ a: [Int], _ b: [Int]) -> Double {
  let (a, b) = (Set(a), Set(b))
  return Double(a.intersection(b).count) / Double(a.union(b).count)
}

/// Shingles and hash functions, right unless changed.
private struct Hashes {
  let k, base: Int
  var a, b: [Int]
  let p: Int
  var step = 1
  var leavesOut = 0
  var isLargest = false
  var addsLate = false
  var order: ([Int]) -> [Int] = { $0 }

  init(k: Int, base: Int, a: [Int], b: [Int], p: Int) {
    (self.k, self.base, self.a, self.b, self.p) = (k, base, a, b, p)
  }

  init(k: Int, base: Int, count: Int, p: Int, _ inputs: inout Inputs) {
    let a = (0..<count).map { _ in inputs.integer(1...p - 1) }
    let b = (0..<count).map { _ in inputs.integer(0...p - 1) }
    self.init(k: k, base: base, a: a, b: b, p: p)
  }

  func shingles(_ words: [Int]) -> [Int] {
    let starts = Array(stride(from: 0, through: words.count - k, by: step))
    return starts.prefix(max(1, starts.count - leavesOut)).map { start in
      order(Array(words[start..<start + k])).reduce(0) { $0 * base + $1 }
    }
  }

  func values(_ words: [Int], _ i: Int) -> [Int] {
    shingles(words).map { addsLate ? a[i] * $0 % p + b[i] : (a[i] * $0 + b[i]) % p }
  }

  func signature(_ words: [Int]) -> [Int] {
    a.indices.map { i in isLargest ? values(words, i).max()! : values(words, i).min()! }
  }

  func expect(_ words: [Int], _ answer: MinHashExercise.Answer, _ trial: Trial) throws {
    trial.expect(
      try answer.sign(words, k, base, a, b, p), equals: signature(words),
      "signature(words, shingleSize: \(k), base: \(base), a: a, b: b, p: \(p))",
      given: ["words": words, "a": a, "b": b], tolerance: 0,
      by: { place in
        let (shingles, values) = (shingles(words), values(words, place[0]))
        return "the shingles \(shingles.map(String.init).joined(separator: " ")) become "
          + "\(values.map(String.init).joined(separator: " ")): the smallest is \(values.min()!)"
      })
  }
}

private func expectSimilarity(
  _ s: [Int], _ t: [Int], _ answer: MinHashExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.compare(s, t), equals: equalShare(s, t), "similarity(s, t)", given: ["s": s, "t": t],
    by: { _ in "\(zip(s, t).count { $0 == $1 }) of \(s.count) places agree" })
}
