import ExerciseKit
import Practice

public final class YourOwnCNNExercise: Exercise {
  public struct Answer: Sendable {
    var convolved: @Sendable (_ x: Tensor, _ w: Tensor, _ b: Tensor) throws -> Tensor
    var convolvedGradients:
      @Sendable (_ dy: Tensor, _ x: Tensor, _ w: Tensor) throws -> (Tensor, Tensor, Tensor)
    var pooled: @Sendable (_ x: Tensor) throws -> (Tensor, [Int])
    var pooledGradient: @Sendable (_ dy: Tensor, _ places: [Int], _ shape: [Int]) throws -> Tensor
    var scores: @Sendable (_ images: Tensor, _ weights: [Tensor]) throws -> Tensor
    var loss: @Sendable (_ images: Tensor, _ t: [Int], _ weights: [Tensor]) throws -> (Float, [Tensor])
    var train:
      @Sendable (
        _ images: Tensor, _ t: [Int], _ epochs: [[[Int]]], _ weights: [Tensor], _ learningRate: Float
      ) throws -> ([[Tensor]], [Float])
  }

  public init() {}

  public let title = "The article's CNN, of your own parts"
  public let section = "7.11"
  public let difficulty = 5
  public let minutes = 150
  public let allowed =
    Allowed.tensor + .arithmetic + Allowed(["matmul", "Tensor.transposed", "Tensor.sum"])
  public let functions = [
    "convolved", "convolvedGradients", "pooled", "pooledGradient", "cnnScores", "cnnLoss", "trainCNN",
  ]
  public let isOptimized = true
  /// A minute on two cores.
  public let secondsAllowed = 120
  public let mebibytesAllowed = 3072

  public let solution = Answer(
    convolved: { try convolved($0, weight: $1, bias: $2) },
    convolvedGradients: { try convolvedGradients($0, input: $1, weight: $2) },
    pooled: { try pooled($0) }, pooledGradient: { try pooledGradient($0, places: $1, shape: $2) },
    scores: { try cnnScores($0, weights: $1) }, loss: { try cnnLoss($0, targets: $1, weights: $2) },
    train: { try trainCNN($0, targets: $1, epochs: $2, weights: $3, learningRate: $4) })

  public func answer(of learner: Learner) -> Answer {
    Answer(
      convolved: { try learner.call("convolved", $0, $1, $2) },
      convolvedGradients: { try learner.call("convolvedGradients", $0, $1, $2) },
      pooled: { try learner.call("pooled", $0) },
      pooledGradient: { try learner.call("pooledGradient", $0, $1, $2) },
      scores: { try learner.call("cnnScores", $0, $1) }, loss: { try learner.call("cnnLoss", $0, $1, $2) },
      train: { try learner.call("trainCNN", $0, $1, $2, $3, $4) })
  }

