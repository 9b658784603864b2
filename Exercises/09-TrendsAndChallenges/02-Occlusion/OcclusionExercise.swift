import ExerciseKit
import Practice

public final class OcclusionExercise: Exercise {
  public typealias Copies = @Sendable (_ x: Tensor, _ k: Int, _ s: Int, _ fill: Float) throws -> Tensor
  public typealias Map =
    @Sendable (_ scores: [Float], _ whole: Float, _ height: Int, _ width: Int, _ k: Int, _ s: Int) throws ->
    Tensor

  public struct Answer: Sendable {
    var copies: Copies = { x, k, s, fill in
      Windows(x.shape, k, s).copies(of: x) { _, inside in
        inside ? fill : nil
      }
    }
    var map: Map = { scores, whole, height, width, k, s in
      Windows([height, width], k, s).map(scores, whole)
    }
  }

  public init() {}

  public let title = "A map by covering"
  public let section = "9.2"
  public let difficulty = 3
  public let minutes = 30
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["coveredCopies", "occlusionMap"]

  public let solution = Answer(
    copies: { try coveredCopies($0, size: $1, stride: $2, fill: $3) },
    map: { try occlusionMap($0, whole: $1, height: $2, width: $3, size: $4, stride: $5) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      copies: { try learner.call("coveredCopies", $0, $1, $2, $3) },
      map: { try learner.call("occlusionMap", $0, $1, $2, $3, $4, $5) })
  }

