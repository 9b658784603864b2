import ExerciseKit
import Practice

public final class ConvolutionWeightGradientExercise: Exercise {
  public typealias Answer =
    @Sendable (_ dy: Tensor, _ x: Tensor, _ k: [Int], _ s: Int, _ p: Int) throws -> (
      Tensor, Tensor
    )

  public init() {}

  public let title = "A convolution's weights, backward"
  public let section = "4.7"
  public let difficulty = 4
  public let minutes = 35
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["convolutionWeightGradient"]
  public let solution: Answer = { dy, x, k, s, p in
    try convolutionWeightGradient(dy, input: x, kernel: k, stride: s, padding: p)
  }

  public func answer(of learner: Learner) -> Answer {
    { dy, x, k, s, p in try learner.call("convolutionWeightGradient", dy, x, k, s, p) }
  }

  public let hints = [
    "Write the seven loops of the forward pass. Where it read w and added to y, you read dy and add to dw: every product "
      + "w · x that went into y gives dy · x back to that w.",
    "dw has the shape [O, C, K_H, K_W] and begins as zeros. For each number dy[n, o, i, j], add it to db[o], and add "
      + "dy[n, o, i, j] · x[n, c, i s + a − p, j s + b − p] to dw[o, c, a, b] wherever that place is inside the image.",
    """
    for n in … { for o in … { for i in … { for j in … {
      let share = dy[n, o, i, j]
      db[o] += …
      for a in … { for b in … {
        let (row, column) = (i * s + a - p, …)
        guard row >= 0, … else { continue }
        for c in … { dw[o, c, a, b] += share * … }
      } }
    } } } }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as the weights and the biases", points: 1) { answer, trial in
      for (image, filters, kernel, s, p) in [
        ([2, 3, 5, 4], 4, [3, 2], 1, 0), ([1, 2, 5, 6], 3, [2, 3], 2, 1),
      ] {
        var inputs = Inputs(seed: 201)
        let x = inputs.integers(image)
        let dy = inputs.integers([image[0], filters] + mapSize(x, kernel, s, p))
        let (dw, db) = try answer(dy, x, kernel, s, p)
        let call = "convolutionWeightGradient(dy \(dy.shape), input: x \(image), kernel: \(kernel), …)"
        trial.expect(
          dw, hasShape: [filters, image[1]] + kernel, "\(call).weight",
          by: "\(filters) filters, \(image[1]) channels, a kernel of \(kernel[0])×\(kernel[1])")
        trial.expect(db, hasShape: [filters], "\(call).bias", by: "one number for each of \(filters) filters")
      }
    },
    Check(.byHand, "one image, one filter", points: 1) { answer, trial in
      try expectGradients(
        Tensor([3, -1], shape: [1, 1, 1, 2]), Tensor([1, 2, 4], shape: [1, 1, 1, 3]), [1, 2], 1, 0,
        of: answer, trial)
      try expectGradients(
        Tensor([1, -2, 3, 2], shape: [1, 1, 2, 2]),
        Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 1, 3, 3]), [2, 2],
        1, 0, of: answer, trial)
    },
    Check(.byHand, "two channels, two filters", points: 1) { answer, trial in
      try expectGradients(
        Tensor([2, 1, -1, 3], shape: [1, 2, 1, 2]), Tensor([1, 2, 4, 5, -3, 6], shape: [1, 2, 1, 3]), [1, 2],
        1, 0,
        of: answer, trial)
    },
    Check(.byHand, "two images: their shares are added", points: 1) { answer, trial in
      try expectGradients(
        Tensor([1, 2, 10, 20], shape: [2, 1, 1, 2]), Tensor([3, 5, 7, 2, 4, 8], shape: [2, 1, 1, 3]), [1, 2],
        1, 0,
        of: answer, trial)
    },
    Check(.byHand, "stride 2 and a border", points: 1) { answer, trial in
      try expectGradients(
        Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]), Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 1, 3, 3]),
        [3, 3], 2,
        1, of: answer, trial)
    },
    Check(.property, "as the definition says, for twelve layers", points: 1) { answer, trial in
      var inputs = Inputs(seed: 203)
      for _ in 0..<12 {
        let (dy, x, kernel, s, p, _) = setting(&inputs)
        try expectGradients(dy, x, kernel, s, p, of: answer, trial)
      }
      let x = inputs.quarters([3, 5, 9, 12])
      try expectGradients(
        inputs.quarters([3, 4] + mapSize(x, [4, 5], 2, 3)), x, [4, 5], 2, 3, of: answer, trial)
    },
    Check(.gradients, "as the loss changes when a weight changes by 1", points: 2) { answer, trial in
      // y depends on each weight in a straight line, so a step of 1 gives the gradient without any error.
      var inputs = Inputs(seed: 207)
      for _ in 0..<4 {
        let (dy, x, kernel, s, p, w) = setting(&inputs)
        let b = inputs.integers([dy.shape[1]])
        func loss(_ w: Tensor, _ b: Tensor) -> Float {
          zip(forward(x, w, b, s, p).scalars, dy.scalars).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let call = "convolutionWeightGradient(dy, input: x, kernel: \(kernel), stride: \(s), padding: \(p))"
        let (dw, db) = try answer(dy, x, kernel, s, p)
        for (name, yours, changes) in [
          ("weight", dw, steps(w) { loss($0, b) - loss(w, b) }),
          ("bias", db, steps(b) { loss(w, $0) - loss(w, b) }),
        ] {
          trial.expect(
            yours, equals: changes, "\(call).\(name), beside the change of Σ dy·y when one number grows by 1",
            given: ["x": x, "dy": dy], tolerance: 1e-4,
            by: { at in
              let change = changes.scalars[zip(at, changes.shape).reduce(0) { $0 * $1.1 + $1.0 }]
              return "when \(name)\(at) grows by 1, the loss changes by \(written(change))"
            })
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the places replace each other",
      advice: """
        Only the last place is left: a weight takes part at every place, and each gives its share. Add \
        with +=.
        """
    ) { dy, x, k, s, p in
      let last = dy.shape[2] * dy.shape[3] - 1
      let masked = Tensor(
        dy.scalars.enumerated().map {
          $0 % (last + 1) == last && $0 / (last + 1) / dy.shape[1] == dy.shape[0] - 1 ? $1 : 0
        },
        shape: dy.shape)
      return (gradient(masked, x, k, s, p), biasGradient(dy))
    },
    Mistake(
      "only the last image counts",
      advice: """
        You begin dw anew for each image. All images of the batch share the weights: add up over n too.
        """
    ) { dy, x, k, s, p in
      let size = dy.count / dy.shape[0]
      let masked = Tensor(
        dy.scalars.enumerated().map { $0 / size == dy.shape[0] - 1 ? $1 : 0 }, shape: dy.shape)
      return (gradient(masked, x, k, s, p), biasGradient(masked))
    },
    Mistake(
      "the mean over the batch",
      advice: "You divide by the number of images. If the loss is a mean, that is in dy already: only add."
    ) { dy, x, k, s, p in
      (gradient(dy, x, k, s, p) / Float(x.shape[0]), biasGradient(dy) / Float(x.shape[0]))
    },
    Mistake(
      "the gradient is flipped",
      advice: """
        Your dw is turned around. Weight [a, b] met x at [i s + a − p, j s + b − p], and nothing is \
        flipped on the way back.
        """
    ) { dy, x, k, s, p in
      (gradient(dy, x, k, s, p) { a, size in size - 1 - a }, biasGradient(dy))
    },
    Mistake(
      "the stride is left out",
      advice: """
        You read x as if the stride were 1. Place i of the map looked at row i · s + a − p, and so does \
        its gradient.
        """
    ) { dy, x, k, s, p in
      (gradient(dy, x, k, s, p, step: 1), biasGradient(dy))
    },
    Mistake(
      "the padding is left out",
      advice: "You read x as if there were no padding. Weight [a, b] met row i · s + a − p: subtract p."
    ) { dy, x, k, s, p in
      (gradient(dy, x, k, s, 0), biasGradient(dy))
    },
    Mistake(
      "the stride belongs to the weight",
      advice: "You multiply a and b by the stride. It belongs to the place in the map: row i · s + a − p."
    ) { dy, x, k, s, p in
      (gradient(dy, x, k, s, p, step: 1, spread: s), biasGradient(dy))
    },
    Mistake(
      "the bias is a mean",
      advice: """
        Your dw is right, but your db is a mean. The bias is added at every place: db is the sum of dy.
        """
    ) { dy, x, k, s, p in
      (gradient(dy, x, k, s, p), biasGradient(dy) * Float(dy.shape[1]) / Float(dy.count))
    },
    Mistake(
      "the bias's gradient is 1",
      advice: """
        Your dw is right, but your db leaves out dy. ∂y/∂b is 1 at every place; times dy and added up, it \
        is the sum of dy.
        """
    ) { dy, x, k, s, p in
      (gradient(dy, x, k, s, p), Tensor.ones([dy.shape[1]]))
    },
    Mistake(
      "the channels are added up",
      advice: """
        All channels of a filter of yours have the same gradient: dw[o, c, …] is made of channel c of x \
        alone.
        """
    ) { dy, x, k, s, p in
      let right = gradient(dy, x, k, s, p)
      let (channels, size) = (x.shape[1], k[0] * k[1])
      let scalars = right.scalars
      return (
        Tensor(
          scalars.indices.map { index in
            let (o, place) = (index / size / channels, index % size)
            return (0..<channels).reduce(Float(0)) { $0 + scalars[(o * channels + $1) * size + place] }
          }, shape: right.shape), biasGradient(dy)
      )
    },
  ]
}

private func mapSize(_ x: Tensor, _ kernel: [Int], _ s: Int, _ p: Int) -> [Int] {
  [(x.shape[2] + 2 * p - kernel[0]) / s + 1, (x.shape[3] + 2 * p - kernel[1]) / s + 1]
}

/// The number of the images at a place, and 0 outside.
private func number(_ x: Tensor, _ n: Int, _ c: Int, _ row: Int, _ column: Int) -> Float {
  row >= 0 && row < x.shape[2] && column >= 0 && column < x.shape[3] ? x[n, c, row, column] : 0
}

/// What meets weight `[o, c, a, b]`, with the gradient of the place where it does.
private func meetings(
  _ dy: Tensor, _ x: Tensor, _ o: Int, _ c: Int, row: (_ i: Int) -> Int, column: (_ j: Int) -> Int
) -> [(Float, Float)] {
  (0..<dy.shape[0]).flatMap { n in
    (0..<dy.shape[2]).flatMap { i in
      (0..<dy.shape[3]).map { j in (dy[n, o, i, j], number(x, n, c, row(i), column(j))) }
    }
  }
}

/// The gradient of the weights by its formula.
///
/// - Parameters:
///   - step, spread: What multiplies the place in the map, when not the stride, and the place in the kernel.
///   - weight: Which weight of a kernel's side gets what belongs to weight `a`.
private func gradient(
  _ dy: Tensor, _ x: Tensor, _ k: [Int], _ s: Int, _ p: Int, step: Int? = nil, spread: Int = 1,
  weight: (_ a: Int, _ size: Int) -> Int = { a, _ in a }
) -> Tensor {
  var dw = Tensor.zeros([dy.shape[1], x.shape[1], k[0], k[1]])
  for o in 0..<dw.shape[0] {
    for c in 0..<dw.shape[1] {
      for a in 0..<k[0] {
        for b in 0..<k[1] {
          let products = meetings(
            dy, x, o, c, row: { $0 * (step ?? s) + a * spread - p },
            column: { $0 * (step ?? s) + b * spread - p })
          dw[o, c, weight(a, k[0]), weight(b, k[1])] = products.reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    }
  }
  return dw
}

private func biasGradient(_ dy: Tensor) -> Tensor {
  var db = Tensor.zeros([dy.shape[1]])
  let size = dy.shape[2] * dy.shape[3]
  for (index, share) in dy.scalars.enumerated() { db[index / size % dy.shape[1]] += share }
  return db
}

/// The layer itself.
private func forward(_ x: Tensor, _ w: Tensor, _ b: Tensor, _ s: Int, _ p: Int) -> Tensor {
  var y = Tensor.zeros([x.shape[0], w.shape[0]] + mapSize(x, [w.shape[2], w.shape[3]], s, p))
  for n in 0..<y.shape[0] {
    for o in 0..<y.shape[1] {
      for i in 0..<y.shape[2] {
        for j in 0..<y.shape[3] {
          y[n, o, i, j] = b[o]
          for c in 0..<w.shape[1] {
            for row in 0..<w.shape[2] {
              for column in 0..<w.shape[3] {
                y[n, o, i, j] +=
                  w[o, c, row, column] * number(x, n, c, i * s + row - p, j * s + column - p)
              }
            }
          }
        }
      }
    }
  }
  return y
}

/// What becomes of `change` when one number of the tensor grows by 1, for each number.
private func steps(_ tensor: Tensor, _ change: (Tensor) -> Float) -> Tensor {
  let scalars = tensor.scalars
  return Tensor(
    scalars.indices.map { index in
      var grown = scalars
      grown[index] += 1
      return change(Tensor(grown, shape: tensor.shape))
    }, shape: tensor.shape)
}

private func setting(
  _ inputs: inout Inputs
) -> (dy: Tensor, x: Tensor, kernel: [Int], s: Int, p: Int, w: Tensor) {
  let (kernel, p, s) = (
    [inputs.integer(1...3), inputs.integer(1...3)], inputs.integer(0...1), inputs.integer(1...2)
  )
  let x = inputs.integers(
    [
      inputs.integer(1...3), inputs.integer(1...3), inputs.integer(kernel[0]...5),
      inputs.integer(kernel[1]...5),
    ])
  let w = inputs.integers([inputs.integer(1...3), x.shape[1]] + kernel)
  return (inputs.integers([x.shape[0], w.shape[0]] + mapSize(x, kernel, s, p)), x, kernel, s, p, w)
}

/// Compares both gradients with their formulas, and shows the sum for the place where they differ.
private func expectGradients(
  _ dy: Tensor, _ x: Tensor, _ k: [Int], _ s: Int, _ p: Int,
  of answer: ConvolutionWeightGradientExercise.Answer, _ trial: Trial
) throws {
  let call = "convolutionWeightGradient(dy, input: x, kernel: \(k), stride: \(s), padding: \(p))"
  let (dw, db) = try answer(dy, x, k, s, p)
  trial.expect(
    dw, equals: gradient(dy, x, k, s, p), "\(call).weight", given: ["x": x, "dy": dy],
    by: { at in
      "dy · x at every place: "
        + sumOfProducts(
          meetings(dy, x, at[0], at[1], row: { $0 * s + at[2] - p }, column: { $0 * s + at[3] - p }))
    })
  trial.expect(
    db, equals: biasGradient(dy), "\(call).bias", given: ["dy": dy],
    by: { at in "all dy of filter \(at[0]) added up make \(written(biasGradient(dy)[at[0]]))" })
}
