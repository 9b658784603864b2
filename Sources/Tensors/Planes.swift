internal import CKernels

/// A batch of feature maps `[N, C, …]` as `N·C` planes, one number after the other within each: what batch norm and
/// group norm work on. Each plane has a center, a scale and a shift of its own, given as arrays.
package struct Planes: Sendable {
  package let batch: Int
  package let channels: Int
  /// Numbers in a plane.
  package let size: Int

  /// Traps when the shape has no channels.
  package init(_ op: String, _ shape: [Int]) {
    if shape.count < 2 { trap("\(op): an input [N, C, …] is needed: \(shape)") }
    batch = shape[0]
    channels = shape[1]
    size = shape[2...].reduce(1, *)
  }

  package var count: Int { batch * channels }
  private var grain: Int { Swift.max((count + 63) / 64, Swift.max(1, (1 << 15) / Swift.max(size, 1))) }

  /// The sum of each plane.
  package func sums(_ x: Tensor) -> [Double] {
    x.withPointer { x in
      measure { plane in size == 1 ? x[plane] : ck_sum(x + plane * size, size) }
    }
  }

  /// The sum of `(x − center)²` of each plane.
  package func squareDeviations(_ x: Tensor, centers: [Float]) -> [Double] {
    x.withPointer { x in
      measure { plane in ck_sum_square_deviations(x + plane * size, centers[plane], size) }
    }
  }

  /// The sum of `y (x − center)` of each plane.
  package func products(_ y: Tensor, _ x: Tensor, centers: [Float]) -> [Double] {
    y.withPointer { y in
      x.withPointer { x in
        measure { plane in ck_dot_deviations(y + plane * size, x + plane * size, centers[plane], size) }
      }
    }
  }

  /// `scale (x − center) + shift` of each plane.
  package func affine(_ x: Tensor, centers: [Float], scales: [Float], shifts: [Float]) -> Tensor {
    var y = Tensor(uninitialized: x.shape)
    x.withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: count, grain: grain) { range in
          for plane in range {
            let at = plane * size
            ck_affine(x + at, centers[plane], scales[plane], shifts[plane], y + at, size)
          }
        }
      }
    }
    return y
  }

  /// `a dy + b (x − center) + c` of each plane: the gradient of a normalisation.
  package func combine(_ dy: Tensor, _ x: Tensor, centers: [Float], a: [Float], b: [Float], c: [Float])
    -> Tensor
  {
    var z = Tensor(uninitialized: x.shape)
    dy.withPointer { dy in
      x.withPointer { x in
        z.withMutablePointer { z in
          Parallel.forEachRange(of: count, grain: grain) { range in
            for plane in range {
              let at = plane * size
              ck_combine(dy + at, x + at, centers[plane], a[plane], b[plane], c[plane], z + at, size)
            }
          }
        }
      }
    }
    return z
  }

  private func measure(_ plane: (Int) -> Float) -> [Double] {
    [Double](unsafeUninitializedCapacity: count) { sums, initialized in
      initialized = count
      let sums = sums.baseAddress
      Parallel.forEachRange(of: count, grain: grain) { range in
        for p in range { (sums! + p).initialize(to: Double(plane(p))) }
      }
    }
  }
}
