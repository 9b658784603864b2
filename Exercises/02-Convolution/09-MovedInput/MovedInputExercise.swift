import ExerciseKit
import Practice

public final class MovedInputExercise: Exercise {
  public struct Answer: Sendable {
    let moved: @Sendable (_ x: [Float], _ t: Int) throws -> [Float]
    let gap: @Sendable (_ x: [Float], _ w: [Float], _ s: Int, _ t: Int) throws -> Float
  }

  public init() {}

  public let title = "What moves in, moves out"
  public let section = "2.9"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["moved", "moveGap"]
  public let solution = Answer(moved: moved, gap: moveGap)

  public func answer(of learner: Learner) -> Answer {
    Answer(
      moved: { x, t in try learner.call("moved", x, t) },
      gap: { x, w, s, t in try learner.call("moveGap", x, w, s, t) })
  }

  public let hints = [
    "Make both maps: of x, and of moved(x, by: t). Then lay one over the other, moved back by as many places as the map "
      + "should have moved, and look for the largest difference.",
    "Number i of the moved input is x[i − t], or 0 for i < t. In the maps, compare y′[i] with y[i − t / s] for i from "
      + "(t + s − 1) / s on, up to the end; / of whole numbers rounds down. Take abs, and start the largest at 0.",
    """
    func map(_ input: [Float]) -> [Float] { … }          // 2.1 with a stride: (N − K) / s + 1 numbers
    let (before, after) = (map(x), map(try moved(x, by: t)))
    var gap: Float = 0
    var i = (t + s - 1) / s
    while i < after.count { gap = max(gap, abs(after[i] - before[…])); i += 1 }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "[1, 2, 4, 7] moved by 1 is [0, 1, 2, 4]", points: 1) { answer, trial in
      for (x, t) in [([1, 2, 4, 7], 1), ([3, -1, 5, 2, 6], 2), ([2, 3], 0), ([4, 5, 6], 3)]
        as [([Float], Int)]
      {
        trial.expect(
          try answer.moved(x, t), equals: shifted(x, t), "moved(x, by: \(t))", given: ["x": x],
          by: { at in
            at[0] < t
              ? "0 comes in for i < \(t): 0" : "x[\(at[0]) − \(t)] = \(written(x[at[0] - t]))"
          })
      }
    },
    Check(.byHand, "stride 2: no gap when moved by 2, a gap when moved by 1", points: 1) { answer, trial in
      try expectGap([1, 2, 4, 7, 3], [-1, 1], 2, 2, of: answer, trial)
      try expectGap([1, 2, 4, 7, 3], [-1, 1], 2, 1, of: answer, trial)
      try expectGap([5, 1, 4, 2, 8, 3, 9], [1, 2], 3, 2, of: answer, trial)
    },
    Check(.byHand, "moved so far that nothing is left to compare", points: 1) { answer, trial in
      try expectGap([1, 2, 4, 7], [1, 1], 1, 3, of: answer, trial)
      try expectGap([1, 2, 4, 7, 5], [2, 1], 2, 5, of: answer, trial)
    },
    Check(.property, "stride 1 has no gap, for ten inputs and all movements", points: 1) { answer, trial in
      var inputs = Inputs(seed: 91)
      for _ in 0..<10 {
        let n = inputs.integer(3...9)
        let (x, w) = (inputs.integers(n), inputs.integers(inputs.integer(1...3)))
        for t in 0...n { try expectGap(x, w, 1, t, of: answer, trial) }
      }
    },
    Check(.property, "as the definition says, with strides of 2 to 4", points: 1) { answer, trial in
      var inputs = Inputs(seed: 93)
      for _ in 0..<15 {
        let n = inputs.integer(5...14)
        let (x, w) = (inputs.integers(n), inputs.integers(inputs.integer(1...4)))
        let s = inputs.integer(2...4)
        for t in 0...6 where t <= n { try expectGap(x, w, s, t, of: answer, trial) }
      }
      let (x, w) = (inputs.quarters(31), inputs.quarters(7))
      for t in 0...31 {
        trial.expect(try answer.moved(x, t), equals: shifted(x, t), "moved(x, by: \(t))", given: ["x": x])
        try expectGap(x, w, 3, t, of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongMove(
      "moved to the left",
      advice: """
        You moved x to the left. To the right means that x₀ is found at place t.
        """
    ) {
      x, t in x.indices.map { $0 + t < x.count ? x[$0 + t] : 0 }
    },
    wrongMove(
      "what leaves comes back",
      advice: "What leaves x on the right comes back on the left. Here it is lost, and zeros come in."
    ) { x, t in
      x.indices.map { x[($0 - t + x.count) % x.count] }
    },
    wrongMove(
      "the first number is repeated",
      advice: "Where x has moved away you repeat its first number. Zeros come in there."
    ) { x, t in
      x.indices.map { x[max($0 - t, 0)] }
    },
    wrongGap(
      "the map is not moved",
      advice: """
        You compare y′ᵢ with yᵢ. The map should have moved along: compare with the number u places before.
        """
    ) { before, after, s, t in
      largest(((t + s - 1) / s)..<after.count) { abs(after[$0] - before[$0]) }
    },
    wrongGap(
      "the map is moved as far as the input",
      advice: "You move the map by t. One place of the map is s places of the input: move it by ⌊t / s⌋."
    ) { before, after, s, t in
      largest(((t + s - 1) / s)..<after.count) { $0 >= t ? abs(after[$0] - before[$0 - t]) : 0 }
    },
    wrongGap(
      "the sign is kept",
      advice: """
        You look for the largest difference with its sign. A number that is too small is a gap as well: \
        use abs.
        """
    ) { before, after, s, t in
      largest(((t + s - 1) / s)..<after.count) { after[$0] - before[$0 - t / s] }
    },
    wrongGap(
      "the incoming zeros are compared too",
      advice: """
        You start before ⌈t / s⌉, where windows still see zeros that came in. Those have nothing to be compared with.
        """
    ) { before, after, s, t in
      largest((t / s)..<after.count) { abs(after[$0] - before[$0 - t / s]) }
    },
    wrongMove(
      "moved by one whatever t is",
      advice: "Your input moves by one place. It moves by t: x′ᵢ = xᵢ₋ₜ."
    ) { x, t in
      t == 0 ? x : shifted(x, 1)
    },
    wrongMap(
      "the kernel goes on by one place",
      advice: """
        Your map has stride 1: window i begins at place i. It begins at i · s, and the map has ⌊(N − K) / s⌋ + 1 numbers.
        """
    ) { x, w, s in
      Array(map(x, w, 1).prefix(map(x, w, s).count))
    },
    wrongMap(
      "the kernel is turned round",
      advice:
        "You lay the kernel's last number on the first of the window. Here the first is on the first: wₐ x_{i s + a}."
    ) { x, w, s in
      map(x, w.reversed(), s)
    },
    wrongGap(
      "the map is moved too far",
      advice: """
        You round t / s up for u as well. Only the first i is rounded up; the map has moved by ⌊t / s⌋ whole places.
        """
    ) { before, after, s, t in
      let u = (t + s - 1) / s
      return largest(u..<after.count) { abs(after[$0] - before[$0 - u]) }
    },
    wrongGap(
      "the gaps are added", advice: "You add all differences. The gap is the largest of them."
    ) { before, after, s, t in
      (0..<after.count).reduce(Float(0)) { sum, i in
        i >= (t + s - 1) / s ? sum + abs(after[i] - before[i - t / s]) : sum
      }
    },
  ]
}

private func shifted(_ x: [Float], _ t: Int) -> [Float] {
  Array((Array(repeating: 0, count: t) + x).prefix(x.count))
}

private func map(_ x: [Float], _ w: [Float], _ s: Int) -> [Float] {
  Swift.stride(from: 0, through: x.count - w.count, by: s).map { first in
    zip(w, x[first...]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
  }
}

/// The largest of some numbers and 0; the range may be upside down.
private func largest(_ places: @autoclosure () -> Range<Int>, _ number: (Int) -> Float) -> Float {
  places().reduce(Float(0)) { max($0, number($1)) }
}

private func wrongMove(
  _ name: String, advice: String, _ move: @escaping @Sendable (_ x: [Float], _ t: Int) -> [Float]
) -> Mistake<MovedInputExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(
      moved: move,
      gap: { x, w, s, t in gap(map(x, w, s), map(move(x, t), w, s), s, t) }))
}

private func wrongGap(
  _ name: String, advice: String,
  _ gap: @escaping @Sendable (_ before: [Float], _ after: [Float], _ s: Int, _ t: Int) -> Float
) -> Mistake<MovedInputExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(
      moved: shifted,
      gap: { x, w, s, t in
        let (before, after) = (map(x, w, s), map(shifted(x, t), w, s))
        return (t + s - 1) / s < after.count ? gap(before, after, s, t) : 0
      }))
}

private func wrongMap(
  _ name: String, advice: String,
  _ map: @escaping @Sendable (_ x: [Float], _ w: [Float], _ s: Int) -> [Float]
) -> Mistake<MovedInputExercise.Answer> {
  Mistake(
    name, advice: advice,
    answer: .init(moved: shifted, gap: { x, w, s, t in gap(map(x, w, s), map(shifted(x, t), w, s), s, t) }))
}

private func gap(_ before: [Float], _ after: [Float], _ s: Int, _ t: Int) -> Float {
  after.indices.filter { $0 * s >= t }.map { abs(after[$0] - before[$0 - t / s]) }.max() ?? 0
}

private func expectGap(
  _ x: [Float], _ w: [Float], _ s: Int, _ t: Int, of answer: MovedInputExercise.Answer, _ trial: Trial
) throws {
  let (before, after) = (map(x, w, s), map(shifted(x, t), w, s))
  let expected = gap(before, after, s, t)
  func list(_ numbers: [Float]) -> String { "[" + numbers.map(written).joined(separator: ", ") + "]" }
  trial.expect(
    try answer.gap(x, w, s, t), equals: expected, "moveGap(x, w, stride: \(s), movedBy: \(t))",
    given: ["x": x, "w": w],
    by: { _ in
      let first = (t + s - 1) / s
      return first < after.count
        ? "y = \(list(before)), y′ = \(list(after)), u = \(t / s), i from \(first) on: the gap is \(written(expected))"
        : "y′ has \(after.count) numbers and i starts at \(first): none is left, so the gap is 0"
    })
}
