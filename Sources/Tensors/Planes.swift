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

  /// The sums and the squares of each plane, from which those of several planes together come out. A plane is read while it
  /// is in the cache, and from memory once.
  package func moments(_ x: Tensor) -> PlaneMoments {
    x.withPointer { x in
      PlaneMoments(size: size, measure(room: 0) { plane, _ in ck_moments(x + plane * size, size) })
    }
  }

  /// What `map` makes of `x`.
  package func apply(_ map: PlaneMap, _ x: Tensor) -> Tensor {
    var y = Tensor(uninitialized: x.shape)
    x.withPointer { x in
      y.withMutablePointer { y in
        forEachPlane(room: map.isRectified ? size : 0) { plane, room in
          let y = y + plane * size
          if !map.isRectified { return map.apply(plane, x + plane * size, into: y, size) }
          map.apply(plane, x + plane * size, into: room, size)
          ck_relu(room, y, size)
        }
      }
    }
    return y
  }

  /// The sum of `d`, and that of `d (x − center)`, of each plane: the two of a plane after each other. With `dy` the gradient
  /// at what `map` makes of `x`, `d` is the one before it is rectified.
  package func sumsAndProducts(_ dy: Tensor, _ map: PlaneMap, _ x: Tensor) -> (
    sums: [Double], products: [Double]
  ) {
    let both: [(Float, Float)] = dy.withPointer { dy in
      x.withPointer { x in
        measure(room: roomBefore(map)) { plane, room in
          let x = x + plane * size
          let d = before(map, plane, dy + plane * size, x, room)
          return (ck_sum(d, size), ck_dot_deviations(d, x, map.centers[plane], size))
        }
      }
    }
    return (both.map { Double($0.0) }, both.map { Double($0.1) })
  }

  /// `scale d + b (x − center) + c` of each plane, with `d` as above: the gradient of a normalisation.
  package func combine(_ dy: Tensor, _ map: PlaneMap, _ x: Tensor, b: [Float], c: [Float]) -> Tensor {
    var z = Tensor(uninitialized: x.shape)
    dy.withPointer { dy in
      x.withPointer { x in
        z.withMutablePointer { z in
          forEachPlane(room: roomBefore(map)) { plane, room in
            let at = plane * size
            let d = before(map, plane, dy + at, x + at, room)
            ck_combine(d, x + at, map.centers[plane], map.scales[plane], b[plane], c[plane], z + at, size)
          }
        }
      }
    }
    return z
  }

  /// `scale d` of each plane, with `d` as above: the gradient where the map is given.
  package func scaled(_ dy: Tensor, _ map: PlaneMap, _ x: Tensor) -> Tensor {
    var z = Tensor(uninitialized: x.shape)
    dy.withPointer { dy in
      x.withPointer { x in
        z.withMutablePointer { z in
          forEachPlane(room: roomBefore(map)) { plane, room in
            let at = plane * size
            ck_affine(before(map, plane, dy + at, x + at, room), 0, map.scales[plane], 0, z + at, size)
          }
        }
      }
    }
    return z
  }

  private func roomBefore(_ map: PlaneMap) -> Int { map.isRectified ? 2 * size : 0 }

  /// What is left of a plane's gradient before it was rectified. What the map made of it is computed again, as it was: a
  /// plane is in the processor's cache, and to read the result from memory takes longer.
  private func before(
    _ map: PlaneMap, _ plane: Int, _ dy: UnsafePointer<Float>, _ x: UnsafePointer<Float>,
    _ room: UnsafeMutablePointer<Float>
  ) -> UnsafePointer<Float> {
    if !map.isRectified { return dy }
    map.apply(plane, x, into: room, size)
    ck_relu_backward(dy, room, room + size, size)
    return UnsafePointer(room + size)
  }

  private func measure<Measure: Sendable>(
    room: Int, _ plane: (_ plane: Int, _ room: UnsafeMutablePointer<Float>) -> Measure
  ) -> [Measure] {
    [Measure](unsafeUninitializedCapacity: count) { all, initialized in
      initialized = count
      let all = all.baseAddress
      forEachPlane(room: room) { p, room in (all! + p).initialize(to: plane(p, room)) }
    }
  }

  /// Calls `body` with each plane, and with a thread's room for some numbers.
  private func forEachPlane(
    room: Int, _ body: (_ plane: Int, _ room: UnsafeMutablePointer<Float>) -> Void
  ) {
    let (threads, worthwhile) = (Parallel.threads, Swift.min(64, count * size >> 15))
    let pieces = worthwhile < 2 ? 1 : (worthwhile + threads - 1) / threads * threads
    Parallel.forEachRange(of: count, pieces: pieces, room: { Storage(count: room) }) { range, room in
      for plane in range { body(plane, room.pointer) }
    }
  }
}

/// A function of the numbers of each plane: `scale (x − center) + shift`, and where that `isRectified`, 0 if it is below.
package struct PlaneMap: Sendable {
  package let centers: [Float]
  package let scales: [Float]
  package let shifts: [Float]
  package var isRectified = false

  package init(centers: [Float], scales: [Float], shifts: [Float]) {
    (self.centers, self.scales, self.shifts) = (centers, scales, shifts)
  }

  /// Of one plane, not rectified.
  fileprivate func apply(
    _ plane: Int, _ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, _ size: Int
  ) {
    ck_affine(x, centers[plane], scales[plane], shifts[plane], y, size)
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
