// The largest and smallest along an axis, with their places, and the order of a row.

extension Tensor {
  /// The largest number along `axis`, and its place; among equals the first, and a NaN counts as largest.
  ///
  /// - PyTorch: `x.max(dim, keepdim)`.
  public func maximum(axis: Int, keepingAxis keep: Bool = false) -> (values: Tensor, places: IntTensor) {
    extreme(axis: axis, keep: keep, "maximum") { $0 > $1 }
  }

  /// The smallest number along `axis`, and its place; among equals the first, and a NaN counts as smallest.
  ///
  /// - PyTorch: `x.min(dim, keepdim)`.
  public func minimum(axis: Int, keepingAxis keep: Bool = false) -> (values: Tensor, places: IntTensor) {
    extreme(axis: axis, keep: keep, "minimum") { $0 < $1 }
  }

  /// The place of the largest number along `axis`; among equals the first, and a NaN counts as largest.
  ///
  /// - PyTorch: `x.argmax(dim)`.
  public func argmax(axis: Int) -> IntTensor { extreme(axis: axis, keep: false, "argmax") { $0 > $1 }.places }

  /// The place of the smallest number along `axis`; among equals the first, and a NaN counts as smallest.
  ///
  /// - PyTorch: `x.argmin(dim)`.
  public func argmin(axis: Int = -1) -> IntTensor {
    extreme(axis: axis, keep: false, "argmin") { $0 < $1 }.places
  }

  @inline(__always)
  private func extreme(
    axis: Int, keep: Bool, _ op: String, _ isBetter: (Float, Float) -> Bool
  ) -> (values: Tensor, places: IntTensor) {
    let axis = resolve(axis: axis, rank: rank, op)
    if rank == 0 || shape[axis] == 0 {
      trap("\(op): nothing to choose from along axis \(axis) of shape \(shape)")
    }
    let (outer, size, inner) = split(at: axis)
    var y = Tensor(uninitialized: removing(axis, keep: keep))
    var places = [Int](repeating: 0, count: y.count)
    withPointer { x in
      y.withMutablePointer { y in
        places.withUnsafeMutableBufferPointer { places in
          for o in 0..<outer {
            let (out, at) = (y + o * inner, places.baseAddress.map { $0 + o * inner })
            out.update(from: x + o * size * inner, count: inner)
            for s in 1..<Swift.max(size, 1) {
              let row = x + (o * size + s) * inner
              for i in 0..<inner where isBetter(row[i], out[i]) || (row[i].isNaN && !out[i].isNaN) {
                out[i] = row[i]
                at![i] = s
              }
            }
          }
        }
      }
    }
    return (y, IntTensor(places, shape: y.shape))
  }

  /// The `k` largest (or smallest) numbers along `axis`, best first, and their places; among equals the first.
  ///
  /// - PyTorch: `x.topk(k, dim, largest)`; the order among equals is defined here.
  public func topK(_ k: Int, axis: Int = -1, largest: Bool = true) -> (values: Tensor, places: IntTensor) {
    let axis = resolve(axis: axis, rank: rank, "topK")
    if rank == 0 || k < 0 || k > shape[axis] { trap("topK: \(k) of shape \(shape) along axis \(axis)") }
    let (outer, size, inner) = split(at: axis)
    var newShape = shape
    newShape[axis] = k
    var y = Tensor(uninitialized: newShape)
    var places = [Int](repeating: 0, count: y.count)
    withPointer { x in
      y.withMutablePointer { y in
        for o in 0..<outer {
          for i in 0..<inner {
            func number(_ s: Int) -> Float { x[(o * size + s) * inner + i] }
            let order = (0..<size).sorted { a, b in
              let (p, q) = (number(a), number(b))
              if p.isNaN || q.isNaN { return p.isNaN && q.isNaN ? a < b : p.isNaN == largest }
              return p == q ? a < b : (p > q) == largest
            }
            for s in 0..<k {
              y[(o * k + s) * inner + i] = number(order[s])
              places[(o * k + s) * inner + i] = order[s]
            }
          }
        }
      }
    }
    return (y, IntTensor(places, shape: newShape))
  }
}
