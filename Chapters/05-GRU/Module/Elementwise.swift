import Chapter04FullyConnected

/// The product number by number, as the equations of gates write it.
infix operator ⊙ : MultiplicationPrecedence

extension Matrix {
  /// The sum, number by number.
  @inlinable
  public static func + (a: Self, b: Self) -> Self { a.combined(with: b, "+") { $0 + $1 } }

  /// The difference, number by number.
  @inlinable
  public static func - (a: Self, b: Self) -> Self { a.combined(with: b, "−") { $0 - $1 } }

  /// The product, number by number: a gate at each place.
  @inlinable
  public static func ⊙ (a: Self, b: Self) -> Self { a.combined(with: b, "⊙") { $0 * $1 } }

  /// A number less each of the matrix: `1 − z`.
  @inlinable
  public static func - (a: Scalar, b: Self) -> Self {
    Matrix(b.scalars.map { a - $0 }, rows: b.rows, columns: b.columns)
  }

  @inlinable
  func combined(with other: Self, _ name: String, _ operation: (Scalar, Scalar) -> Scalar) -> Self {
    if rows != other.rows || columns != other.columns {
      fatalError("\(name): [\(rows), \(columns)] and [\(other.rows), \(other.columns)]")
    }
    return Matrix(zip(scalars, other.scalars).map(operation), rows: rows, columns: columns)
  }
}
