import ExerciseKit
import Practice

public final class MagnitudeMaskExercise: Exercise {
  public typealias Answer = @Sendable (_ layers: [Tensor], _ k: Int) throws -> [Tensor]

  public init() {}

  public let title = "One threshold for all layers"
  public let section = "12.1"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.mean"])
  public let functions = ["magnitudeMasks"]
  public let solution: Answer = { try magnitudeMasks($0, removing: $1) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("magnitudeMasks", $0, $1) } }

  public let hints = [
    "All weights go into one long list, each with its size, its layer and its place there. Sorted by size, the first k are "
      + "those that go.",
    "For each layer: mean = Σw / n, σ = √(Σ(w − mean)² / n), size = |w| / σ. Sort all Σ n_l sizes together; of equal ones the "
      + "smaller layer, then the smaller place comes first. Begin with masks of ones and write k zeros.",
    """
    for (l, layer) in layers.enumerated() {
      let mean = …
      let deviation = …
      for (place, w) in layer.scalars.enumerated() { sizes.append((l, place, … / deviation)) }
    }
    sizes.sort { ($0.size, $0.layer, $0.place) < (…) }
    for weight in sizes.prefix(k) { masks[weight.layer][weight.place] = 0 }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a mask for each layer, of its shape", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1211)
      let layers = [inputs.normal([2, 3]), inputs.normal([4]), inputs.normal([2, 1, 3, 2])]
      let masks = try answer(layers, 5)
      trial.expect(masks.count, equals: 3, "magnitudeMasks(layers, removing: 5).count")
      for (i, (mask, layer)) in zip(masks, layers).enumerated() {
        trial.expect(mask, hasShape: layer.shape, "magnitudeMasks(layers, removing: 5)[\(i)]")
      }
    },
    Check(.byHand, "one layer", points: 1) { answer, trial in
      try expectMasks([Tensor([[3, -1, 4], [-6, 2, 1]])], 2, of: answer, trial)
      try expectMasks([Tensor([5, -2, 4, -7])], 1, of: answer, trial)
      try expectMasks([Tensor([5, -2, 4, -7])], 0, of: answer, trial)
      try expectMasks([Tensor([5, -2, 4, -7])], 4, of: answer, trial)
    },
    Check(.byHand, "two layers, large weights and small", points: 1) { answer, trial in
      try expectMasks([Tensor([4, -2]), Tensor([0.1, -0.1, 0.3])], 3, of: answer, trial)
      try expectMasks([Tensor([1, 3]), Tensor([[1, -1, 2], [-2, 3, -3]])], 3, of: answer, trial)
      // All far from 0 on one side: the deviation is around the mean.
      try expectMasks([Tensor([8, 10, 9]), Tensor([[2, -1], [-3, 5]])], 3, of: answer, trial)
    },
    Check(.byHand, "equal ones: the first go first", points: 1) { answer, trial in
      try expectMasks(
        [Tensor([2, -2, 2, 1, -2]), Tensor([[9, 3, -9], [1, 2, -4]])], 6, of: answer, trial)
    },
    Check(.property, "as the formulas say, for twelve networks", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1212)
      for _ in 0..<12 {
        let layers = (0..<inputs.integer(1...4)).map { _ in
          let layer = inputs.normal([inputs.integer(2...5), inputs.integer(2...4)])
          let shift = Float(inputs.integer(-2...2)) / 2
          return (layer + shift) * Float(inputs.integer(1...20)) / 10
        }
        let count = layers.reduce(0) { $0 + $1.count }
        try expectMasks(layers, inputs.integer(0...count), of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the largest go",
      advice: "You take away the largest weights. Those nearest to 0 are missed least: they go."
    ) { $0.order = { -$0 } },
    wrong(
      "the mask is upside down",
      advice:
        "Your masks have 1 where a weight goes. A mask is multiplied with the weights: 0 for those that go."
    ) { ($0.kept, $0.gone) = (0, 1) },
    wrong(
      "negative weights go first", advice: "You sort the weights with their signs. What counts is |w|."
    ) { $0.magnitude = { $0 } },
    wrong(
      "large layers lose nothing",
      advice: "You compare the weights of all layers as they are. Divide each by its layer's deviation first."
    ) { $0.deviation = { _ in 1 } },
    wrong(
      "the deviation is taken around 0",
      advice: "Your σ is the root of the mean square. Subtract the layer's mean before you square."
    ) {
      $0.deviation = { numbers in (numbers.reduce(0) { $0 + $1 * $1 } / Double(numbers.count)).squareRoot() }
    },
    wrong(
      "the variance for the deviation", advice: "You divide by σ², not by σ: take the root of the variance."
    ) { $0.deviation = { Program.standardDeviation($0) * Program.standardDeviation($0) } },
    wrong(
      "divided by n − 1",
      advice: "Your variance is divided by n − 1, which matters for small layers. Here it is n."
    ) {
      $0.deviation = {
        Program.standardDeviation($0) * (Double($0.count) / Double($0.count - 1)).squareRoot()
      }
    },
    wrong(
      "k from each layer",
      advice: "You take k weights out of every layer. There are k in all: sort the layers' sizes together."
    ) { $0.isPerLayer = true },
    wrong(
      "k stay", advice: "You keep k weights. It is k that go."
    ) { $0.keepsK = true },
    wrong(
      "of equal ones the last goes first",
      advice: "Of equal sizes you take the last. Compare layer and place too: the first goes first."
    ) { $0.lastFirst = true },
  ]
}

/// What the answer does, and every way in which it may be wrong.
private struct Program: Sendable {
  var order: @Sendable (Double) -> Double = { $0 }
  var magnitude: @Sendable (Double) -> Double = { abs($0) }
  var deviation: @Sendable ([Double]) -> Double = { Program.standardDeviation($0) }
  var (kept, gone): (Float, Float) = (1, 0)
  var isPerLayer = false
  var keepsK = false
  var lastFirst = false

  static func standardDeviation(_ numbers: [Double]) -> Double {
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    return (numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(numbers.count)).squareRoot()
  }

  func sizes(_ layer: Tensor) -> [Double] {
    let numbers = layer.scalars.map { Double($0) }
    let deviation = deviation(numbers)
    return numbers.map { magnitude($0) / deviation }
  }

  func masks(_ layers: [Tensor], _ k: Int) -> [Tensor] {
    if isPerLayer { return layers.flatMap { with(\.isPerLayer, false).masks([$0], min(k, $0.count)) } }
    var all: [(size: Double, place: Int)] = []
    for layer in layers {
      for size in sizes(layer) { all.append((order(size), lastFirst ? -all.count : all.count)) }
    }
    let count = keepsK ? all.count - k : k
    var flat = all.map { _ in kept }
    for weight in all.sorted(by: { ($0.size, $0.place) < ($1.size, $1.place) }).prefix(count) {
      flat[abs(weight.place)] = gone
    }
    var start = 0
    return layers.map { layer in
      defer { start += layer.count }
      return Tensor(Array(flat[start..<start + layer.count]), shape: layer.shape)
    }
  }

  private func with<Value>(_ path: WritableKeyPath<Program, Value>, _ value: Value) -> Program {
    var other = self
    other[keyPath: path] = value
    return other
  }
}

private func wrong(
  _ name: String, advice: String, _ change: (inout Program) -> Void
) -> Mistake<MagnitudeMaskExercise.Answer> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { changed.masks($0, $1) }
}

private func expectMasks(
  _ layers: [Tensor], _ k: Int, of answer: MagnitudeMaskExercise.Answer, _ trial: Trial
) throws {
  let masks = try answer(layers, k)
  let expected = Program().masks(layers, k)
  trial.expect(masks.count, equals: layers.count, "magnitudeMasks(layers, removing: \(k)).count")
  for (i, (mask, right)) in zip(masks, expected).enumerated() {
    let sizes = Program().sizes(layers[i])
    trial.expect(
      mask, equals: right, "magnitudeMasks(layers, removing: \(k))[\(i)]", given: ["layers[\(i)]": layers[i]],
      by: { place in
        let index = zip(place, right.shape).reduce(0) { $0 * $1.1 + $1.0 }
        return
          "σ = \(written(Float(Program.standardDeviation(layers[i].scalars.map { Double($0) })))), so this weight is "
          + "\(written(Float(sizes[index]))) σ, and \(right.scalars[index] == 0 ? "among" : "not among") the \(k) smallest"
      })
  }
}
