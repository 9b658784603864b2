import ExerciseChannel
import ExerciseKit
import Foundation
import Practice

public final class KeyValueCacheExercise: Exercise {
  /// What comes out at the new step, and the cache after it.
  public typealias Answer =
    @Sendable (
      _ x: Tensor, _ keys: Tensor, _ values: Tensor, _ weights: [Tensor], _ heads: Int, _ limit: Int
    ) throws -> (Tensor, Tensor, Tensor)

  public init() {}

  public let title = "A cache of keys and values"
  public let section = "10.10"
  public let difficulty = 3
  public let minutes = 30
  public let allowed =
    Allowed.tensor + .arithmetic
    + Allowed([
      "matmul", "Tensor.transposed", "Tensor.permuted", "Tensor.sum", "Tensor.exp", "Tensor.maximum",
      "Tensor.sliced", "concatenate", "stack",
    ])
  public let functions = ["readStep"]
  public let solution: Answer = {
    try readStep($0, keys: $1, values: $2, weights: $3, heads: $4, limit: $5)
  }

  public func answer(of learner: Learner) -> Answer {
    { try learner.call("readStep", $0, $1, $2, $3, $4, $5) }
  }

  public let hints = [
    "Keep the order: first the new row goes into the cache, then what is too old goes out, and only then the query looks. A "
      + "query needs no mask, for nothing in the cache lies ahead.",
    "keys after = the last min(S + 1, L) rows of (keys, W_k x), and the same for values. Head h has D/H numbers: its scores are "
      + "q_h · k_{s,h} / √(D/H), one for each row s that is in the cache now.",
    """
    func appended(_ rows: Tensor, _ row: Tensor) -> Tensor {
      let numbers = (rows.scalars + row.scalars).suffix(…)
      return Tensor(Array(numbers), shape: [numbers.count / width, width])
    }
    for h in 0..<heads {
      let scores = (0..<keys.shape[0]).map { s in … / Float(width / heads).squareRoot() }
      …
      mixed[d] = …                                       // for d in h·D/H ..< (h + 1)·D/H
    }
    return (… W_o times mixed …, keys, values)
    """,
  ]

  public let checks: [Check<Answer>] = [
    Check(.shape, "[D] gives [D], and a cache with one row more", points: 1) { answer, trial in
      for (s, heads, size) in [(3, 2, 2), (0, 1, 3), (1, 3, 1)] {
        let step = Step(s, heads, size, limit: 9, seed: 1091)
        let (y, keys, values) = try step.result(of: answer)
        let by = "x is \(step.x.shape), keys are \(step.keys.shape)"
        trial.expect(y, hasShape: step.x.shape, "\(step.call).y", by: by)
        trial.expect(keys, hasShape: [s + 1, heads * size], "\(step.call).keys", by: by)
        trial.expect(values, hasShape: [s + 1, heads * size], "\(step.call).values", by: by)
      }
    },
    Check(.byHand, "two rows and a new one, one head of three numbers", points: 1) { answer, trial in
      let weights = [
        Tensor([[1, 0, -1], [0, 2, 0], [1, 1, 0]]), Tensor([[0, 1, 0], [-1, 0, 1], [2, 0, 0]]),
        Tensor([[1, 1, 0], [0, 0, 3], [-2, 0, 1]]), Tensor([[1, 0, 2], [0, -1, 0], [0.5, 0, 1]]),
      ]
      try Step(
        x: Tensor([0.5, -1, 1]), keys: Tensor([[1, 0, -1], [0.5, 2, 0]]),
        values: Tensor([[10, -20, 5], [30, 0, -10]]), weights: weights, heads: 1, limit: 5
      ).expect(answer, trial)
      let ones = [1, 1, 10, 1].map { Tensor([$0], shape: [1, 1]) }
      for (x, old, limit) in [(1, [], 3), (2, [1], 3), (2, [-3, 1], 2)] as [(Float, [Float], Int)] {
        let keys = Tensor(old, shape: [old.count, 1])
        try Step(x: Tensor([x]), keys: keys, values: keys * 10, weights: ones, heads: 1, limit: limit)
          .expect(answer, trial)
      }
    },
    Check(.property, "many heads, in ten sizes", points: 2) { answer, trial in
      var inputs = Inputs(seed: 1092)
      for index in 0..<10 {
        // The first three have equal shapes and other numbers.
        let s = index < 3 ? 3 : inputs.integer(0...5)
        let step =
          index < 3
          ? Step(s, 2, 2, limit: 8, seed: 1093 + UInt64(index))
          : Step(s, inputs.integer(2...3), inputs.integer(2...3), limit: 8, seed: 1093 + UInt64(index))
        try step.expect(answer, trial)
      }
    },
    Check(.property, "when the cache is full, the oldest step goes", points: 1) { answer, trial in
      for (s, limit, seed) in [(3, 3, 1111), (3, 3, 1112), (1, 1, 1113)] as [(Int, Int, UInt64)] {
        try Step(s, 2, 2, limit: limit, seed: seed).expect(answer, trial)
      }
    },
    Check(.property, "a text read step by step, as without a cache", points: 2) { answer, trial in
      for limit in [9, 3] {
        let start = Step(0, 2, 3, limit: limit, seed: 1121)
        var inputs = Inputs(seed: 1122)
        let text = inputs.normal([6, 6])
        let expected = start.withoutCache(text)
        var (keys, values) = (start.keys, start.values)
        for t in 0..<6 {
          let step = Step(
            x: text.row(t), keys: keys, values: values, weights: start.weights, heads: 2, limit: limit)
          let (y, newKeys, newValues) = try step.result(of: answer)
          trial.expect(
            y, equals: Tensor(expected[t].map { Float($0) }),
            "the output at step \(t) of a text, limit \(limit)",
            tolerance: 1e-4,
            by: { place in
              "all steps at once, each looking at the last \(limit): \(expected[t][place[0]].shortText)"
            })
          // What has another shape is not handed on.
          let rows = min(t + 1, limit)
          let fits = newKeys.shape == [rows, 6] && newValues.shape == [rows, 6]
          trial.expect(
            fits, "after step \(t) the cache has \(rows) rows", about: newKeys.shape + newValues.shape)
          guard fits else { return }
          (keys, values) = (newKeys, newValues)
        }
      }
    },
  ]

