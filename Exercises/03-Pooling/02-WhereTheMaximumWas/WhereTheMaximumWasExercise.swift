import ExerciseKit
import Practice

public final class WhereTheMaximumWasExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ k: Int, _ s: Int) throws -> (Tensor, IntTensor)

  public init() {}

  public let title = "Where the maximum was"
  public let section = "3.1"
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["maxPoolPlaces"]
  public let solution: Answer = { x, k, s in try maxPoolPlaces(x, size: k, stride: s) }

  public func answer(of learner: Learner) -> Answer {
    { x, k, s in try learner.call("maxPoolPlaces", x, k, s) }
  }

  public let hints = [
    "In place of the largest number so far, remember the row and the column of the largest number so far. They begin at "
      + "the window's first number.",
    "Window (i, j) has the rows i · s … i · s + k − 1 and the columns j · s … j · s + k − 1. Go through it row by row; "
      + "take a new place only where x is greater (>, not ≥). At the end, the place is row · x.shape[1] + column.",
    """
    var (bestRow, bestColumn) = (i * s, j * s)
    for row in i * s..<i * s + k {
      for column in … where x[row, column] > x[…] { (bestRow, bestColumn) = (…) }
    }
    values[i, j] = …
    places.append(bestRow * … + bestColumn)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[4, 6], windows of 2, stride 2: two times [2, 3]", points: 1) { answer, trial in
      for (map, k, s) in [([4, 6], 2, 2), ([5, 3], 3, 1), ([3, 7], 2, 3)] {
        var inputs = Inputs(seed: 111)
        let (values, places) = try answer(inputs.integers(map), k, s)
        let shape = [(map[0] - k) / s + 1, (map[1] - k) / s + 1]
        let call = "maxPoolPlaces(x \(map), size: \(k), stride: \(s))"
        let by =
          "rows ⌊(\(map[0]) − \(k)) / \(s)⌋ + 1 = \(shape[0]), columns ⌊(\(map[1]) − \(k)) / \(s)⌋ + 1 = \(shape[1])"
        trial.expect(values, hasShape: shape, "\(call).values", by: by)
        trial.expect(Tensor.zeros(places.shape), hasShape: shape, "\(call).places", by: by)
      }
    },
    Check(.byHand, "two windows side by side", points: 1) { answer, trial in
      try expectPlaces(Tensor([[1, 5, -2, 3], [4, 0, 1, 8]]), 2, 2, of: answer, trial)
    },
    Check(.byHand, "numbers that are all negative", points: 1) { answer, trial in
      try expectPlaces(Tensor([[-3, -1, -4], [-2, -7, -5], [-8, -6, -9]]), 2, 1, of: answer, trial)
      try expectPlaces(Tensor([[-3e30, -1e30, -4e30], [-2e30, -7e30, -5e30]]), 2, 1, of: answer, trial)
    },
    Check(.byHand, "equal numbers: the first counts", points: 1) { answer, trial in
      try expectPlaces(Tensor([[2, 7, 7, 1], [7, 3, 1, 7]]), 2, 2, of: answer, trial)
      try expectPlaces(Tensor([[0, 0, 0], [0, 0, 0], [0, 0, 0]]), 2, 1, of: answer, trial)
    },
    Check(.property, "as the definition says, for twenty maps with many ties", points: 2) { answer, trial in
      var inputs = Inputs(seed: 113)
      for _ in 0..<20 {
        let k = inputs.integer(1...3)
        let (height, width) = (inputs.integer(k...8), inputs.integer(k...8))
        // Few different numbers, so that there are ties in most windows.
        let numbers = (0..<height * width).map { _ in Float(inputs.integer(-3...0)) }
        try expectPlaces(
          Tensor(numbers, shape: [height, width]), k, inputs.integer(1...3), of: answer, trial)
      }
      try expectPlaces(inputs.quarters([13, 17]), 5, 2, of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the last of equal numbers",
      advice: """
        Of equal numbers you take the last. Take a new place only where the number is greater: > in place \
        of ≥.
        """
    ) { x, k, s in
      search(x, k, s) { best, new in new.value >= best.value }
    },
    Mistake(
      "the first by columns",
      advice: """
        Of equal numbers you take the leftmost. Go through the window row by row: the upper row comes \
        first.
        """
    ) { x, k, s in
      search(x, k, s) { best, new in
        new.value > best.value || new.value == best.value && new.column < best.column
      }
    },
    Mistake(
      "the place is counted in the window",
      advice: "Your place is counted in the window, a · k + b. Count it in the whole input: row · W + column."
    ) { x, k, s in
      search(x, k, s) { row, column, i, j in (row - i * s) * k + column - j * s }
    },
    Mistake(
      "the height is taken for the width",
      advice: """
        You multiply the row by the height. In front of a row lie row · W numbers: multiply by x.shape[1].
        """
    ) { x, k, s in
      search(x, k, s) { row, column, _, _ in row * x.shape[0] + column }
    },
    Mistake(
      "the place counts down the columns",
      advice: "You count the places down the columns. Tensors lie row by row: the place is row · W + column."
    ) { x, k, s in
      search(x, k, s) { row, column, _, _ in column * x.shape[0] + row }
    },
    Mistake(
      "the row is multiplied by the width of the result",
      advice: """
        You multiply the row by the width of the pooled map. The place is counted in the input: row · \
        x.shape[1].
        """
    ) { x, k, s in
      search(x, k, s) { row, column, _, _ in row * ((x.shape[1] - k) / s + 1) + column }
    },
    Mistake(
      "the largest begins at 0",
      advice: """
        Your largest number begins at 0: in a window without a positive number nothing is found. Begin \
        with the window's first number.
        """
    ) { x, k, s in
      let (values, places) = search(x, k, s)
      let found = zip(values.scalars, places.scalars).map { $0 > 0 ? $1 : 0 }
      return (values.map { max($0, 0) }, IntTensor(found, shape: places.shape))
    },
    Mistake(
      "the windows go on by one place",
      advice: "Your windows begin at i and j. The stride says where they begin: at i · s and j · s."
    ) { x, k, s in
      let (values, places) = search(x, k, 1)
      let shape = [(x.shape[0] - k) / s + 1, (x.shape[1] - k) / s + 1]
      let kept = (0..<shape[0] * shape[1]).map { $0 / shape[1] * values.shape[1] + $0 % shape[1] }
      return (
        Tensor(kept.map { values.scalars[$0] }, shape: shape),
        IntTensor(kept.map { places.scalars[$0] }, shape: shape)
      )
    },
    Mistake(
      "the largest without its sign",
      advice: "You compare magnitudes. The largest of −3 and 1 is 1: compare the numbers themselves."
    ) { x, k, s in
      search(x, k, s) { best, new in abs(new.value) > abs(best.value) }
    },
    Mistake(
      "the end of the window is left out",
      advice: "You leave out each window's last row and column. A window has k of both: 0..<k."
    ) { x, k, s in
      search(x, k, s) { best, new in
        let (row, column) = (new.row - best.window.row, new.column - best.window.column)
        return row < k - 1 && column < k - 1 && new.value > best.value
      }
    },
    Mistake(
      "the place is the window's corner",
      advice:
        "Your place is where the window begins. Keep the row and the column at which the largest number stood."
    ) { x, k, s in
      search(x, k, s) { _, _, i, j in i * s * x.shape[1] + j * s }
    },
    Mistake(
      "the values are those of the corner",
      advice: """
        Your places are right, but your values are the first numbers of the windows: read x at the place \
        you found.
        """
    ) { x, k, s in
      let (values, places) = search(x, k, s)
      let corners = (0..<values.count).map { x[$0 / values.shape[1] * s, $0 % values.shape[1] * s] }
      return (Tensor(corners, shape: values.shape), places)
    },
  ]
}

private struct Found {
  var value: Float
  var row: Int
  var column: Int
  /// Where its window begins.
  var window: (row: Int, column: Int)
}

/// The best number of each window and its place, by the rule that `isBetter` says.
private func search(
  _ x: Tensor, _ k: Int, _ s: Int,
  isBetter: (_ best: Found, _ new: Found) -> Bool = { $1.value > $0.value },
  place: ((_ row: Int, _ column: Int, _ i: Int, _ j: Int) -> Int)? = nil
) -> (Tensor, IntTensor) {
  let shape = [(x.shape[0] - k) / s + 1, (x.shape[1] - k) / s + 1]
  var values: [Float] = []
  var places: [Int] = []
  for i in 0..<shape[0] {
    for j in 0..<shape[1] {
      let window = (0..<k * k).map { index in
        let (row, column) = (i * s + index / k, j * s + index % k)
        return Found(value: x[row, column], row: row, column: column, window: (i * s, j * s))
      }
      let best = window.dropFirst().reduce(window[0]) { isBetter($0, $1) ? $1 : $0 }
      values.append(best.value)
      places.append(place?(best.row, best.column, i, j) ?? best.row * x.shape[1] + best.column)
    }
  }
  return (Tensor(values, shape: shape), IntTensor(places, shape: shape))
}

private func search(
  _ x: Tensor, _ k: Int, _ s: Int, place: @escaping (_ row: Int, _ column: Int, _ i: Int, _ j: Int) -> Int
) -> (Tensor, IntTensor) {
  search(x, k, s, isBetter: { $1.value > $0.value }, place: place)
}

/// Compares values and places with the definition: the first place whose number equals the window's largest.
private func expectPlaces(
  _ x: Tensor, _ k: Int, _ s: Int, of answer: WhereTheMaximumWasExercise.Answer, _ trial: Trial
) throws {
  let shape = [(x.shape[0] - k) / s + 1, (x.shape[1] - k) / s + 1]
  func window(_ at: [Int]) -> [Int] {
    (0..<k * k).map { (at[0] * s + $0 / k) * x.shape[1] + at[1] * s + $0 % k }
  }
  let scalars = x.scalars
  let windows = (0..<shape[0] * shape[1]).map { window([$0 / shape[1], $0 % shape[1]]) }
  let largest = windows.map { places in places.map { scalars[$0] }.max()! }
  let first = zip(windows, largest).map { places, value in places.first { scalars[$0] == value }! }
  let (values, places) = try answer(x, k, s)
  let call = "maxPoolPlaces(x, size: \(k), stride: \(s))"
  func explained(_ at: [Int]) -> String {
    let place = first[at[0] * shape[1] + at[1]]
    let (row, column) = (place / x.shape[1], place % x.shape[1])
    let numbers = window(at).map { written(scalars[$0]) }.joined(separator: ", ")
    return """
      of \(numbers) the first that is largest is \(written(scalars[place])), \
      at [\(row), \(column)]: place \(row)·\(x.shape[1]) + \(column) = \(place)
      """
  }
  trial.expect(
    values, equals: Tensor(largest, shape: shape), "\(call).values", given: ["x": x], by: explained)
  trial.expect(
    places, equals: IntTensor(first, shape: shape), "\(call).places", given: ["x": x], by: explained)
}
