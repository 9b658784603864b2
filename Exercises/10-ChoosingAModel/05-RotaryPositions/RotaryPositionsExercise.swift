import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class RotaryPositionsExercise: Exercise {
  public struct Answer: Sendable {
    var waves: @Sendable (_ places: [Int], _ width: Int) throws -> Tensor
    var turn: @Sendable (_ x: Tensor, _ first: Int) throws -> Tensor
  }

  public init() {}

  public let title = "Where a step stands"
  public let section = "10.5"
  public let difficulty = 2
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["waves", "turned"]

  public let solution = Answer(
    waves: { try waves(at: $0, width: $1) }, turn: { try turned($0, from: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      waves: { try learner.call("waves", $0, $1) }, turn: { try learner.call("turned", $0, $1) })
  }

  public let hints = [
    "Both functions need the same angle, one for each place and each pair of numbers. Go through the pairs, not through the "
      + "single numbers: a pair has one angle, and gets its sine and its cosine.",
    "θ = t / 10000^(2i/D), where i counts the pairs from 0: number j belongs to pair i = ⌊j/2⌋. In `turned` both new numbers "
      + "of a pair are made of both old ones.",
    """
    for i in 0..<width / 2 {
      let angle = Double(t) / pow(10_000, Double(…) / Double(width))
      p[row, 2 * i] = Float(sin(angle))
      p[row, 2 * i + 1] = …
    }

    y[row, 2 * i] = x[row, 2 * i] * c - x[row, 2 * i + 1] * …
    y[row, 2 * i + 1] = x[row, 2 * i] * … + x[row, 2 * i + 1] * …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a row for each place, and turned rows as large as before", points: 1) { answer, trial in
      for (t, d) in [(3, 4), (1, 6), (4, 2)] {
        trial.expect(
          try answer.waves(Array(0..<t), d), hasShape: [t, d], "waves(at: \(Array(0..<t)), width: \(d))")
        var inputs = Inputs(seed: 1051)
        let x = inputs.normal([t, d])
        trial.expect(try answer.turn(x, 2), hasShape: [t, d], "turned(x, from: 2)", by: "x is \(x.shape)")
      }
    },
    Check(.byHand, "three places, six numbers", points: 1) { answer, trial in
      try expectWaves([5, 0, 12], 6, answer, trial)
      try expectWaves([3], 4, answer, trial)
    },
    Check(.byHand, "two rows of four numbers, from place 3", points: 1) { answer, trial in
      try expectTurned(Tensor([[2, 1, 2, 1], [-1, 3, 0.5, -2]]), 3, answer, trial)
      try expectTurned(Tensor([[2, 1, 2, 1]]), 3, answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1052)
      for index in 0..<10 {
        // The first three have equal shapes and other numbers.
        let (t, d) = index < 3 ? (3, 6) : (inputs.integer(1...5), 2 * inputs.integer(1...5))
        try expectWaves((0..<t).map { _ in inputs.integer(0...200) }, d, answer, trial)
        try expectTurned(inputs.normal([t, d]), inputs.integer(0...100), answer, trial)
      }
    },
    Check(.property, "moved together, a query and a key fit as before", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1053)
      for _ in 0..<3 {
        let (q, k) = (inputs.normal([1, 8]), inputs.normal([1, 8]))
        let (place, apart) = (inputs.integer(0...20), inputs.integer(1...9))
        let expected = fit(turned(q, apart), turned(k, 0))
        trial.expect(
          fit(try answer.turn(q, place + apart), try answer.turn(k, place)), equals: expected,
          "the product of a query at place \(place + apart) and a key at place \(place)",
          given: ["q": q, "k": k], tolerance: 1e-3,
          by: { _ in "the same as of places \(apart) and 0: \(written(expected[0]))" })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongWaves(
      "sine and cosine exchanged",
      advice: "Your even numbers are cosines. Number 2i is the sine, number 2i + 1 the cosine."
    ) { t, j, d in j % 2 == 0 ? cos(angle(t, j / 2, d)) : sin(angle(t, j / 2, d)) },
    wrongWaves(
      "all sines first",
      advice:
        "Your row has all sines, then all cosines. Here the sine and the cosine of a pair stand side by side."
    ) { t, j, d in j < d / 2 ? sin(angle(t, j, d)) : cos(angle(t, j - d / 2, d)) },
    wrongWaves(
      "a wavelength for every number",
      advice:
        "Your exponent is j/D for number j. The two numbers of a pair share one angle: 2i/D with i = ⌊j/2⌋."
    ) { t, j, d in
      let angle = Double(t) / pow(10_000, Double(j) / Double(d))
      return j % 2 == 0 ? sin(angle) : cos(angle)
    },
    wrongWaves(
      "the exponent without the 2",
      advice: "Your exponent is i/D. It is 2i/D: the last pair comes close to 10000."
    ) { t, j, d in
      let angle = Double(t) / pow(10_000, Double(j / 2) / Double(d))
      return j % 2 == 0 ? sin(angle) : cos(angle)
    },
    wrongWaves(
      "places counted from 1",
      advice: "Your waves are those of place t + 1. Take the places as they are given."
    ) { t, j, d in wave(t + 1, j, d) },
    wrongWaves(
      "multiplied by the power",
      advice: "You multiply the place by 10000^(2i/D). Divide: later pairs turn more slowly."
    ) { t, j, d in
      let angle = Double(t) * pow(10_000, Double(2 * (j / 2)) / Double(d))
      return j % 2 == 0 ? sin(angle) : cos(angle)
    },
    Mistake(
      "the places are not looked at",
      advice: "Your rows are the places 0, 1, 2 … Row r is that of the place places[r].",
      answer: .init(
        waves: { places, width in table(Array(places.indices), width, wave) }, turn: { turned($0, $1) })),
    wrongTurn(
      "turned the other way",
      advice:
        "You turn the other way round. It is y_{2i} = x_{2i} cos θ − x_{2i+1} sin θ, with the minus there."
    ) { turned($0, $1, sign: -1) },
    wrongTurn(
      "from place 0",
      advice: "Your first row stands at place 0. It stands at `first`, and row r at first + r."
    ) { x, _ in turned(x, 0) },
    wrongTurn(
      "all rows by one angle",
      advice: "You turn all rows by the angle of the first. Row r stands at place first + r."
    ) { turned($0, $1, counts: false) },
    wrongTurn(
      "all pairs by one angle",
      advice:
        "You turn all pairs by t. Pair i turns by t / 10000^(2i/D), each more slowly than the one before."
    ) { turned($0, $1, slows: false) },
    wrongTurn(
      "halves instead of neighbours",
      advice: "Your pairs are number i and number i + D/2. Here a pair is two neighbours: 2i and 2i + 1."
    ) { turned($0, $1, takesHalves: true) },
    wrongTurn(
      "the second number from the new first",
      advice:
        "You make y_{2i+1} from the new y_{2i}. Both are made of the old x_{2i} and x_{2i+1}: keep them first."
    ) { turned($0, $1, usesNew: true) },
    wrongTurn(
      "the waves are added",
      advice: "You add waves to the numbers. Rotary positions turn each pair, which keeps its length."
    ) { x, first in
      x + table((0..<x.shape[0]).map { first + $0 }, x.shape[1], wave)
    },
  ]
}

private func angle(_ t: Int, _ i: Int, _ width: Int) -> Double {
  Double(t) / pow(10_000, Double(2 * i) / Double(width))
}

private func wave(_ t: Int, _ j: Int, _ width: Int) -> Double {
  j % 2 == 0 ? sin(angle(t, j / 2, width)) : cos(angle(t, j / 2, width))
}

private func table(_ places: [Int], _ width: Int, _ number: (Int, Int, Int) -> Double) -> Tensor {
  tensor(places.map { t in (0..<width).map { number(t, $0, width) } })
}

private func turned(
  _ x: Tensor, _ first: Int, sign: Double = 1, counts: Bool = true, slows: Bool = true,
  takesHalves: Bool = false, usesNew: Bool = false
) -> Tensor {
  let width = x.shape[1]
  var y = rows(x)
  for row in y.indices {
    for i in 0..<width / 2 {
      let angle = sign * angle(first + (counts ? row : 0), slows ? i : 0, width)
      let (a, b) = takesHalves ? (i, i + width / 2) : (2 * i, 2 * i + 1)
      let (p, q) = (y[row][a], y[row][b])
      y[row][a] = p * cos(angle) - q * sin(angle)
      y[row][b] = (usesNew ? y[row][a] : p) * sin(angle) + q * cos(angle)
    }
  }
  return tensor(y)
}

/// The product of two rows as a list of one number; not a number where the rows are not as long as each other.
private func fit(_ q: Tensor, _ k: Tensor) -> Tensor {
  Tensor([q.shape == k.shape ? Float(dot(q.scalars.map(Double.init), k.scalars.map(Double.init))) : .nan])
}

private func wrongWaves(
  _ name: String, advice: String, _ number: @escaping @Sendable (_ t: Int, _ j: Int, _ width: Int) -> Double
) -> Mistake<RotaryPositionsExercise.Answer> {
  Mistake(
    name, advice: advice, answer: .init(waves: { table($0, $1, number) }, turn: { turned($0, $1) }))
}

private func wrongTurn(
  _ name: String, advice: String, _ turn: @escaping @Sendable (_ x: Tensor, _ first: Int) -> Tensor
) -> Mistake<RotaryPositionsExercise.Answer> {
  Mistake(name, advice: advice, answer: .init(waves: { table($0, $1, wave) }, turn: turn))
}

private func expectWaves(
  _ places: [Int], _ width: Int, _ answer: RotaryPositionsExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.waves(places, width), equals: table(places, width, wave),
    "waves(at: \(places), width: \(width))", tolerance: 2e-4,
    by: { place in
      let (t, j) = (places[place[0]], place[1])
      return """
        number \(j) belongs to pair \(j / 2): \(j % 2 == 0 ? "sin" : "cos") of \(t) / 10000^(\(2 * (j / 2))/\(width)) = \
        \(angle(t, j / 2, width).shortText) is \(wave(t, j, width).shortText)
        """
    })
}

private func expectTurned(
  _ x: Tensor, _ first: Int, _ answer: RotaryPositionsExercise.Answer, _ trial: Trial
) throws {
  let width = x.shape[1]
  let expected = turned(x, first)
  trial.expect(
    try answer.turn(x, first), equals: expected, "turned(x, from: \(first))", given: ["x": x],
    tolerance: 2e-4,
    by: { place in
      let (row, i) = (place[0], place[1] / 2)
      let angle = angle(first + row, i, width)
      let (c, s) = (Float(cos(angle)), Float(sin(angle)))
      let (a, b) = (x[row, 2 * i], x[row, 2 * i + 1])
      let products =
        place[1] % 2 == 0 ? sumOfProducts([(a, c), (-b, s)]) : sumOfProducts([(a, s), (b, c)])
      return """
        row \(row) stands at place \(first + row), pair \(i) turns by \(angle.shortText), with cosine \(written(c)) and \
        sine \(written(s)): \(products)
        """
    })
}