  public let mistakes: [Mistake<Answer>] = [
    wrong(
      "the new step does not see itself",
      advice:
        "Your query looks before the new row is in the cache. A step also looks at itself: append first."
    ) { $0.seesItself = false },
    wrong(
      "what is too old is still seen",
      advice: "Your query looks before the oldest row goes. It sees only what is in the cache afterwards."
    ) { $0.seesTooOld = true },
    wrong(
      "nothing ever goes",
      advice: "Your cache grows beyond L rows. When there are more, the first row goes."
    ) { $0.limits = false },
    wrong(
      "the newest goes", advice: "When the cache is full, you keep the first L rows. Keep the last L."
    ) { $0.dropsNewest = true },
    wrong(
      "the new row comes first",
      advice: "You put the new row on top. It comes below: the first row is the oldest, and goes first."
    ) { $0.isFirst = true },
    wrong(
      "key and value exchanged",
      advice: "You put W_v x into the keys and W_k x into the values. It is the other way round."
    ) { $0.exchanges = true },
    wrong(
      "x itself into the cache",
      advice:
        "You keep x in the cache. Keys are W_k x and values W_v x: they are made once, when the step is read."
    ) { $0.keepsInput = true },
    wrong(
      "the weights are read transposed", advice: "You read the weights transposed. Row o of W makes number o."
    ) {
      $0.transposes = true
    },
    wrong("without W_o", advice: "You give the heads' output as it is. It goes through W_o.") {
      $0.projects = false
    },
    wrong(
      "one head of the whole width", advice: "You attend once with all D numbers. Each head has its own D/H."
    ) { $0.isOneHead = true },
    wrong(
      "the root of the whole width",
      advice: "You divide the scores by √D. A head multiplies D/H numbers: divide by √(D/H)."
    ) { $0.dividesByWholeWidth = true },
    wrong(
      "all rows count the same",
      advice: "Your output is the plain mean of the values. Each row counts by the softmax of its score."
    ) { $0.hasScores = false },
  ]
}

private func wrong(_ name: String, advice: String, _ change: (inout Plan) -> Void) -> Mistake<
  KeyValueCacheExercise.Answer
> {
  var plan = Plan()
  change(&plan)
  let changed = plan
  return Mistake(name, advice: advice) { x, keys, values, weights, heads, limit in
    Step(x: x, keys: keys, values: values, weights: weights, heads: heads, limit: limit).result(changed)
  }
}

/// What a step does, and what a mistake changes.
private struct Plan: Sendable {
  var seesItself = true
  var seesTooOld = false
  var limits = true
  var dropsNewest = false
  var isFirst = false
  var exchanges = false
  var keepsInput = false
  var transposes = false
  var projects = true
  var isOneHead = false
  var dividesByWholeWidth = false
  var hasScores = true
}

/// One question, and its answer in Double.
private struct Step {
  let x, keys, values: Tensor
  let weights: [Tensor]
  let heads, limit: Int

  init(x: Tensor, keys: Tensor, values: Tensor, weights: [Tensor], heads: Int, limit: Int) {
    (self.x, self.keys, self.values) = (x, keys, values)
    (self.weights, self.heads, self.limit) = (weights, heads, limit)
  }

  init(_ count: Int, _ heads: Int, _ size: Int, limit: Int, seed: UInt64) {
    var inputs = Inputs(seed: seed)
    let width = heads * size
    self.init(
      x: inputs.normal([width]), keys: inputs.normal([count, width]), values: inputs.normal([count, width]),
      weights: (0..<4).map { _ in inputs.normal([width, width]) * 0.8 }, heads: heads, limit: limit)
  }

