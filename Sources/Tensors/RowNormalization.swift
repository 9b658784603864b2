internal import CKernels

/// Rows brought to mean 0 and variance 1 (or, not `centered`, to mean square 1), then scaled and shifted; what layer
/// norm and RMS norm compute. Rows are the last axes, as many numbers as `width`.
package struct RowNormalization: Sendable {
  package let width: Int
  package let epsilon: Float
  package let isCentered: Bool

  package init(width: Int, epsilon: Float, isCentered: Bool) {
    self.width = width
    self.epsilon = epsilon
    self.isCentered = isCentered
  }

  /// Rows for each piece: at most 16 pieces, whatever the number of threads, and none below some 2^14 numbers.
  private func grain(_ rows: Int) -> Int { max((rows + 15) / 16, max(1, (1 << 14) / max(width, 1))) }

  package func forward(
    _ x: Tensor, scale: Tensor?, shift: Tensor?
  ) -> (y: Tensor, mean: Tensor, inverseDeviation: Tensor) {
    let rows = width == 0 ? 0 : x.count / width
    var y = Tensor(uninitialized: x.shape)
    var mean = Tensor(uninitialized: [rows])
    var inverse = Tensor(uninitialized: [rows])
    let (gamma, beta) = (scale?.storage.pointer, shift?.storage.pointer)
    withExtendedLifetime((scale, shift)) {
      x.withPointer { x in
        y.withMutablePointer { y in
          mean.withMutablePointer { mean in
            inverse.withMutablePointer { inverse in
              Parallel.forEachRange(of: rows, grain: grain(rows)) { range in
                let at = range.lowerBound
                ck_norm_rows(
                  x + at * width, gamma, beta, y + at * width, mean + at, inverse + at, range.count, width,
                  epsilon,
                  isCentered ? 1 : 0)
              }
            }
          }
        }
      }
    }
    return (y, mean, inverse)
  }

  package func backward(
    dy: Tensor, x: Tensor, scale: Tensor?, mean: Tensor, inverseDeviation: Tensor, needsInput: Bool,
    needsScale: Bool, needsShift: Bool
  ) -> (dx: Tensor?, dScale: Tensor?, dShift: Tensor?) {
    let rows = width == 0 ? 0 : x.count / width
    var dx = Tensor(uninitialized: needsInput ? x.shape : [0])
    let grain = grain(rows)
    let pieces = (rows + grain - 1) / grain
    // Each piece sums over its own rows; then the pieces are summed in order.
    var dGamma = Tensor.zeros([needsScale ? pieces : 0, width])
    var dBeta = Tensor.zeros([needsShift ? pieces : 0, width])
    let gamma = scale?.storage.pointer
    withExtendedLifetime(scale) {
      dy.withPointer { dy in
        x.withPointer { x in
          mean.withPointer { mean in
            inverseDeviation.withPointer { inverse in
              dx.withMutablePointer { dx in
                dGamma.withMutablePointer { dGamma in
                  dBeta.withMutablePointer { dBeta in
                    Parallel.forEachRange(of: rows, grain: grain) { range in
                      let (at, piece) = (range.lowerBound, range.lowerBound / grain)
                      ck_norm_rows_backward(
                        dy + at * width, x + at * width, gamma, mean + at, inverse + at,
                        needsInput ? dx + at * width : nil, needsScale ? dGamma + piece * width : nil,
                        needsShift ? dBeta + piece * width : nil, range.count, width, isCentered ? 1 : 0)
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
    return (
      needsInput ? dx : nil, needsScale ? dGamma.sum(axis: 0) : nil, needsShift ? dBeta.sum(axis: 0) : nil
    )
  }
}
