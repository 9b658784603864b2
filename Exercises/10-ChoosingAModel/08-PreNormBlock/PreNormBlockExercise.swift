import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class PreNormBlockExercise: Exercise {
  public typealias Answer = @Sendable (_ x: Tensor, _ weights: [Tensor], _ heads: Int) throws -> Tensor

  public init() {}

  public let title = "A block of a GPT"
  public let section = "10.6"
  public let difficulty = 4
  public let minutes = 40
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed([
      "matmul", "Tensor.transposed", "Tensor.permuted", "Tensor.sum", "Tensor.exp", "Tensor.maximum",
      "Tensor.squareRoot", "Tensor.erf", "Tensor.sliced", "concatenate", "stack",
    ])
  public let functions = ["block"]
  public let solution: Answer = { try block($0, weights: $1, heads: $2) }

  public func answer(of learner: Learner) -> Answer { { try learner.call("block", $0, $1, $2) } }

  public let hints = [
    "You have written every part before: the norm in 10.6, a head in 10.1, the mask in 10.2, many heads in 10.4. Write each as "
      + "a small function, and let `block` be five lines that read like the formulas.",
    "Only the norm's result goes into attention and into W₁; what is added to is x and y themselves. Q, K and V are the columns "
      + "0 to D − 1, D to 2D − 1 and 2D to 3D − 1 of A; head h has D/H of each.",
    """
    let a = matmul(norm(x, weights[0]), weights[1].transposed())          // [T, 3D]
    var mixed = Tensor.zeros(x.shape)
    for h in 0..<heads { … }                                              // columns h·D/H … of Q, K, V
    let y = x + matmul(mixed, …)
    let hidden = matmul(norm(y, …), …).map { $0 * (1 + erf(…)) / 2 }
    return … + matmul(hidden, …)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[T, D] gives [T, D]", points: 1) { answer, trial in
      for (t, heads, size, f) in [(3, 2, 2, 5), (1, 1, 3, 2), (4, 3, 1, 4)] {
        let block = Block(t, heads, size, f, seed: 1081)
        trial.expect(
          try block.result(of: answer), hasShape: block.x.shape, block.call,
          by: "x is \(block.x.shape)")
      }
    },
    Check(.byHand, "one step, which looks at itself alone", points: 1) { answer, trial in
      try Block(
        x: Tensor([[2, -1, 4]]),
        weights: [
          Tensor([1, 2, -1]),
          Tensor([
            [1, 0, 2], [0, 1, 0], [3, 0, 1], [0, 2, 0], [1, 1, 0], [0, 0, 1], [1, -1, 0], [0, 2, 1],
            [0.5, 0, -1],
          ]), Tensor([[1, 0, 1], [0, -1, 0.5], [2, 0, 0]]), Tensor([0.5, 1, 2]),
          Tensor([[1, -1, 0], [0.5, 0, 1]]), Tensor([[1, -2], [0.5, 0], [-1, 1]]),
        ], heads: 1
      ).expect(answer, trial)
      try Block(
        x: Tensor([[1, 3]]),
        weights: [
          Tensor([1, 1]), Tensor([[1, 1], [2, 0], [0, 1], [1, 0], [1, 0], [0, 2]]),
          Tensor([[1, 0], [0, 1]]),
          Tensor([1, 1]), Tensor([[0, 1]]), Tensor([[2], [-1]]),
        ], heads: 1
      ).expect(answer, trial)
    },
    Check(.property, "three steps, one head", points: 1) { answer, trial in
      for seed in [1082, 1083] as [UInt64] { try Block(3, 1, 4, 5, seed: seed).expect(answer, trial) }
    },
    Check(.property, "many heads, in eight sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1084)
      for index in 0..<8 {
        // The first three have equal shapes and other numbers.
        let block =
          index < 3
          ? Block(4, 2, 3, 7, seed: 1085 + UInt64(index))
          : Block(
            inputs.integer(2...5), inputs.integer(2...3), inputs.integer(1...3), inputs.integer(2...8),
            seed: 1085 + UInt64(index))
        try block.expect(answer, trial)
      }
    },
    Check(.property, "what comes later changes nothing before", points: 1) { answer, trial in
      let block = Block(4, 2, 2, 5, seed: 1099)
      var other = block.x
      for d in 0..<4 { other[3, d] = -other[3, d] + 1 }
      let z = try Block(x: other, weights: block.weights, heads: 2).result(of: answer)
      let expected = Block(x: other, weights: block.weights, heads: 2).result()
      let before = block.result()
      trial.expect(
        z, equals: expected, "\(block.call), with another last step", given: ["x": other],
        tolerance: tolerance,
        by: { place in
          place[0] < 3
            ? "only step 3 was changed: step \(place[0]) stays \(written(before[place[0], place[1]]))"
            : "expected \(written(expected[place[0], place[1]]))"
        })
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "no way around attention",
      advice: "You have left out x + … around attention: what a step knew of itself is lost."
    ) { $0.keepsBeforeAttention = false },
    wrong(
      "no way around the second half",
      advice: "You have left out y + … around the second half: its result is added to y."
    ) { $0.keepsBeforeHidden = false },
    wrong(
      "added to the normed numbers",
      advice: "You add to norm(x) and norm(y). The way around changes nothing: add to x and y themselves."
    ) { $0.addsToNormed = true },
    wrong(
      "the norm after each half",
      advice:
        "Your norms stand after the sums, as in the Transformer of 2017. Here they stand before each half."
    ) { $0.normsAfter = true },
    wrong(
      "without the first norm", advice: "Your attention sees x as it is. It sees norm(x, g₁)."
    ) { $0.hasFirstNorm = false },
    wrong(
      "without the second norm", advice: "Your second half sees y as it is. It sees norm(y, g₂)."
    ) { $0.hasSecondNorm = false },
    wrong(
      "both halves from x",
      advice: "Your second half begins with x. It begins with y, where attention was already added."
    ) { $0.isParallel = true },
    wrong(
      "it looks ahead",
      advice: "Your attention is not causal: a step sees what comes after it. Step t looks at steps 0 to t."
    ) { $0.isCausal = false },
    wrong(
      "a step does not see itself",
      advice: "Your steps see only what lies before them. Step t also sees itself."
    ) { $0.seesItself = false },
    wrong(
      "one head of the whole width",
      advice: "You attend once with all D numbers. H heads attend, each with its own D/H."
    ) { $0.isOneHead = true },
    wrong(
      "the root of the whole width",
      advice: "You divide the scores by √D. A head multiplies D/H numbers: divide by √(D/H)."
    ) { $0.dividesByWholeWidth = true },
    wrong(
      "keys first, then queries",
      advice: "You take the first D columns for the keys. The order is queries, keys, values."
    ) { $0.order = [1, 0, 2] },
    wrong(
      "values first",
      advice: "You take the first D columns for the values. The order is queries, keys, values."
    ) { $0.order = [1, 2, 0] },
    wrong(
      "without W_o", advice: "You add the heads' output as it is. It goes through W_o first."
    ) { $0.projects = false },
    wrong(
      "a ReLU for the GELU", advice: "Your second half has a ReLU. It is a GELU: a (1 + erf(a/√2))/2."
    ) { $0.bend = { max(0, $0) } },
    wrong(
      "the GELU's approximation by tanh",
      advice:
        "Your GELU is the approximation by tanh, off by some ten-thousandths. Here it is the one with erf."
    ) { $0.bend = { $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) } },
    wrong(
      "a sigmoid for the normal distribution",
      advice: "You multiply a by its sigmoid, a SiLU. A GELU multiplies it by (1 + erf(a/√2))/2."
    ) { $0.bend = { $0 / (1 + exp(-$0)) } },
    wrong(
      "erf of a",
      advice:
        "You take erf(a). It is erf(a/√2), so that half of the width is that of the normal distribution."
    ) { $0.bend = { $0 * (1 + erf($0)) / 2 } },
  ]
}

private let tolerance = 3e-5

private func wrong(_ name: String, advice: String, _ change: (inout Plan) -> Void) -> Mistake<
  PreNormBlockExercise.Answer
> {
  var plan = Plan()
  change(&plan)
  let changed = plan
  return Mistake(name, advice: advice) { x, weights, heads in
    Block(x: x, weights: weights, heads: heads).result(changed)
  }
}

/// What a block does, and what a mistake changes.
private struct Plan: Sendable {
  var keepsBeforeAttention = true
  var keepsBeforeHidden = true
  var addsToNormed = false
  var normsAfter = false
  var hasFirstNorm = true
  var hasSecondNorm = true
  var isParallel = false
  var isCausal = true
  var seesItself = true
  var isOneHead = false
  var dividesByWholeWidth = false
  var projects = true
  /// Which third of the columns holds queries, keys and values.
  var order = [0, 1, 2]
  var bend: @Sendable (Double) -> Double = { $0 * (1 + erf($0 / 2.0.squareRoot())) / 2 }
}

/// One question, and its answer in Double.
private struct Block {
  let x: Tensor
  let weights: [Tensor]
  let heads: Int

  init(x: Tensor, weights: [Tensor], heads: Int) { (self.x, self.weights, self.heads) = (x, weights, heads) }

  init(_ steps: Int, _ heads: Int, _ size: Int, _ hidden: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    let width = heads * size
    self.init(
      x: inputs.normal([steps, width]),
      weights: [
        inputs.normal([width]), inputs.normal([3 * width, width]), inputs.normal([width, width]),
        inputs.normal([width]), inputs.normal([hidden, width]), inputs.normal([width, hidden]),
      ], heads: heads)
  }

  var call: String { "block(x, weights: [g₁, W_a, W_o, g₂, W₁, W₂], heads: \(heads))" }

  func result(of answer: PreNormBlockExercise.Answer) throws -> Tensor { try answer(x, weights, heads) }

  private func norm(_ x: Rows, _ g: Tensor) -> Rows {
    x.map { row in
      let mean = row.reduce(0, +) / Double(row.count)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(row.count)
      return row.indices.map { Double(g[$0]) * (row[$0] - mean) / (variance + 1e-5).squareRoot() }
    }
  }

  private func attention(_ u: Rows, _ plan: Plan) -> Rows {
    let a = timesTransposed(u, rows(weights[1]))
    let width = u[0].count
    let heads = plan.isOneHead ? 1 : self.heads
    let size = width / heads
    let root = Double(plan.dividesByWholeWidth ? width : width / self.heads).squareRoot()
    var mixed = u
    for h in 0..<heads {
      func part(_ kind: Int) -> Rows {
        let first = plan.order[kind] * width + h * size
        return a.map { Array($0[first..<first + size]) }
      }
      let weights = timesTransposed(part(0), part(1)).enumerated().map { t, row in
        softmax(
          row.map { $0 / root },
          allowed: row.indices.map { !plan.isCausal || $0 < t || ($0 == t && plan.seesItself) })
      }
      for (t, row) in times(weights, part(2)).enumerated() {
        for d in row.indices { mixed[t][h * size + d] = row[d] }
      }
    }
    return plan.projects ? timesTransposed(mixed, rows(weights[2])) : mixed
  }

  private func hidden(_ x: Rows, _ plan: Plan) -> Rows {
    timesTransposed(each(timesTransposed(x, rows(weights[4])), plan.bend), rows(weights[5]))
  }

  /// What attention adds, and the whole.
  func result(_ plan: Plan = Plan()) -> Tensor { tensor(ways(plan).z) }

  func ways(_ plan: Plan = Plan()) -> (y: Rows, z: Rows) {
    let x = rows(x)
    if plan.normsAfter {
      let y = norm(pairwise(x, attention(x, plan), +), weights[0])
      return (y, norm(pairwise(y, hidden(y, plan), +), weights[3]))
    }
    let u = plan.hasFirstNorm ? norm(x, weights[0]) : x
    let first = attention(u, plan)
    let y =
      plan.keepsBeforeAttention ? pairwise(plan.addsToNormed ? u : x, first, +) : first
    let source = plan.isParallel ? x : y
    let v = plan.hasSecondNorm ? norm(source, weights[3]) : source
    let second = hidden(v, plan)
    return (y, plan.keepsBeforeHidden ? pairwise(plan.addsToNormed ? v : y, second, +) : second)
  }

  func expect(_ answer: PreNormBlockExercise.Answer, _ trial: Trial) throws {
    let expected = result()
    trial.expect(
      try result(of: answer), equals: expected, call,
      given: [
        "x": x, "g₁": weights[0], "W_a": weights[1], "W_o": weights[2], "g₂": weights[3], "W₁": weights[4],
        "W₂": weights[5],
      ], tolerance: tolerance,
      by: { place in
        let (t, d) = (place[0], place[1])
        let (y, z) = ways()
        return """
          x is \(written(x[t, d])); attention adds \((y[t][d] - Double(x[t, d])).shortText), y is \(y[t][d].shortText); the \
          second half adds \((z[t][d] - y[t][d]).shortText): z is \(written(expected[t, d]))
          """
      })
  }
}
