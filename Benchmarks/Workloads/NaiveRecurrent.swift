import Foundation

/// One layer of an LSTM or a GRU from a state of zeros, and its gradients at the input and the parameters, by
/// back-propagation through time.
///
/// - Parameters:
///   - x: `[N, T, D]`.
///   - weights: `weight_ih`, `weight_hh`, `bias_ih`, `bias_hh`, as PyTorch orders the gates.
///   - dy: At the outputs, `[N, T, H]`.
/// - Returns: The outputs; the gradients at `x` and the weights, in their order.
func naiveRecurrent<S: BinaryFloatingPoint>(
  isLSTM: Bool, n batch: Int, t steps: Int, d width: Int, h size: Int, x: [S], weights: [[S]], dy: [S]
) -> [[S]] {
  let rows = (isLSTM ? 4 : 3) * size
  var y = [S](repeating: 0, count: batch * steps * size)
  var dx = [S](repeating: 0, count: x.count)
  var gradients = weights.map { [S](repeating: 0, count: $0.count) }
  for n in 0..<batch {
    let at = { (t: Int) in n * steps + t }
    // Of each step: the gates, what the candidate of a GRU took from the state, and the state after it.
    var gates: [[S]] = []
    var recalled: [[S]] = []
    var hidden = [[S](repeating: 0, count: size)]
    var cell = [[S](repeating: 0, count: size)]
    for t in 0..<steps {
      var (u, v) = (weights[2], weights[3])
      for row in 0..<rows {
        for k in 0..<width { u[row] += weights[0][row * width + k] * x[at(t) * width + k] }
        for k in 0..<size { v[row] += weights[1][row * size + k] * hidden[t][k] }
      }
      var (gate, h, c) = (u, hidden[t], cell[t])
      for j in 0..<size {
        let (second, third, fourth) = (size + j, 2 * size + j, 3 * size + j)
        gate[j] = logistic(u[j] + v[j])
        gate[second] = logistic(u[second] + v[second])
        if isLSTM {
          gate[third] = hyperbolicTangent(u[third] + v[third])
          gate[fourth] = logistic(u[fourth] + v[fourth])
          c[j] = gate[second] * cell[t][j] + gate[j] * gate[third]
          h[j] = gate[fourth] * hyperbolicTangent(c[j])
        } else {
          gate[third] = hyperbolicTangent(u[third] + gate[j] * v[third])
          h[j] = (1 - gate[second]) * gate[third] + gate[second] * hidden[t][j]
        }
        y[at(t) * size + j] = h[j]
      }
      gates.append(gate)
      recalled.append(v)
      hidden.append(h)
      cell.append(c)
    }
    var dh = [S](repeating: 0, count: size)
    var dc = dh
    for t in (0..<steps).reversed() {
      let gate = gates[t]
      // The gradients at what the gates' functions were given, from the input's side and from the state's.
      var (du, dv) = ([S](repeating: 0, count: rows), [S](repeating: 0, count: rows))
      var before = [S](repeating: 0, count: size)
      for j in 0..<size {
        let up = dh[j] + dy[at(t) * size + j]
        let (second, third, fourth) = (size + j, 2 * size + j, 3 * size + j)
        if isLSTM {
          let (i, f, g, o) = (gate[j], gate[second], gate[third], gate[fourth])
          let tanhC = hyperbolicTangent(cell[t + 1][j])
          let upCell = up * o * (1 - tanhC * tanhC) + dc[j]
          du[j] = upCell * g * i * (1 - i)
          du[second] = upCell * cell[t][j] * f * (1 - f)
          du[third] = upCell * i * (1 - g * g)
          du[fourth] = up * tanhC * o * (1 - o)
          dc[j] = upCell * f
          for row in [j, second, third, fourth] { dv[row] = du[row] }
        } else {
          let (r, z, c) = (gate[j], gate[second], gate[third])
          du[third] = up * (1 - z) * (1 - c * c)
          dv[third] = du[third] * r
          du[j] = du[third] * recalled[t][third] * r * (1 - r)
          du[second] = up * (hidden[t][j] - c) * z * (1 - z)
          (dv[j], dv[second]) = (du[j], du[second])
          before[j] = up * z
        }
      }
      for row in 0..<rows {
        for k in 0..<width {
          gradients[0][row * width + k] += du[row] * x[at(t) * width + k]
          dx[at(t) * width + k] += du[row] * weights[0][row * width + k]
        }
        for k in 0..<size {
          gradients[1][row * size + k] += dv[row] * hidden[t][k]
          before[k] += dv[row] * weights[1][row * size + k]
        }
        gradients[2][row] += du[row]
        gradients[3][row] += dv[row]
      }
      dh = before
    }
  }
  return [y, dx] + gradients
}

/// `1 / (1 + e⁻ˣ)`, rounded once at the end.
func logistic<S: BinaryFloatingPoint>(_ x: S) -> S { S(1 / (1 + exp(-Double(x)))) }
func hyperbolicTangent<S: BinaryFloatingPoint>(_ x: S) -> S { S(tanh(Double(x))) }
func exponential<S: BinaryFloatingPoint>(_ x: S) -> S { S(exp(Double(x))) }
