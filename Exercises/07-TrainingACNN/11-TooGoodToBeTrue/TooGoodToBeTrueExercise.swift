import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class TooGoodToBeTrueExercise: Exercise {
  /// The images of both parts, the labels of both parts, and the share of the second that is read after each epoch.
  public typealias Answer =
    @Sendable (_ images: Tensor, _ labels: [Int]) throws -> (Tensor, Tensor, [[Int]], [Float])

  public init() {}

  public let title = "Find the faults: too good to be true"
  public let section = "7.7"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 4
  public let minutes = 35
  public let allowed = Allowed.engine
  public let functions = ["trainOnCopies"]
  public let solution: Answer = { images, labels in try trainOnCopies(images, labels: labels) }

  public func answer(of learner: Learner) -> Answer {
    { images, labels in try learner.call("trainOnCopies", images, labels) }
  }

  public let hints = [
    "Take the two digits [a, b] with the labels [7, 1], and write down what the program makes of them: the ten images in a "
      + "row, and under them the ten labels. Then ask of a held-out image where its four sisters are.",
    "Copies stand block by block: all M images, then all M moved up, and so on. So the labels repeat as a whole, five "
      + "times. And what is held out must be chosen among the M digits, before any copy is made.",
    """
    let places = order.permutation(images.shape[0])           // digits, not copies
    let (held, kept) = …
    let training = copies(of: images.rows(kept))
    let trainingLabels = …                                    // those of `kept`, all of them, five times over
    let validation = images.rows(…)
    let validationLabels = held.map { … }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.property, "it learns to read: 60 % of what is held out", points: 1) { answer, trial in
      let task = Task()
      let shares = try answer(task.images, task.labels).3
      trial.plot(
        "the share of held-out digits that are read, epoch by epoch", yours: shares,
        expected: try right(task.images, task.labels).3)
      let last = shares.last ?? .nan
      trial.expect(
        last >= 0.6, "after the last epoch at least 60 % of the held-out digits are read", about: [last])
    },
    Check(.training, "each image stands beside its own label", points: 1) { answer, trial in
      let task = Task()
      let (training, validation, labels, _) = try answer(task.images, task.labels)
      guard labels.count == 2 else {
        return trial.expect(false, "there are two lists of labels", about: labels.count)
      }
      let wrong = [
        task.mislabelled(task.sources(of: training), labels[0]),
        task.mislabelled(task.sources(of: validation), labels[1]),
      ]
      trial.expect(
        wrong == [0, 0], "no image of the two parts has another label than its digit, and each has one",
        about: wrong)
    },
    Check(.training, "what is held out is new", points: 2) { answer, trial in
      let task = Task()
      let (training, validation, _, _) = try answer(task.images, task.labels)
      let seen = Set(task.sources(of: training))
      let leaked = task.sources(of: validation).count { seen.contains($0) }
      trial.expect(
        leaked == 0, "of no held-out digit is there a copy among those to learn from", about: [leaked])
    },
    Check(.training, "every digit is used, and five times for learning", points: 1) { answer, trial in
      let task = Task()
      let (training, validation, _, _) = try answer(task.images, task.labels)
      let (learned, held) = (task.sources(of: training), task.sources(of: validation))
      let counts = [learned.count, Set(learned).count, Set(held).count]
      trial.expect(
        counts[0] == 5 * counts[1] && counts[1] + counts[2] >= task.labels.count
          && (20...80).contains(counts[2]),
        "each digit to learn from stands there with its four copies, and 20 to 80 others are held out",
        about: counts)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the labels of the copies, and the split after copying",
      advice:
        "The copies stand block by block, and their labels digit by digit: four of five images have the label of "
        + "another. When that is mended, look at what is held out."
    ) { parts($0, $1, labels: .digitByDigit, split: .copies) },
    Mistake(
      "the split after copying",
      advice:
        "The labels are right now, and the number is too good: a fifth of all copies is held out, and nearly every "
        + "one has a sister among those to learn from. Choose the digits that are held out before you copy."
    ) { parts($0, $1, labels: .blockByBlock, split: .copies) },
    Mistake(
      "the labels of the copies",
      advice:
        "What is held out is new now. But the copies stand block by block, and their labels digit by digit: four of "
        + "five images to learn from have the label of another."
    ) { parts($0, $1, labels: .digitByDigit, split: .digits) },
    Mistake(
      "one kind of copy is held out",
      advice:
        "You hold out the images that were moved to the right. The same digits, moved another way, are among those to "
        + "learn from: hold out digits, with all that comes of them."
    ) { parts($0, $1, labels: .blockByBlock, split: .lastBlock) },
    Mistake(
      "what is held out is learned from as well",
      advice: "You chose the digits to hold out, and then copied all of them. Copy only those that are left."
    ) { parts($0, $1, labels: .blockByBlock, split: .overlapping) },
    Mistake(
      "no copies any more",
      advice:
        "Without the copies nothing leaks, and there is five times less to learn from. Split first, and then copy "
        + "the part to learn from."
    ) { parts($0, $1, labels: .blockByBlock, split: .withoutCopies) },
  ]
}

private let right: TooGoodToBeTrueExercise.Answer = { images, labels in
  try trainOnCopies(images, labels: labels)
}

/// The digits, and which digit an image comes from.
private struct Task {
  let images: Tensor
  let labels: [Int]
  /// Each image and its copies, by their pixels.
  private let origins: [[Float]: Int]

  init() {
    (images, labels) = smallDigits(count: 200, seed: 7111)
    var origins: [[Float]: Int] = [:]
    for move in moves {
      for (n, pixels) in rows(of: moved(images, by: move)).enumerated() { origins[pixels] = n }
    }
    self.origins = origins
  }

  /// For each row the digit that it shows, moved or not; −1 where it shows none.
  func sources(of part: Tensor) -> [Int] {
    guard part.rank == 2, part.shape[1] == 49 else { return [-1] }
    return rows(of: part).map { origins[$0] ?? -1 }
  }

  /// How many images have another label than theirs, or none; a label without an image counts as well.
  func mislabelled(_ sources: [Int], _ given: [Int]) -> Int {
    zip(sources, given).count { source, label in source < 0 || labels[source] != label }
      + abs(sources.count - given.count)
  }
}

private let moves = [(0, 0), (-1, 0), (1, 0), (0, -1), (0, 1)]

private func rows(of images: Tensor) -> [[Float]] {
  (0..<images.shape[0]).map { n in Array(images.scalars[n * 49..<(n + 1) * 49]) }
}

private func moved(_ images: Tensor, by move: (down: Int, right: Int)) -> Tensor {
  var result = Tensor.zeros(images.shape)
  for n in 0..<images.shape[0] {
    for row in max(0, move.down)..<min(7, 7 + move.down) {
      for column in max(0, move.right)..<min(7, 7 + move.right) {
        result[n, row * 7 + column] = images[n, (row - move.down) * 7 + column - move.right]
      }
    }
  }
  return result
}

private enum Labels { case digitByDigit, blockByBlock }
private enum Split { case copies, digits, lastBlock, overlapping, withoutCopies }

/// The program with another order of labels, and another way to hold something out.
private func parts(
  _ images: Tensor, _ labels: [Int], labels order: Labels, split: Split
) -> (Tensor, Tensor, [[Int]], [Float]) {
  func copied(_ places: [Int]) -> (images: Tensor, labels: [Int]) {
    let own = places.map { labels[$0] }
    let all = concatenate(moves.map { moved(images.rows(places), by: $0) })
    return (
      all,
      order == .blockByBlock ? moves.flatMap { _ in own } : own.flatMap { [Int](repeating: $0, count: 5) }
    )
  }
  func plain(_ places: [Int]) -> (images: Tensor, labels: [Int]) {
    (images.rows(places), places.map { labels[$0] })
  }
  func part(_ whole: (images: Tensor, labels: [Int]), _ places: some Sequence<Int>) -> (
    images: Tensor, labels: [Int]
  ) {
    (whole.images.rows(Array(places)), places.map { whole.labels[$0] })
  }
  var stream = RandomStream(seed: 711)
  let all = Array(labels.indices)
  let places = stream.permutation(split == .copies ? 5 * labels.count : labels.count)
  let (held, kept) = (Array(places.prefix(places.count / 5)), Array(places.dropFirst(places.count / 5)))
  let (training, validation) =
    switch split {
    case .copies: (part(copied(all), kept), part(copied(all), held))
    case .digits: (copied(kept), plain(held))
    case .lastBlock:
      (part(copied(all), 0..<4 * labels.count), part(copied(all), 4 * labels.count..<5 * labels.count))
    case .overlapping: (copied(all), plain(held))
    case .withoutCopies: (plain(kept), plain(held))
    }
  return (
    training.images, validation.images, [training.labels, validation.labels], sharesRead(training, validation)
  )
}

/// Trains on one part, and reads the other after each of 20 epochs.
private func sharesRead(
  _ training: (images: Tensor, labels: [Int]), _ validation: (images: Tensor, labels: [Int])
) -> [Float] {
  withRandomSource(RandomSource(seed: 712)) {
    let reader = Sequential(
      Linear(inFeatures: 49, outFeatures: 64), ReLU(), Linear(inFeatures: 64, outFeatures: 10))
    let optimizer = SGD(reader.parameters, learningRate: 0.2, momentum: 0.9)
    var order = RandomStream(seed: 713)
    return (0..<20).map { _ in
      let places = order.permutation(training.labels.count)
      for start in stride(from: 0, to: places.count, by: 32) {
        let batch = Array(places[start..<min(start + 32, places.count)])
        let targets = IntTensor(batch.map { training.labels[$0] }, shape: [batch.count])
        let loss = crossEntropy(reader(Variable(training.images.rows(batch))), targets)
        optimizer.clearGradients()
        loss.backward()
        optimizer.step()
      }
      let scores = withoutGradients { reader(Variable(validation.images)).value }
      let right = zip(scores.argmax(axis: 1).scalars, validation.labels).count { $0 == $1 }
      return Float(right) / Float(validation.labels.count)
    }
  }
}
