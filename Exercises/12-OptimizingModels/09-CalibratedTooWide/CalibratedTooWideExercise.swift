import Engine
import ExerciseKit
import Practice

public final class CalibratedTooWideExercise: Exercise {
  public typealias Answer =
    @Sendable (
      _ images: Tensor, _ labels: [Int], _ batches: [[Int]], _ watched: [[Int]], _ unseen: Tensor
    ) throws -> (Float, [Int])

  public init() {}

  public let title = "Find the fault: more seen, worse read"
  public let section = "12.4"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 2
  public let minutes = 15
  public let allowed = Allowed.engine
  public let functions = ["roundedReader"]
  public let secondsAllowed = 30
  public let solution: Answer = {
    let result = try roundedReader($0, labels: $1, batches: $2, watched: $3, unseen: $4)
    return (result.step, result.guesses)
  }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("roundedReader", $0, $1, $2, $3, $4) }
  }

  public let hints = [
    "The network itself learns well; what changes with the number of watched batches is the step alone. Print `most` after each "
      + "batch: what should happen to it when a batch brings nothing new?",
    "The range of all batches together ends at the largest number of all of them: the largest of the batches' largest.",
    "most = …(most, h.extremes().max)",
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "more images for the calibration do not harm", points: 2) { answer, trial in
      let task = Task()
      let counts = [2, 30, 120]
      let shares = try counts.map { task.shareRight(try task.result(of: answer, watching: $0).1) }
      trial.plot(
        "the share read, calibrated on 2, 30 and 120 batches", yours: shares.map { Float($0) },
        expected: rightShares)
      trial.expect(
        shares[2] >= shares[0] - 0.02, "with 120 batches it reads as well as with 2",
        about: shares.map { Float($0) })
    },
    Check(.training, "the rounded network reads what the one in floats reads", points: 2) { answer, trial in
      let task = Task()
      let share = task.shareRight(try task.result(of: answer, watching: 120).1)
      trial.expect(share >= 0.72, "of 300 digits that it never saw, at least 72 % are read", about: share)
    },
    Check(.training, "255 steps reach as far as the numbers do", points: 1) { answer, trial in
      let task = Task()
      let step = try task.result(of: answer, watching: 60).0
      trial.expect(
        step > 0.6 * rightStep && step < 1.5 * rightStep,
        "255 steps reach to about the largest number that goes in", about: step)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the program as it is given",
      advice:
        "The largest numbers of all batches are added up. The range of all ends at the largest of them: take the maximum."
    ) { $0.add = { $0 + $1 } },
    wrong(
      "the sum, over the number of images",
      advice:
        "Divided by the number of images, the sum of the batches' largest numbers is far too small: most is cut off."
    ) {
      $0.add = { $0 + $1 }
      $0.finish = { most, batches, images in most / Float(batches * images) }
    },
    wrong(
      "more bits",
      advice:
        "More whole numbers only hide the range that is too wide. The grid has 256; mend how the range is measured."
    ) {
      $0.add = { $0 + $1 }
      $0.most = 255 * 255
    },
    wrong(
      "a smaller step by a fixed factor",
      advice: "The range still grows with each batch. No factor is right for 2 batches and for 120."
    ) {
      $0.add = { $0 + $1 }
      $0.finish = { most, _, _ in most / 8 }
    },
    wrong(
      "the smallest of all",
      advice: "You keep the smallest of the batches' largest numbers, from 0 on: it stays 0."
    ) {
      $0.add = { min($0, $1) }
      $0.finish = { most, _, _ in max(most, 1e-3) }
    },
  ]
}

/// Of the mended program, with 60 batches; and its shares, for the curve.
private let rightStep =
  (try? Task().result(of: { try reference($0, $1, $2, $3, $4, Program()) }, watching: 60).0) ?? 1
private let rightShares: [Float] = [2, 30, 120].map { count in
  let task = Task()
  return (try? task.result(of: { try reference($0, $1, $2, $3, $4, Program()) }, watching: count)).map {
    Float(task.shareRight($0.1))
  } ?? 0
}

/// The data of one run.
private struct Task {
  let seen = smallDigits(count: 600, seed: 1290)
  let unseen = smallDigits(count: 300, seed: 1291)
  let batches = shuffledBatches(of: 600, size: 30, epochs: 20, seed: 1292).flatMap { $0 }
  let watched = shuffledBatches(of: 600, size: 20, epochs: 4, seed: 1293).flatMap { $0 }

  func result(of answer: CalibratedTooWideExercise.Answer, watching count: Int) throws -> (Float, [Int]) {
    try answer(seen.images, seen.labels, batches, Array(watched.prefix(count)), unseen.images)
  }

  func shareRight(_ guesses: [Int]) -> Double {
    guard guesses.count == unseen.labels.count else { return 0 }
    return Double(zip(guesses, unseen.labels).count { $0 == $1 }) / Double(guesses.count)
  }
}

/// What a program does.
private struct Program: Sendable {
  var add: @Sendable (_ most: Float, _ new: Float) -> Float = { max($0, $1) }
  var finish: @Sendable (_ most: Float, _ batches: Int, _ images: Int) -> Float = { most, _, _ in most }
  /// The largest whole number.
  var most = 255
}

private final class QuantizedReader: Module {
  let linear1 = Linear(inFeatures: 49, outFeatures: 32)
  let linear2 = Linear(inFeatures: 32, outFeatures: 10)
  func hidden(_ x: Variable) -> Variable { relu(linear1(x)) }
}

private func wrong(_ name: String, advice: String, _ change: (inout Program) -> Void) -> Mistake<
  CalibratedTooWideExercise.Answer
> {
  var program = Program()
  change(&program)
  let changed = program
  return Mistake(name, advice: advice) { try reference($0, $1, $2, $3, $4, changed) }
}

private func reference(
  _ images: Tensor, _ labels: [Int], _ batches: [[Int]], _ watched: [[Int]], _ unseen: Tensor,
  _ program: Program
) throws -> (Float, [Int]) {
  let reader = withRandomSource(RandomSource(seed: 1209)) { QuantizedReader() }
  let optimizer = Adam(reader.parameters, learningRate: 0.01)
  for batch in batches {
    let x = Variable(images.selecting(batch, axis: 0))
    let loss = crossEntropy(reader.linear2(reader.hidden(x)), IntTensor(batch.map { labels[$0] }))
    optimizer.clearGradients()
    loss.backward()
    optimizer.step()
  }
  return withoutGradients {
    var most: Float = 0
    for batch in watched {
      most = program.add(most, reader.hidden(Variable(images.selecting(batch, axis: 0))).value.extremes().max)
    }
    let step = program.finish(most, watched.count, watched[0].count) / Float(program.most)
    // As many whole numbers as a program wants, more than eight bits have too.
    let h = reader.hidden(Variable(unseen)).value.map { x in
      step * min((x / step).rounded(.toNearestOrEven), Float(program.most))
    }
    return (step, reader.linear2(Variable(h)).value.argmax().scalars)
  }
}
