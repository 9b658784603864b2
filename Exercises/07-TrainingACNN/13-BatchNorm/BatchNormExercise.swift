import ExerciseChannel
import ExerciseKit
import Practice

public final class BatchNormExercise: Exercise {
  /// The result, and the running mean and variance after it.
  public typealias Answer =
    @Sendable (
      _ x: Tensor, _ w: Tensor, _ b: Tensor, _ m: Tensor, _ v: Tensor, _ a: Float, _ epsilon: Float,
      _ isTraining: Bool
    ) throws -> (Tensor, Tensor, Tensor)

  public init() {}

  public let title = "Batch norm, in training and in use"
  public let section = "7.9"
  public let difficulty = 3
  public let minutes = 35
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["Tensor.sum", "Tensor.squareRoot", "Tensor.transposed"])
  public let functions = ["batchNorm"]
  public let solution: Answer = { x, w, b, m, v, a, epsilon, isTraining in
    try batchNorm(
      x, weight: w, bias: b, runningMean: m, runningVariance: v, share: a, epsilon: epsilon,
      isTraining: isTraining)
  }

  public func answer(of learner: Learner) -> Answer {
    { x, w, b, m, v, a, epsilon, isTraining in
      try learner.call("batchNorm", x, w, b, m, v, a, epsilon, isTraining)
    }
  }

  public let hints = [
    "Go channel by channel. First decide which mean and which variance this channel is normalised by; what follows is the "
      + "same in training and in use.",
    "The numbers of channel c are x[i, c, r, q] for all images i and all places r, q: n = N·H·W of them. Divide by √(σ² + ε), "
      + "with ε under the root. In training the running variance takes σ² n / (n − 1).",
    """
    var (mean, variance) = (m[c], v[c])
    if isTraining {
      mean = …
      variance = …
      newMean[c] = (1 - a) * … + a * …
      newVariance[c] = (1 - a) * … + a * … * n / (n - 1)
    }
    y[i, c, r, q] = (x[i, c, r, q] - …) / (… + epsilon).squareRoot() * … + …
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "y as large as x, the running statistics one for each channel", points: 1) {
      answer, trial in
      for shape in [[2, 3, 2, 2], [3, 1, 1, 4], [4, 2, 3, 1]] {
        let question = Question(shape, seed: 7131)
        let (y, m, v) = try question.result(of: answer)
        trial.expect(y, hasShape: shape, "\(call).y", by: "x is \(shape)")
        trial.expect(m, hasShape: [shape[1]], "\(call).runningMean", by: "there are \(shape[1]) channels")
        trial.expect(v, hasShape: [shape[1]], "\(call).runningVariance", by: "there are \(shape[1]) channels")
      }
    },
    Check(.byHand, "two images of two channels, while training", points: 2) { answer, trial in
      try byHand(isTraining: true).expect(answer, trial)
    },
    Check(.byHand, "the same in use", points: 1) { answer, trial in
      try byHand(isTraining: false).expect(answer, trial)
    },
    Check(.property, "as the formulas say, for ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 7132)
      for index in 0..<10 {
        let shape = [
          inputs.integer(2...4), inputs.integer(1...3), inputs.integer(1...3), inputs.integer(1...4),
        ]
        try Question(shape, seed: 7133 + UInt64(index), isTraining: index % 3 != 2).expect(answer, trial)
      }
    },
    Check(.training, "after many batches it does in use what it did in training", points: 1) {
      answer, trial in
      let question = Question([8, 2, 3, 3], seed: 7151, share: 0.5)
      var (m, v) = (question.m, question.v)
      for _ in 0..<30 {
        (_, m, v) = try question.result(of: answer, m: m, v: v)
        if m.shape != question.m.shape || v.shape != question.v.shape { break }
      }
      let used = try question.result(of: answer, m: m, v: v, isTraining: false).0
      let expected = question.result(m: question.settledMean, v: question.settledVariance, isTraining: false)
        .0
      trial.expect(
        used, equals: expected, "y in use, after the same batch was seen 30 times with a share of 0.5",
        tolerance: 1e-3)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "each image by itself",
      advice: "You take mean and variance of each image. Batch norm takes them over all images of the batch."
    ) { $0.grouping = .image },
    wrong(
      "each place by itself",
      advice:
        "You take mean and variance at each place. They are over all places of the channel as well: n = N·H·W."
    ) { $0.grouping = .place },
    wrong(
      "all channels together",
      advice: "You take one mean and one variance for all channels. Each channel has its own."
    ) { $0.grouping = .everything },
    wrong(
      "the running variance divides by n",
      advice:
        "Your running variance takes σ² as it is. It is to estimate the variance of all data: σ² n / (n − 1)."
    ) { $0.runningCorrection = 0 },
    wrong(
      "both variances divide by n − 1",
      advice: "You normalise by a variance that divides by n − 1. Within the batch it divides by n."
    ) { $0.ownCorrection = 1 },
    wrong(
      "the variances exchanged",
      advice: "You normalise by the variance with n − 1, and keep the one with n. It is the other way round."
    ) {
      $0.ownCorrection = 1
      $0.runningCorrection = 0
    },
    wrong(
      "ε after the root", advice: "You add ε to the deviation. It belongs under the root: √(σ² + ε)."
    ) { $0.scale = { variance, epsilon in variance.squareRoot() + epsilon } },
    wrong(
      "divided by the variance", advice: "You divide by σ² + ε. Take the root of it first."
    ) { $0.scale = { variance, epsilon in variance + epsilon } },
    wrong(
      "ε is forgotten",
      advice: "You do not use ε. A channel that is the same everywhere would be divided by 0."
    ) { $0.scale = { variance, _ in variance.squareRoot() } },
    wrong(
      "the running statistics in training",
      advice: "In training you normalise by m and v. There the batch's own mean and variance are taken."
    ) { $0.usesRunningInTraining = true },
    wrong(
      "the batch's statistics in use",
      advice:
        "In use you still normalise by the batch. Then what an image comes to depends on the others: take m and v."
    ) { $0.usesBatchInUse = true },
    wrong(
      "the running statistics move in use",
      advice: "You move m and v in use as well. What is only read or tested must not change the network."
    ) { $0.movesInUse = true },
    wrong(
      "a and 1 − a exchanged",
      advice: "You give the old statistics the share a. a is the batch's share, the old ones keep 1 − a."
    ) { $0.exchangesShares = true },
    wrong(
      "the batch's statistics are kept as they are",
      advice: "Your m and v are those of the last batch. They move towards them by the share a."
    ) { $0.replacesRunning = true },
    wrong(
      "w and b are left out",
      advice: "You give x̂ back. Each channel still has its scale and its shift: x̂ w + b."
    ) { $0.usesParameters = false },
    wrong(
      "b before w", advice: "You add b before you multiply by w. First the scale, then the shift: x̂ w + b."
    ) { $0.addsFirst = true },
  ]
}

private let call = "batchNorm(x, weight: w, bias: b, runningMean: m, runningVariance: v, …)"

private func byHand(isTraining: Bool) -> Question {
  Question(
    x: Tensor([1, 3, 8, -2, 5, 7, 0, 4], shape: [2, 2, 1, 2]), w: Tensor([2, -1]), b: Tensor([1, 0.5]),
    m: Tensor([0, 2]), v: Tensor([1, 4]), share: 0.25, epsilon: 0.5, isTraining: isTraining)
}

/// What is done, right unless said otherwise.
private struct Rules: Sendable {
  enum Grouping: Sendable { case channel, image, place, everything }
  var grouping = Grouping.channel
  var ownCorrection = 0.0
  var runningCorrection = 1.0
  var scale: @Sendable (_ variance: Double, _ epsilon: Double) -> Double = { ($0 + $1).squareRoot() }
  var usesRunningInTraining = false
  var usesBatchInUse = false
  var movesInUse = false
  var exchangesShares = false
  var replacesRunning = false
  var usesParameters = true
  var addsFirst = false
}

private func wrong(_ name: String, advice: String, _ change: (inout Rules) -> Void) -> Mistake<
  BatchNormExercise.Answer
> {
  var rules = Rules()
  change(&rules)
  let wrongRules = rules
  return Mistake(name, advice: advice) { x, w, b, m, v, a, epsilon, isTraining in
    Question(x: x, w: w, b: b, m: m, v: v, share: a, epsilon: epsilon, isTraining: isTraining)
      .result(by: wrongRules)
  }
}

/// A batch and all that belongs to it, and the answer in Double.
private struct Question {
  let x, w, b, m, v: Tensor
  let share, epsilon: Float
  let isTraining: Bool

  init(
    x: Tensor, w: Tensor, b: Tensor, m: Tensor, v: Tensor, share: Float, epsilon: Float, isTraining: Bool
  ) {
    (self.x, self.w, self.b, self.m, self.v) = (x, w, b, m, v)
    (self.share, self.epsilon, self.isTraining) = (share, epsilon, isTraining)
  }

  init(_ shape: [Int], seed: UInt64, share: Float = 0.25, isTraining: Bool = true) {
    var inputs = Inputs(seed: seed)
    let channels = [shape[1]]
    self.init(
      x: inputs.normal(shape) * 2 + 0.5, w: inputs.normal(channels), b: inputs.normal(channels),
      m: inputs.normal(channels), v: inputs.normal(channels).map { $0 * $0 + 0.25 }, share: share,
      epsilon: 0.5, isTraining: isTraining)
  }

  func result(
    of answer: BatchNormExercise.Answer, m: Tensor? = nil, v: Tensor? = nil, isTraining: Bool? = nil
  ) throws -> (Tensor, Tensor, Tensor) {
    try answer(x, w, b, m ?? self.m, v ?? self.v, share, epsilon, isTraining ?? self.isTraining)
  }

  func result(m: Tensor, v: Tensor, isTraining: Bool) -> (Tensor, Tensor, Tensor) {
    Question(x: x, w: w, b: b, m: m, v: v, share: share, epsilon: epsilon, isTraining: isTraining).result()
  }

  private var places: Int { x.shape[2] * x.shape[3] }
  private func channel(_ index: Int) -> Int { index / places % x.shape[1] }

  /// The places in x of the numbers that are taken together with that at `index`.
  private func group(_ index: Int, _ grouping: Rules.Grouping) -> [Int] {
    let image = places * x.shape[1]
    return (0..<x.count).filter { other in
      switch grouping {
      case .channel: channel(other) == channel(index)
      case .image: channel(other) == channel(index) && other / image == index / image
      case .place: other % image == index % image
      case .everything: true
      }
    }
  }

  private func statistics(_ indices: [Int], correction: Double = 0) -> (mean: Double, variance: Double) {
    let numbers = indices.map { Double(x.scalars[$0]) }
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, squares / max(Double(numbers.count) - correction, 1))
  }

  /// Mean and variance of a channel, as the running ones take them.
  func measured(_ c: Int, by rules: Rules = Rules()) -> (mean: Double, variance: Double) {
    let grouping: Rules.Grouping = rules.grouping == .everything ? .everything : .channel
    return statistics(group(c * places, grouping), correction: rules.runningCorrection)
  }

  /// Where the running statistics go when the same batch comes again and again.
  var settledMean: Tensor { Tensor(w.scalars.indices.map { Float(measured($0).mean) }) }
  var settledVariance: Tensor { Tensor(w.scalars.indices.map { Float(measured($0).variance) }) }

  func result(by rules: Rules = Rules()) -> (Tensor, Tensor, Tensor) {
    let usesBatch = isTraining ? !rules.usesRunningInTraining : rules.usesBatchInUse
    let y = x.scalars.indices.map { index in
      let c = channel(index)
      let (mean, variance) =
        usesBatch
        ? statistics(group(index, rules.grouping), correction: rules.ownCorrection)
        : (Double(m[c]), Double(v[c]))
      let normed = (Double(x.scalars[index]) - mean) / rules.scale(variance, Double(epsilon))
      let (w, b) = rules.usesParameters ? (Double(w[c]), Double(b[c])) : (1, 0)
      return Float(rules.addsFirst ? (normed + b) * w : normed * w + b)
    }
    var (newMean, newVariance) = (m, v)
    if isTraining || rules.movesInUse {
      let a = rules.replacesRunning ? 1 : rules.exchangesShares ? 1 - Double(share) : Double(share)
      for c in 0..<w.count {
        let (mean, variance) = measured(c, by: rules)
        newMean[c] = Float((1 - a) * Double(m[c]) + a * mean)
        newVariance[c] = Float((1 - a) * Double(v[c]) + a * variance)
      }
    }
    return (Tensor(y, shape: x.shape), newMean, newVariance)
  }

  func expect(_ answer: BatchNormExercise.Answer, _ trial: Trial) throws {
    let (y, newMean, newVariance) = try result(of: answer)
    let expected = result()
    let given: KeyValuePairs<String, any Passable> = [
      "x": x, "w": w, "b": b, "m": m, "v": v, "share": share, "epsilon": epsilon, "isTraining": isTraining,
    ]
    func taken(_ c: Int) -> String {
      let (mean, variance) =
        isTraining ? statistics(group(c * places, .channel)) : (Double(m[c]), Double(v[c]))
      return isTraining
        ? "channel \(c) of the batch: μ = \(mean.shortText), σ² = \(variance.shortText), n = \(x.shape[0] * places)"
        : "in use, channel \(c) has m = \(mean.shortText) and v = \(variance.shortText)"
    }
    trial.expect(
      y, equals: expected.0, "\(call).y", given: given, tolerance: 1e-4,
      by: { place in
        "\(taken(place[1])); (\(written(x[place[0], place[1], place[2], place[3]])) − mean)/√(variance + \(written(epsilon)))"
          + "·(\(written(w[place[1]]))) + \(written(b[place[1]])) = "
          + written(expected.0[place[0], place[1], place[2], place[3]])
      })
    trial.expect(
      newMean, equals: expected.1, "\(call).runningMean", given: given, tolerance: 1e-4, by: { taken($0[0]) })
    trial.expect(
      newVariance, equals: expected.2, "\(call).runningVariance", given: given, tolerance: 1e-4,
      by: { taken($0[0]) })
  }
}
