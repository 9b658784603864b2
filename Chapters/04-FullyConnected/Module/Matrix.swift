import Engine

/// Numbers in rows and columns: the examples of a batch, or the weights of a layer.
///
/// It does as much as the equations of this chapter ask for, over any floating-point type; the engine's `Tensor` does
/// the rest.
public struct Matrix<Scalar: Real>: Sendable, Equatable {
  public let rows, columns: Int
  /// Row by row.
  public var scalars: [Scalar]

  /// Numbers row by row; traps when they are not as many as there are places.
  @inlinable
  public init(_ scalars: [Scalar], rows: Int, columns: Int) {
    if scalars.count != rows * columns {
      fatalError("Matrix: \(scalars.count) numbers for \(rows) × \(columns)")
    }
    self.rows = rows
    self.columns = columns
    self.scalars = scalars
  }

  /// The same number everywhere.
  @inlinable
  public init(repeating scalar: Scalar = 0, rows: Int, columns: Int) {
    self.init([Scalar](repeating: scalar, count: rows * columns), rows: rows, columns: columns)
  }

  /// A tensor `[rows, columns]`.
  public init(_ tensor: Tensor) {
    if tensor.rank != 2 { fatalError("Matrix: a tensor with two axes is needed, given \(tensor.shape)") }
    self.init(tensor.scalars.map { Scalar($0) }, rows: tensor.shape[0], columns: tensor.shape[1])
  }

  @inlinable
  public subscript(_ i: Int, _ j: Int) -> Scalar {
    get { scalars[i * columns + j] }
    set { scalars[i * columns + j] = newValue }
  }

  /// `[rows, columns]`, in `Float`.
  public var tensor: Tensor { Tensor(scalars.map { Float($0) }, shape: [rows, columns]) }
}
