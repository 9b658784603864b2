import ExerciseKit
import Practice

public final class ConvolutionLayerExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ w: Tensor, _ b: Tensor) throws -> Tensor

  public init() {}

  public let title = "Channels in, filters out"
  public let section = "2.5"
  public let difficulty = 3
  public let minutes = 25
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["convolutionLayer"]
  public let solution: Answer = convolutionLayer

  public func answer(of learner: Learner) -> Answer {
    { x, w, b in try learner.call("convolutionLayer", x, w, b) }
  }

  public let hints = [
    "Seven loops, one for each index of the formula. The four outer ones (n, o, i, j) go through the result, the three "
      + "inner ones (channel, row and column of the kernel) make one sum.",
    "y is [N, O, H − K_H + 1, W − K_W + 1]. For each of its numbers start the sum at b[o], and add "
      + "w[o, c, a, b] * x[n, c, i + a, j + b] over all channels c and all places a, b of the kernel. Call the two "
      + "indices of the kernel row and column, for b is the bias.",
    """
    for n in … { for o in … { for i in … { for j in … {
      var sum = b[…]
      for c in 0..<w.shape[1] {
        for row in … { for column in … { sum += w[…] * x[n, c, …, …] } }
      }
      y[n, o, i, j] = sum
    } } } }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[2, 3, 5, 6] with [4, 3, 2, 3] gives [2, 4, 4, 4]", points: 1) { answer, trial in
      for (image, filters) in [
        ([2, 3, 5, 6], [4, 3, 2, 3]), ([1, 2, 4, 4], [1, 2, 1, 1]), ([3, 1, 2, 5], [2, 1, 2, 2]),
      ] {
        var inputs = Inputs(seed: 51)
        let (x, w, b) = (inputs.integers(image), inputs.integers(filters), inputs.integers([filters[0]]))
        let shape = [image[0], filters[0], image[2] - filters[2] + 1, image[3] - filters[3] + 1]
        trial.expect(
          try answer(x, w, b), hasShape: shape,
          "convolutionLayer(x \(image), weight: \(filters), bias: [\(filters[0])])",
          by: """
            \(image[0]) images, \(filters[0]) filters, height \(image[2]) − \(filters[2]) + 1 = \(shape[2]), \
            width \(image[3]) − \(filters[3]) + 1 = \(shape[3])
            """)
      }
    },
    Check(.byHand, "one channel, one filter, a bias of 100", points: 1) { answer, trial in
      try expectMaps(
        Tensor([1, 2, 3, 4, 5, 6], shape: [1, 1, 2, 3]), Tensor([1, -2, 0, 3], shape: [1, 1, 2, 2]),
        Tensor([100]),
        of: answer, trial)
    },
    Check(.byHand, "two channels, two filters", points: 1) { answer, trial in
      try expectMaps(
        Tensor([1, 2, 3, 4, 5, 6, 7, 8], shape: [1, 2, 2, 2]),
        Tensor([1, 0, 0, 2, 0, 1, 0, 0, 0, 3, 0, -1, 1, 0, 0, 0], shape: [2, 2, 2, 2]), Tensor([10, 20]),
        of: answer,
        trial)
    },
    Check(.byHand, "three channels mixed by a 1×1 filter", points: 1) { answer, trial in
      try expectMaps(
        Tensor([1, 2, 3, 4, 5, 6], shape: [1, 3, 1, 2]), Tensor([1, -2, 3, 2, 2, -1], shape: [2, 3, 1, 1]),
        Tensor([5, -7]), of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve layers", points: 2) { answer, trial in
      var inputs = Inputs(seed: 53)
      for _ in 0..<12 {
        let (images, channels, filters) = (
          inputs.integer(1...3), inputs.integer(1...4), inputs.integer(1...4)
        )
        let kernel = [inputs.integer(1...3), inputs.integer(1...3)]
        let x = inputs.integers([
          images, channels, inputs.integer(kernel[0]...6), inputs.integer(kernel[1]...6),
        ])
        let w = inputs.integers([filters, channels, kernel[0], kernel[1]])
        try expectMaps(x, w, inputs.integers([filters]), of: answer, trial)
      }
      try expectMaps(
        inputs.quarters([4, 5, 9, 12]), inputs.quarters([6, 5, 4, 3]), inputs.quarters([6]), of: answer, trial
      )
    },
    Check(.property, "images do not see each other", points: 1) { answer, trial in
      var inputs = Inputs(seed: 57)
      let (x, w, b) = (inputs.integers([3, 2, 4, 3]), inputs.integers([3, 2, 2, 2]), inputs.integers([3]))
      let together = try answer(x, w, b)
      guard together.shape == [3, 3, 3, 2] else {
        return trial.expect(together, hasShape: [3, 3, 3, 2], "convolutionLayer(x, weight: w, bias: b)")
      }
      for n in 0..<3 {
        let alone = Tensor(x.scalars[n * 24..<(n + 1) * 24], shape: [1, 2, 4, 3])
        trial.expect(
          Tensor(together.scalars[n * 18..<(n + 1) * 18], shape: [1, 3, 3, 2]), equals: layer(alone, w, b),
          "image \(n) of convolutionLayer(three images, …), beside the same image alone", given: ["bias": b])
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the bias is left out",
      advice: """
        Your maps are right but for the bias: start each sum of filter o at b[o].
        """
    ) {
      x, w, b in layer(x, w, Tensor.zeros(b.shape))
    },
    Mistake(
      "the bias is added for each channel",
      advice: """
        You add the bias once for each channel. It belongs to the filter: add it once for each number of \
        the map.
        """
    ) { x, w, b in
      layer(x, w, b.map { $0 * Float(w.shape[1]) })
    },
    Mistake(
      "the bias is added with each product",
      advice: """
        You add the bias with each product. Add it once for each number of the map, before the sums begin.
        """
    ) { x, w, b in
      layer(x, w, b.map { $0 * Float(w.count / w.shape[0]) })
    },
    Mistake(
      "all filters share the first bias",
      advice: """
        You add the same bias to every map. Filter o has its own: b[o].
        """
    ) { x, w, b in
      layer(x, w, Tensor(repeating: b[0], shape: b.shape))
    },
    Mistake(
      "each channel begins anew",
      advice: """
        Only the last channel is left: the sum goes on from channel to channel, so begin it before that \
        loop.
        """
    ) { x, w, b in
      layer(x, w, b) { o, c, i, j in c == w.shape[1] - 1 ? w[o, c, i, j] : 0 }
    },
    Mistake(
      "all filters are the first",
      advice: """
        Every map of yours comes from filter 0. Map o is made by filter o: w[o, …].
        """
    ) { x, w, b in
      layer(x, w, b) { _, c, i, j in w[0, c, i, j] }
    },
    Mistake(
      "all channels are seen by the first kernel",
      advice: "You use one kernel for all channels. A filter has a kernel of its own for each: w[o, c, …]."
    ) { x, w, b in
      layer(x, w, b) { o, _, i, j in w[o, 0, i, j] }
    },
    Mistake(
      "filters and channels are exchanged",
      advice: "You read w as [C, O, …]. Its first axis counts the filters, its second the channels."
    ) { x, w, b in
      let (filters, kernel) = (w.shape[0], w.shape[2] * w.shape[3])
      let scalars = w.scalars
      return layer(x, w, b) { o, c, i, j in scalars[(c * filters + o) * kernel + i * w.shape[3] + j] }
    },
    Mistake(
      "the mean of the channels",
      advice: """
        You divided by the number of channels. What the channels' kernels find is added up, not averaged.
        """
    ) { x, w, b in
      layer(x, w, b) { o, c, i, j in w[o, c, i, j] / Float(w.shape[1]) }
    },
    Mistake(
      "the kernels are flipped",
      advice: "You flipped the kernels. The layer that is called convolution does not flip."
    ) { x, w, b in
      layer(x, w, b) { o, c, i, j in w[o, c, w.shape[2] - 1 - i, w.shape[3] - 1 - j] }
    },
    Mistake(
      "all images are the first", advice: "Every image of yours gives the maps of image 0: read x[n, c, …]."
    ) { x, w, b in
      let image = x.scalars.prefix(x.count / x.shape[0])
      return layer(Tensor((0..<x.shape[0]).flatMap { _ in image }, shape: x.shape), w, b)
    },
  ]
}

/// The definition, with the filters' weights given by their place.
private func layer(
  _ x: Tensor, _ w: Tensor, _ b: Tensor,
  weight: ((_ o: Int, _ c: Int, _ row: Int, _ column: Int) -> Float)? = nil
) -> Tensor {
  let weight = weight ?? { w[$0, $1, $2, $3] }
  var y = Tensor.zeros([x.shape[0], w.shape[0], x.shape[2] - w.shape[2] + 1, x.shape[3] - w.shape[3] + 1])
  for n in 0..<y.shape[0] {
    for o in 0..<y.shape[1] {
      for i in 0..<y.shape[2] {
        for j in 0..<y.shape[3] {
          y[n, o, i, j] = b[o]
          for c in 0..<w.shape[1] {
            for row in 0..<w.shape[2] {
              for column in 0..<w.shape[3] {
                y[n, o, i, j] += weight(o, c, row, column) * x[n, c, i + row, j + column]
              }
            }
          }
        }
      }
    }
  }
  return y
}

/// Compares one answer with the definition, and shows the sum for the place where they differ.
private func expectMaps(
  _ x: Tensor, _ w: Tensor, _ b: Tensor, of answer: ConvolutionLayerExercise.Answer, _ trial: Trial
) throws {
  trial.expect(
    try answer(x, w, b), equals: layer(x, w, b), "convolutionLayer(x, weight: w, bias: b)",
    given: ["x": x, "w": w, "b": b],
    by: { place in
      let (n, o, i, j) = (place[0], place[1], place[2], place[3])
      let products = (0..<w.shape[1]).flatMap { c in
        (0..<w.shape[2]).flatMap { row in
          (0..<w.shape[3]).map { column in (x[n, c, i + row, j + column], w[o, c, row, column]) }
        }
      }
      let sum = products.reduce(b[o]) { $0 + $1.0 * $1.1 }
      return "\(sumOfProducts(products)); with the bias \(written(b[o])) it is \(written(sum))"
    })
}
