internal import CKernels
import Foundation

extension Tensor {
  /// The logarithm of the softmax of each row, `yᵢ = xᵢ − max x − log Σⱼ exp(xⱼ − max x)`.
  ///
  /// Taking the maximum off first changes nothing in exact arithmetic and keeps `exp` from overflowing.
  ///
  /// - Parameter x: `[…, C]`; rows lie along the last axis.
  /// - PyTorch: `torch.log_softmax(x, dim: -1)`.
  public func logSoftmax() -> Tensor {
    var y = Tensor(uninitialized: shape)
    let width = shape.last ?? 1
    let count = count
    if width == 0 { return y }
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: count / width, grain: max(1, 1 << 14 / width)) { rows in
          for r in rows {
            let (row, out) = (x + r * width, y + r * width)
            let top = Self.largest(row, width)
            for j in 0..<width { out[j] = row[j] - top }
            let scratch = Storage(count: width)
            ck_exp(out, scratch.pointer, width)
            let logSum = logf(pairwiseSum(scratch.pointer, width))
            withExtendedLifetime(scratch) {}
            for j in 0..<width { out[j] -= logSum }
          }
        }
      }
    }
    return y
  }

  /// The softmax of each row, `yᵢ = exp(xᵢ) / Σⱼ exp(xⱼ)`: positive numbers that sum to 1.
  ///
  /// - PyTorch: `torch.softmax(x, dim: -1)`.
  public func softmax() -> Tensor {
    var y = Tensor(uninitialized: shape)
    let width = shape.last ?? 1
    let count = count
    if width == 0 { return y }
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: count / width, grain: max(1, 1 << 14 / width)) { rows in
          for r in rows {
            let (row, out) = (x + r * width, y + r * width)
            let top = Self.largest(row, width)
            for j in 0..<width { out[j] = row[j] - top }
            ck_exp(out, out, width)
            let scale = 1 / pairwiseSum(out, width)
            for j in 0..<width { out[j] *= scale }
          }
        }
      }
    }
    return y
  }

  /// The largest number of a row; NaN when one is among them, so that it is not lost.
  private static func largest(_ row: UnsafePointer<Float>, _ count: Int) -> Float {
    var top = row[0]
    for j in 1..<max(count, 1) where row[j] > top || row[j].isNaN { top = row[j] }
    return top
  }
}
