import Foundation

extension Tensor {
  /// Each pair of neighbouring numbers turned by an angle that grows with the step: rotary positions.
  ///
  ///     θ = (first + t) · base^(−2i/D)
  ///     y₂ᵢ = x₂ᵢ cos θ − x₂ᵢ₊₁ sin θ,   y₂ᵢ₊₁ = x₂ᵢ sin θ + x₂ᵢ₊₁ cos θ
  ///
  /// - Parameters:
  ///   - x: `[…, T, D]`, D even.
  ///   - backwards: Whether to turn the other way, which undoes it: the backward.
  package func rotated(first: Int, base: Double, backwards: Bool = false) -> Tensor {
    if rank < 2 || shape[rank - 1] % 2 != 0 { trap("rotated: […, T, D] with an even D is needed: \(shape)") }
    let (steps, width) = (shape[rank - 2], shape[rank - 1])
    let half = width / 2
    var cosines = [Float](repeating: 0, count: steps * half)
    var sines = cosines
    for t in 0..<steps {
      for i in 0..<half {
        let angle = Double(first + t) * Foundation.pow(base, -2 * Double(i) / Double(width))
        cosines[t * half + i] = Float(Foundation.cos(angle))
        sines[t * half + i] = Float(backwards ? -Foundation.sin(angle) : Foundation.sin(angle))
      }
    }
    var y = Tensor(uninitialized: shape)
    let sequences = width * steps == 0 ? 0 : count / (steps * width)
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: sequences, grain: Swift.max(1, (1 << 15) / Swift.max(steps * width, 1))) {
          range in
          for at in range.lowerBound * steps * half..<range.upperBound * steps * half {
            let (a, b, place) = (x[2 * at], x[2 * at + 1], at % (steps * half))
            y[2 * at] = a * cosines[place] - b * sines[place]
            y[2 * at + 1] = a * sines[place] + b * cosines[place]
          }
        }
      }
    }
    return y
  }
}
