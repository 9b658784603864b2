import ExerciseKit
import Practice

public final class PaddedMaxPoolingExercise: Exercise {
  public typealias Answer =
    @Sendable (_ x: Tensor, _ k: [Int], _ s: [Int], _ p: [Int]) throws -> (
      Tensor, IntTensor
    )

  public init() {}

  public let title = "Max pooling with a border"
  public let section = "3.1"
  public let difficulty = 3
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["paddedMaxPool"]
  public let solution: Answer = { x, k, s, p in try paddedMaxPool(x, size: k, stride: s, padding: p) }

  public func answer(of learner: Learner) -> Answer {
    { x, k, s, p in try learner.call("paddedMaxPool", x, k, s, p) }
  }

  public let hints = [
    "Do not build a larger map. Cut the window down to what lies inside, and look for the first largest number there, "
      + "as in 3.2.",
    "Window [i, j] has its corner at row i · s[0] − p[0] and column j · s[1] − p[1]. Its rows inside the map go from "
      + "max(corner, 0) up to, not including, min(corner + k[0], H); its columns likewise with k[1] and W. The place "
      + "is row · W + column with rows and columns of the map.",
    """
    let (top, left) = (i * s[0] - p[0], …)
    var best: (row: Int, column: Int)?
    for row in max(top, 0)..<min(…, height) {
      for column in … {
        if let now = best, x[c, row, column] <= x[c, …] { continue }
        best = (row, column)
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 5, 7], k = [3, 2], s = [2, 3], p = [1, 0]: [2, 3, 2]", points: 1) { answer, trial in
      for (maps, k, s, p) in [
        ([2, 5, 7], [3, 2], [2, 3], [1, 0]), ([3, 4, 4], [2, 3], [1, 1], [0, 1]),
        ([1, 6, 3], [4, 2], [2, 1], [2, 1]),
      ] {
        var inputs = Inputs(seed: 151)
        let (values, places) = try answer(inputs.integers(maps), k, s, p)
        let shape = [maps[0]] + size(Array(maps[1...]), k, s, p)
        let call = "paddedMaxPool(x \(maps), size: \(k), stride: \(s), padding: \(p))"
        let by = """
          rows ⌊(\(maps[1]) + 2·\(p[0]) − \(k[0])) / \(s[0])⌋ + 1 = \(shape[1]), \
          columns ⌊(\(maps[2]) + 2·\(p[1]) − \(k[1])) / \(s[1])⌋ + 1 = \(shape[2])
          """
        trial.expect(values, hasShape: shape, "\(call).values", by: by)
        trial.expect(Tensor.zeros(places.shape), hasShape: shape, "\(call).places", by: by)
      }
    },
    Check(.byHand, "windows that overlap, no border", points: 1) { answer, trial in
      try expectPooled(
        Tensor([1, 3, 2, 9, 5, 4, 8, 6, 7], shape: [1, 3, 3]), [2, 2], [1, 1], [0, 0], of: answer, trial)
    },
    Check(.byHand, "a border around negative numbers", points: 1) { answer, trial in
      try expectPooled(
        Tensor([-5, -2, -3, -7, -4, -6, -9, -1, -8], shape: [1, 3, 3]), [3, 3], [2, 2], [1, 1], of: answer,
        trial)
      try expectPooled(
        Tensor([-5, -2, -3, -7, -4, -6], shape: [1, 2, 3]), [2, 2], [1, 2], [1, 0], of: answer, trial)
      try expectPooled(
        Tensor([-5e30, -2e30, -3e30, -7e30], shape: [1, 2, 2]), [2, 1], [1, 1], [1, 0], of: answer, trial)
    },
    Check(.byHand, "equal numbers: the first counts", points: 1) { answer, trial in
      try expectPooled(
        Tensor([-1, -1, -1, -1, -1, -1, -1, -1, -1], shape: [1, 3, 3]), [3, 3], [2, 2], [1, 1], of: answer,
        trial)
      try expectPooled(
        Tensor([0, 4, 4, 4, 1, 4, 2, 4, 3, 4, 4, 0], shape: [1, 3, 4]), [2, 3], [1, 1], [0, 1], of: answer,
        trial)
      let least = -Float.infinity
      try expectPooled(
        Tensor([3, least, least, 1, least, least], shape: [1, 2, 3]), [2, 2], [1, 1], [0, 0], of: answer,
        trial)
    },
    Check(.property, "as the definition says, for thirty settings with ties", points: 2) { answer, trial in
      var inputs = Inputs(seed: 153)
      for index in 0..<30 {
        let k = [inputs.integer(1...4), inputs.integer(1...4)]
        let p = k.map { inputs.integer(0...$0 / 2) }
        let s = [inputs.integer(1...3), inputs.integer(1...3)]
        let shape = [inputs.integer(1...3), inputs.integer(k[0]...7), inputs.integer(k[1]...7)]
        let most = index.isMultiple(of: 3) ? -1 : 2
        let numbers = (0..<shape.reduce(1, *)).map { _ in Float(inputs.integer(-4...most)) }
        try expectPooled(Tensor(numbers, shape: shape), k, s, p, of: answer, trial)
      }
      try expectPooled(inputs.quarters([4, 13, 17]), [5, 4], [3, 2], [2, 1], of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the border counts as 0",
      advice: """
        Your border of zeros wins over negative numbers. What lies outside takes no part: leave it out, or \
        let it be −∞.
        """
    ) { x, k, s, p in
      let (values, places) = search(x, k, s, p)
      let reaches = search(x, k, s, p, summary: { $0.count < k[0] * k[1] ? 1 : 0 }).0
      let shown = zip(values.scalars, reaches.scalars).map { $1 == 1 ? max(0, $0) : $0 }
      return (Tensor(shown, shape: values.shape), places)
    },
    Mistake(
      "the largest begins at 0",
      advice: """
        Your largest number begins at 0, so a window of negative numbers gives 0. Begin with \
        −Float.infinity.
        """
    ) { x, k, s, p in
      let (values, places) = search(x, k, s, p)
      return (values.map { max(0, $0) }, places)
    },
    Mistake(
      "a window of −∞ has no place",
      advice:
        "In a window that holds nothing but −∞, no number is greater than what your search begins with, and the "
        + "place is not set: begin with the window's first number."
    ) { x, k, s, p in
      let (values, places) = search(x, k, s, p)
      return (
        values,
        IntTensor(zip(values.scalars, places.scalars).map { $0 == -.infinity ? 0 : $1 }, shape: places.shape)
      )
    },
    Mistake(
      "the place counts the border",
      advice: """
        Your places are counted in the map with its border. Take p off the row and the column, and \
        multiply by W.
        """
    ) { x, k, s, p in
      search(x, k, s, p, place: { ($0 + p[0]) * (x.shape[2] + 2 * p[1]) + $1 + p[1] })
    },
    Mistake(
      "the place is that of the last",
      advice: """
        Of equal numbers you take the last. Take a new place only where the number is greater: > in place \
        of ≥.
        """
    ) { x, k, s, p in
      search(x, k, s, p, isBetter: { $1.value >= $0.value })
    },
    Mistake(
      "the first by columns",
      advice: """
        Of equal numbers you take the leftmost. Go through the window row by row: the upper row comes \
        first.
        """
    ) { x, k, s, p in
      search(
        x, k, s, p,
        isBetter: { $1.value > $0.value || $1.value == $0.value && $1.column < $0.column })
    },
    Mistake(
      "the place counts all channels",
      advice: """
        Your places go on from channel to channel. They are counted in each map anew: row · W + column.
        """
    ) { x, k, s, p in
      let (values, places) = search(x, k, s, p)
      let (map, size) = (values.shape[1] * values.shape[2], x.shape[1] * x.shape[2])
      return (
        values, IntTensor(places.scalars.enumerated().map { $1 + $0 / map * size }, shape: places.shape)
      )
    },
    Mistake(
      "the padding is only behind",
      advice: """
        Your first window starts on the map, not on the border before it: subtract p from row and column.
        """
    ) { x, k, s, p in
      search(x, k, s, p, corner: { i, axis in i * s[axis] })
    },
    Mistake(
      "the columns are treated as the rows",
      advice: """
        You use the first number of size, stride and padding for the columns too. Theirs is the second.
        """
    ) { x, k, s, p in
      search(x, [k[0], k[0]], s, p, corner: { i, _ in i * s[0] - p[0] }, shapeFrom: k)
    },
    Mistake(
      "the stride moves nothing",
      advice: """
        There are as many windows as the stride allows, but yours lie side by side: row i · s[0] − p[0].
        """
    ) { x, k, s, p in
      search(x, k, s, p, corner: { i, axis in i - p[axis] })
    },
  ]
}

private struct Found {
  var value: Float
  var row: Int
  var column: Int
}

private func size(_ map: [Int], _ k: [Int], _ s: [Int], _ p: [Int]) -> [Int] {
  (0..<2).map { (map[$0] + 2 * p[$0] - k[$0]) / s[$0] + 1 }
}

/// The numbers of a window that lie inside the map, row by row.
private func window(_ x: Tensor, _ c: Int, _ top: Int, _ left: Int, _ k: [Int]) -> [Found] {
  (top..<top + k[0]).filter { (0..<x.shape[1]).contains($0) }.flatMap { row in
    (left..<left + k[1]).filter { (0..<x.shape[2]).contains($0) }.map {
      Found(value: x[c, row, $0], row: row, column: $0)
    }
  }
}

/// The best number of each window and its place, by the rules that are given.
private func search(
  _ x: Tensor, _ k: [Int], _ s: [Int], _ p: [Int],
  isBetter: (_ best: Found, _ new: Found) -> Bool = { $1.value > $0.value },
  place: ((_ row: Int, _ column: Int) -> Int)? = nil, corner: ((_ i: Int, _ axis: Int) -> Int)? = nil,
  summary: (([Found]) -> Float)? = nil, shapeFrom sizes: [Int]? = nil
) -> (Tensor, IntTensor) {
  let corner = corner ?? { i, axis in i * s[axis] - p[axis] }
  let shape = [x.shape[0]] + size(Array(x.shape[1...]), sizes ?? k, s, p)
  var values: [Float] = []
  var places: [Int] = []
  for c in 0..<shape[0] {
    for i in 0..<shape[1] {
      for j in 0..<shape[2] {
        let numbers = window(x, c, corner(i, 0), corner(j, 1), k)
        let none = Found(value: -.infinity, row: 0, column: 0)
        let best = numbers.dropFirst().reduce(numbers.first ?? none) { isBetter($0, $1) ? $1 : $0 }
        values.append(summary?(numbers) ?? best.value)
        places.append(place?(best.row, best.column) ?? best.row * x.shape[2] + best.column)
      }
    }
  }
  return (Tensor(values, shape: shape), IntTensor(places, shape: shape))
}

/// Compares values and places with the definition: the first place whose number equals the window's largest.
private func expectPooled(
  _ x: Tensor, _ k: [Int], _ s: [Int], _ p: [Int], of answer: PaddedMaxPoolingExercise.Answer, _ trial: Trial
) throws {
  let shape = [x.shape[0]] + size(Array(x.shape[1...]), k, s, p)
  func best(_ at: [Int]) -> Found {
    let numbers = window(x, at[0], at[1] * s[0] - p[0], at[2] * s[1] - p[1], k)
    let largest = numbers.map(\.value).max()!
    return numbers.first { $0.value == largest }!
  }
  let all = (0..<shape.reduce(1, *)).map { index in
    best([index / (shape[1] * shape[2]), index / shape[2] % shape[1], index % shape[2]])
  }
  let (values, places) = try answer(x, k, s, p)
  let call = "paddedMaxPool(x, size: \(k), stride: \(s), padding: \(p))"
  func explained(_ at: [Int]) -> String {
    let numbers = window(x, at[0], at[1] * s[0] - p[0], at[2] * s[1] - p[1], k)
    let (found, width) = (best(at), x.shape[2])
    return """
      inside the map the window holds \(numbers.map { written($0.value) }.joined(separator: ", ")); the first that is \
      largest is \(written(found.value)) at row \(found.row), column \(found.column): place \
      \(found.row)·\(width) + \(found.column) = \(found.row * width + found.column)
      """
  }
  trial.expect(
    values, equals: Tensor(all.map(\.value), shape: shape), "\(call).values", given: ["x": x], by: explained)
  trial.expect(
    places, equals: IntTensor(all.map { $0.row * x.shape[2] + $0.column }, shape: shape), "\(call).places",
    given: ["x": x], by: explained)
}
