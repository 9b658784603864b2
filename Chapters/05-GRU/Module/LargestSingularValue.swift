import Chapter04FullyConnected

/// The largest singular value of a matrix: by how much it lengthens the vector that it lengthens most.
///
///     σ = max ‖U v‖ / ‖v‖
///
/// A plain RNN's gradient is multiplied by U and by slopes of at most 1 at each step back. So over k steps it grows by no
/// more than σᵏ; where σ < 1 it must vanish.
///
/// The power iteration: multiply a vector by U and by Uᵀ, over and over, and it turns into the direction that grows
/// fastest.
///
/// - PyTorch: `torch.linalg.matrix_norm(u, ord=2)`, by a full decomposition.
/// - Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, section 2.1.
/// - Book: section 5.4.
public func largestSingularValue<Scalar: Real>(of u: Matrix<Scalar>) -> Scalar {
  // No direction is a likely one to be missed: numbers without a pattern.
  var v: [Scalar] = (0..<u.columns).map { j in Scalar(1 + (j * 7 + 3) % 11) }
  var sigma: Scalar = 0
  for _ in 0..<10_000 {
    var image = [Scalar](repeating: 0, count: u.rows)
    for i in 0..<u.rows { for j in 0..<u.columns { image[i] += u[i, j] * v[j] } }
    let length = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
    if length == 0 { return 0 }
    let next = image.reduce(0) { $0 + $1 * $1 }.squareRoot() / length
    v = [Scalar](repeating: 0, count: u.columns)
    for i in 0..<u.rows { for j in 0..<u.columns { v[j] += u[i, j] * image[i] / length } }
    if (next - sigma).magnitude <= next.ulp * 4 { return next }
    sigma = next
  }
  return sigma
}
