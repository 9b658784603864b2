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
      measure { plane in Double(size == 1 ? x[plane] : ck_sum(x + plane * size, size)) }
    }
  }

  /// The sums and the squares of each plane, from which those of several planes together come out. A plane is read while it
  /// is in the cache, and from memory once.
  package func moments(_ x: Tensor) -> PlaneMoments {
    x.withPointer { x in PlaneMoments(size: size, measure { plane in ck_moments(x + plane * size, size) }) }
  }

  /// The sum of `y (x − center)` of each plane.
  package func products(_ y: Tensor, _ x: Tensor, centers: [Float]) -> [Double] {
    y.withPointer { y in
      x.withPointer { x in
        measure { plane in Double(ck_dot_deviations(y + plane * size, x + plane * size, centers[plane], size))
        }
      }
    }
  }

  /// The sum of `y`, and that of `y (x − center)`, of each plane: the two of a plane after each other.
  package func sumsAndProducts(_ y: Tensor, _ x: Tensor, centers: [Float]) -> (
    sums: [Double], products: [Double]
  ) {
    let both: [(Float, Float)] = y.withPointer { y in
      x.withPointer { x in
        measure { plane in
          let (y, x) = (y + plane * size, x + plane * size)
          return (ck_sum(y, size), ck_dot_deviations(y, x, centers[plane], size))
        }
      }
    }
    return (both.map { Double($0.0) }, both.map { Double($0.1) })
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

  private func measure<Measure: Sendable>(_ plane: (Int) -> Measure) -> [Measure] {
    [Measure](unsafeUninitializedCapacity: count) { all, initialized in
      initialized = count
      let all = all.baseAddress
      Parallel.forEachRange(of: count, grain: grain) { range in
        for p in range { (all! + p).initialize(to: plane(p)) }
      }
    }
  }
}

/// What sums and variances over several planes are made of: of each plane a number near its mean, and the sums of its
/// numbers' distances from that and of their squares. Distances are small numbers, whose sums are rounded little.
///
/// - Source: Chan, Golub and LeVeque, "Algorithms for computing the sample variance", The American Statistician 37(3),
///   1983.
package struct PlaneMoments {
  private let size: Double
  private let planes: [CKMoments]

  fileprivate init(size: Int, _ planes: [CKMoments]) { (self.size, self.planes) = (Double(size), planes) }

  /// The sum of each plane.
  package var sums: [Double] { planes.map { size * Double($0.center) + Double($0.sum) } }

  /// The sum of `(x − mean)²` of each plane, each with a mean of its own.
  package func squares(about means: [Double]) -> [Double] {
    zip(planes, means).map { plane, mean in
      let off = Double(plane.center) - mean
      let squares = Double(plane.squares) + 2 * off * Double(plane.sum) + off * off * size
      return Swift.max(squares, 0)  // rounding must not lead below 0; and NaN, in first place, stays
    }
  }
}
