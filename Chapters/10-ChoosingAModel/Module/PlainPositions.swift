import Foundation

/// Waves that tell where a step stands, from fast ones to slow ones: the hands of a clock.
///
///     p(t, 2i) = sin(t / 10000^(2i/D))      p(t, 2i + 1) = cos(t / 10000^(2i/D))
///
/// - Returns: One row for each step, `[T, D]`, to be added to what stands there.
/// - PyTorch: none; as in its tutorials.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.
/// - Book: section 10.5.
public func sinusoidalPositions<Scalar: BinaryFloatingPoint>(_ steps: Int, width: Int) -> [[Scalar]] {
  (0..<steps).map { t in
    (0..<width).map { j in
      let angle = Double(t) / pow(10_000, Double(j / 2 * 2) / Double(width))
      return Scalar(j % 2 == 0 ? sin(angle) : cos(angle))
    }
  }
}

/// Adds to each step what a table has for its place: learned numbers, or waves.
///
/// - Parameters:
///   - x: `[T, D]`
///   - table: `[context, D]`. Traps when the sequence is longer than the table.
/// - Book: section 10.5.
public func addingPositions<Scalar: BinaryFloatingPoint>(_ x: [[Scalar]], _ table: [[Scalar]]) -> [[Scalar]] {
  if x.count > table.count {
    fatalError("addingPositions: a sequence of \(x.count) steps, the table has \(table.count)")
  }
  return x.indices.map { t in zip(x[t], table[t]).map { $0 + $1 } }
}

/// Rotary positions: each pair of numbers of a query or key is turned by an angle that grows with its step. The product
/// of a query and a key then depends on how far apart they are, and on nothing else of their places.
///
///     θ = (first + t) · 10000^(−2i/D)
///     y₂ᵢ = x₂ᵢ cos θ − x₂ᵢ₊₁ sin θ        y₂ᵢ₊₁ = x₂ᵢ sin θ + x₂ᵢ₊₁ cos θ
///
/// - Parameters:
///   - x: Queries or keys of one head, `[T, D]`, D even.
///   - first: The place of the first step.
/// - Source: Su et al., "RoFormer: enhanced transformer with rotary position embedding", arXiv 2104.09864.
/// - Book: section 10.5.
public func rotatedByPosition<Scalar: BinaryFloatingPoint>(_ x: [[Scalar]], first: Int = 0) -> [[Scalar]] {
  x.enumerated().map { t, step in
    if step.count % 2 != 0 { fatalError("rotatedByPosition: \(step.count) numbers do not come in pairs") }
    var turned = step
    for i in 0..<step.count / 2 {
      let angle = Double(first + t) * pow(10_000, -Double(2 * i) / Double(step.count))
      let (c, s) = (Scalar(cos(angle)), Scalar(sin(angle)))
      turned[2 * i] = step[2 * i] * c - step[2 * i + 1] * s
      turned[2 * i + 1] = step[2 * i] * s + step[2 * i + 1] * c
    }
    return turned
  }
}
