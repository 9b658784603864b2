import ExerciseChannel
import ExerciseKit
import Practice

public final class SaliencyByHandExercise: Exercise {
  public typealias Gradient =
    @Sendable (_ x: Tensor, _ w1: Tensor, _ b1: Tensor, _ w2: Tensor, _ c: Int) throws -> Tensor

  public struct Answer: Sendable {
    var gradient: Gradient = { OneHidden(x: $0, w1: $1, b1: $2, w2: $3, c: $4).gradient() }
    var map: @Sendable (_ gradient: Tensor) throws -> Tensor = { overChannels($0, largestMagnitude) }
  }

  public init() {}

  public let title = "A saliency map by hand"
  public let section = "9.1"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed"])
  public let functions = ["scoreGradient", "saliencyMap"]

  public let solution = Answer(
    gradient: { try scoreGradient($0, w1: $1, b1: $2, w2: $3, of: $4) }, map: { try saliencyMap($0) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      gradient: { try learner.call("scoreGradient", $0, $1, $2, $3, $4) },
      map: { try learner.call("saliencyMap", $0) })
  }

  public let hints = [
    "Go forward first, for you need to know which hidden units are open. A closed unit passes nothing back; an open one "
      + "passes back its row of W₁, times its weight for the class.",
    "a_d = b₁[d] + Σ_p W₁[d, p] x_p. For every d with a_d > 0 add W₂[c, d] · W₁[d, p] to the gradient at p. At the end the "
      + "gradient gets the image's shape [C, H, W]. The map takes, place by place, the largest |gradient| of all channels.",
    """
    var gradient = Tensor.zeros([x.count])
    for d in 0..<b1.count {
      var a = b1[d]
      for p in 0..<x.count { a += … }
      if … {
        for p in 0..<x.count { gradient[p] += … }
      }
    }
    return gradient.reshaped(…)

    map[i, j] = max(map[i, j], …)          // for every channel k
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a gradient like the image, a map of its places", points: 1) { answer, trial in
      for shape in [[3, 2, 4], [1, 5, 1]] {
        let network = OneHidden(shape, units: 3, classes: 2, c: 1, seed: 911)
        trial.expect(
          try network.result(of: answer), hasShape: shape, network.call, by: "x is \(shape)")
        trial.expect(
          try answer.map(network.gradient()), hasShape: [shape[1], shape[2]], "saliencyMap(gradient)",
          by: "the gradient is \(shape)")
      }
    },
    Check(.byHand, "two channels of two pixels, three units", points: 1) { answer, trial in
      let w1 = Tensor([[1, 0, 1, 2], [2, 1, 0, 1], [4, 4, -4, 4]])
      let w2 = Tensor([[1, 2, -6], [-3, 1, 5]])
      for (x, c) in [
        ([1, 2, 3, -1], 1), ([1, 2, 3, -1], 0), ([-1, 1, 0, 2], 1), ([2, 1, 4, -3], 0),
      ] as [([Float], Int)] {
        try OneHidden(
          x: Tensor(x, shape: [2, 1, 2]), w1: w1, b1: Tensor([-1, 0, 1]), w2: w2, c: c
        ).expect(answer, trial)
      }
    },
    Check(.byHand, "a unit that is just at 0 is closed", points: 1) { answer, trial in
      try OneHidden(
        x: Tensor([2, -1, 1, 3], shape: [1, 2, 2]), w1: Tensor([[1, 2, 3, -1], [-2, 1, 1, 1]]),
        b1: Tensor([1, 1]), w2: Tensor([[2, -1], [5, 4], [-3, 2]]), c: 2
      ).expect(answer, trial)
      try OneHidden(
        x: Tensor([2, -1, 1, 3], shape: [1, 2, 2]), w1: Tensor([[1, 2, 3, -1], [-2, 1, 1, 1]]),
        b1: Tensor([0, 1]), w2: Tensor([[2, -1], [5, 4], [-3, 2]]), c: 2
      ).expect(answer, trial)
    },
    Check(.byHand, "the map of three channels", points: 1) { answer, trial in
      try expectMap(Tensor([1, -2, 0, -3, 1, -4, 2, 5, -1], shape: [3, 1, 3]), answer, trial)
      try expectMap(
        Tensor([-1, -2, 6, 0, 2, -7, -3, -1, -4, 0, 5, 3], shape: [2, 3, 2]), answer, trial)
    },
    Check(.property, "as the formulas say, for ten networks", points: 1) { answer, trial in
      var inputs = Inputs(seed: 912)
      for index in 0..<10 {
        let classes = inputs.integer(2...4)
        let network = OneHidden(
          [inputs.integer(1...3), inputs.integer(1...4), inputs.integer(1...4)],
          units: inputs.integer(1...6), classes: classes, c: inputs.integer(0...classes - 1),
          seed: 9_130 + UInt64(index))
        try network.expect(answer, trial)
        try expectMap(network.gradient(), answer, trial)
      }
    },
    Check(.gradients, "the score changes as the gradient says", points: 1) { answer, trial in
      for seed in [914, 915] as [UInt64] {
        let network = OneHidden([2, 2, 3], units: 5, classes: 3, c: 2, seed: seed)
        trial.expect(
          try network.result(of: answer), equals: network.slopes(), network.call, given: network.given,
          tolerance: 1e-3)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "every unit counts",
      advice: "You go back through all hidden units. A unit with a ≤ 0 passes nothing back: its slope is 0."
    ) { $0.gradient { _, _ in 1 } },
    wrong(
      "open at 0 as well", advice: "You take a unit at a = 0 for open. Here its slope is 0: a > 0, not a ≥ 0."
    ) { $0.gradient { a, _ in a >= 0 ? 1 : 0 } },
    wrong(
      "the unit's value for its slope",
      advice: "You multiply by h, the value of the unit. On the way back it is the slope of ReLU, 1 or 0."
    ) { $0.gradient { a, _ in max(0, a) } },
    wrong("the biases are left out", advice: "Your units open without their biases: a = W₁ x + b₁.") {
      $0.with { $0.b1 = $0.b1 * 0 }.gradient()
    },
    wrong(
      "only what argues for the class",
      advice:
        "You also drop negative gradients at ReLU. That is guided back-propagation, another method: here W₂[c, d] may be "
        + "negative."
    ) { $0.gradient { a, weight in a > 0 && weight > 0 ? 1 : 0 } },
    wrong(
      "all classes together",
      advice: "You add up the rows of W₂. The gradient is that of one score: row c."
    ) { network in
      (0..<network.w2.shape[0]).map { c in network.with { $0.c = c }.gradient() }.reduce(
        network.x * 0, +)
    },
    wrong(
      "the class with the largest score",
      advice: "You explain the class that the network prefers. Asked for is class c."
    ) { network in
      let scores = network.scores()
      return network.with { $0.c = scores.indices.max { scores[$0] < scores[$1] }! }.gradient()
    },
    wrong(
      "gradient times input",
      advice: "You multiply by the image. That is another map; here it is the gradient alone."
    ) { $0.gradient() * $0.x },
    wrongMap(
      "the sign is kept", advice: "A large negative gradient matters as much. Take the magnitude first."
    ) { $0.max()! },
    wrongMap(
      "the magnitude comes last",
      advice: "You take the largest number and then its magnitude. Take the magnitudes, then the largest."
    ) { abs($0.max()!) },
    wrongMap("the sum over the channels", advice: "You add up the channels. Take the largest of them.") {
      $0.map(abs).reduce(0, +)
    },
    wrongMap("the mean over the channels", advice: "You take the mean of the channels. Take the largest.") {
      $0.map(abs).reduce(0, +) / Float($0.count)
    },
    wrongMap("the first channel alone", advice: "Your map looks at channel 0 alone. Take all channels.") {
      abs($0[0])
    },
  ]
}

private func wrong(_ name: String, advice: String, _ gradient: @escaping @Sendable (OneHidden) -> Tensor)
  -> Mistake<SaliencyByHandExercise.Answer>
{
  Mistake(
    name, advice: advice,
    answer: .init(gradient: { gradient(OneHidden(x: $0, w1: $1, b1: $2, w2: $3, c: $4)) }))
}

private func wrongMap(_ name: String, advice: String, _ number: @escaping @Sendable ([Float]) -> Float)
  -> Mistake<SaliencyByHandExercise.Answer>
{
  Mistake(name, advice: advice, answer: .init(map: { overChannels($0, number) }))
}

private let largestMagnitude: @Sendable ([Float]) -> Float = { $0.map(abs).max()! }

/// One number for each place, made of those of its channels.
private func overChannels(_ gradient: Tensor, _ number: ([Float]) -> Float) -> Tensor {
  let (channels, places) = (gradient.shape[0], gradient.shape[1] * gradient.shape[2])
  return Tensor(
    (0..<places).map { p in number((0..<channels).map { gradient.scalars[$0 * places + p] }) },
    shape: [gradient.shape[1], gradient.shape[2]])
}

/// A network, an image and a class; its calculations are in Double.
private struct OneHidden {
  var x, w1, b1, w2: Tensor
  var c: Int

  init(x: Tensor, w1: Tensor, b1: Tensor, w2: Tensor, c: Int) {
    (self.x, self.w1, self.b1, self.w2, self.c) = (x, w1, b1, w2, c)
  }

  /// A random network, none of whose units is so near to 0 that rounding could open or close it.
  init(_ shape: [Int], units: Int, classes: Int, c: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    repeat {
      self.init(
        x: inputs.normal(shape), w1: inputs.normal([units, shape.reduce(1, *)]), b1: inputs.normal([units]),
        w2: inputs.normal([classes, units]), c: c)
    } while activations.contains { abs($0) < 0.02 }
  }

  func with(_ change: (inout OneHidden) -> Void) -> OneHidden {
    var copy = self
    change(&copy)
    return copy
  }

  var activations: [Double] { activations(at: x.scalars.map(Double.init)) }

  private func activations(at x: [Double]) -> [Double] {
    (0..<b1.count).map { d in
      x.indices.reduce(Double(b1[d])) { $0 + Double(w1[d, $1]) * x[$1] }
    }
  }

  func scores() -> [Double] {
    let a = activations
    return (0..<w2.shape[0]).map { c in
      a.indices.reduce(0) { $0 + Double(w2[c, $1]) * Swift.max(0, a[$1]) }
    }
  }

  func gradient(
    _ slope: (_ a: Double, _ weight: Double) -> Double = { a, _ in a > 0 ? 1 : 0 }
  ) -> Tensor {
    let a = activations
    let numbers = (0..<x.count).map { p in
      a.indices.reduce(0.0) { sum, d in
        sum + Double(w2[c, d]) * slope(a[d], Double(w2[c, d])) * Double(w1[d, p])
      }
    }
    return Tensor(numbers.map { Float($0) }, shape: x.shape)
  }

  /// The differences of the score.
  func slopes() -> Tensor {
    let start = x.scalars.map(Double.init)
    func score(_ x: [Double]) -> Double {
      let a = activations(at: x)
      return a.indices.reduce(0) { $0 + Double(w2[c, $1]) * Swift.max(0, a[$1]) }
    }
    return Tensor(
      start.indices.map { p in
        var (above, below) = (start, start)
        above[p] += 1e-4
        below[p] -= 1e-4
        return Float((score(above) - score(below)) / 2e-4)
      }, shape: x.shape)
  }

  var call: String { "scoreGradient(x, w1: W₁, b1: b₁, w2: W₂, of: \(c))" }

  var given: KeyValuePairs<String, any Passable> { ["x": x, "W₁": w1, "b₁": b1, "W₂": w2] }

  func result(of answer: SaliencyByHandExercise.Answer) throws -> Tensor {
    try answer.gradient(x, w1, b1, w2, c)
  }

  func expect(_ answer: SaliencyByHandExercise.Answer, _ trial: Trial) throws {
    let a = activations
    trial.expect(
      try result(of: answer), equals: gradient(), call, given: given, tolerance: 1e-4,
      by: { place in
        let p = (place[0] * x.shape[1] + place[1]) * x.shape[2] + place[2]
        let open = a.indices.filter { a[$0] > 0 }
        return "a is \(a.map { written(Float($0)) }.joined(separator: " ")); "
          + (open.isEmpty
            ? "no unit is open"
            : "the open units give "
              + open.map { "\(written(w2[c, $0]))·\(written(w1[$0, p]))" }.joined(separator: " + "))
      })
  }
}

private func expectMap(
  _ gradient: Tensor, _ answer: SaliencyByHandExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.map(gradient), equals: overChannels(gradient, largestMagnitude), "saliencyMap(gradient)",
    given: ["gradient": gradient],
    by: { place in
      let numbers = (0..<gradient.shape[0]).map { written(gradient[$0, place[0], place[1]]) }
      return "the channels have \(numbers.joined(separator: " ")): the largest magnitude"
    })
}
