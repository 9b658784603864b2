import ExerciseKit
import Practice

public final class SeparableCountsExercise: Exercise {
  /// The sizes of a layer, in the order of the functions' parameters.
  public struct Sizes: Sendable {
    var h, w, c, f, kh, kw, s, p, m: Int
  }

  public struct Answer: Sendable {
    var parameters: @Sendable (Sizes) throws -> (Int, Int) = { Count($0).parameters() }
    var multiplications: @Sendable (Sizes) throws -> (Int, Int) = { Count($0).multiplications() }
  }

  public init() {}

  public let title = "What a separable convolution saves"
  public let section = "9.8"
  public let difficulty = 2
  public let minutes = 20
  public let allowed = Allowed.nothing
  public let functions = ["parameterCounts", "multiplicationCounts"]

  public let solution = Answer(
    parameters: {
      try parameterCounts(
        channelsIn: $0.c, channelsOut: $0.f, kernelHeight: $0.kh, kernelWidth: $0.kw, multiplier: $0.m)
    },
    multiplications: {
      try multiplicationCounts(
        height: $0.h, width: $0.w, channelsIn: $0.c, channelsOut: $0.f, kernelHeight: $0.kh,
        kernelWidth: $0.kw, stride: $0.s, padding: $0.p, multiplier: $0.m)
    })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      parameters: { try learner.call("parameterCounts", $0.c, $0.f, $0.kh, $0.kw, $0.m) },
      multiplications: {
        try learner.call(
          "multiplicationCounts", $0.h, $0.w, $0.c, $0.f, $0.kh, $0.kw, $0.s, $0.p, $0.m)
      })
  }

  public let hints = [
    "Write the separable layer as two layers, and count each by itself. How many maps lie between them? What does one number of a map "
      + "depend on: one channel, or all?",
    "Between the two there are C_in·m maps. Depthwise: each has K_H·K_W weights and a bias. Pointwise: each of C_out maps has C_in·m "
      + "weights and a bias. Both make H'·W' numbers for each map.",
    """
    let window = kernelHeight * kernelWidth
    let between = channelsIn * …
    return (channelsOut * (… + 1), between * (… + 1) + channelsOut * (… + 1))

    let rows = (height + 2 * padding - …) / stride + 1
    let columns = …
    return (rows * columns * channelsOut * …, rows * columns * between * (… + …))
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.byHand, "parameters, 3 → 5 channels, a window of 2 × 3", points: 1) { answer, trial in
      for (c, f, kh, kw, m) in [(3, 5, 2, 3, 2), (4, 7, 3, 5, 1), (2, 3, 4, 1, 3)] {
        try expectParameters(
          Sizes(h: 9, w: 9, c: c, f: f, kh: kh, kw: kw, s: 1, p: 0, m: m), answer, trial)
      }
    },
    Check(.byHand, "multiplications, an image of 5 × 8, stride 2, padding 1", points: 1) { answer, trial in
      try expectMultiplications(Sizes(h: 5, w: 8, c: 3, f: 5, kh: 2, kw: 3, s: 2, p: 1, m: 2), answer, trial)
      try expectMultiplications(Sizes(h: 7, w: 4, c: 2, f: 6, kh: 3, kw: 1, s: 1, p: 0, m: 1), answer, trial)
      try expectMultiplications(
        Sizes(h: 11, w: 6, c: 4, f: 3, kh: 5, kw: 2, s: 3, p: 2, m: 3), answer, trial)
    },
    Check(.property, "as the formulas say, for twenty layers", points: 2) { answer, trial in
      var inputs = Inputs(seed: 981)
      for _ in 0..<20 {
        let (kh, kw) = (inputs.integer(1...5), inputs.integer(1...5))
        let sizes = Sizes(
          h: inputs.integer(kh...12), w: inputs.integer(kw...12), c: inputs.integer(1...6),
          f: inputs.integer(1...6), kh: kh, kw: kw, s: inputs.integer(1...3), p: inputs.integer(0...2),
          m: inputs.integer(1...3))
        try expectParameters(sizes, answer, trial)
        try expectMultiplications(sizes, answer, trial)
      }
    },
    Check(.property, "a layer of MobileNet: 512 → 512 channels, 3 × 3, on 14 × 14", points: 1) {
      answer, trial in
      let sizes = Sizes(h: 14, w: 14, c: 512, f: 512, kh: 3, kw: 3, s: 1, p: 1, m: 1)
      try expectParameters(sizes, answer, trial)
      try expectMultiplications(sizes, answer, trial)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong("the biases are left out", advice: "Every map has a bias, in all three convolutions. Count them.") {
      $0.bias = 0
    },
    wrong(
      "one bias for the two steps",
      advice: "Your depthwise step has no biases. Its maps have one each, as those of the pointwise step."
    ) { $0.depthwiseBias = 0 },
    wrong(
      "the depthwise step sees all channels",
      advice: "Each of your depthwise windows has weights for all channels. It filters one channel alone."
    ) { $0.seen = $0.sizes.c },
    wrong(
      "the pointwise step has the whole window",
      advice: "Your pointwise step has K_H·K_W weights for a channel. Its window is 1 × 1."
    ) { $0.mixed = $0.sizes.kh * $0.sizes.kw },
    wrong(
      "no multiplier",
      advice: "You leave out the multiplier: the depthwise step makes m maps of every channel."
    ) { $0.between = $0.sizes.c },
    wrong(
      "the multiplier in the first step alone",
      advice: "Your pointwise step has C_in inputs. It has all maps of the first step, C_in·m."
    ) { $0.mixedChannels = $0.sizes.c },
    wrong(
      "the multiplier for the channels out",
      advice: "You multiply C_out by m as well. The pointwise step makes C_out maps."
    ) { $0.made = $0.sizes.f * $0.sizes.m },
    wrong(
      "the first step alone", advice: "You count the depthwise step alone. The pointwise step comes after it."
    ) { $0.made = 0 },
    wrong(
      "the stride is left out",
      advice: "You count as if the window moved by one pixel. It moves by s: H' = (H + 2p − K_H)/s + 1."
    ) { $0.sizes.s = 1 },
    wrong(
      "padding on one side", advice: "You add the padding once. It is on both sides: H + 2p."
    ) { count in
      count.rows = { ($0.h + $0.p - $0.kh) / $0.s + 1 }
      count.columns = { ($0.w + $0.p - $0.kw) / $0.s + 1 }
    },
    wrong(
      "the window's sides are exchanged",
      advice: "You take K_W for the height and K_H for the width of the result. It is the other way round."
    ) { count in
      count.rows = { ($0.h + 2 * $0.p - $0.kw) / $0.s + 1 }
      count.columns = { ($0.w + 2 * $0.p - $0.kh) / $0.s + 1 }
    },
    wrong(
      "pointwise at the image's size",
      advice: "Your pointwise step works on H·W places. The stride has made fewer before: H'·W'."
    ) { $0.isLarge = true },
    wrong(
      "the biases as multiplications",
      advice: "You count a multiplication for every bias. A bias is only added."
    ) { $0.multipliedBias = 1 },
    wrong(
      "additions as well", advice: "You count additions, too. Asked for are the multiplications alone."
    ) { $0.operations = 2 },
  ]
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Count) -> Void)
  -> Mistake<SeparableCountsExercise.Answer>
{
  @Sendable func changed(_ sizes: SeparableCountsExercise.Sizes) -> Count {
    var count = Count(sizes)
    change(&count)
    return count
  }
  return Mistake(
    name, advice: advice,
    answer: .init(
      parameters: { changed($0).parameters() }, multiplications: { changed($0).multiplications() }))
}

/// The counts, right unless changed.
private struct Count {
  typealias Sizes = SeparableCountsExercise.Sizes

  var sizes: Sizes
  var bias = 1
  var depthwiseBias: Int?
  var multipliedBias = 0
  var operations = 1
  var isLarge = false
  /// The channels that a depthwise window sees, and the pixels of a pointwise one.
  var seen = 1
  var mixed = 1
  var between: Int
  var mixedChannels: Int?
  var made: Int
  var rows: (Sizes) -> Int = { ($0.h + 2 * $0.p - $0.kh) / $0.s + 1 }
  var columns: (Sizes) -> Int = { ($0.w + 2 * $0.p - $0.kw) / $0.s + 1 }

  init(_ sizes: Sizes) { (self.sizes, between, made) = (sizes, sizes.c * sizes.m, sizes.f) }

  var window: Int { sizes.kh * sizes.kw }

  func parameters() -> (Int, Int) {
    let (c, f) = (sizes.c, sizes.f)
    let depthwise = between * (window * seen + (depthwiseBias ?? bias))
    let pointwise = made * ((mixedChannels ?? between) * mixed + bias)
    return (f * (c * window + bias), depthwise + pointwise)
  }

  func multiplications() -> (Int, Int) {
    let places = rows(sizes) * columns(sizes)
    let depthwise = places * between * (window * seen + multipliedBias)
    let pointwise =
      (isLarge ? sizes.h * sizes.w : places) * made
      * ((mixedChannels ?? between) * mixed + multipliedBias)
    let full = places * sizes.f * (sizes.c * window + multipliedBias)
    return (operations * full, operations * (depthwise + pointwise))
  }
}

private func expectParameters(
  _ sizes: SeparableCountsExercise.Sizes, _ answer: SeparableCountsExercise.Answer, _ trial: Trial
) throws {
  let (count, yours) = (Count(sizes), try answer.parameters(sizes))
  let expected = count.parameters()
  trial.expect(
    [yours.0, yours.1], equals: [expected.0, expected.1],
    "parameterCounts(channelsIn: \(sizes.c), channelsOut: \(sizes.f), kernelHeight: \(sizes.kh), "
      + "kernelWidth: \(sizes.kw), multiplier: \(sizes.m)), full and separable", tolerance: 0,
    by: { place in
      place == [0]
        ? "\(sizes.f)·(\(sizes.c)·\(sizes.kh)·\(sizes.kw) + 1) = \(expected.0)"
        : "\(count.between)·(\(sizes.kh)·\(sizes.kw) + 1) + \(sizes.f)·(\(count.between) + 1) = \(expected.1)"
    })
}

private func expectMultiplications(
  _ sizes: SeparableCountsExercise.Sizes, _ answer: SeparableCountsExercise.Answer, _ trial: Trial
) throws {
  let (count, yours) = (Count(sizes), try answer.multiplications(sizes))
  let expected = count.multiplications()
  trial.expect(
    [yours.0, yours.1], equals: [expected.0, expected.1],
    "multiplicationCounts(height: \(sizes.h), width: \(sizes.w), channelsIn: \(sizes.c), "
      + "channelsOut: \(sizes.f), kernelHeight: \(sizes.kh), kernelWidth: \(sizes.kw), stride: \(sizes.s), "
      + "padding: \(sizes.p), multiplier: \(sizes.m)), full and separable", tolerance: 0,
    by: { place in
      let places = "\(count.rows(sizes))·\(count.columns(sizes))"
      return place == [0]
        ? "\(places)·\(sizes.f)·\(sizes.c)·\(count.window) = \(expected.0)"
        : "\(places)·(\(count.between)·\(count.window) + \(sizes.f)·\(count.between)) = \(expected.1)"
    })
}
