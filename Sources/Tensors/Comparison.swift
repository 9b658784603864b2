// Comparisons number by number, with broadcasting; the operators are those that Swift's SIMD types use.

extension Tensor {
  /// - PyTorch: `a < b`.
  public static func .< (a: Tensor, b: Tensor) -> MaskTensor { compare(a, b, ".<") { $0 < $1 } }
  /// - PyTorch: `a <= b`.
  public static func .<= (a: Tensor, b: Tensor) -> MaskTensor { compare(a, b, ".<=") { $0 <= $1 } }
  /// - PyTorch: `a > b`.
  public static func .> (a: Tensor, b: Tensor) -> MaskTensor { compare(a, b, ".>") { $0 > $1 } }
  /// - PyTorch: `a >= b`.
  public static func .>= (a: Tensor, b: Tensor) -> MaskTensor { compare(a, b, ".>=") { $0 >= $1 } }
  /// Place by place; `==` compares whole tensors. A NaN equals nothing.
  ///
  /// - PyTorch: `a == b`.
  public static func .== (a: Tensor, b: Tensor) -> MaskTensor { compare(a, b, ".==") { $0 == $1 } }
  /// Place by place; a NaN differs from everything.
  ///
  /// - PyTorch: `a != b`.
  public static func .!= (a: Tensor, b: Tensor) -> MaskTensor { compare(a, b, ".!=") { $0 != $1 } }

  /// Where `a` is below the number `b`.
  public static func .< (a: Tensor, b: Float) -> MaskTensor { a .< Tensor(b) }
  /// Where `a` is the number `b` or below it.
  public static func .<= (a: Tensor, b: Float) -> MaskTensor { a .<= Tensor(b) }
  /// Where `a` is above the number `b`.
  public static func .> (a: Tensor, b: Float) -> MaskTensor { a .> Tensor(b) }
  /// Where `a` is the number `b` or above it.
  public static func .>= (a: Tensor, b: Float) -> MaskTensor { a .>= Tensor(b) }
  /// Where `a` is the number `b`.
  public static func .== (a: Tensor, b: Float) -> MaskTensor { a .== Tensor(b) }
  /// Where `a` is another number than `b`, or NaN.
  public static func .!= (a: Tensor, b: Float) -> MaskTensor { a .!= Tensor(b) }

  /// The comparison is computed as 1 or 0 by the loops that do arithmetic, and then read off.
  @inline(__always)
  private static func compare(
    _ a: Tensor, _ b: Tensor, _ name: String, _ holds: (Float, Float) -> Bool
  ) -> MaskTensor {
    let y = combine(a, b, name) { holds($0, $1) ? 1 : 0 }
    return y.withPointer { p in MaskTensor((0..<y.count).map { p[$0] != 0 }, shape: y.shape) }
  }

  /// The numbers with those where `mask` is true replaced by `other`'s; all three are stretched to one shape.
  ///
  /// - PyTorch: `torch.where(mask, other, x)`.
  public func replacing(with other: Tensor, where mask: MaskTensor) -> Tensor {
    guard let pair = Tensor.broadcast(shape, other.shape), let full = Tensor.broadcast(pair, mask.shape)
    else {
      trap("replacing: shapes do not fit: \(shape), \(other.shape) and mask \(mask.shape)")
    }
    let (x, z, m) = (broadcast(to: full), other.broadcast(to: full), mask.broadcast(to: full))
    var y = Tensor(uninitialized: full)
    x.withPointer { x in
      z.withPointer { z in
        m.scalars.withUnsafeBufferPointer { m in
          y.withMutablePointer { y in
            for i in 0..<m.count { y[i] = m[i] ? z[i] : x[i] }
          }
        }
      }
    }
    return y
  }

  /// The numbers with those where `mask` is true replaced by `number`.
  ///
  /// - PyTorch: `x.masked_fill(mask, number)`.
  public func replacing(with number: Float, where mask: MaskTensor) -> Tensor {
    replacing(with: Tensor(number), where: mask)
  }

  /// The same numbers, repeated along axes of size 1 to fill `newShape`.
  ///
  /// - PyTorch: `x.expand(newShape)`, made contiguous.
  public func broadcast(to newShape: [Int]) -> Tensor {
    if shape == newShape { return self }
    if Tensor.broadcast(shape, newShape) != newShape {
      trap("broadcast: \(shape) does not stretch to \(newShape)")
    }
    // 0 + x would lose the sign of -0; taking the right-hand number does not.
    return Self.combine(Tensor(uninitialized: newShape), self, "broadcast") { $1 }
  }

  /// Whether all numbers are as close as `|a − b| ≤ absolute + relative · |b|`. A NaN is close to nothing.
  ///
  /// - PyTorch: `torch.allclose(a, b, rtol, atol)`.
  public func isClose(to other: Tensor, relative: Float = 1e-5, absolute: Float = 1e-8) -> Bool {
    if shape != other.shape { return false }
    return withPointer { a in
      other.withPointer { b in
        (0..<count).allSatisfy { a[$0] == b[$0] || abs(a[$0] - b[$0]) <= absolute + relative * abs(b[$0]) }
      }
    }
  }
}