  public let hints = [
    "Both functions walk over the same windows in the same order. For the map keep two tables, the sum of the falls and the "
      + "number of windows at each pixel, and divide at the end.",
    "Windows begin in the rows 0, s, 2s … up to H − k and in the columns 0, s, 2s … up to W − k. Copy r has the fill in its "
      + "k × k pixels. For the map, each of these pixels gets whole − scores[r] in the sum and 1 in the count.",
    """
    for top in stride(from: 0, through: height - k, by: s) {
      for left in stride(from: 0, through: …, by: s) {
        var copy = x
        for i in top..<top + k { for j in left..<… { copy[i, j] = … } }
        …
      }
    }

    sums[i, j] += whole - scores[copy]
    windows[i, j] += 1
    …
    return sums / windows.map { max($0, …) }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many copies as windows, and a map of the pixels", points: 1) { answer, trial in
      for (height, width, k, s) in [(2, 4, 2, 1), (5, 7, 3, 2), (6, 4, 1, 3)] {
        let windows = Windows([height, width], k, s)
        var inputs = Inputs(seed: 921)
        trial.expect(
          try answer.copies(inputs.integers([height, width]), k, s, 0),
          hasShape: [windows.count, height, width], "coveredCopies(x, size: \(k), stride: \(s), fill: 0)",
          by: "x is [\(height), \(width)]: \(windows.rows.count) · \(windows.columns.count) windows")
        trial.expect(
          try answer.map(inputs.integers(windows.count), 2, height, width, k, s), hasShape: [height, width],
          "occlusionMap(\(windows.count) scores, whole: 2, height: \(height), width: \(width), size: \(k), "
            + "stride: \(s))")
      }
    },
    Check(.byHand, "copies: 2 × 4 with windows of 2, and 4 × 5 by strides of 2", points: 1) {
      answer, trial in
      try expectCopies(Tensor([[1, 2, 3, 4], [5, 6, 7, 8]]), 2, 1, 9, answer, trial)
      try expectCopies(Tensor([[-4, 0, 2, 1], [3, -7, 5, 6]]), 2, 1, -1, answer, trial)
      try expectCopies(
        Tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 1], [2, 3, 4, 5, 6], [7, 8, 9, 1, 2]]), 2, 2, -3, answer, trial)
      try expectCopies(
        Tensor([[1, 2, 3, 4, 5], [6, 7, 8, 9, 1], [2, 3, 4, 5, 6], [7, 8, 9, 1, 2]]), 1, 3, 0.5, answer, trial
      )
    },
    Check(.byHand, "the map of three scores, and pixels that no window has covered", points: 1) {
      answer, trial in
      try expectMap([7, 10, 4], 10, 2, 4, 2, 1, answer, trial)
      try expectMap([3, -1, 6], 5, 2, 4, 2, 1, answer, trial)
      try expectMap([1, 5, -2, 3], 4, 4, 5, 2, 2, answer, trial)
      try expectMap([1, 5, -2, 3, 6, 0], 4, 3, 4, 2, 1, answer, trial)
      try expectMap([-1, 2, 8], 3, 1, 9, 1, 4, answer, trial)
    },
    Check(.property, "as the rules say, for twenty images", points: 2) { answer, trial in
      var inputs = Inputs(seed: 922)
      for _ in 0..<20 {
        let k = inputs.integer(1...3)
        let (height, width) = (inputs.integer(k...7), inputs.integer(k...8))
        let s = inputs.integer(1...4)
        try expectCopies(
          inputs.quarters([height, width]), k, s, inputs.quarters(1)[0], answer, trial)
        let count = Windows([height, width], k, s).count
        try expectMap(
          inputs.quarters(count), inputs.quarters(1)[0], height, width, k, s, answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrongCopies(
      "covered with 0", advice: "You cover with 0. The windows get the fill that is given."
    ) { x, windows, _ in windows.copies(of: x) { _, inside in inside ? 0 : nil } },
    wrongCopies(
      "all but the window is covered",
      advice: "You cover everything outside of the window. The window itself is covered."
    ) { x, windows, fill in windows.copies(of: x) { _, inside in inside ? nil : fill } },
    wrongCopies(
      "windows stay covered",
      advice: "Your copies keep the windows of those before. Each begins with the image as it was."
    ) { x, windows, fill in
      var seen = Set<Int>()
      return windows.copies(of: x) { pixel, inside in
        if inside { seen.insert(pixel) }
        return seen.contains(pixel) ? fill : nil
      }
    },
    wrongCopies(
      "column by column", advice: "Your windows go down the columns. They go along the rows."
    ) { x, windows, fill in
      var turned = windows
      turned.isColumnFirst = true
      return turned.copies(of: x) { _, inside in inside ? fill : nil }
    },
    wrongCopies(
      "the window moves by one pixel",
      advice: "Your window moves by one pixel from copy to copy. It moves by s."
    ) { x, windows, fill in
      var slow = windows
      (slow.rows, slow.columns) = (Array(windows.rows.indices), Array(windows.columns.indices))
      return slow.copies(of: x) { _, inside in inside ? fill : nil }
    },
    wrongCopies(
      "the fill is added", advice: "You add the fill to the pixels. It takes their place."
    ) { x, windows, fill in
      windows.copies(of: x) { pixel, inside in inside ? x.scalars[pixel] + fill : nil }
    },
    wrongMap(
      "the sign is exchanged",
      advice: "You have score of the copy − score of the whole. A fall counts as positive."
    ) { mean($0.map { -$0 }) },
    wrongMap("sums, not means", advice: "You add up the falls. Divide by the number of windows at the pixel.")
    { $0.reduce(0, +) },
    wrongMap("the largest fall", advice: "You take the largest fall at each pixel. Take the mean of them.") {
      $0.max() ?? 0
    },
    wrongMap("the last window decides", advice: "A later window overwrites what one before has found.") {
      $0.last ?? 0
    },
    Mistake(
      "divided by all windows",
      advice: "You divide by the number of all windows. Divide by those that covered the pixel.",
      answer: .init(map: { scores, whole, height, width, k, s in
        Windows([height, width], k, s).map(scores, whole) { $0.reduce(0, +) / Float(scores.count) }
      })),
    Mistake(
      "0 divided by 0",
      advice: "Where no window has been, your map is not a number: you divide 0 by 0. It is to be 0 there.",
      answer: .init(map: { scores, whole, height, width, k, s in
        Windows([height, width], k, s).map(scores, whole) { $0.isEmpty ? .nan : mean($0) }
      })),
    Mistake(
      "only the corner of a window",
      advice: "You write the fall into the first pixel of its window. All k × k pixels were covered.",
      answer: .init(map: { scores, whole, height, width, k, s in
        var corners = Windows([height, width], k, s)
        corners.size = 1
        return corners.map(scores, whole)
      })),
  ]
}

private func wrongCopies(
  _ name: String, advice: String, _ copies: @escaping @Sendable (Tensor, Windows, Float) -> Tensor
) -> Mistake<OcclusionExercise.Answer> {
  Mistake(
    name, advice: advice, answer: .init(copies: { copies($0, Windows($0.shape, $1, $2), $3) }))
}

private func wrongMap(_ name: String, advice: String, _ number: @escaping @Sendable ([Float]) -> Float)
  -> Mistake<OcclusionExercise.Answer>
{
  Mistake(
    name, advice: advice,
    answer: .init(map: { scores, whole, height, width, k, s in
      Windows([height, width], k, s).map(scores, whole, number)
    }))
}

private func mean(_ falls: [Float]) -> Float {
  falls.isEmpty ? 0 : falls.reduce(0, +) / Float(falls.count)
}

/// Where the windows begin.
private struct Windows {
  let height, width: Int
  var size: Int
  var rows, columns: [Int]
  var isColumnFirst = false

  init(_ shape: [Int], _ k: Int, _ s: Int) {
    (height, width, size) = (shape[0], shape[1], k)
    rows = (0...(height - k) / s).map { $0 * s }
    columns = (0...(width - k) / s).map { $0 * s }
  }

  var count: Int { rows.count * columns.count }

  /// Where window `r` begins.
  func begin(_ r: Int) -> (top: Int, left: Int) {
    isColumnFirst
      ? (rows[r % rows.count], columns[r / rows.count])
      : (rows[r / columns.count], columns[r % columns.count])
  }

  func covers(_ r: Int, _ pixel: Int) -> Bool {
    let (top, left) = begin(r)
    return (top..<top + size).contains(pixel / width) && (left..<left + size).contains(pixel % width)
  }

  /// - Parameter fill: What a pixel becomes; nil where it stays.
  func copies(of x: Tensor, _ fill: (_ pixel: Int, _ isInside: Bool) -> Float?) -> Tensor {
    let pixels = (0..<count).flatMap { r in
      (0..<x.count).map { fill($0, covers(r, $0)) ?? x.scalars[$0] }
    }
    return Tensor(pixels, shape: [count, height, width])
  }

  /// - Parameter number: What the falls at a pixel become.
  func map(_ scores: [Float], _ whole: Float, _ number: ([Float]) -> Float = mean) -> Tensor {
    let pixels = (0..<height * width).map { pixel in
      number((0..<count).filter { covers($0, pixel) }.map { whole - scores[$0] })
    }
    return Tensor(pixels, shape: [height, width])
  }
}

private func expectCopies(
  _ x: Tensor, _ k: Int, _ s: Int, _ fill: Float, _ answer: OcclusionExercise.Answer, _ trial: Trial
) throws {
  let windows = Windows(x.shape, k, s)
  trial.expect(
    try answer.copies(x, k, s, fill), equals: windows.copies(of: x) { _, inside in inside ? fill : nil },
    "coveredCopies(x, size: \(k), stride: \(s), fill: \(written(fill)))", given: ["x": x],
    by: { place in
      let (top, left) = windows.begin(place[0])
      return "window \(place[0]) covers rows \(top) … \(top + k - 1), columns \(left) … \(left + k - 1)"
    })
}

private func expectMap(
  _ scores: [Float], _ whole: Float, _ height: Int, _ width: Int, _ k: Int, _ s: Int,
  _ answer: OcclusionExercise.Answer, _ trial: Trial
) throws {
  let windows = Windows([height, width], k, s)
  trial.expect(
    try answer.map(scores, whole, height, width, k, s), equals: windows.map(scores, whole),
    "occlusionMap(scores, whole: \(written(whole)), height: \(height), width: \(width), size: \(k), "
      + "stride: \(s))", given: ["scores": scores],
    by: { place in
      let covering = (0..<windows.count).filter { windows.covers($0, place[0] * width + place[1]) }
      let falls = covering.map { "\(written(whole)) − \(written(scores[$0]))" }
      return covering.isEmpty
        ? "no window covers this pixel"
        : "the mean over windows \(covering.map(String.init).joined(separator: ", ")): "
          + falls.joined(separator: ", ")
    })
}
