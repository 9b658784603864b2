/// The linear layer: every number that comes out is a weighted sum of all that go in, and a bias.
///
///     yₙₒ = Σᵢ xₙᵢ wₒᵢ + bₒ
///
/// - Parameters:
///   - x: The inputs, `[N, D]`; one example a row.
///   - w: The weights, `[O, D]`; one row for each number that comes out.
///   - b: The biases, `O` of them.
/// - Returns: `[N, O]`. Traps when the sizes do not fit.
/// - PyTorch: `torch.nn.functional.linear(x, w, b)`.
/// - Book: section 4.1.
@inlinable
public func linear<Scalar: Real>(
  _ x: Matrix<Scalar>, weight w: Matrix<Scalar>, bias b: [Scalar]
) -> Matrix<Scalar> {
  if x.columns != w.columns || b.count != w.rows {
    fatalError(
      "linear: [\(x.rows), \(x.columns)] with a weight [\(w.rows), \(w.columns)] and \(b.count) biases")
  }
  var y = Matrix<Scalar>(rows: x.rows, columns: w.rows)
  for n in 0..<x.rows {
    for o in 0..<w.rows {
      var sum = b[o]
      for i in 0..<x.columns { sum += x[n, i] * w[o, i] }
      y[n, o] = sum
    }
  }
  return y
}

/// The way back through the linear layer: a number's gradient is the sum over all paths from it to the loss.
///
///     dxₙᵢ = Σₒ dyₙₒ wₒᵢ        dwₒᵢ = Σₙ dyₙₒ xₙᵢ        dbₒ = Σₙ dyₙₒ
///
/// - Parameters:
///   - dy: The upstream gradient, `[N, O]`.
///   - x: What went in on the way there, `[N, D]`.
///   - w: The weights, `[O, D]`.
/// - Returns: The gradients, each of the shape of what it belongs to. Traps when the sizes do not fit.
/// - PyTorch: what autograd does at `linear`.
/// - Book: section 4.4.
@inlinable
public func linearBackward<Scalar: Real>(
  _ dy: Matrix<Scalar>, input x: Matrix<Scalar>, weight w: Matrix<Scalar>
) -> (dx: Matrix<Scalar>, dw: Matrix<Scalar>, db: [Scalar]) {
  if dy.rows != x.rows || dy.columns != w.rows || x.columns != w.columns {
    fatalError(
      "linearBackward: dy [\(dy.rows), \(dy.columns)], x [\(x.rows), \(x.columns)], "
        + "weight [\(w.rows), \(w.columns)]")
  }
  var dx = Matrix<Scalar>(rows: x.rows, columns: x.columns)
  var dw = Matrix<Scalar>(rows: w.rows, columns: w.columns)
  var db = [Scalar](repeating: 0, count: w.rows)
  for n in 0..<x.rows {
    for o in 0..<w.rows {
      db[o] += dy[n, o]
      for i in 0..<x.columns {
        dx[n, i] += dy[n, o] * w[o, i]
        dw[o, i] += dy[n, o] * x[n, i]
      }
    }
  }
  return (dx, dw, db)
}
