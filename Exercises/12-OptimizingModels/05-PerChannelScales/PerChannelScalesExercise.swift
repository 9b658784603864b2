import ExerciseKit
import Practice

public final class PerChannelScalesExercise: Exercise {
  public struct Answer: Sendable {
    var scales: @Sendable (_ w: Tensor, _ axis: Int) throws -> [Float]
    var rounded: @Sendable (_ w: Tensor, _ scales: [Float], _ axis: Int) throws -> Tensor
  }

  public init() {}

  public let title = "A scale for each channel"
  public let section = "12.5"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["channelScales", "rounded"]

  public let solution = Answer(
    scales: { try channelScales($0, axis: $1) }, rounded: { try rounded($0, scales: $1, axis: $2) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      scales: { try learner.call("channelScales", $0, $1) },
      rounded: { try learner.call("rounded", $0, $1, $2) })
  }

  public let hints = [
    "All numbers lie in one row, `w.scalars`. What you need is one thing: to which channel does number i belong?",
    "The axes behind `axis` hold `inner` numbers, the product of their sizes. Number i belongs to channel ⌊i / inner⌋ mod O.",
    """
    let inner = w.shape[(axis + 1)...].reduce(1, *)
    for (i, number) in w.scalars.enumerated() {
      let c = i / inner % …
      largest[c] = max(largest[c], …)
    }

    scale * min(max((number / scale).rounded(.toNearestOrEven), …), …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as many steps as channels, and a weight as large as before", points: 1) { answer, trial in
      for (shape, axis) in [([2, 3], 0), ([2, 3], 1), ([3, 2, 1, 4], 1)] {
        let weight = Weight(shape, axis, seed: 1250)
        trial.expect(
          try answer.scales(weight.w, axis).count, equals: shape[axis], weight.scalesCall + ".count")
        trial.expect(
          try answer.rounded(weight.w, weight.scales(), axis), hasShape: shape, weight.roundedCall,
          by: "w is \(shape)")
      }
    },
    Check(.byHand, "two rows of three", points: 1) { answer, trial in
      let weight = Weight(Tensor([[0.1, -0.2, 0.05], [30, 10, -12.7]]), 0)
      try weight.expectScales(of: answer, trial)
      try weight.expectRounded([0.1, 20], of: answer, trial)
    },
    Check(.byHand, "the same numbers by columns", points: 1) { answer, trial in
      let weight = Weight(Tensor([[0.25, -6, 1.5], [-3, 10, -12.75]]), 1)
      try weight.expectScales(of: answer, trial)
      try weight.expectRounded([0.5, 4, 3], of: answer, trial)
    },
    Check(.property, "a channel of zeros, and numbers beyond the grid", points: 1) { answer, trial in
      let weight = Weight(Tensor([[0, 0], [4, -3]]), 0)
      try weight.expectScales(of: answer, trial)
      try Weight(Tensor([[300, -300, 5], [7, -128, 127.25]]), 0).expectRounded([1, 1], of: answer, trial)
    },
    Check(.property, "as the formulas say, for twelve shapes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1251)
      for index in 0..<12 {
        // The first three have equal shapes and other numbers.
        let shape = index < 3 ? [3, 4] : (0..<inputs.integer(2...4)).map { _ in inputs.integer(1...4) }
        let axis = index < 3 ? 0 : inputs.integer(0...shape.count - 1)
        let weight = Weight(shape, axis, seed: 1252 + UInt64(index))
        try weight.expectScales(of: answer, trial)
        try weight.expectRounded(weight.scales(), of: answer, trial)
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "one step for all",
      advice: "All your channels have the same step. Each has the one of its own largest number."
    ) {
      $0.scales = { w, axis in
        let most = w.scalars.map { abs($0) }.max() ?? 0
        return [Float](repeating: most > 0 ? most / 127 : 1, count: w.shape[axis])
      }
    },
    wrong(
      "the sign counts",
      advice: "You take the largest number and not the largest magnitude: in a channel of −5 and 1, 5 counts."
    ) { $0.scales = { Weight($0, $1).scales { max($0, 0) } } },
    wrong("divided by 128", advice: "You divide by 128. The largest whole number is 127, on both sides.") {
      $0.scales = { w, axis in
        let most = Weight(w, axis).largest()
        return most.map { $0 > 0 ? $0 / 128 : 1 }
      }
    },
    wrong(
      "divided by 255", advice: "You divide by 255, the number of steps. The largest magnitude becomes 127."
    ) {
      $0.scales = { w, axis in Weight(w, axis).largest().map { $0 > 0 ? $0 / 255 : 1 } }
    },
    wrong(
      "the channels of zeros have no step",
      advice: "A channel of zeros has the step 0 in your answer. Take 1."
    ) { $0.scales = { w, axis in Weight(w, axis).largest().map { $0 / 127 } } },
    wrong(
      "always along axis 0",
      advice:
        "You count channels along axis 0 whatever `axis` says, and take them in turns where there are more."
    ) {
      $0.scales = { w, axis in
        let own = Weight(w, 0).scales()
        return (0..<w.shape[axis]).map { own[$0 % own.count] }
      }
    },
    wrong(
      "the channel of a number by its place in the row",
      advice:
        "You count every number as the next channel. The axes behind `axis` lie between: divide by their product."
    ) {
      $0.scales = { w, axis in
        var largest = [Float](repeating: 0, count: w.shape[axis])
        for (i, x) in w.scalars.enumerated() {
          largest[i % largest.count] = max(largest[i % largest.count], abs(x))
        }
        return largest.map { $0 > 0 ? $0 / 127 : 1 }
      }
    },
    wrong("halves away from 0", advice: "You round halves away from 0. They go to the even side.") {
      $0.rounded = { Weight($0, $2).rounded($1) { $0.rounded() } }
    },
    wrong("cut off instead of rounded", advice: "You cut off what stands after the point. Take the nearest.")
    {
      $0.rounded = { Weight($0, $2).rounded($1) { $0.rounded(.towardZero) } }
    },
    wrong(
      "nothing is held within −127 and 127",
      advice: "A number beyond the grid must become its end: from −127 to 127."
    ) { $0.rounded = { Weight($0, $2).rounded($1, least: -1e9, most: 1e9) } },
    wrong("down to −128", advice: "Your grid reaches down to −128. A symmetric one ends at −127.") {
      $0.rounded = { Weight($0, $2).rounded($1, least: -128) }
    },
    wrong("still whole numbers", advice: "You return q. Multiply by the step again.") {
      $0.rounded = { w, scales, axis in
        Weight(w, axis).rounded(scales, times: false)
      }
    },
    wrong("the first step for all", advice: "You round all channels with the first one's step.") {
      $0.rounded = { w, scales, axis in
        Weight(w, axis).rounded(scales.map { _ in scales[0] })
      }
    },
  ]
}

private struct Weight: Sendable {
  let w: Tensor
  let axis: Int

  init(_ w: Tensor, _ axis: Int) { (self.w, self.axis) = (w, axis) }

  init(_ shape: [Int], _ axis: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    self.init(inputs.quarters(shape), axis)
  }

  var scalesCall: String { "channelScales(w, axis: \(axis))" }
  var roundedCall: String { "rounded(w, scales: scales, axis: \(axis))" }

  func channel(_ i: Int) -> Int { i / w.shape[(axis + 1)...].reduce(1, *) % w.shape[axis] }

  func largest(_ magnitude: (Float) -> Float = { abs($0) }) -> [Float] {
    var largest = [Float](repeating: 0, count: w.shape[axis])
    for (i, x) in w.scalars.enumerated() { largest[channel(i)] = max(largest[channel(i)], magnitude(x)) }
    return largest
  }

  func scales(_ magnitude: (Float) -> Float = { abs($0) }) -> [Float] {
    largest(magnitude).map { $0 > 0 ? $0 / 127 : 1 }
  }

  func rounded(
    _ scales: [Float], least: Float = -127, most: Float = 127, times: Bool = true,
    round: (Float) -> Float = { $0.rounded(.toNearestOrEven) }
  ) -> Tensor {
    let y = w.scalars.enumerated().map { i, x in
      let scale = scales[channel(i)]
      return (times ? scale : 1) * min(max(round(x / scale), least), most)
    }
    return Tensor(y, shape: w.shape)
  }

  func expectScales(of answer: PerChannelScalesExercise.Answer, _ trial: Trial) throws {
    let largest = largest()
    trial.expect(
      try answer.scales(w, axis), equals: scales(), scalesCall, given: ["w": w],
      by: { place in
        let most = largest[place[0]]
        return most > 0
          ? "the largest magnitude of channel \(place[0]) is \(written(most)), /127" : "all are 0"
      })
  }

  func expectRounded(
    _ scales: [Float], of answer: PerChannelScalesExercise.Answer, _ trial: Trial
  ) throws {
    trial.expect(
      try answer.rounded(w, scales, axis), equals: rounded(scales), roundedCall,
      given: ["w": w, "scales": scales],
      by: { place in
        let c = place[axis]
        return
          "channel \(c) has the step \(written(scales[c])): round the quotient, hold it within ±127, times the step"
      })
  }
}

private func wrong(
  _ name: String, advice: String, _ change: (inout PerChannelScalesExercise.Answer) -> Void
) -> Mistake<PerChannelScalesExercise.Answer> {
  var answer = PerChannelScalesExercise.Answer(
    scales: { Weight($0, $1).scales() }, rounded: { Weight($0, $2).rounded($1) })
  change(&answer)
  return Mistake(name, advice: advice, answer: answer)
}