  public let hints = [
    "Go from function to function in the order of the file; each is checked on its own. Begin with a "
      + "function that writes the windows of one image as columns, for the convolution and both of its "
      + "gradients use it. Keep what each layer gave on the way forward: the way back needs all of it.",
    "Image by image, with W as [O, C·K·K] and the columns X as [C·K·K, H·W]: Y = W X + b; dW += dY Xᵀ; db "
      + "+= the rows' sums of dY; dX = Wᵀ dY, and every number of dX is added to the pixel that its place "
      + "of X was copied from. The way back: dz = (softmax − δ)/N; linear; ReLU (0 where its output is 0); "
      + "linear; places of the pooling; ReLU; convolution; pooling; ReLU; convolution.",
    """
    // convolved, for each image n
    let columns = windows(pixels, …)                                  // [C·K·K, H·W]
    y += (matmul(w.flattened(from: 1), columns) + b.reshaped([-1, 1])).scalars

    // convolvedGradients, for each image n
    dw = dw + matmul(dmaps, columns.transposed())
    db = db + dmaps.sum(axis: 1)
    let dcolumns = matmul(w.flattened(from: 1).transposed(), dmaps).scalars
    …                                                                 // dx[pixel] += dcolumns[place]

    // windows: copy whole runs of a row, with all arrays taken out of the tensors beforehand
    for c in …  { for a in 0..<k { for b in 0..<k { for i in … {
      for j in first..<end { columns[place + j] = pixels[pixel + j] }
    } } } }

    // trainCNN, for each batch of each epoch
    let (loss, gradients) = try cnnLoss(…)
    let rate = learningRate * (1 - (step - 1) / Float(steps))
    …                                                                 // the step of 7.3, for each of the eight
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "a map for each filter, as large as the image", points: 1) { answer, trial in
      for (n, c, h, w, o, k) in [(2, 3, 4, 6, 5, 3), (1, 1, 5, 5, 2, 5)] {
        var inputs = Inputs(seed: 791)
        let (x, filters) = (inputs.integers([n, c, h, w]), inputs.integers([o, c, k, k]))
        trial.expect(
          try answer.convolved(x, filters, inputs.integers([o])), hasShape: [n, o, h, w],
          "convolved(x \(x.shape), weight: \(filters.shape), bias: [\(o)])")
      }
    },
    Check(.byHand, "the convolution of a row, of a square, and of two channels", points: 1) { answer, trial in
      let row = Tensor([1, 2, 4], shape: [1, 1, 1, 3])
      try expectConvolved(
        row, Tensor([5, 6, 7, 1, 0, -1, 8, 9, 2], shape: [1, 1, 3, 3]), Tensor([10]), of: answer, trial)
      var inputs = Inputs(seed: 792)
      try expectConvolved(
        inputs.integers([1, 1, 3, 3]), inputs.integers([1, 1, 3, 3]), Tensor([0]), of: answer, trial)
      try expectConvolved(
        inputs.integers([2, 2, 2, 3]), inputs.integers([2, 2, 3, 3]), Tensor([1, -2]), of: answer, trial)
    },
    Check(.byHand, "its gradients, of one channel and of two", points: 1) { answer, trial in
      var inputs = Inputs(seed: 793)
      for shape in [[1, 1, 1, 3], [2, 1, 3, 3], [2, 2, 2, 3]] {
        try expectConvolvedGradients(
          inputs.integers([shape[0], 2, shape[2], shape[3]]), inputs.integers(shape),
          inputs.integers([2, shape[1], 3, 3]), of: answer, trial)
      }
    },
    Check(.byHand, "pooling: maxima, places, and where gradients go", points: 1) { answer, trial in
      try expectPooled(Tensor([1, 5, 2, 2, 3, 4, 2, 2], shape: [1, 1, 2, 4]), of: answer, trial)
      try expectPooled(
        Tensor([-1, -5, -2, -3, -4, -6, -7, -8, -9, 7, 7, 1, 2, 3, 4, 5, 6, 7], shape: [1, 2, 3, 3]),
        of: answer, trial)
    },
    Check(.property, "each part as the definitions say, for ten sizes", points: 1) { answer, trial in
      var inputs = Inputs(seed: 794)
      for _ in 0..<10 {
        let (n, c, o) = (inputs.integer(1...3), inputs.integer(1...3), inputs.integer(1...4))
        let (h, w) = (inputs.integer(2...8), inputs.integer(2...8))
        let k = [1, 3, 5][inputs.integer(0...2)]
        let (x, filters) = (inputs.integers([n, c, h, w]), inputs.integers([o, c, k, k]))
        try expectConvolved(x, filters, inputs.integers([o]), of: answer, trial)
        try expectConvolvedGradients(inputs.integers([n, o, h, w]), x, filters, of: answer, trial)
        try expectPooled(x, of: answer, trial)
      }
    },
    Check(.property, "the scores of small networks", points: 1) { answer, trial in
      for seed in 795..<799 {
        let small = SmallNetwork(seed: UInt64(seed))
        trial.expect(
          try answer.scores(small.images, small.weights),
          equals: OwnCNN().scores(small.images, small.weights),
          "cnnScores(images \(small.images.shape), weights: \(small.weights.map(\.shape)))", tolerance: 1e-4)
      }
    },
    Check(.gradients, "the loss of small networks, and its eight gradients", points: 2) { answer, trial in
      for seed in 800..<803 {
        let small = SmallNetwork(seed: UInt64(seed))
        try expectLoss(small, of: answer, trial)
      }
      // Scores far beyond what exp can take.
      var large = SmallNetwork(seed: 803)
      large.weights[7] = large.weights[7] * 1000
      try expectLoss(large, of: answer, trial)
      // And far apart, wherever the largest stands: three classes, each in turn the largest, the right and neither.
      for order in [[300, -300, 0], [-300, 0, 300], [0, 300, -300]] as [[Float]] {
        var apart = SmallNetwork(seed: 807, count: 1, classes: 3)
        apart.weights[7] = Tensor(order)
        try expectLoss(apart, of: answer, trial)
      }
    },
    Check(.gradients, "the loss changes as the gradients say", points: 1) { answer, trial in
      let small = SmallNetwork(seed: 804)
      let (_, gradients) = try answer.loss(small.images, small.targets, small.weights)
      guard gradients.map(\.shape) == small.weights.map(\.shape) else {
        return trial.expect(
          false, "the gradients have the shapes of the weights", about: gradients.map(\.shape))
      }
      var inputs = Inputs(seed: 805)
      for (i, (gradient, name)) in zip(gradients, SmallNetwork.names).enumerated() {
        let direction = inputs.normal(gradient.shape)
        let step: Float = 2e-3
        func loss(_ factor: Float) -> Float {
          var weights = small.weights
          weights[i] = weights[i] + factor * direction
          return OwnCNN().loss(small.images, small.targets, weights).0
        }
        let expected = (loss(step) - loss(-step)) / (2 * step)
        trial.expect(
          zip(gradient.scalars, direction.scalars).reduce(Float(0)) { $0 + $1.0 * $1.1 }, equals: expected,
          "how the loss changes when \(name) moves in a random direction", tolerance: 1e-2)
      }
    },
    Check(.gradients, "two epochs of three steps: Adam, its counting, and the falling rate", points: 1) {
      answer, trial in
      let epochs = [[[4, 0], [2, 1], [3]], [[1, 3], [0, 2], [4]]]
      let small = SmallNetwork(seed: 806, count: 5)
      // The first gradients of so faint images are small enough to tell where ε stands; the biases keep ReLU open.
      var faint = small
      faint.images = faint.images * 1e-5
      for i in [1, 3, 5] { faint.weights[i] = faint.weights[i].map { abs($0) + 2 } }
      for (small, images) in [(small, "images"), (faint, "0.00001 · images")] {
        let (weights, losses) = try answer.train(small.images, small.targets, epochs, small.weights, 0.01)
        let expected = OwnCNN().train(small.images, small.targets, epochs, small.weights, 0.01)
        let call = "trainCNN(\(images), targets: t, epochs: \(epochs), weights: …, learningRate: 0.01)"
        trial.expect(losses.count == 6, "six batches have six losses", about: losses)
        trial.expect(losses, equals: expected.1, "\(call).losses", tolerance: 1e-4)
        let shapes = weights.map { $0.map(\.shape) }
        trial.expect(
          shapes == expected.0.map { $0.map(\.shape) }, "after each of two epochs there are eight weights",
          about: shapes)
        for (epoch, (yours, ours)) in zip(weights, expected.0).enumerated() {
          for (i, name) in SmallNetwork.names.enumerated() where i < min(yours.count, ours.count) {
            trial.expect(
              yours[i], equals: ours[i], "\(call), \(name) after epoch \(epoch + 1)", tolerance: 1e-4)
          }
        }
      }
    },
    Check(.training, "it learns to read 2,000 digits", points: 4) { answer, trial in
      try OwnCNNTraining(answer).check(trial)
    },
  ]
}

/// A network small enough to go through it loop by loop.
private struct SmallNetwork {
  static let names = [
    "conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "fc1.weight", "fc1.bias", "fc2.weight",
    "fc2.bias",
  ]
  var images: Tensor
  let targets: [Int]
  var weights: [Tensor]

  init(seed: UInt64, count: Int? = nil, classes: Int? = nil) {
    var inputs = Inputs(seed: seed)
    let (height, width) = (4 * inputs.integer(1...2) + inputs.integer(0...1), 4 * inputs.integer(1...2))
    let (channels, first, second) = (inputs.integer(1...2), inputs.integer(2...3), inputs.integer(2...4))
    let (hidden, ownClasses) = (inputs.integer(3...6), inputs.integer(2...4))
    let classes = classes ?? ownClasses
    let flat = second * (height / 4) * (width / 4)
    let count = count ?? inputs.integer(1...3)
    images = inputs.normal([count, channels, height, width])
    targets = (0..<count).map { _ in inputs.integer(0...classes - 1) }
    weights = [
      inputs.normal([first, channels, 3, 3]), inputs.normal([first]),
      inputs.normal([second, first, 5, 5]) * 0.3,
      inputs.normal([second]) * 0.3, inputs.normal([hidden, flat]) * 0.5, inputs.normal([hidden]) * 0.5,
      inputs.normal([classes, hidden]) * 0.5, inputs.normal([classes]),
    ]
  }
}

private func expectConvolved(
  _ x: Tensor, _ w: Tensor, _ b: Tensor, of answer: YourOwnCNNExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer.convolved(x, w, b), equals: OwnCNN.convolved(x, w, b), "convolved(x, weight: w, bias: b)",
    given: ["x": x, "w": w, "b": b],
    by: { place in
      let p = (w.shape[2] - 1) / 2
      var factors: [(Float, Float)] = [(1, b[place[1]])]
      for c in 0..<w.shape[1] {
        for row in 0..<w.shape[2] {
          for column in 0..<w.shape[3] {
            let (i, j) = (place[2] + row - p, place[3] + column - p)
            guard i >= 0, i < x.shape[2], j >= 0, j < x.shape[3] else { continue }
            factors.append((w[place[1], c, row, column], x[place[0], c, i, j]))
          }
        }
      }
      return sumOfProducts(factors)
    })
}

private func expectConvolvedGradients(
  _ dy: Tensor, _ x: Tensor, _ w: Tensor, of answer: YourOwnCNNExercise.Answer, _ trial: Trial
) throws {
  let (dx, dw, db) = try answer.convolvedGradients(dy, x, w)
  let expected = OwnCNN().convolvedGradients(dy, x, w)
  let call = "convolvedGradients(dy, input: x, weight: w)"
  let p = (w.shape[2] - 1) / 2
  trial.expect(
    dx, equals: expected.0, "\(call).dx", given: ["dy": dy, "w": w],
    by: { place in
      var factors: [(Float, Float)] = []
      for o in 0..<w.shape[0] {
        for a in 0..<w.shape[2] {
          for b in 0..<w.shape[3] {
            let (i, j) = (place[2] - a + p, place[3] - b + p)
            guard i >= 0, i < x.shape[2], j >= 0, j < x.shape[3] else { continue }
            factors.append((dy[place[0], o, i, j], w[o, place[1], a, b]))
          }
        }
      }
      return sumOfProducts(factors)
    })
  trial.expect(
    dw, equals: expected.1, "\(call).dw", given: ["dy": dy, "x": x],
    by: { place in
      var factors: [(Float, Float)] = []
      for n in 0..<x.shape[0] {
        for i in 0..<x.shape[2] {
          for j in 0..<x.shape[3] {
            let (row, column) = (i + place[2] - p, j + place[3] - p)
            guard row >= 0, row < x.shape[2], column >= 0, column < x.shape[3] else { continue }
            factors.append((dy[n, place[0], i, j], x[n, place[1], row, column]))
          }
        }
      }
      return sumOfProducts(factors)
    })
  trial.expect(db, equals: expected.2, "\(call).db", given: ["dy": dy])
}

private func expectPooled(_ x: Tensor, of answer: YourOwnCNNExercise.Answer, _ trial: Trial) throws {
  let (y, places) = try answer.pooled(x)
  let expected = OwnCNN.pooled(x)
  trial.expect(
    y, equals: expected.0, "pooled(x).y", given: ["x": x],
    by: { place in
      let window = [(0, 0), (0, 1), (1, 0), (1, 1)].map {
        written(x[place[0], place[1], 2 * place[2] + $0.0, 2 * place[3] + $0.1])
      }
      return "the largest of \(window.joined(separator: ", "))"
    })
  trial.expect(
    places.count == expected.1.count, "every maximum has a place: \(expected.1.count) of them", about: places)
  trial.expect(places, equals: expected.1, "pooled(x).places", given: ["x": x], tolerance: 0)
  var inputs = Inputs(seed: 790)
  let dy = inputs.integers(expected.0.shape)
  // With our places, so that a wrong place is not told twice.
  trial.expect(
    try answer.pooledGradient(dy, expected.1, x.shape),
    equals: OwnCNN.pooledGradient(dy, expected.1, x.shape),
    "pooledGradient(dy, places: \(expected.1.count <= 8 ? "\(expected.1)" : "…"), shape: \(x.shape))",
    given: ["dy": dy])
}

private func expectLoss(
  _ small: SmallNetwork, of answer: YourOwnCNNExercise.Answer, _ trial: Trial
) throws {
  let (loss, gradients) = try answer.loss(small.images, small.targets, small.weights)
  let expected = OwnCNN().loss(small.images, small.targets, small.weights)
  let call = "cnnLoss(images \(small.images.shape), targets: \(small.targets), weights: …)"
  trial.expect(loss, equals: expected.0, "\(call).loss", tolerance: 1e-4)
  let shapes = gradients.map(\.shape)
  trial.expect(
    shapes == small.weights.map(\.shape), "the gradients have the shapes of the weights", about: shapes)
  for (i, name) in SmallNetwork.names.enumerated() where i < gradients.count {
    trial.expect(gradients[i], equals: expected.1[i], "\(call), the gradient of \(name)", tolerance: 1e-4)
  }
}
