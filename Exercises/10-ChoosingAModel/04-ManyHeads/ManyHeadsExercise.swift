import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class ManyHeadsExercise: Exercise {
  public struct Answer: Sendable {
    var split: @Sendable (_ x: Tensor, _ heads: Int) throws -> Tensor
    var join: @Sendable (_ x: Tensor) throws -> Tensor
    var attend: @Sendable (_ q: Tensor, _ k: Tensor, _ v: Tensor, _ heads: Int) throws -> Tensor
  }

  public init() {}

  public let title = "Many heads"
  public let section = "10.4"
  public let difficulty = 3
  public let minutes = 30
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed([
      "matmul", "Tensor.transposed", "Tensor.permuted", "Tensor.sum", "Tensor.exp", "Tensor.maximum",
      "Tensor.sliced", "Tensor.selected", "concatenate", "stack",
    ])
  public let functions = ["splitHeads", "joinHeads", "manyHeads"]

  public let solution = Answer(
    split: { try splitHeads($0, heads: $1) }, join: { try joinHeads($0) },
    attend: { try manyHeads($0, $1, $2, heads: $3) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      split: { try learner.call("splitHeads", $0, $1) }, join: { try learner.call("joinHeads", $0) },
      attend: { try learner.call("manyHeads", $0, $1, $2, $3) })
  }

  public let hints = [
    "Split and join move numbers and change none. Write down for one number where it goes: its text and its step stay, and "
      + "its place among the E numbers becomes a head and a place in it. For the third function, you have both.",
    "The number h·D + d of a step goes to head h, place d. By whole tensors: [N, T, E] is reshaped to [N, T, H, D], and then "
      + "its two middle axes are exchanged. Each head's scores are divided by √D, the width of one head, not by √E.",
    """
    x.reshaped([n, t, heads, …]).permuted([0, 2, 1, 3])          // split
    x.permuted([…]).reshaped([n, t, …])                          // join

    let (q, k, v) = try (splitHeads(q, heads: heads), …, …)
    let scores = matmul(q, k.transposed()) / Float(…).squareRoot()       // [N, H, T, S]
    … the softmax of each row …
    return try joinHeads(matmul(weights, v))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "split, joined, and attended", points: 1) { answer, trial in
      for (n, t, s, heads, width) in [(2, 3, 4, 5, 2), (1, 2, 3, 1, 4), (3, 1, 2, 2, 1)] {
        let case1 = Case(n, t, s, heads, width, seed: 1041)
        trial.expect(
          try answer.split(case1.q, heads), hasShape: [n, heads, t, width],
          "splitHeads(x, heads: \(heads))", by: "x is \(case1.q.shape)")
        let split = split(case1.q, heads)
        trial.expect(
          try answer.join(split), hasShape: [n, t, heads * width], "joinHeads(x)",
          by: "x is \(split.shape)")
        trial.expect(
          try answer.attend(case1.q, case1.k, case1.v, heads), hasShape: [n, t, heads * width], case1.call,
          by: "q is \(case1.q.shape), k and v are \(case1.k.shape)")
      }
    },
    Check(.byHand, "two texts of three steps, two heads of four", points: 1) { answer, trial in
      try expectSplit(counted([2, 3, 8]), 2, answer, trial)
      try expectSplit(Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [1, 2, 4]), 2, answer, trial)
    },
    Check(.byHand, "and joined again", points: 1) { answer, trial in
      try expectJoined(counted([2, 2, 3, 4]), answer, trial)
      try expectJoined(counted([1, 3, 2, 2]), answer, trial)
    },
    Check(.property, "split and joined, in eight sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1042)
      for index in 0..<8 {
        // The first three have equal shapes and other numbers.
        let (n, t) = index < 3 ? (2, 3) : (inputs.integer(1...3), inputs.integer(1...4))
        let (heads, width) = index < 3 ? (2, 3) : (inputs.integer(1...4), inputs.integer(1...4))
        try expectSplit(inputs.normal([n, t, heads * width]), heads, answer, trial)
        try expectJoined(inputs.normal([n, heads, t, width]), answer, trial)
      }
    },
    Check(.property, "each head attends by itself, in ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1043)
      for index in 0..<10 {
        let case1 =
          index < 3
          ? Case(2, 3, 4, 2, 3, seed: 1044 + UInt64(index))
          : Case(
            inputs.integer(1...2), inputs.integer(1...4), inputs.integer(2...4), inputs.integer(1...3),
            inputs.integer(1...4), seed: 1044 + UInt64(index))
        trial.expect(
          try answer.attend(case1.q, case1.k, case1.v, case1.heads), equals: case1.result(), case1.call,
          given: ["q": case1.q, "k": case1.k, "v": case1.v], tolerance: 1e-4,
          by: { place in
            let head = place[2] / case1.width
            return """
              it belongs to head \(head), which sees the numbers \(head * case1.width) to \
              \((head + 1) * case1.width - 1) of each step; its scores are divided by √\(case1.width). Expected \
              \(written(case1.result()[place[0], place[1], place[2]]))
              """
          })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "split by reshaping alone",
      advice:
        "You reshape to [N, H, T, D] at once, which mixes steps and heads. First [N, T, H, D], then exchange axes."
    ) { $0.split = { x, heads in x.reshaped([x.shape[0], heads, x.shape[1], x.shape[2] / heads]) } },
    wrong(
      "joined by reshaping alone",
      advice:
        "You reshape from [N, H, T, D] at once. Bring the heads of a step side by side first: [N, T, H, D]."
    ) { $0.join = { x in x.reshaped([x.shape[0], x.shape[2], x.shape[1] * x.shape[3]]) } },
    wrong(
      "every H-th number when split",
      advice:
        "You deal the numbers out in turn: head h gets h, h + H, … Head h has D numbers side by side: h·D + d."
    ) {
      $0.split = { x, heads in
        moved(x, [x.shape[0], heads, x.shape[1], x.shape[2] / heads]) { n, h, t, d in
          x[n, t, d * heads + h]
        }
      }
    },
    wrong(
      "every H-th number when joined",
      advice:
        "You lay the heads' first numbers side by side, then the second ones. A head's D numbers stay together."
    ) {
      $0.join = { x in
        joined(x) { n, t, e in x[n, e % x.shape[1], t, e / x.shape[1]] }
      }
    },
    wrong(
      "the heads in reverse order",
      advice: "Your heads are joined from the last to the first. Head 0 has the first D numbers."
    ) {
      $0.join = { x in
        joined(x) { n, t, e in x[n, x.shape[1] - 1 - e / x.shape[3], t, e % x.shape[3]] }
      }
    },
    wrong(
      "the root of the whole width",
      advice: "You divide the scores by √E. Each head multiplies only D = E/H numbers: divide by √D."
    ) { $0.attend = { Case(q: $0, k: $1, v: $2, heads: $3).result(divisor: Double($0.shape[2])) } },
    wrong(
      "without 1/√D", advice: "You have left out 1/√D, where D = E/H is the width of one head."
    ) { $0.attend = { Case(q: $0, k: $1, v: $2, heads: $3).result(divisor: 1) } },
    wrong(
      "one head of the whole width",
      advice: "You attend once, with all E numbers. Each head makes weights of its own from its D numbers."
    ) { $0.attend = { Case(q: $0, k: $1, v: $2, heads: 1).result(divisor: Double($0.shape[2] / $3)) } },
    wrong(
      "all heads look as the first",
      advice:
        "All your heads use the weights of head 0. Each has its own, from its own part of queries and keys."
    ) { $0.attend = { Case(q: $0, k: $1, v: $2, heads: $3).result(sharesHead: true) } },
    wrong(
      "all texts look as the first",
      advice: "All your texts use the weights of the first. Text n attends with its own queries and keys."
    ) { $0.attend = { Case(q: $0, k: $1, v: $2, heads: $3).result(sharesText: true) } },
    wrong(
      "the softmax over the queries",
      advice:
        "Your softmax runs over the queries. It goes along the last axis of [N, H, T, S], over the keys."
    ) { $0.attend = { Case(q: $0, k: $1, v: $2, heads: $3).result(overQueries: true) } },
  ]
}

private func wrong(
  _ name: String, advice: String, _ change: (inout ManyHeadsExercise.Answer) -> Void
) -> Mistake<ManyHeadsExercise.Answer> {
  var answer = ManyHeadsExercise.Answer(
    split: { split($0, $1) },
    join: { x in joined(x) { n, t, e in x[n, e / x.shape[3], t, e % x.shape[3]] } },
    attend: { Case(q: $0, k: $1, v: $2, heads: $3).result() })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}

/// The numbers 1, 2, 3 … in a shape, with signs that change.
private func counted(_ shape: [Int]) -> Tensor {
  let count = shape.reduce(1, *)
  let numbers = (1...count).map { (number: Int) -> Float in
    number.isMultiple(of: 3) ? -Float(number) : Float(number)
  }
  return Tensor(numbers, shape: shape)
}

private func moved(_ x: Tensor, _ shape: [Int], _ number: (Int, Int, Int, Int) -> Float) -> Tensor {
  var y = Tensor.zeros(shape)
  for n in 0..<shape[0] {
    for h in 0..<shape[1] {
      for t in 0..<shape[2] { for d in 0..<shape[3] { y[n, h, t, d] = number(n, h, t, d) } }
    }
  }
  return y
}

private func joined(_ x: Tensor, _ number: (Int, Int, Int) -> Float) -> Tensor {
  var y = Tensor.zeros([x.shape[0], x.shape[2], x.shape[1] * x.shape[3]])
  for n in 0..<y.shape[0] {
    for t in 0..<y.shape[1] { for e in 0..<y.shape[2] { y[n, t, e] = number(n, t, e) } }
  }
  return y
}

private func split(_ x: Tensor, _ heads: Int) -> Tensor {
  let width = x.shape[2] / heads
  return moved(x, [x.shape[0], heads, x.shape[1], width]) { n, h, t, d in x[n, t, h * width + d] }
}

private func expectSplit(_ x: Tensor, _ heads: Int, _ answer: ManyHeadsExercise.Answer, _ trial: Trial) throws
{
  let width = x.shape[2] / heads
  trial.expect(
    try answer.split(x, heads), equals: split(x, heads), "splitHeads(x, heads: \(heads))", given: ["x": x],
    by: { place in
      let (n, h, t, d) = (place[0], place[1], place[2], place[3])
      return
        "head \(h), place \(d) is number \(h)·\(width) + \(d) of step \(t): \(written(x[n, t, h * width + d]))"
    })
}

private func expectJoined(_ x: Tensor, _ answer: ManyHeadsExercise.Answer, _ trial: Trial) throws {
  let width = x.shape[3]
  trial.expect(
    try answer.join(x), equals: joined(x) { n, t, e in x[n, e / width, t, e % width] }, "joinHeads(x)",
    given: ["x": x],
    by: { place in
      let (n, t, e) = (place[0], place[1], place[2])
      return
        "number \(e) of a step is place \(e % width) of head \(e / width): \(written(x[n, e / width, t, e % width]))"
    })
}

/// One question about all heads, and its answer in Double with what a mistake changes.
private struct Case {
  let q, k, v: Tensor
  let heads: Int

  init(q: Tensor, k: Tensor, v: Tensor, heads: Int) {
    (self.q, self.k, self.v, self.heads) = (q, k, v, heads)
  }

  init(_ count: Int, _ queries: Int, _ keys: Int, _ heads: Int, _ width: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(
      q: inputs.normal([count, queries, heads * width]), k: inputs.normal([count, keys, heads * width]),
      v: inputs.normal([count, keys, heads * width]), heads: heads)
  }

  var width: Int { q.shape[2] / heads }
  var call: String { "manyHeads(q, k, v, heads: \(heads))" }

  /// The part of head `h` of text `n`.
  private func part(_ x: Tensor, _ n: Int, _ h: Int) -> Rows {
    (0..<x.shape[1]).map { t in (0..<width).map { Double(x[n, t, h * width + $0]) } }
  }

  func result(
    divisor: Double? = nil, sharesHead: Bool = false, sharesText: Bool = false, overQueries: Bool = false
  ) -> Tensor {
    var y = Tensor.zeros(q.shape)
    for n in 0..<q.shape[0] {
      for h in 0..<heads {
        let (text, head) = (sharesText ? 0 : n, sharesHead ? 0 : h)
        let root = (divisor ?? Double(width)).squareRoot()
        let scores = each(timesTransposed(part(q, text, head), part(k, text, head))) { $0 / root }
        let weights =
          overQueries ? transposed(transposed(scores).map { softmax($0) }) : scores.map { softmax($0) }
        for (t, row) in times(weights, part(v, n, h)).enumerated() {
          for (d, number) in row.enumerated() { y[n, t, h * width + d] = Float(number) }
        }
      }
    }
    return y
  }
}
