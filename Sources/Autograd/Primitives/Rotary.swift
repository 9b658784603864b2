import Tensors

/// Rotary positions: each pair of neighbouring numbers of a query or key is turned by an angle that grows with its
/// step, so that the product of a query and a key depends on how far apart they are.
///
///     θ = (first + t) · base^(−2i/D)
///     y₂ᵢ = x₂ᵢ cos θ − x₂ᵢ₊₁ sin θ,   y₂ᵢ₊₁ = x₂ᵢ sin θ + x₂ᵢ₊₁ cos θ
///     backward:  dy turned back by θ
///
/// - Parameters:
///   - x: `[…, T, D]`, D even.
///   - first: The position of the first step.
///   - base: How slowly the last pairs turn: their period is nearly `2π · base` steps. The first pair always turns by 1
///     radian a step.
/// - PyTorch: none; as in the paper, pairs are neighbours (`2i`, `2i + 1`), not halves (`i`, `i + D/2`).
/// - Source: Su et al., "RoFormer: enhanced transformer with rotary position embedding", arXiv 2104.09864.
/// - Book: chapter 10.
public func rotary(_ x: Variable, first: Int = 0, base: Double = 10_000) -> Variable {
  Variable(x.value.rotated(first: first, base: base), op: "rotary", cost: .perResult(3), inputs: [x]) { dy in
    [dy.rotated(first: first, base: base, backwards: true)]
  }
}
