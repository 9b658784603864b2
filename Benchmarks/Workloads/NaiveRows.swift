import Foundation

/// A linear layer, `y = x Wᵀ + b`, and its gradients at `x`, `W` and `b`.
func naiveLinear<S: BinaryFloatingPoint>(
  n: Int, d: Int, o: Int, x: [S], w: [S], bias: [S], dy: [S]
) -> [[S]] {
  var y = [S](repeating: 0, count: n * o)
  var (dx, dw, db) = (x.map { _ in S(0) }, w.map { _ in S(0) }, bias)
  for i in db.indices { db[i] = 0 }
  for row in 0..<n {
    for j in 0..<o {
      let up = dy[row * o + j]
      var sum: S = 0
      for k in 0..<d {
        sum += x[row * d + k] * w[j * d + k]
        dx[row * d + k] += up * w[j * d + k]
        dw[j * d + k] += up * x[row * d + k]
      }
      y[row * o + j] = sum + bias[j]
      db[j] += up
    }
  }
  return [y, dx, dw, db]
}

/// Causal attention of one head, and its gradients at queries, keys and values, all `[N, T, D]`.
func naiveAttention<S: BinaryFloatingPoint>(
  n: Int, t: Int, d: Int, q: [S], k: [S], v: [S], dy: [S]
) -> [[S]] {
  let scale = 1 / S(d).squareRoot()
  var y = [S](repeating: 0, count: q.count)
  var (dq, dk, dv) = (y, y, y)
  for batch in 0..<n {
    for query in 0..<t {
      let at = (batch * t + query) * d
      func row(_ key: Int) -> Int { (batch * t + key) * d }
      var weights = (0...query).map { key in
        var sum: S = 0
        for i in 0..<d { sum += q[at + i] * k[row(key) + i] }
        return sum * scale
      }
      weights = naiveSoftmax(weights)
      var up = weights
      for key in 0...query {
        up[key] = 0
        for i in 0..<d {
          y[at + i] += weights[key] * v[row(key) + i]
          up[key] += dy[at + i] * v[row(key) + i]
          dv[row(key) + i] += weights[key] * dy[at + i]
        }
      }
      var mean: S = 0
      for key in 0...query { mean += weights[key] * up[key] }
      for key in 0...query {
        let ds = weights[key] * (up[key] - mean) * scale
        for i in 0..<d {
          dq[at + i] += ds * k[row(key) + i]
          dk[row(key) + i] += ds * q[at + i]
        }
      }
    }
  }
  return [y, dq, dk, dv]
}

private func naiveSoftmax<S: BinaryFloatingPoint>(_ x: [S]) -> [S] {
  let largest = x.max() ?? 0
  let powers = x.map { exponential($0 - largest) }
  let sum = powers.reduce(0, +)
  return powers.map { $0 / sum }
}

/// The softmax of each row, and its gradient.
func naiveSoftmax<S: BinaryFloatingPoint>(width: Int, x: [S], dy: [S]) -> [[S]] {
  var (y, dx): ([S], [S]) = ([], [])
  for start in stride(from: 0, to: x.count, by: width) {
    let row = naiveSoftmax(Array(x[start..<start + width]))
    var mean: S = 0
    for i in 0..<width { mean += row[i] * dy[start + i] }
    y += row
    dx += (0..<width).map { row[$0] * (dy[start + $0] - mean) }
  }
  return [y, dx]
}

/// The layer norm of each row with a weight and a bias, and its gradients at the input, the weight and the bias.
func naiveLayerNorm<S: BinaryFloatingPoint>(
  width: Int, x: [S], weight: [S], bias: [S], dy: [S]
) -> [[S]] {
  var (y, dx): ([S], [S]) = ([], [])
  var (dw, db) = (weight, bias)
  for i in 0..<width { (dw[i], db[i]) = (0, 0) }
  let count = S(width)
  for start in stride(from: 0, to: x.count, by: width) {
    let row = x[start..<start + width]
    let mean = row.reduce(0, +) / count
    let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let scale = 1 / (variance + S(1e-5 as Float)).squareRoot()
    let normal = row.map { ($0 - mean) * scale }
    var (first, second): (S, S) = (0, 0)
    for i in 0..<width {
      let up = dy[start + i]
      y.append(normal[i] * weight[i] + bias[i])
      dw[i] += up * normal[i]
      db[i] += up
      first += up * weight[i]
      second += up * weight[i] * normal[i]
    }
    for i in 0..<width {
      dx.append(scale * (dy[start + i] * weight[i] - first / count - normal[i] * second / count))
    }
  }
  return [y, dx, dw, db]
}

/// The Gaussian error linear unit, `x Φ(x)`, and its gradient.
func naiveGELU<S: BinaryFloatingPoint>(x: [S], dy: [S]) -> [[S]] {
  let normal = x.map { (1 + S(erf(Double($0 * S(0.5).squareRoot())))) / 2 }
  let density = x.map { exponential(-$0 * $0 / 2) * S(1 / (2 * Double.pi).squareRoot()) }
  return [
    x.indices.map { x[$0] * normal[$0] }, x.indices.map { dy[$0] * (normal[$0] + x[$0] * density[$0]) },
  ]
}
