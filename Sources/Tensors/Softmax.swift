internal import CKernels

extension Tensor {
  /// The softmax along an axis, `yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)`: positive numbers that sum to 1.
  ///
  /// The maximum is taken off first: it changes nothing in exact arithmetic and keeps `exp` from overflowing.
  ///
  /// - PyTorch: `torch.softmax(x, axis)`.
  public func softmax(axis: Int = -1) -> Tensor {
    alongRows(axis: axis, "softmax") { x, y, rows, width in ck_softmax_rows(x, y, rows, width, 1) }
  }

  /// The logarithm of the softmax along an axis, `yᵢ = xᵢ − max x − log Σⱼ exp(xⱼ − max x)`.
  ///
  /// - PyTorch: `torch.log_softmax(x, axis)`.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    alongRows(axis: axis, "logSoftmax", ck_log_softmax_rows)
  }

  /// The gradient of softmax, `dxᵢ = yᵢ (dyᵢ − Σⱼ dyⱼ yⱼ)`.
  package static func softmaxBackward(dy: Tensor, y: Tensor, axis: Int = -1) -> Tensor {
    dy.alongRows(with: y, axis: axis, "softmax") { dy, y, dx, rows, width in
      ck_softmax_rows_backward(dy, y, dx, rows, width, 1)
    }
  }

  /// The gradient of the logarithm of softmax, `dxᵢ = dyᵢ − exp(yᵢ) Σⱼ dyⱼ`.
  package static func logSoftmaxBackward(dy: Tensor, y: Tensor, axis: Int = -1) -> Tensor {
    dy.alongRows(with: y, axis: axis, "logSoftmax", ck_log_softmax_rows_backward)
  }

  /// Rows worth a thread's while.
  private static func rowGrain(_ width: Int) -> Int { Swift.max(1, (1 << 14) / width) }

  private func alongRows(
    axis: Int, _ op: String, _ body: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Int) -> Void
  ) -> Tensor {
    let axis = resolve(axis: axis, rank: Swift.max(rank, 1), op)
    if axis < rank - 1 { return transposed(axis, -1).alongRows(axis: -1, op, body).transposed(axis, -1) }
    var y = Tensor(uninitialized: shape)
    let width = shape.last ?? 1
    if count == 0 { return y }
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: count / width, grain: Self.rowGrain(width)) { rows in
          let at = rows.lowerBound * width
          body(x + at, y + at, rows.count, width)
        }
      }
    }
    return y
  }

  private func alongRows(
    with other: Tensor, axis: Int, _ op: String,
    _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int, Int) -> Void
  ) -> Tensor {
    let axis = resolve(axis: axis, rank: Swift.max(rank, 1), op)
    if axis < rank - 1 {
      let (dy, y) = (transposed(axis, -1), other.transposed(axis, -1))
      return dy.alongRows(with: y, axis: -1, op, body).transposed(axis, -1)
    }
    var z = Tensor(uninitialized: shape)
    let width = shape.last ?? 1
    if count == 0 { return z }
    withPointer { x in
      other.withPointer { y in
        z.withMutablePointer { z in
          Parallel.forEachRange(of: count / width, grain: Self.rowGrain(width)) { rows in
            let at = rows.lowerBound * width
            body(x + at, y + at, z + at, rows.count, width)
          }
        }
      }
    }
    return z
  }
}
