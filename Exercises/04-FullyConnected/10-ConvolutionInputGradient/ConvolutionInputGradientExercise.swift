import ExerciseKit
import Practice

public final class ConvolutionInputGradientExercise: Exercise {
  public typealias Answer =
    @Sendable (_ dy: Tensor, _ w: Tensor, _ size: [Int], _ s: Int, _ p: Int) throws
    -> Tensor

  public init() {}

  public let title = "A convolution's input, backward"
  public let section = "4.7"
  public let difficulty = 4
  public let minutes = 40
  public let allowed = Allowed.tensor + .arithmetic
  public let functions = ["convolutionInputGradient"]
  public let solution: Answer = { dy, w, size, s, p in
    try convolutionInputGradient(dy, weight: w, size: size, stride: s, padding: p)
  }

  public func answer(of learner: Learner) -> Answer {
    { dy, w, size, s, p in try learner.call("convolutionInputGradient", dy, w, size, s, p) }
  }

  public let hints = [
    "Do not look for what lay over a number of x. Go through dy instead, and give every number of its window its share: "
      + "the seven loops of the forward pass, with the arrow turned around.",
    "dx is [N, C, H, W] and begins as zeros. For each dy[n, o, i, j] and each a, b, c add dy[n, o, i, j] · w[o, c, a, b] "
      + "to dx[n, c, i s + a − p, j s + b − p], wherever that place is inside the image.",
    """
    for n in … { for o in … { for i in … { for j in … {
      let share = dy[n, o, i, j]
      for a in … { for b in … {
        let (row, column) = (i * s + a - p, …)
        guard row >= 0, row < size[0], … else { continue }
        for c in … { dx[n, c, row, column] += share * … }
      } }
    } } } }
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "as the images", points: 1) { answer, trial in
      for (size, filters, s, p) in [([5, 4], [4, 3, 3, 2], 1, 0), ([5, 6], [3, 2, 2, 3], 2, 1)] {
        var inputs = Inputs(seed: 211)
        let w = inputs.integers(filters)
        let dy = inputs.integers([2, filters[0]] + mapSize(size, w, s, p))
        trial.expect(
          try answer(dy, w, size, s, p), hasShape: [2, filters[1]] + size,
          "convolutionInputGradient(dy \(dy.shape), weight: \(filters), size: \(size), stride: \(s), padding: \(p))",
          by: "2 images of \(filters[1]) channels of \(size[0])×\(size[1])")
      }
    },
    Check(.byHand, "one image, one filter", points: 1) { answer, trial in
      try expectGradient(
        Tensor([3, -1], shape: [1, 1, 1, 2]), Tensor([5, 7], shape: [1, 1, 1, 2]), [1, 3], 1, 0, of: answer,
        trial)
      try expectGradient(
        Tensor([1, -2, 3, 2], shape: [1, 1, 2, 2]), Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]), [3, 3], 1, 0,
        of: answer,
        trial)
    },
    Check(.byHand, "two filters on two channels", points: 1) { answer, trial in
      try expectGradient(
        Tensor([2, 1, -1, 3], shape: [1, 2, 1, 2]), Tensor([1, 2, 3, 4, 5, -6, 7, 8], shape: [2, 2, 1, 2]),
        [1, 3], 1, 0,
        of: answer, trial)
    },
    Check(.byHand, "stride 2 and a border", points: 1) { answer, trial in
      try expectGradient(
        Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]), Tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], shape: [1, 1, 3, 3]),
        [3, 3], 2,
        1, of: answer, trial)
    },
    Check(.byHand, "numbers that no window reaches get 0", points: 1) { answer, trial in
      try expectGradient(
        Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2]), Tensor([5], shape: [1, 1, 1, 1]), [4, 3], 2, 0, of: answer,
        trial)
    },
    Check(.property, "as the definition says, for twelve layers", points: 1) { answer, trial in
      var inputs = Inputs(seed: 213)
      for _ in 0..<12 {
        let (dy, w, size, s, p) = setting(&inputs)
        try expectGradient(dy, w, size, s, p, of: answer, trial)
      }
      let (w, size) = (inputs.quarters([4, 5, 4, 3]), [9, 12])
      try expectGradient(
        inputs.quarters([3, 4] + mapSize(size, w, 2, 3)), w, size, 2, 3, of: answer, trial)
    },
    Check(.gradients, "as the loss changes when a pixel changes by 1", points: 2) { answer, trial in
      // y depends on each pixel in a straight line, so a step of 1 gives the gradient without any error.
      var inputs = Inputs(seed: 217)
      for _ in 0..<4 {
        let (dy, w, size, s, p) = setting(&inputs)
        let x = inputs.integers([dy.shape[0], w.shape[1]] + size)
        func loss(_ scalars: [Float]) -> Float {
          let y = forward(Tensor(scalars, shape: x.shape), w, s, p)
          return zip(y.scalars, dy.scalars).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let start = x.scalars
        let changes = Tensor(
          start.indices.map { index in
            var grown = start
            grown[index] += 1
            return loss(grown) - loss(start)
          }, shape: x.shape)
        trial.expect(
          try answer(dy, w, size, s, p), equals: changes,
          """
          convolutionInputGradient(dy, weight: w, size: \(size), stride: \(s), padding: \(p)), beside the change of \
          Σ dy·y when one number of x grows by 1
          """, given: ["w": w, "dy": dy], tolerance: 1e-4,
          by: { at in
            "when x\(at) grows by 1, the loss changes by \(written(changes[at[0], at[1], at[2], at[3]]))"
          })
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    Mistake(
      "the shares replace each other",
      advice: """
        Only the last share of each number is left. It lay under several places of the kernel: add with \
        +=.
        """
    ) { dy, w, size, s, p in
      scattered(dy, w, size, s, p, addsUp: false)
    },
    Mistake(
      "the kernel is flipped",
      advice: """
        You turned the kernel around. Seen from dx the kernel does lie flipped, but you go through dy: \
        place [i, j] gives w[a, b] to [i s + a − p, j s + b − p].
        """
    ) { dy, w, size, s, p in
      scattered(dy, w, size, s, p) { o, c, a, b in w[o, c, w.shape[2] - 1 - a, w.shape[3] - 1 - b] }
    },
    Mistake(
      "filters and channels are exchanged",
      advice: """
        You read w as [C, O, …]. Going back, o comes from dy and c goes to dx, but w remains w[o, c, a, \
        b].
        """
    ) { dy, w, size, s, p in
      let scalars = w.scalars
      let kernel = w.shape[2] * w.shape[3]
      let (filters, width) = (w.shape[0], w.shape[3])
      return scattered(dy, w, size, s, p) { (o: Int, c: Int, a: Int, b: Int) -> Float in
        let first = (c * filters + o) * kernel
        return scalars[first + a * width + b]
      }
    },
    Mistake(
      "only the last filter gives its share",
      advice: """
        Only one filter of yours hands back. The number went into the maps of all filters: add up over o.
        """
    ) { dy, w, size, s, p in
      scattered(dy, w, size, s, p) { o, c, a, b in o == w.shape[0] - 1 ? w[o, c, a, b] : 0 }
    },
    Mistake(
      "the stride is left out",
      advice: """
        Your windows lie side by side, as with stride 1. Place i of the map looked at row i · s + a − p.
        """
    ) { dy, w, size, s, p in
      scattered(dy, w, size, s, p, place: { i, a in i + a - p })
    },
    Mistake(
      "the padding is left out",
      advice: "Your shares are p rows and columns too far down and right: the place is i · s + a − p."
    ) { dy, w, size, s, p in
      scattered(dy, w, size, s, p, place: { i, a in i * s + a })
    },
    Mistake(
      "the shares of the border go to the edge",
      advice: """
        What belongs to the border you give to the edge of the image. The border is no input: leave it \
        out.
        """
    ) { dy, w, size, s, p in
      var dx = Tensor.zeros([dy.shape[0], w.shape[1]] + size)
      forEachMeeting(dy, w) { n, o, c, i, j, a, b in
        let row = min(max(i * s + a - p, 0), size[0] - 1)
        let column = min(max(j * s + b - p, 0), size[1] - 1)
        dx[n, c, row, column] += dy[n, o, i, j] * w[o, c, a, b]
      }
      return dx
    },
    Mistake(
      "what is no multiple of the stride",
      advice:
        "You look for the places of dy whose window reached a pixel, by dividing by the stride, and take also those "
        + "where it does not come out even. r + p − a must be a multiple of s."
    ) { dy, w, size, s, p in
      var dx = Tensor.zeros([dy.shape[0], w.shape[1]] + size)
      for r in 0..<size[0] {
        for t in 0..<size[1] {
          for a in 0..<w.shape[2] where r + p >= a && (r + p - a) / s < dy.shape[2] {
            for b in 0..<w.shape[3] where t + p >= b && (t + p - b) / s < dy.shape[3] {
              for n in 0..<dy.shape[0] {
                for o in 0..<dy.shape[1] {
                  for c in 0..<w.shape[1] {
                    dx[n, c, r, t] += dy[n, o, (r + p - a) / s, (t + p - b) / s] * w[o, c, a, b]
                  }
                }
              }
            }
          }
        }
      }
      return dx
    },
    Mistake(
      "all channels get the same",
      advice: "All channels of yours get the same gradient. Channel c lay under its own kernel: w[o, c, …]."
    ) { dy, w, size, s, p in
      scattered(dy, w, size, s, p) { o, _, a, b in w[o, 0, a, b] }
    },
    Mistake(
      "only dy is handed back",
      advice: """
        You hand back dy alone. The number was multiplied by a weight, so its share is dy times that \
        weight.
        """
    ) { dy, w, size, s, p in
      scattered(dy, w, size, s, p) { _, _, _, _ in 1 }
    },
  ]
}

private func mapSize(_ size: [Int], _ w: Tensor, _ s: Int, _ p: Int) -> [Int] {
  [(size[0] + 2 * p - w.shape[2]) / s + 1, (size[1] + 2 * p - w.shape[3]) / s + 1]
}

private func forEachMeeting(
  _ dy: Tensor, _ w: Tensor,
  _ body: (_ n: Int, _ o: Int, _ c: Int, _ i: Int, _ j: Int, _ a: Int, _ b: Int) -> Void
) {
  for n in 0..<dy.shape[0] {
    for o in 0..<dy.shape[1] {
      for c in 0..<w.shape[1] {
        for i in 0..<dy.shape[2] {
          for j in 0..<dy.shape[3] {
            for a in 0..<w.shape[2] { for b in 0..<w.shape[3] { body(n, o, c, i, j, a, b) } }
          }
        }
      }
    }
  }
}

/// Gives every number of each window its share, by rules that may be wrong.
private func scattered(
  _ dy: Tensor, _ w: Tensor, _ size: [Int], _ s: Int, _ p: Int, addsUp: Bool = true,
  weight: ((_ o: Int, _ c: Int, _ a: Int, _ b: Int) -> Float)? = nil,
  place: ((_ i: Int, _ a: Int) -> Int)? = nil
) -> Tensor {
  let place = place ?? { i, a in i * s + a - p }
  let weight = weight ?? { w[$0, $1, $2, $3] }
  var dx = Tensor.zeros([dy.shape[0], w.shape[1]] + size)
  forEachMeeting(dy, w) { n, o, c, i, j, a, b in
    let (row, column) = (place(i, a), place(j, b))
    guard row >= 0, row < size[0], column >= 0, column < size[1] else { return }
    let share = dy[n, o, i, j] * weight(o, c, a, b)
    dx[n, c, row, column] = addsUp ? dx[n, c, row, column] + share : share
  }
  return dx
}

/// The layer itself, without biases.
private func forward(_ x: Tensor, _ w: Tensor, _ s: Int, _ p: Int) -> Tensor {
  var y = Tensor.zeros([x.shape[0], w.shape[0]] + mapSize(Array(x.shape[2...]), w, s, p))
  forEachMeeting(y, w) { n, o, c, i, j, a, b in
    let (row, column) = (i * s + a - p, j * s + b - p)
    guard row >= 0, row < x.shape[2], column >= 0, column < x.shape[3] else { return }
    y[n, o, i, j] += w[o, c, a, b] * x[n, c, row, column]
  }
  return y
}

private func setting(_ inputs: inout Inputs) -> (dy: Tensor, w: Tensor, size: [Int], s: Int, p: Int) {
  let (kernel, p, s) = (
    [inputs.integer(1...3), inputs.integer(1...3)], inputs.integer(0...1), inputs.integer(1...2)
  )
  let size = kernel.map { inputs.integer($0...5) }
  let w = inputs.integers([inputs.integer(1...3), inputs.integer(1...3)] + kernel)
  return (inputs.integers([inputs.integer(1...3), w.shape[0]] + mapSize(size, w, s, p)), w, size, s, p)
}

/// Compares the gradient with its formula, which looks for the weights that lay on a number, and shows their sum.
private func expectGradient(
  _ dy: Tensor, _ w: Tensor, _ size: [Int], _ s: Int, _ p: Int,
  of answer: ConvolutionInputGradientExercise.Answer, _ trial: Trial
) throws {
  /// The places of a map's side whose windows reach row or column `r`, with the weight that lies on it.
  func reaching(_ r: Int, _ places: Int, _ kernel: Int) -> [(i: Int, a: Int)] {
    (0..<places).map { ($0, r - $0 * s + p) }.filter { (0..<kernel).contains($0.1) }
  }
  func products(_ at: [Int]) -> [(Float, Float)] {
    (0..<w.shape[0]).flatMap { o in
      reaching(at[2], dy.shape[2], w.shape[2]).flatMap { i, a in
        reaching(at[3], dy.shape[3], w.shape[3]).map { j, b in (w[o, at[1], a, b], dy[at[0], o, i, j]) }
      }
    }
  }
  let shape = [dy.shape[0], w.shape[1]] + size
  var expected = Tensor.zeros(shape)
  for n in 0..<shape[0] {
    for c in 0..<shape[1] {
      for r in 0..<shape[2] {
        for t in 0..<shape[3] {
          expected[n, c, r, t] = products([n, c, r, t]).reduce(0) { $0 + $1.0 * $1.1 }
        }
      }
    }
  }
  trial.expect(
    try answer(dy, w, size, s, p), equals: expected,
    "convolutionInputGradient(dy, weight: w, size: \(size), stride: \(s), padding: \(p))",
    given: ["w": w, "dy": dy],
    by: { at in
      let products = products(at)
      return products.isEmpty
        ? "no window reaches it: 0" : "each weight that lay on it, times its dy: " + sumOfProducts(products)
    })
}