  var call: String {
    "readStep(x, keys: keys, values: values, weights: [W_q, W_k, W_v, W_o], heads: \(heads), limit: \(limit))"
  }

  func result(of answer: KeyValueCacheExercise.Answer) throws -> (Tensor, Tensor, Tensor) {
    try answer(x, keys, values, weights, heads, limit)
  }

  private func product(_ i: Int, _ x: [Double], _ plan: Plan = Plan()) -> [Double] {
    let w = rows(weights[i])
    return (plan.transposes ? transposed(w) : w).map { dot($0, x) }
  }

  /// The heads of a query over some rows, side by side.
  private func mixed(_ q: [Double], _ keys: Rows, _ values: Rows, _ plan: Plan = Plan()) -> [Double] {
    let heads = plan.isOneHead ? 1 : self.heads
    let size = q.count / heads
    let root = Double(plan.dividesByWholeWidth ? q.count : q.count / self.heads).squareRoot()
    return (0..<heads).flatMap { h in
      let own = h * size..<(h + 1) * size
      let scores = keys.map { dot(Array(q[own]), Array($0[own])) / root }
      let p = softmax(plan.hasScores ? scores : scores.map { _ in 0 })
      return own.map { d in zip(p, values).reduce(0) { $0 + $1.0 * $1.1[d] } }
    }
  }

  func result(_ plan: Plan = Plan()) -> (Tensor, Tensor, Tensor) {
    let x = x.scalars.map(Double.init)
    let width = x.count
    let q = product(0, x, plan)
    let (k, v) = plan.keepsInput ? (x, x) : (product(1, x, plan), product(2, x, plan))
    func all(_ old: Tensor, _ new: [Double]) -> Rows { plan.isFirst ? [new] + rows(old) : rows(old) + [new] }
    func kept(_ all: Rows) -> Rows {
      !plan.limits ? all : plan.dropsNewest ? Array(all.prefix(limit)) : Array(all.suffix(limit))
    }
    let (allKeys, allValues) = (all(keys, plan.exchanges ? v : k), all(values, plan.exchanges ? k : v))
    let (keptKeys, keptValues) = (kept(allKeys), kept(allValues))
    var y = [Double](repeating: 0, count: width)
    if plan.seesTooOld {
      y = mixed(q, allKeys, allValues, plan)
    } else if plan.seesItself {
      y = mixed(q, keptKeys, keptValues, plan)
    } else if keys.shape[0] > 0 {
      y = mixed(q, rows(keys), rows(values), plan)
    }
    if plan.projects { y = product(3, y, plan) }
    return (Tensor(y.map { Float($0) }), tensor(keptKeys), tensor(keptValues))
  }

  /// All steps of a text at once, each looking at the last `limit` of those that are not ahead.
  func withoutCache(_ text: Tensor) -> Rows {
    let x = rows(text)
    let (q, k, v) = (x.map { product(0, $0) }, x.map { product(1, $0) }, x.map { product(2, $0) })
    return x.indices.map { t in
      let seen = max(0, t - limit + 1)...t
      return product(3, mixed(q[t], Array(k[seen]), Array(v[seen])))
    }
  }

  func expect(_ answer: KeyValueCacheExercise.Answer, _ trial: Trial) throws {
    let (y, newKeys, newValues) = try result(of: answer)
    let expected = result()
    let given: KeyValuePairs<String, any Passable> = [
      "x": x, "keys": keys, "values": values, "W_q": weights[0], "W_k": weights[1], "W_v": weights[2],
      "W_o": weights[3],
    ]
    let count = expected.1.shape[0]
    trial.expect(
      newKeys.shape == expected.1.shape && newValues.shape == expected.2.shape,
      "with \(keys.shape[0]) rows in the cache and limit \(limit), it has \(count) rows afterwards",
      about: newKeys.shape + newValues.shape)
    for (name, w, yours, ours) in [
      ("keys", 1, newKeys, expected.1), ("values", 2, newValues, expected.2),
    ] {
      trial.expect(
        yours, equals: ours, "\(call).\(name)", given: given, tolerance: 1e-4,
        by: { place in
          place[0] == count - 1
            ? "the last row is that of the new step: "
              + sumOfProducts((0..<x.shape[0]).map { (weights[w][place[1], $0], x[$0]) })
            : "row \(place[0]) was there before: \(written(ours[place[0], place[1]]))"
        })
    }
    trial.expect(
      y, equals: expected.0, "\(call).y", given: given, tolerance: 1e-4,
      by: { place in
        let q = product(0, x.scalars.map(Double.init))
        let mixed = mixed(q, rows(expected.1), rows(expected.2))
        return """
          q = \(q.map(\.shortText).joined(separator: ", ")); over \(count) rows the heads give \
          \(mixed.map(\.shortText).joined(separator: ", ")); row \(place[0]) of W_o makes of them \
          \(written(expected.0[place[0]]))
          """
      })
  }
}
