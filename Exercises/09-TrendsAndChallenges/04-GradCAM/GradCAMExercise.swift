import ExerciseKit
import Practice

public final class GradCAMExercise: Exercise {
  public typealias Answer = @Sendable (_ a: Tensor, _ gradient: Tensor, _ r: Int) throws -> Tensor

  public init() {}

  public let title = "Grad-CAM"
  public let section = "9.4"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.mean"])
  public let functions = ["gradCAM"]
  public let solution: Answer = { try gradCAM($0, gradient: $1, enlargedBy: $2) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("gradCAM", $0, $1, $2) } }

  public let hints = [
    "Three steps, one after the other: a weight for each map, one map of all maps, and the same map larger. The weight is a mean "
      + "of the gradient; the maps themselves do not come into it.",
    "w_k is the sum of the gradient's map k divided by H·W. L is the sum over k of w_k times map k, and 0 where that is negative. "
      + "Place [i, j] of the large map shows L[i/r, j/r], whole numbers divided.",
    """
    for k in 0..<channels {
      let weight = gradient.row(k).scalars.reduce(0, +) / Float(…)
      sum += weight * a.row(k)
    }
    for i in 0..<r * height {
      for j in 0..<r * width { enlarged[i, j] = max(0, sum[…, …]) }
    }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "r times as high and as wide as the maps", points: 1) { answer, trial in
      for (shape, r) in [([3, 2, 4], 3), ([1, 5, 1], 1), ([2, 1, 3], 2)] {
        var inputs = Inputs(seed: 941)
        trial.expect(
          try answer(inputs.integers(shape), inputs.integers(shape), r),
          hasShape: [r * shape[1], r * shape[2]], "gradCAM(a, gradient: …, enlargedBy: \(r))",
          by: "a is \(shape)")
      }
    },
    Check(.byHand, "two maps of 1 × 3, enlarged twice", points: 1) { answer, trial in
      try expect(
        Maps(a: [[1, 2, 0], [4, 1, 2]], gradient: [[3, 0, 6], [-1, -4, 2]], [2, 1, 3]), 2, answer, trial)
      try expect(
        Maps(a: [[5, 2, 3], [1, 1, 4]], gradient: [[-3, 6, 6], [-5, 2, -3]], [2, 1, 3]), 2, answer, trial)
    },
    Check(.byHand, "three maps of 2 × 3, as they are and enlarged three times", points: 1) { answer, trial in
      let maps = Maps(
        a: [[1, 0, 2, 3, -1, 4], [2, 5, 0, 1, 1, 3], [0, 1, 6, 2, -3, 1]],
        gradient: [[2, 4, -1, 3, 0, 4], [-1, -2, 0, -4, 1, 0], [1, 1, -5, 2, 1, 3]], [3, 2, 3])
      try expect(maps, 1, answer, trial)
      try expect(maps, 3, answer, trial)
    },
    Check(.property, "as the formulas say, for twelve sets of maps", points: 1) { answer, trial in
      var inputs = Inputs(seed: 942)
      for _ in 0..<12 {
        let shape = [inputs.integer(1...4), inputs.integer(1...4), inputs.integer(1...4)]
        try expect(
          Maps(a: inputs.normal(shape), gradient: inputs.normal(shape)), inputs.integer(1...4), answer, trial)
      }
    },
    Check(.property, "after global average pooling it is CAM, divided by H·W", points: 1) { answer, trial in
      // s = Σ_k v_k · mean of A_k, so the gradient is v_k/(H·W) at every place.
      var inputs = Inputs(seed: 943)
      for (height, width) in [(2, 4), (4, 4), (8, 2)] {
        let (a, weights) = (inputs.integers([3, height, width]), inputs.integers(3))
        let places = height * width
        let gradient = Tensor(
          weights.flatMap { [Float](repeating: $0 / Float(places), count: places) },
          shape: [3, height, width])
        let cam = (0..<places).map { p in
          max(0, (0..<3).reduce(0) { $0 + weights[$1] * a.scalars[$1 * places + p] }) / Float(places)
        }
        trial.expect(
          try answer(a, gradient, 1), equals: Tensor(cam, shape: [height, width]),
          "gradCAM(a, gradient: weight/\(places) everywhere, enlargedBy: 1)",
          given: ["a": a, "weights": Tensor(weights)], tolerance: 1e-5)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("sums for weights", advice: "Your weights are sums of the gradient. Divide by the places, H·W.") {
      $0.map(weights: $0.weights.map { [places = $0.places] in $0 * Float(places) })
    },
    wrong(
      "each place has its own weight",
      advice:
        "You multiply the maps by the gradient place by place. Grad-CAM has one weight for a whole map: the mean."
    ) { maps in
      maps.summed { k, p in maps.gradient[k][p] * maps.a[k][p] }.map { max(0, $0) }
    },
    wrong(
      "what argues against is kept", advice: "Your map has negative numbers. Only what is above 0 is kept."
    ) { maps in maps.summed { k, p in maps.weights[k] * maps.a[k][p] } },
    wrong(
      "the magnitude in place of ReLU",
      advice: "You take the magnitude. What argues against the class becomes 0, not positive."
    ) { maps in maps.summed { k, p in maps.weights[k] * maps.a[k][p] }.map(abs) },
    wrong(
      "ReLU before the sum",
      advice: "You cut each weighted map at 0 and then add. Add first: maps may argue against each other."
    ) { maps in maps.summed { k, p in max(0, maps.weights[k] * maps.a[k][p]) } },
    wrong(
      "negative weights are dropped",
      advice: "You drop maps with a negative weight. They count: what they show argues against the class."
    ) { maps in maps.map(weights: maps.weights.map { max(0, $0) }) },
    wrong("the mean over the maps", advice: "You divide by the number of maps. They are added up.") { maps in
      maps.map(weights: maps.weights.map { $0 / Float(maps.a.count) })
    },
    wrong(
      "the mean of the maps for weights",
      advice: "Your weights are means of the maps, and the gradient is summed up. It is the other way round."
    ) { maps in
      let means = maps.a.map { $0.reduce(0, +) / Float(maps.places) }
      return maps.summed { k, p in means[k] * maps.gradient[k][p] }.map { max(0, $0) }
    },
    Mistake(
      "the map beside itself",
      advice: "You repeat the whole map r times. Each number becomes a block of r × r."
    ) { a, gradient, r in
      let maps = Maps(a: a, gradient: gradient)
      let map = maps.map(weights: maps.weights)
      return maps.enlarged(map, r) { $0 % maps.height * maps.width + $1 % maps.width }
    },
    Mistake(
      "one number of each block",
      advice: "Each number stands in one corner of its block, and the rest is 0. Fill the whole block."
    ) { a, gradient, r in
      let maps = Maps(a: a, gradient: gradient)
      let map = maps.map(weights: maps.weights) + [0]
      return maps.enlarged(map, r) { i, j in
        i % r == 0 && j % r == 0 ? i / r * maps.width + j / r : maps.places
      }
    },
  ]
}

private func wrong(_ name: String, advice: String, _ map: @escaping @Sendable (Maps) -> [Float]) -> Mistake<
  GradCAMExercise.Answer
> {
  Mistake(name, advice: advice) { a, gradient, r in
    let maps = Maps(a: a, gradient: gradient)
    return maps.enlarged(map(maps), r)
  }
}

/// Maps and gradients, each map as a row.
private struct Maps {
  let a, gradient: [[Float]]
  let height, width: Int

  init(a: [[Float]], gradient: [[Float]], _ shape: [Int]) {
    (self.a, self.gradient, height, width) = (a, gradient, shape[1], shape[2])
  }

  init(a: Tensor, gradient: Tensor) {
    let places = a.shape[1] * a.shape[2]
    func rows(_ x: Tensor) -> [[Float]] {
      (0..<a.shape[0]).map { Array(x.scalars[$0 * places..<($0 + 1) * places]) }
    }
    self.init(a: rows(a), gradient: rows(gradient), a.shape)
  }

  var places: Int { height * width }

  var weights: [Float] {
    gradient.map { Float($0.reduce(0.0) { $0 + Double($1) } / Double(places)) }
  }

  func summed(_ number: (_ k: Int, _ place: Int) -> Float) -> [Float] {
    (0..<places).map { p in
      Float(a.indices.reduce(0.0) { $0 + Double(number($1, p)) })
    }
  }

  func map(weights: [Float]) -> [Float] {
    summed { k, p in weights[k] * a[k][p] }.map { max(0, $0) }
  }

  func enlarged(_ map: [Float], _ r: Int, _ place: ((_ i: Int, _ j: Int) -> Int)? = nil) -> Tensor {
    let place = place ?? { $0 / r * width + $1 / r }
    return Tensor(
      (0..<r * height).flatMap { i in (0..<r * width).map { map[place(i, $0)] } },
      shape: [r * height, r * width])
  }

  func tensor(_ rows: [[Float]]) -> Tensor {
    Tensor(rows.flatMap(\.self), shape: [rows.count, height, width])
  }
}

private func expect(_ maps: Maps, _ r: Int, _ answer: GradCAMExercise.Answer, _ trial: Trial) throws {
  let (a, gradient, weights) = (maps.tensor(maps.a), maps.tensor(maps.gradient), maps.weights)
  trial.expect(
    try answer(a, gradient, r), equals: maps.enlarged(maps.map(weights: weights), r),
    "gradCAM(a, gradient: …, enlargedBy: \(r))", given: ["a": a, "gradient": gradient],
    by: { place in
      let p = place[0] / r * maps.width + place[1] / r
      return "the weights are \(weights.map(written).joined(separator: " ")): max(0, "
        + weights.indices.map { "\(written(weights[$0]))·\(written(maps.a[$0][p]))" }.joined(separator: " + ")
        + ")"
    })
}
