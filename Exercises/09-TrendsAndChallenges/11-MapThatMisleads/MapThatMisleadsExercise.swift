import Engine
import ExerciseChannel
import ExerciseKit
import Practice

public final class MapThatMisleadsExercise: Exercise {
  /// The weights and biases of the hidden layer, the weights of the output layer, and the maps.
  public typealias Answer =
    @Sendable (
      _ images: Tensor, _ labels: [Int], _ batches: [[Int]], _ explained: Tensor, _ classes: [Int]
    ) throws -> (Tensor, Tensor, Tensor, Tensor)

  public init() {}

  public let title = "Find the faults: a map that misleads"
  public let section = "9.3"
  public let kind = ExerciseKind.findTheFault
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.engine
  public let functions = ["trainAndExplain"]
  public let solution: Answer = right
  public let secondsAllowed = 30

  public func answer(of learner: Learner) -> Answer {
    { images, labels, batches, explained, classes in
      try learner.call("trainAndExplain", images, labels, batches, explained, classes)
    }
  }

  public let hints = [
    "Two questions. Which number is it whose gradient is taken: would a map of it say what speaks for the class? And in which "
      + "mode is the network when it is asked?",
    "The gradient must be that of the score s_c, image by image: the sum over the images of their scores of their classes. The loss "
      + "falls when the score rises, and is nearly flat for an image that is read well. And dropout drops until evaluate().",
    """
    reader.…                                          // before it is asked
    …
    let asked = (scores * Variable(IntTensor(classes).oneHot(classes: …))).sum()
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.training, "without the ten pixels that a map names first, its class has lost score", points: 2) {
      answer, trial in
      let curve = Explained(try task.result(of: answer)).erasing(task, pixels: 24)
      trial.plot(
        "how far the score has fallen, on average, as more pixels are erased",
        yours: curve.map { Float($0) },
        expected: expectedCurve)
      trial.expect(
        curve[10] >= 1.5,
        "erasing the ten pixels with the largest attributions lowers the score of the class by 1.5 on average, or more",
        about: curve[10])
    },
    Check(.training, "the parts of a map add up to what the score has risen", points: 2) { answer, trial in
      let gap = Explained(try task.result(of: answer)).gap(task)
      trial.expect(
        gap <= 0.015,
        "the parts add up to s_c(x) − s_c(0): the mean error is at most 1.5 % of the mean difference",
        about: gap)
    },
    Check(.training, "an image has the same map, whatever stands beside it", points: 1) { answer, trial in
      let difference = try task.differenceWhenTurned(answer)
      trial.expect(
        difference <= 0.001,
        "with the explained images in reverse order, no attribution changes by more than 0.001",
        about: difference)
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the gradient of the loss, in training mode",
      advice:
        "Two things are wrong: the map explains the loss, which falls when the class gains, and not the score; and "
        + "dropout is still on while it is made."
    ) {
      $0.asks = .loss
      $0.evaluates = false
    },
    wrong(
      "in training mode",
      advice:
        "It explains the score now. But dropout is still on: every step of the sum asks another network. Call "
        + "evaluate() first."
    ) { $0.evaluates = false },
    wrong(
      "the gradient of the loss",
      advice:
        "Dropout is off now. But the map explains the loss: what argues for the class lowers it. Take the score of the "
        + "class."
    ) { $0.asks = .loss },
    wrong(
      "the loss with its sign turned",
      advice:
        "You turned the sign, and the pixels are in a better order. But the parts add up to the change of ln p, over all "
        + "images' number. Take the score."
    ) { $0.asks = .minusLoss },
    wrong(
      "the probability in place of the score",
      advice:
        "You explain the probability. It is flat where the network is sure, and the parts add up to less than 1. Take "
        + "the score."
    ) { $0.asks = .probability },
    wrong(
      "all scores together",
      advice: "You explain the sum of all ten scores. Only that of the class that was asked for counts."
    ) { $0.asks = .allScores },
    wrong(
      "the largest score",
      advice:
        "You explain the class that the network prefers. Half of the maps are to explain another: see `classes`."
    ) { $0.asks = .largest },
    wrong(
      "the mean over the images",
      advice:
        "You take the mean of the scores, so each image has a share of its gradient: one over their number. Take the sum."
    ) { $0.asks = .mean },
  ]
}

private let right: MapThatMisleadsExercise.Answer = { images, labels, batches, explained, classes in
  try trainAndExplain(images, labels: labels, batches: batches, explained: explained, classes: classes)
}

private func wrong(_ name: String, advice: String, _ change: @escaping @Sendable (inout Program) -> Void)
  -> Mistake<MapThatMisleadsExercise.Answer>
{
  Mistake(name, advice: advice) { images, labels, batches, explained, classes in
    var program = Program()
    change(&program)
    return program.result(images, labels, batches, explained, classes)
  }
}

private enum Asked { case score, loss, minusLoss, probability, allScores, largest, mean }

/// The program, right unless changed.
private struct Program: Sendable {
  var asks = Asked.score
  var evaluates = true

  private final class Reader: Module {
    let hidden = Linear(inFeatures: 49, outFeatures: 48)
    let dropout = Dropout(0.5)
    let output = Linear(inFeatures: 48, outFeatures: 10)

    func callAsFunction(_ images: Variable) -> Variable { output(dropout(relu(hidden(images)))) }
  }

  func result(
    _ images: Tensor, _ labels: [Int], _ batches: [[Int]], _ explained: Tensor, _ classes: [Int]
  ) -> (Tensor, Tensor, Tensor, Tensor) {
    withRandomSource(RandomSource(seed: 911)) {
      let reader = Reader()
      let optimizer = Adam(reader.parameters, learningRate: 0.01)
      for batch in batches {
        let loss = crossEntropy(reader(Variable(images.rows(batch))), IntTensor(batch.map { labels[$0] }))
        optimizer.clearGradients()
        loss.backward()
        optimizer.step()
      }
      if evaluates { reader.evaluate() }
      let steps = 32
      var sum = Tensor.zeros(explained.shape)
      for i in 0..<steps {
        let points = Variable(explained * ((Float(i) + 0.5) / Float(steps)), requiresGradient: true)
        asked(reader(points), classes).backward()
        sum += points.gradient!
      }
      let maps = explained * sum / Float(steps)
      return (reader.hidden.weight.value, reader.hidden.bias!.value, reader.output.weight.value, maps)
    }
  }

  private func asked(_ scores: Variable, _ classes: [Int]) -> Variable {
    let own = Variable(IntTensor(classes).oneHot(classes: 10))
    switch asks {
    case .score: return (scores * own).sum()
    case .loss: return crossEntropy(scores, IntTensor(classes))
    case .minusLoss: return -crossEntropy(scores, IntTensor(classes))
    case .probability: return (softmax(scores) * own).sum()
    case .allScores: return scores.sum()
    case .largest:
      return (scores * Variable(scores.value.argmax(axis: 1).oneHot(classes: 10))).sum()
    case .mean: return (scores * own).sum() * Variable(Tensor(1 / Float(classes.count)))
    }
  }
}

/// Made once: every answer is asked the same.
private let task = Task()
private let expectedCurve =
  Explained(Program().result(task.images, task.labels, task.batches, task.explained, task.classes))
  .erasing(task, pixels: 24).map { Float($0) }

/// 400 digits to learn from, and 60 others to explain.
private struct Task {
  let images, explained: Tensor
  let labels, classes: [Int]
  let batches: [[Int]]

  init() {
    let (all, allLabels) = smallDigits(count: 460, seed: 9_111)
    (images, explained) = (all.rows(0..<400), all.rows(400..<460))
    labels = Array(allLabels[..<400])
    // Every other map is to explain a class that the image does not show.
    classes = allLabels[400...].enumerated().map { $0.offset % 2 == 0 ? $0.element : ($0.element + 3) % 10 }
    batches = shuffledBatches(of: 400, size: 40, epochs: 20, seed: 9_112).flatMap(\.self)
  }

  func result(of answer: MapThatMisleadsExercise.Answer) throws -> (Tensor, Tensor, Tensor, Tensor) {
    try answer(images, labels, batches, explained, classes)
  }

  /// The largest change of an attribution when the images are explained in reverse order.
  func differenceWhenTurned(_ answer: MapThatMisleadsExercise.Answer) throws -> Double {
    let count = explained.shape[0]
    let few = Array(batches.prefix(50))
    let maps = try answer(images, labels, few, explained, classes).3
    let turned = try answer(
      images, labels, few, explained.rows((0..<count).reversed()), classes.reversed()
    ).3
    guard maps.shape == explained.shape, turned.shape == explained.shape else { return .infinity }
    return (0..<maps.count).reduce(0.0) { most, place in
      let (n, p) = (place / 49, place % 49)
      let difference = abs(Double(maps[n, p]) - Double(turned[count - 1 - n, p]))
      return difference.isFinite ? max(most, difference) : .infinity
    }
  }
}

/// What an answer gave, looked at in Double.
private struct Explained {
  let hidden, biases, output, maps: Tensor

  init(_ result: (Tensor, Tensor, Tensor, Tensor)) { (hidden, biases, output, maps) = result }

  private func fits(_ task: Task) -> Bool {
    hidden.shape == [biases.count, 49] && output.shape == [10, biases.count]
      && maps.shape == task.explained.shape
  }

  /// The score of class `c`, but for the bias of the output.
  private func score(_ pixels: [Float], _ c: Int) -> Double {
    (0..<biases.count).reduce(0) { sum, d in
      let a = (0..<49).reduce(Double(biases[d])) { $0 + Double(hidden[d, $1]) * Double(pixels[$1]) }
      return sum + Double(output[c, d]) * max(0, a)
    }
  }

  private func rises(_ task: Task) -> [Double] {
    let black = [Float](repeating: 0, count: 49)
    return task.classes.enumerated().map { n, c in
      score(task.explained.row(n).scalars, c) - score(black, c)
    }
  }

  /// The mean distance between the score of an image and that of the black image.
  func spread(_ task: Task) -> Double {
    guard fits(task) else { return .infinity }
    return rises(task).reduce(0) { $0 + abs($1) } / Double(task.classes.count)
  }

  /// The mean fall of the scores when so many pixels are erased, beginning with the largest attribution.
  func erasing(_ task: Task, pixels: Int) -> [Double] {
    guard fits(task) else { return [Double](repeating: 0, count: pixels + 1) }
    var falls = [Double](repeating: 0, count: pixels + 1)
    for (n, c) in task.classes.enumerated() {
      var image = task.explained.row(n).scalars
      let map = maps.row(n).scalars.map { $0.isFinite ? $0 : 0 }
      let order = map.indices.sorted { map[$0] == map[$1] ? $0 < $1 : map[$0] > map[$1] }
      let whole = score(image, c)
      for (count, p) in order.prefix(pixels).enumerated() {
        image[p] = 0
        falls[count + 1] += (whole - score(image, c)) / Double(task.classes.count)
      }
    }
    return falls
  }

  /// The mean error of the sums, as a share of the mean difference that they should be.
  func gap(_ task: Task) -> Double {
    guard fits(task) else { return .infinity }
    let errors = rises(task).enumerated().map { n, rise in
      abs(maps.row(n).scalars.reduce(0.0) { $0 + Double($1) } - rise)
    }
    return errors.reduce(0, +) / Double(errors.count) / spread(task)
  }
}
