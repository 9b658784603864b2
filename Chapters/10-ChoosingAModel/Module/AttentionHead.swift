import Foundation

/// One head of attention, with all that was computed on the way: the way back needs it.
///
/// A sequence is an array of its steps, and a step is an array of its numbers.
///
/// - Book: section 10.2.
public struct AttentionHead<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// What each step asks for, `[T, D]`; what each step offers, `[S, D]`; what it hands over, `[S, E]`.
  public let queries, keys, values: [[Scalar]]
  /// How well each query fits each key, `qₜ · kₛ / √D`: `[T, S]`.
  public let scores: [[Scalar]]
  /// How much of each value each step takes, `[T, S]`. A row sums to 1, or is 0 where nothing may be looked at.
  public let weights: [[Scalar]]
  /// The mixture of values that each step gets, `[T, E]`.
  public let output: [[Scalar]]
}

/// One head of scaled dot-product attention: each step takes a weighted mean of all values, and the weights say how well
/// its query fits the keys.
///
///     sₜₛ = qₜ · kₛ / √D          score
///     pₜₛ = exp(sₜₛ) / Σᵣ exp(sₜᵣ)    weight; sums over the steps that may be looked at
///     yₜ = Σₛ pₜₛ vₛ              output
///
/// - Parameters:
///   - queries: `[T, D]`
///   - keys: `[S, D]`
///   - values: `[S, E]`
///   - mask: Who may look at whom, `[T, S]`, true where allowed; nil when everybody may look everywhere.
/// - Returns: The head. Traps when the sizes do not fit.
/// - PyTorch: `torch.nn.functional.scaled_dot_product_attention`, which gives NaN where a query may look at nothing.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.1.
/// - Book: section 10.2.
public func attentionHead<Scalar: BinaryFloatingPoint & Sendable>(
  queries: [[Scalar]], keys: [[Scalar]], values: [[Scalar]], mask: [[Bool]]? = nil
) -> AttentionHead<Scalar> {
  let width = queries.first?.count ?? 0
  if keys.count != values.count || keys.isEmpty || !(queries + keys).allSatisfy({ $0.count == width }) {
    fatalError(
      "attentionHead: \(queries.count) queries of \(width), \(keys.count) keys of \(keys.first?.count ?? 0) and "
        + "\(values.count) values: [T, D], [S, D] and [S, E] are needed")
  }
  if let mask, mask.count != queries.count || !mask.allSatisfy({ $0.count == keys.count }) {
    fatalError(
      "attentionHead: the mask has \(mask.count) rows of \(mask.first?.count ?? 0), "
        + "[\(queries.count), \(keys.count)] is needed")
  }
  let scale = 1 / Scalar(width).squareRoot()
  var scores = [[Scalar]](), weights = [[Scalar]](), output = [[Scalar]]()
  for (t, query) in queries.enumerated() {
    var row = [Scalar](repeating: 0, count: keys.count)
    for s in keys.indices {
      for d in 0..<width { row[s] += query[d] * keys[s][d] }
      row[s] *= scale
    }
    let shares = softmax(row, allowed: mask?[t])
    var mixture = [Scalar](repeating: 0, count: values[0].count)
    for s in values.indices {
      for e in mixture.indices { mixture[e] += shares[s] * values[s][e] }
    }
    scores.append(row)
    weights.append(shares)
    output.append(mixture)
  }
  return AttentionHead(
    queries: queries, keys: keys, values: values, scores: scores, weights: weights, output: output)
}

/// The way back through one head: from the gradient of its output to those of all that went in.
///
///     dvₛ = Σₜ pₜₛ dyₜ
///     dpₜₛ = dyₜ · vₛ
///     dsₜₛ = pₜₛ (dpₜₛ − Σᵣ pₜᵣ dpₜᵣ)             through the softmax
///     dqₜ = Σₛ dsₜₛ kₛ / √D       dkₛ = Σₜ dsₜₛ qₜ / √D
///
/// A pair that the mask forbids has `p = 0`, and so no gradient.
///
/// - Parameters:
///   - dy: The gradient of the output, `[T, E]`.
///   - head: What the head computed.
/// - Returns: The gradients of queries, keys and values.
/// - PyTorch: what autograd does at `scaled_dot_product_attention`.
/// - Book: section 10.2.
public func attentionHeadBackward<Scalar: BinaryFloatingPoint & Sendable>(
  dy: [[Scalar]], _ head: AttentionHead<Scalar>
) -> (dQueries: [[Scalar]], dKeys: [[Scalar]], dValues: [[Scalar]]) {
  if dy.count != head.output.count || !zip(dy, head.output).allSatisfy({ $0.count == $1.count }) {
    fatalError(
      "attentionHeadBackward: gradients for \(dy.count) steps, the head has \(head.output.count)")
  }
  let width = head.queries[0].count
  let scale = 1 / Scalar(width).squareRoot()
  var dQueries = zeros(like: head.queries), dKeys = zeros(like: head.keys), dValues = zeros(like: head.values)
  for t in dy.indices {
    let p = head.weights[t]
    var dp = [Scalar](repeating: 0, count: p.count)
    for s in p.indices {
      for e in dy[t].indices {
        dValues[s][e] += p[s] * dy[t][e]
        dp[s] += dy[t][e] * head.values[s][e]
      }
    }
    let mean = dot(p, dp)
    for s in p.indices {
      let ds = p[s] * (dp[s] - mean) * scale
      for d in 0..<width {
        dQueries[t][d] += ds * head.keys[s][d]
        dKeys[s][d] += ds * head.queries[t][d]
      }
    }
  }
  return (dQueries, dKeys, dValues)
}
