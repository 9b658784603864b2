/// A function between two linear layers, for each number by itself; without it, two linear layers would be one.
///
///     ReLU       y = max(0, x)                 y′ = 1 where x > 0, else 0
///     sigmoid    y = 1 / (1 + e⁻ˣ)             y′ = y (1 − y)
///     tanh       y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)   y′ = 1 − y²
///
/// - PyTorch: `torch.relu`, `torch.sigmoid`, `torch.tanh`.
/// - Book: section 4.2.
public enum Activation: String, Sendable, CaseIterable {
  case relu = "ReLU"
  case sigmoid
  case tanh

  /// The function.
  @inlinable
  public func callAsFunction<Scalar: Real>(_ x: Scalar) -> Scalar {
    switch self {
    case .relu: x > 0 ? x : 0
    // Far below 0 this is one over infinity: the 0 that it should be.
    case .sigmoid: 1 / (1 + Scalar.exp(-x))
    case .tanh: Scalar.tanh(x)
    }
  }

  /// Its slope, from what it gave: `y` is there already when the way back begins.
  @inlinable
  public func slope<Scalar: Real>(atOutput y: Scalar) -> Scalar {
    switch self {
    case .relu: y > 0 ? 1 : 0
    case .sigmoid: y * (1 - y)
    case .tanh: 1 - y * y
    }
  }

  /// The function of every number.
  @inlinable
  public func callAsFunction<Scalar: Real>(_ x: Matrix<Scalar>) -> Matrix<Scalar> {
    Matrix(x.scalars.map { self($0) }, rows: x.rows, columns: x.columns)
  }

  /// The way back, `dx = dy · y′`, number by number.
  @inlinable
  public func backward<Scalar: Real>(_ dy: Matrix<Scalar>, output y: Matrix<Scalar>) -> Matrix<Scalar> {
    Matrix(zip(dy.scalars, y.scalars).map { $0 * slope(atOutput: $1) }, rows: dy.rows, columns: dy.columns)
  }
}
