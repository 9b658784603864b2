import Foundation
import Testing

@testable import Tensors

/// Attention of one head as its definition says, in double precision.
private struct NaiveAttention {
  let (queries, keys, width, valueWidth): (Int, Int, Int, Int)
  let (q, k, v): ([Double], [Double], [Double])
  let scale: Double

  /// The keys that query `t` sees.
  func seen(_ t: Int) -> Int { min(t + 1, keys) }

  var weights: [Double] {
    var p = [Double](repeating: 0, count: queries * keys)
    for t in 0..<queries {
      let scores = (0..<seen(t)).map { s in
        scale * (0..<width).reduce(0) { $0 + q[t * width + $1] * k[s * width + $1] }
      }
      let e = scores.map { exp($0 - scores.max()!) }
      for s in e.indices { p[t * keys + s] = e[s] / e.reduce(0, +) }
    }
    return p
  }

  func output(_ p: [Double]) -> [Double] {
    (0..<queries * valueWidth).map { i in
      (0..<keys).reduce(0) { $0 + p[i / valueWidth * keys + $1] * v[$1 * valueWidth + i % valueWidth] }
    }
  }

  func gradients(_ p: [Double], dy: [Double]) -> (dq: [Double], dk: [Double], dv: [Double]) {
    var (dq, dk, dv) = (q.map { _ in 0.0 }, k.map { _ in 0.0 }, v.map { _ in 0.0 })
    for t in 0..<queries {
      let dp = (0..<keys).map { s in
        (0..<valueWidth).reduce(0) { $0 + dy[t * valueWidth + $1] * v[s * valueWidth + $1] }
      }
      let mean = (0..<keys).reduce(0) { $0 + dp[$1] * p[t * keys + $1] }
      for s in 0..<keys {
        let ds = scale * p[t * keys + s] * (dp[s] - mean)
        for d in 0..<width {
          dq[t * width + d] += ds * k[s * width + d]
          dk[s * width + d] += ds * q[t * width + d]
        }
        for d in 0..<valueWidth { dv[s * valueWidth + d] += p[t * keys + s] * dy[t * valueWidth + d] }
      }
    }
    return (dq, dk, dv)
  }
}

@Suite struct AttentionTests {
  /// Longer than a block of queries, a strip of keys and a block of rows; keys that no query sees; more queries than keys;
  /// a scale below zero, and none.
  @Test(arguments: [
    (5, 5, 1.0), (70, 70, 0.3), (270, 270, 0.4), (40, 90, 0.4), (90, 33, 0.4), (20, 20, -0.5), (6, 6, 0),
  ])
  func causalAttentionAgreesWithTheDefinition(_ queries: Int, _ keys: Int, _ scale: Double) {
    let (width, valueWidth) = (7, 19)
    let (q, k) = (random([queries, width], 1), random([keys, width], 2))
    let (v, dy) = (random([keys, valueWidth], 3), random([queries, valueWidth], 4))
    func operand(_ source: Int, _ width: Int) -> AttentionGeometry.Operand {
      .init(source: source, batch: 0, head: 0, row: width)
    }
    let geometry = AttentionGeometry(
      batch: 1, heads: 1, queries: queries, keys: keys, width: width, valueWidth: valueWidth,
      query: operand(0, width), key: operand(1, width), value: operand(2, valueWidth),
      output: operand(0, valueWidth), outputShape: [queries, valueWidth], scale: Float(scale), isCausal: true)
    let (y, p) = geometry.forward([q, k, v], mask: nil, dropout: nil)
    let d = geometry.backward(dy: dy, [q, k, v], weights: p, dropout: nil)

    func doubles(_ x: Tensor) -> [Double] { x.scalars.map { Double($0) } }
    let exact = NaiveAttention(
      queries: queries, keys: keys, width: width, valueWidth: valueWidth, q: doubles(q), k: doubles(k),
      v: doubles(v), scale: Double(Float(scale)))
    let weights = exact.weights
    let gradients = exact.gradients(weights, dy: doubles(dy))
    #expect(error(p.scalars, weights) <= 2e-6)
    #expect(error(y.scalars, exact.output(weights)) <= 2e-6)
    #expect(error(d[2].scalars, gradients.dv) <= 2e-6)
    if scale == 0 { return }
    #expect(error(d[0].scalars, gradients.dq) <= 5e-6)
    #expect(error(d[1].scalars, gradients.dk) <= 5e-6)
  }

  /// Where nobody asks, nothing is given, and no key gets a gradient.
  @Test(arguments: [true, false]) func noQueriesAtAll(_ isCausal: Bool) {
    let (batch, heads, keys, width) = (2, 3, 5, 4)
    func operand(_ source: Int, _ steps: Int) -> AttentionGeometry.Operand {
      .init(source: source, batch: heads * steps * width, head: steps * width, row: width)
    }
    let geometry = AttentionGeometry(
      batch: batch, heads: heads, queries: 0, keys: keys, width: width, valueWidth: width,
      query: operand(0, 0),
      key: operand(1, keys), value: operand(2, keys), output: operand(0, 0),
      outputShape: [batch, heads, 0, width], scale: 1, isCausal: isCausal)
    let sources =
      [Tensor.zeros([batch, heads, 0, width])] + (1...2).map { random([batch, heads, keys, width], $0) }
    let (y, weights) = geometry.forward(sources, mask: nil, dropout: nil)
    #expect(y.count == 0 && weights.count == 0)
    let gradients = geometry.backward(dy: y, sources, weights: weights, dropout: nil)
    #expect(gradients[0].count == 0)
    for gradient in gradients[1...] { #expect(gradient == .zeros([batch, heads, keys, width])) }
  }
}
