import Engine

/// A matrix of which only what is not zero is kept, row by row (compressed sparse rows).
///
/// Row `o` has the numbers `values[starts[o]..<starts[o + 1]]`, and `columns` says where they stand.
///
/// - PyTorch: `weight.to_sparse_csr()`.
/// - Book: section 12.2.
public struct SparseRows: Sendable, Equatable {
  /// `[O, D]`
  public let shape: [Int]
  /// What is not zero, row by row.
  public let values: [Float]
  /// The column of each of the values.
  public let columns: [Int32]
  /// Where each row begins in `values`, and where the last one ends: O + 1 numbers.
  public let starts: [Int]

  /// - Parameter matrix: `[O, D]`; other ranks trap.
  public init(_ matrix: Tensor) {
    if matrix.rank != 2 { fatalError("SparseRows: a matrix [O, D] is needed, given \(matrix.shape)") }
    let (rows, depth, scalars) = (matrix.shape[0], matrix.shape[1], matrix.scalars)
    var (values, columns, starts): ([Float], [Int32], [Int]) = ([], [], [0])
    for o in 0..<rows {
      for d in 0..<depth where scalars[o * depth + d] != 0 {
        values.append(scalars[o * depth + d])
        columns.append(Int32(d))
      }
      starts.append(values.count)
    }
    (shape, self.values, self.columns, self.starts) = (matrix.shape, values, columns, starts)
  }

  /// `x Wᵀ`: the layer's output without its bias, with a product for each number that is kept.
  ///
  ///     y_no = Σ_k values_k · x_n,columns_k,    k = starts_o … starts_(o+1) − 1
  ///
  /// - Parameter x: `[N, D]`
  /// - Returns: `[N, O]`
  public func product(_ x: Tensor) -> Tensor {
    if x.rank != 2 || x.shape[1] != shape[1] {
      fatalError("SparseRows: \(x.shape) does not fit a matrix of \(shape): [N, \(shape[1])] is needed")
    }
    let (depth, rows) = (shape[1], shape[0])
    var y = [Float](repeating: 0, count: x.shape[0] * rows)
    x.scalars.withUnsafeBufferPointer { x in
      values.withUnsafeBufferPointer { values in
        columns.withUnsafeBufferPointer { columns in
          for n in 0..<y.count / max(rows, 1) {
            for o in 0..<rows {
              var sum: Float = 0
              for k in starts[o]..<starts[o + 1] { sum += values[k] * x[n * depth + Int(columns[k])] }
              y[n * rows + o] = sum
            }
          }
        }
      }
    }
    return Tensor(y, shape: [x.shape[0], rows])
  }

  /// The memory of values, columns and starts, in bytes: eight for each number kept, where a full matrix has four for
  /// each number.
  public var byteCount: Int { 4 * values.count + 4 * columns.count + 8 * starts.count }
}
