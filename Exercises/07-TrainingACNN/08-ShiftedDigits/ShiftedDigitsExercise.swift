import Datasets
import ExerciseKit
import Practice

public final class ShiftedDigitsExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ d: [Int], _ r: [Int]) throws -> Tensor

  public init() {}

  public let title = "Digits that were moved a little"
  public let section = "7.7"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor
  public let functions = ["shifted"]
  public let solution: Answer = { try shifted($0, down: $1, right: $2) }

  public func answer(of learner: Learner) -> Answer { { x, d, r in try learner.call("shifted", x, d, r) } }

  public let hints = [
    "Begin with zeros. Go through the places of y, and ask for each where its number comes from.",
    "y[n, c, i, j] = x[n, c, i − d[n], j − r[n]], if 0 ≤ i − d[n] < H and 0 ≤ j − r[n] < W; else it stays "
      + "0. Four loops: n, c, i, j.",
    """
    var y = Tensor.zeros(x.shape)
    for n in 0..<x.shape[0] {
      for c in 0..<x.shape[1] {
        for i in 0..<x.shape[2] {
          for j in 0..<x.shape[3] {
            let (row, column) = (i - …, j - …)
            if row >= 0, row < …, column >= 0, column < … { y[n, c, i, j] = … }
          }
        }
      }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "moved images are as large as before", points: 1) { answer, trial in
      for shape in [[1, 1, 2, 3], [3, 2, 5, 4]] {
        var inputs = Inputs(seed: 781)
        let moves = (0..<shape[0]).map { $0 - 1 }
        trial.expect(
          try answer(inputs.integers(shape), moves, moves.reversed()), hasShape: shape,
          "shifted(x \(shape), down: \(moves), right: \(Array(moves.reversed())))")
      }
    },
    Check(.byHand, "one image, right and down", points: 1) { answer, trial in
      let x = Tensor([1, 2, 3, 4, 5, 6], shape: [1, 1, 2, 3])
      try expectShifted(x, [0], [1], of: answer, trial)
      try expectShifted(x, [1], [0], of: answer, trial)
      try expectShifted(x, [0], [0], of: answer, trial)
    },
    Check(.byHand, "left and up, and both at once", points: 1) { answer, trial in
      let x = Tensor([1, 2, 3, 4, 5, 6], shape: [1, 1, 2, 3])
      try expectShifted(x, [-1], [1], of: answer, trial)
      try expectShifted(x, [0], [-2], of: answer, trial)
      try expectShifted(x, [1], [-1], of: answer, trial)
    },
    Check(.byHand, "two images of two channels, each by its own distance", points: 1) { answer, trial in
      let x = Tensor((1...16).map(Float.init), shape: [2, 2, 2, 2])
      try expectShifted(x, [1, 0], [0, -1], of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve batches", points: 1) { answer, trial in
      var inputs = Inputs(seed: 782)
      for _ in 0..<12 {
        let shape = [
          inputs.integer(1...3), inputs.integer(1...3), inputs.integer(2...8), inputs.integer(2...8),
        ]
        let x = inputs.integers(shape)
        // Sometimes further than the image is large: nothing is left then.
        let d = (0..<shape[0]).map { _ in inputs.integer(-4...4) }
        let r = (0..<shape[0]).map { _ in inputs.integer(-4...4) }
        try expectShifted(x, d, r, of: answer, trial)
      }
      try expectShifted(inputs.quarters([4, 3, 9, 13]), [6, -7, 0, 2], [-8, 3, 11, 0], of: answer, trial)
    },
    Check(.property, "four digits, moved by up to five pixels", points: 1) { answer, trial in
      let digits = ImageSet.generatedDigits(count: 4, seed: 783).batch([0, 1, 2, 3]).images
      try expectShifted(digits, [2, -5, 0, 4], [3, 1, -2, -4], of: answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the other way",
      advice: "Your images move up and to the left. What stands at i comes from i − d, not from i + d."
    ) { x, n, c, i, j, d, r in at(x, n, c, i + d, j + r) },
    wrong(
      "right and down exchanged",
      advice: "You move by r down and by d to the right. i counts rows and belongs to d; j belongs to r."
    ) { x, n, c, i, j, d, r in at(x, n, c, i - r, j - d) },
    wrong(
      "round the edge",
      advice: "What leaves your images on one side comes in on the other. It is lost, and 0 comes in."
    ) { x, n, c, i, j, d, r in
      let (h, w) = (x.shape[2], x.shape[3])
      return x[n, c, ((i - d) % h + h) % h, ((j - r) % w + w) % w]
    },
    wrong(
      "the edge is repeated",
      advice: "You fill what comes in with the pixels of the edge. Outside the image there is 0."
    ) { x, n, c, i, j, d, r in
      x[n, c, min(max(i - d, 0), x.shape[2] - 1), min(max(j - r, 0), x.shape[3] - 1)]
    },
    wrong(
      "from the end of one row into the next",
      advice: "You move all numbers of an image as one line, so what leaves a row on the right comes in on "
        + "the left of the next. Ask for the column too: it must be inside."
    ) { x, n, c, i, j, d, r in
      let place = (i - d) * x.shape[3] + j - r
      return place >= 0 && place < x.shape[2] * x.shape[3]
        ? x[n, c, place / x.shape[3], place % x.shape[3]] : 0
    },
    wrong(
      "not to the left",
      advice: "Your images do not move where a distance is below 0. Below 0 means up, or left."
    ) { x, n, c, i, j, d, r in at(x, n, c, i - max(d, 0), j - max(r, 0)) },
    wrong(
      "only to the side", advice: "Your images move to the side only. d moves them down."
    ) { x, n, c, i, j, _, r in at(x, n, c, i, j - r) },
    wrong(
      "only down", advice: "Your images move up and down only. r moves them to the right."
    ) { x, n, c, i, j, d, _ in at(x, n, c, i - d, j) },
    Mistake(
      "all by the first distance",
      advice: "You move all images by the distance of the first. Each has its own: d[n] and r[n]."
    ) { x, d, r in moved(x) { n, c, i, j in at(x, n, c, i - d[0], j - r[0]) } },
    Mistake(
      "only the first channel",
      advice: "You move one channel of each image. All channels move alike."
    ) { x, d, r in moved(x) { n, c, i, j in c == 0 ? at(x, n, c, i - d[n], j - r[n]) : x[n, c, i, j] } },
    Mistake(
      "moved within itself",
      advice: "You write into the image that you read from, so the first pixels are carried on and on. "
        + "Write into a new one."
    ) { x, d, r in
      var y = x
      for n in d.indices {
        for c in 0..<x.shape[1] {
          for i in 0..<x.shape[2] {
            for j in 0..<x.shape[3] { y[n, c, i, j] = at(y, n, c, i - d[n], j - r[n]) }
          }
        }
      }
      return y
    },
    Mistake(
      "nothing is cleared",
      advice: "Where nothing comes in, your images keep what was there. Begin with zeros, not with x."
    ) { x, d, r in
      moved(x) { n, c, i, j in
        let isInside = (0..<x.shape[2]).contains(i - d[n]) && (0..<x.shape[3]).contains(j - r[n])
        return isInside ? x[n, c, i - d[n], j - r[n]] : x[n, c, i, j]
      }
    },
  ]
}

private func wrong(
  _ name: String, advice: String,
  _ pixel:
    @escaping @Sendable (_ x: Tensor, _ n: Int, _ c: Int, _ i: Int, _ j: Int, _ d: Int, _ r: Int) ->
    Float
) -> Mistake<ShiftedDigitsExercise.Answer> {
  Mistake(name, advice: advice) { x, d, r in moved(x) { n, c, i, j in pixel(x, n, c, i, j, d[n], r[n]) } }
}

/// A pixel, or the 0 outside.
private func at(_ x: Tensor, _ n: Int, _ c: Int, _ row: Int, _ column: Int) -> Float {
  row >= 0 && row < x.shape[2] && column >= 0 && column < x.shape[3] ? x[n, c, row, column] : 0
}

/// Images as large as `x`, pixel by pixel.
private func moved(_ x: Tensor, _ pixel: (_ n: Int, _ c: Int, _ i: Int, _ j: Int) -> Float) -> Tensor {
  var scalars: [Float] = []
  for n in 0..<x.shape[0] {
    for c in 0..<x.shape[1] {
      for i in 0..<x.shape[2] { for j in 0..<x.shape[3] { scalars.append(pixel(n, c, i, j)) } }
    }
  }
  return Tensor(scalars, shape: x.shape)
}

private func expectShifted(
  _ x: Tensor, _ d: [Int], _ r: [Int], of answer: ShiftedDigitsExercise.Answer, _ trial: Trial
) throws {
  let expected = moved(x) { n, c, i, j in at(x, n, c, i - d[n], j - r[n]) }
  trial.expect(
    try answer(x, d, r), equals: expected, "shifted(x, down: \(d), right: \(r))", given: ["x": x],
    tolerance: 0,
    by: { place in
      let (n, c, i, j) = (place[0], place[1], place[2], place[3])
      let (row, column) = (i - d[n], j - r[n])
      let isInside = (0..<x.shape[2]).contains(row) && (0..<x.shape[3]).contains(column)
      return "[\(i), \(j)] comes from [\(row), \(column)]"
        + (isInside ? ": \(written(x[n, c, row, column]))" : ", which is outside: 0")
    })
}
