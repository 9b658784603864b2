import ExerciseKit
import Practice

public final class SmallReaderExercise: Exercise {
  public struct Answer: Sendable {
    var packed: @Sendable (_ weight: Tensor) throws -> [Int]
    var unpacked: @Sendable (_ bytes: [Int], _ shape: [Int]) throws -> Tensor
    var train: @Sendable (_ images: Tensor, _ labels: [Int], _ teacher: Tensor, _ epochs: Int) throws -> [Int]
    var read: @Sendable (_ images: Tensor, _ file: [Int]) throws -> [Int]
  }

  public init() {}

  public let title = "A reader of digits under 20 kB"
  public let section = "12.8"
  public let difficulty = 5
  public let minutes = 120
  public let allowed = Allowed.engine
  public let functions = ["packed", "unpacked", "trainReader", "readDigits"]
  public let isOptimized = true
  public let secondsAllowed = 120
  public let mebibytesAllowed = 3072

  public let solution = Answer(
    packed: { try packed($0) }, unpacked: { try unpacked($0, shape: $1) },
    train: { try trainReader($0, labels: $1, teacher: $2, epochs: $3) },
    read: { try readDigits($0, file: $1) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      packed: { try learner.call("packed", $0) }, unpacked: { try learner.call("unpacked", $0, $1) },
      train: { try learner.call("trainReader", $0, $1, $2, $3) },
      read: { try learner.call("readDigits", $0, $1) })
  }

  public let hints = [
    "Begin with `packed` and `unpacked`, which are checked by themselves: a bit for each place says whether a number is there, "
      + "and only those that are get a byte. Then train with the teacher's logits alone; see what that reads; then prune in rounds "
      + "while you train, `fc1` first, and count the bytes.",
    "n bits, O scales of 4 bytes (max |w| of the row / 127), a byte round(w / scale) for each that is not 0. fc1 with 37,632 weights "
      + "takes 4,704 + 192 bytes and one for each weight left: with a quarter of them, the whole file is below 20,000. Temperature 4, "
      + "Adam with 0.002 falling to 0, masks applied after each step.",
    """
    for i in row where numbers[i] != 0 {
      bits[i / 8] |= 1 << (i % 8)
      values.append(Int((numbers[i] / scale).rounded()) & 255)
    }

    for (part, amount) in [(4, 0.45), (3, 0.65), (2, 0.76)] where epoch == epochs / part {
      mask = magnitudeMask(of: reader.fc1.weight.value, amount: amount)
    }
    …
    let loss = softTargetLoss(student: …, teacher: teacher.rows(places), temperature: 4)
    …
    optimizer.step()
    reader.fc1.weight.value = reader.fc1.weight.value * …

    // readDigits: walk through reader.state; a weight takes (n + 7) / 8 + 4 · O bytes and one for each bit that is set
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "bytes, and a weight of the old shape", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1291)
      for shape in [[2, 3], [5, 1], [3, 2, 5, 5]] {
        let bytes = try answer.packed(inputs.normal(shape))
        trial.expect(
          bytes.allSatisfy { (0...255).contains($0) },
          "packed(weight of \(shape)) gives numbers from 0 to 255",
          about: bytes.map { min(max($0, -1), 256) })
        trial.expect(
          try answer.unpacked(bytes, shape), hasShape: shape, "unpacked(packed(w), shape: \(shape))")
      }
    },
    Check(.byHand, "a small weight there and back", points: 1) { answer, trial in
      try expectPacked(Tensor([[0, 0.5, 0], [-1, 0, 0.2]]), of: answer, trial)
      try expectPacked(Tensor([[0, 0, 0, 0], [3, -127, 0, 127]]), of: answer, trial)
      try expectPacked(Tensor([[-0.00002], [0.00001], [0]]), of: answer, trial)
    },
    Check(.property, "eight weights of other sizes, pruned by a half and more", points: 1) { answer, trial in
      var inputs = Inputs(seed: 1292)
      for i in 0..<8 {
        let weight = inputs.normal([inputs.integer(1...6), inputs.integer(1...40)])
        let threshold = Float(i % 4) / 2
        try expectPacked(weight.map { abs($0) < threshold ? 0 : $0 }, of: answer, trial)
      }
    },
    Check(.property, "the file is small, and holds all that is needed", points: 2) { answer, trial in
      let short = ReaderTask.short
      // The labels and the teacher of the first are those of the next digit.
      let first = try short.file(of: answer, turned: true)
      trial.expect(
        first.count <= ReaderTask.bytes, "the file has at most \(ReaderTask.bytes) bytes", about: first.count)
      let before = try answer.read(short.unseen.images, first)
      trial.expect(before.count, equals: short.unseen.labels.count, "readDigits(images, file: file).count")
      let second = try short.file(of: answer, turned: false)
      _ = try answer.read(short.unseen.images, second)
      trial.expect(
        try answer.read(short.unseen.images, first), equals: before,
        "readDigits(images, file: first) after another reader was trained")
      let turned = short.unseen.labels.map { ($0 + 1) % 10 }
      let share = Double(zip(before, turned).count { $0 == $1 }) / Double(turned.count)
      trial.expect(
        share > 0.5, "after 6 epochs with 400 digits it reads more than half of others", about: share)
    },
    Check(.training, "it reads 97 % of digits that it never saw", points: 5) { answer, trial in
      let task = ReaderTask.long
      let file = try task.file(of: answer, turned: false)
      trial.expect(
        file.count <= ReaderTask.bytes, "the file has at most \(ReaderTask.bytes) bytes", about: file.count)
      let guesses = try answer.read(task.unseen.images, file)
      let right = zip(guesses, task.unseen.labels).count { $0 == $1 }
      let accuracy = guesses.count == task.unseen.labels.count ? Double(right) / Double(guesses.count) : 0
      trial.expect(
        accuracy >= ReaderTask.accuracy,
        "of \(task.unseen.labels.count) digits that it never saw, it reads at least \(Int(ReaderTask.accuracy * 100)) %",
        about: accuracy)
    },
  ]
}

private func expectPacked(_ weight: Tensor, of answer: SmallReaderExercise.Answer, _ trial: Trial) throws {
  let bytes = try answer.packed(weight)
  let kept = weight.scalars.count { $0 != 0 }
  let most = (weight.count + 7) / 8 + kept + 4 * weight.shape[0] + 16
  trial.expect(
    bytes.count <= most,
    "packed(w) of \(weight.count) numbers in \(weight.shape[0]) rows, \(kept) of them not 0, has at most \(most) bytes",
    about: bytes.count)
  let back = try answer.unpacked(bytes, weight.shape)
  let largest = weight.scalars.reduce(0) { max($0, abs($1)) }
  // Within half a step it is the weight; beyond it, what came back.
  let rounded =
    back.shape == weight.shape
    ? Tensor(
      zip(back.scalars, weight.scalars).map { yours, right in
        right != 0 && abs(yours - right) <= largest / 254 * 1.001 ? right : yours
      }, shape: weight.shape) : back
  trial.expect(
    rounded.shape == weight.shape && largest > 0 ? rounded / largest : rounded,
    equals: largest > 0 ? weight / largest : weight,
    "unpacked(packed(w), shape: \(weight.shape)) / max|w|, numbers within half a step made equal",
    given: ["w": weight], tolerance: 1e-6)
}
