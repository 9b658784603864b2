internal import CKernels

// Arithmetic number by number. Shapes are matched from the last axis backwards; an axis of size 1 stretches, and
// axes that one side lacks count as size 1 ("broadcasting").

extension Tensor {
  /// - PyTorch: `a + b`.
  public static func + (a: Tensor, b: Tensor) -> Tensor { arithmetic(a, b, "+", ck_add) { $0 + $1 } }
  /// - PyTorch: `a - b`.
  public static func - (a: Tensor, b: Tensor) -> Tensor { arithmetic(a, b, "-", ck_subtract) { $0 - $1 } }
  /// The product number by number; for the matrix product see `matmul`.
  ///
  /// - PyTorch: `a * b`.
  public static func * (a: Tensor, b: Tensor) -> Tensor { arithmetic(a, b, "*", ck_multiply) { $0 * $1 } }
  /// - PyTorch: `a / b`.
  public static func / (a: Tensor, b: Tensor) -> Tensor { arithmetic(a, b, "/", ck_divide) { $0 / $1 } }

  /// `a + b`, the same number added everywhere.
  public static func + (a: Tensor, b: Float) -> Tensor { a.apply { $0 + b } }
  /// `a − b`, the same number taken off everywhere.
  public static func - (a: Tensor, b: Float) -> Tensor { a.apply { $0 - b } }
  /// `a · b`, everything multiplied by the same number.
  public static func * (a: Tensor, b: Float) -> Tensor { a.apply { $0 * b } }
  /// `a / b`, everything divided by the same number; ±∞ or NaN where that is 0.
  public static func / (a: Tensor, b: Float) -> Tensor { a.apply { $0 / b } }
  /// `a + b`, the number first.
  public static func + (a: Float, b: Tensor) -> Tensor { b.apply { a + $0 } }
  /// `a − b` of a number and a tensor.
  public static func - (a: Float, b: Tensor) -> Tensor { b.apply { a - $0 } }
  /// `a · b`, the number first.
  public static func * (a: Float, b: Tensor) -> Tensor { b.apply { a * $0 } }
  /// `a / b`, the same number divided by everything.
  public static func / (a: Float, b: Tensor) -> Tensor { b.apply { a / $0 } }
  /// Everything with its sign turned.
  ///
  /// - PyTorch: `-a`.
  public static prefix func - (a: Tensor) -> Tensor { a.apply { -$0 } }

  /// Adds `b` in place, where the shapes are equal; otherwise `a` becomes `a + b`, and may grow.
  ///
  /// - PyTorch: `a += b`, which does not let `a` grow.
  public static func += (a: inout Tensor, b: Tensor) {
    if a.shape != b.shape {
      a = a + b
      return
    }
    let count = a.count
    b.withPointer { b in
      a.withMutablePointer { a in
        Parallel.forEachRange(of: count, grain: elementwiseGrain) { range in
          for i in range { a[i] += b[i] }
        }
      }
    }
  }

  /// The shape that two shapes stretch to, or nil when they do not fit.
  package static func broadcast(_ a: [Int], _ b: [Int]) -> [Int]? {
    var shape = [Int](repeating: 1, count: max(a.count, b.count))
    for i in 1...max(shape.count, 1) where i <= shape.count {
      let (p, q) = (i <= a.count ? a[a.count - i] : 1, i <= b.count ? b[b.count - i] : 1)
      if p != q && p != 1 && q != 1 { return nil }
      shape[shape.count - i] = p == 1 ? q : p
    }
    return shape
  }

  @inline(__always)
  func apply(_ op: (Float) -> Float) -> Tensor {
    var y = Tensor(uninitialized: shape)
    let count = count
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: count, grain: elementwiseGrain) { range in
          for i in range { y[i] = op(x[i]) }
        }
      }
    }
    return y
  }

  /// `kernel` does for runs of numbers side by side what `op` does for one pair.
  private static func arithmetic(
    _ a: Tensor, _ b: Tensor, _ name: String,
    _ kernel: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void,
    _ op: (Float, Float) -> Float
  ) -> Tensor {
    if a.shape == b.shape { return a.kernel(with: b, kernel) }
    let isRepeated = b.shape.count < a.shape.count && a.shape.suffix(b.shape.count).elementsEqual(b.shape)
    if isRepeated && b.count >= 16 { return repeating(b, along: a, kernel) }
    return combine(a, b, name, op)
  }

  static func combine(_ a: Tensor, _ b: Tensor, _ name: String, _ op: (Float, Float) -> Float) -> Tensor {
    guard let shape = broadcast(a.shape, b.shape) else {
      trap("\(name): shapes do not fit: \(a.shape) and \(b.shape)")
    }
    var y = Tensor(uninitialized: shape)
    let count = y.count
    a.withPointer { pa in
      b.withPointer { pb in
        y.withMutablePointer { y in
          if a.shape == b.shape {
            Parallel.forEachRange(of: count, grain: elementwiseGrain) { range in
              for i in range { y[i] = op(pa[i], pb[i]) }
            }
            return
          }
          // Row by row along the last axis; within a row each side either walks or stands still.
          let width = shape.last ?? 1
          if count == 0 { return }
          let (stepsA, stepsB) = (
            steps(of: a.shape, stretchedTo: shape), steps(of: b.shape, stretchedTo: shape)
          )
          let (stepA, stepB) = (stepsA.last ?? 0, stepsB.last ?? 0)
          var index = [Int](repeating: 0, count: max(shape.count - 1, 0))
          var (offsetA, offsetB) = (0, 0)
          for row in 0..<count / width {
            let out = y + row * width
            let (ra, rb) = (pa + offsetA, pb + offsetB)
            if stepA == 1 && stepB == 1 {
              for j in 0..<width { out[j] = op(ra[j], rb[j]) }
            } else if stepA == 1 {
              let fixed = rb[0]
              for j in 0..<width { out[j] = op(ra[j], fixed) }
            } else {
              let fixed = ra[0]
              for j in 0..<width { out[j] = op(fixed, rb[j * stepB]) }
            }
            var axis = index.count - 1
            while axis >= 0 {
              index[axis] += 1
              offsetA += stepsA[axis]
              offsetB += stepsB[axis]
              if index[axis] < shape[axis] { break }
              offsetA -= stepsA[axis] * shape[axis]
              offsetB -= stepsB[axis] * shape[axis]
              index[axis] = 0
              axis -= 1
            }
          }
        }
      }
    }
    return y
  }

  /// `b` again and again along the first axes of `a`: places for each sequence of a batch, say.
  private static func repeating(
    _ b: Tensor, along a: Tensor,
    _ kernel: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    var y = Tensor(uninitialized: a.shape)
    let width = b.count
    let rows = a.count / width
    a.withPointer { a in
      b.withPointer { b in
        y.withMutablePointer { y in
          Parallel.forEachRange(of: rows, grain: max(1, elementwiseGrain / width)) { range in
            for row in range { kernel(a + row * width, b, y + row * width, width) }
          }
        }
      }
    }
    return y
  }

  /// The sum over the axes along which `shape` was stretched to this tensor's: the backward of broadcasting.
  package func summed(to target: [Int]) -> Tensor {
    if shape == target { return self }
    var y = self
    while y.rank > target.count { y = y.sum(axis: 0) }
    for axis in 0..<target.count where target[axis] == 1 && y.shape[axis] != 1 {
      y = y.sum(axis: axis, keepingAxis: true)
    }
    return y
  }
}
