import ExerciseKit
import Practice

public final class RingAllReduceExercise: Exercise {
  public typealias Answer = @Sendable (_ pieces: [[[Float]]], _ round: Int) throws -> [[[Float]]]

  public init() {}

  public let title = "A ring of ranks"
  public let section = "11.5"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.nothing
  public let functions = ["ringRound"]
  public let solution: Answer = { try ringRound($0, round: $1) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("ringRound", $0, $1) } }

  public let hints = [
    "Keep what was there before the round apart from what is there after it. Go through the ranks, and for each change one piece of "
      + "the next one: which piece it is depends on the rank and on the round.",
    "In the adding half, after[r + 1][p] = pieces[r + 1][p] + pieces[r][p] with p = r − 1 − s; in the other half after[r + 1][p] = "
      + "pieces[r][p] with p = r − (s − R + 1); every index modulo R.",
    """
    var after = pieces
    for rank in 0..<ranks {
      let next = (rank + 1) % ranks
      if s < ranks - 1 {
        let piece = (rank - 1 - s + …) % ranks
        for i in pieces[rank][piece].indices { after[next][piece][i] += … }
      } else {
        let piece = …
        after[next][piece] = pieces[rank][piece]
      }
    }
    return after
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many pieces, each as long as before", points: 1) { answer, trial in
      let after = try answer(pieces([2, 1, 3], seed: 1), 0)
      trial.expect(
        after.map { $0.map(\.count) }, equals: Array(repeating: [2, 1, 3], count: 3),
        "the lengths after round 0")
    },
    Check(.byHand, "two ranks, both rounds", points: 1) { answer, trial in
      let first: [[[Float]]] = [[[1], [2, 3]], [[10], [20, 30]]]
      expect(try answer(first, 0), first, 0, trial)
      expect(try answer(right.after(first, 0), 1), right.after(first, 0), 1, trial)
    },
    Check(.byHand, "three ranks, four rounds", points: 1) { answer, trial in
      var now = pieces([1, 2, 3], seed: 2)
      for s in 0..<4 {
        expect(try answer(now, s), now, s, trial)
        now = right.after(now, s)
      }
    },
    Check(.property, "every rank has the sum of all at the end", points: 2) { answer, trial in
      for (ranks, seed) in [(2, 3), (3, 4), (4, 5), (5, 6), (1, 7)] {
        let first = pieces((0..<ranks).map { 1 + ($0 * 2 + seed) % 3 }, seed: UInt64(seed))
        var (yours, expected) = (first, first)
        for s in 0..<max(0, 2 * ranks - 2) {
          yours = try answer(yours, s)
          expected = right.after(expected, s)
          expect(yours, first, s, trial, expected: expected)
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("to the left", advice: "You send to rank r − 1. The next one is r + 1.") { $0.direction = -1 },
    wrong(
      "the book's ring",
      advice: "You begin with piece r: then rank r completes piece r + 1. Begin with piece r − 1."
    ) {
      $0.added = { rank, s in rank - s }
      $0.passed = { rank, t in rank + 1 - t }
    },
    wrong(
      "the second half adds too",
      advice: "You add in the second half too: pieces that are complete are counted twice. Replace there."
    ) { $0.addsAlways = true },
    wrong(
      "the first half replaces",
      advice: "You replace in the first half: what the next rank had itself is lost. Add there."
    ) { $0.replacesAlways = true },
    wrong(
      "always the same piece",
      advice: "You send the same piece in every round. It moves back by one with each."
    ) {
      $0.added = { rank, _ in rank - 1 }
      $0.passed = { rank, _ in rank }
    },
    wrong(
      "the second half begins a round late",
      advice: "You add in R rounds. R − 1 are enough: each piece has been to all other ranks then."
    ) { $0.adding = { ranks in ranks } },
    wrong(
      "the second half counts rounds from the beginning",
      advice: "In the second half you send piece r − s. Count its rounds from 0: t = s − (R − 1)."
    ) { $0.countsOn = true },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout RingRound) -> Void)
  -> Mistake<RingAllReduceExercise.Answer>
{
  Mistake(name, advice: advice) { pieces, s in
    var ring = RingRound()
    change(&ring)
    return ring.after(pieces, s)
  }
}

private let right = RingRound()

/// Right unless changed.
private struct RingRound: Sendable {
  var direction = 1
  var addsAlways = false
  var replacesAlways = false
  var countsOn = false
  var adding: @Sendable (_ ranks: Int) -> Int = { $0 - 1 }
  var added: @Sendable (_ rank: Int, _ round: Int) -> Int = { rank, s in rank - 1 - s }
  var passed: @Sendable (_ rank: Int, _ round: Int) -> Int = { rank, t in rank - t }

  func after(_ before: [[[Float]]], _ s: Int) -> [[[Float]]] {
    let ranks = before.count
    var after = before
    for rank in 0..<ranks {
      let next = (rank + direction + ranks) % ranks
      let adds = s < adding(ranks)
      let piece = sent(rank, s, ranks)
      // Another answer may have made pieces of other lengths.
      for i in before[rank][piece].indices where i < after[next][piece].count {
        if (adds || addsAlways) && !replacesAlways {
          after[next][piece][i] += before[rank][piece][i]
        } else {
          after[next][piece][i] = before[rank][piece][i]
        }
      }
    }
    return after
  }

  func sent(_ rank: Int, _ s: Int, _ ranks: Int) -> Int {
    let piece = s < adding(ranks) ? added(rank, s) : passed(rank, countsOn ? s : s - ranks + 1)
    return (piece + 4 * ranks) % ranks
  }
}

/// Whole numbers: pieces of these lengths for as many ranks.
private func pieces(_ lengths: [Int], seed: UInt64) -> [[[Float]]] {
  var inputs = Inputs(seed: 1_150 + seed)
  return lengths.map { _ in lengths.map { inputs.integers($0) } }
}

private func expect(
  _ yours: [[[Float]]], _ before: [[[Float]]], _ s: Int, _ trial: Trial, expected: [[[Float]]]? = nil
) {
  let ranks = before.count
  trial.expect(
    yours, equals: expected ?? right.after(before, s),
    expected == nil ? "ringRound(pieces, round: \(s))" : "the pieces after round \(s)",
    given: ["pieces": before],
    by: { _ in
      (0..<ranks).map { rank in
        "rank \(rank) sends piece \(right.sent(rank, s, ranks)) to rank \((rank + 1) % ranks)"
      }.joined(separator: ", ") + (s < ranks - 1 ? ", to be added" : ", in place of its own")
    })
}
