import Tensors

/// How noisy gradients are: about the number of examples from which on a larger batch no longer helps much.
///
/// The gradient of a batch of B examples is the true one and noise: `E |g_B|² = |G|² + tr Σ / B`. From the mean squares
/// for a small and a large batch both follow without bias:
///
///     |G|² = (B₂ |g₂|² − B₁ |g₁|²) / (B₂ − B₁)
///     tr Σ = (|g₁|² − |g₂|²) / (1/B₁ − 1/B₂)
///     noise scale = tr Σ / |G|²
///
/// The ratio itself is not free of bias, so means over many batches are taken first:
///
///     var noise = GradientNoiseScale(smallBatch: 16, largeBatch: 256)
///     noise.add(small: gradientNorm(of: parameters))     // after a backward of 16 examples
///     noise.add(large: gradientNorm(of: parameters))     // after one of 256
///
/// - PyTorch: none.
/// - Source: McCandlish, Kaplan, Amodei et al., "An empirical model of large-batch training", arXiv 1812.06162,
///   appendix A.
/// - Book: chapter 11.
public struct GradientNoiseScale: Sendable, Equatable {
  /// `B₁`, in examples.
  public let smallBatch: Int
  /// `B₂`, in examples.
  public let largeBatch: Int
  private var small = (sum: 0.0, count: 0)
  private var large = (sum: 0.0, count: 0)

  /// Traps unless `0 < smallBatch < largeBatch`.
  public init(smallBatch: Int, largeBatch: Int) {
    if smallBatch < 1 || largeBatch <= smallBatch {
      trap("GradientNoiseScale: a small and a larger batch are needed, given \(smallBatch) and \(largeBatch)")
    }
    (self.smallBatch, self.largeBatch) = (smallBatch, largeBatch)
  }

  /// Takes in the norm of the gradient of a small batch.
  public mutating func add(small norm: Double) { small = (small.sum + norm * norm, small.count + 1) }

  /// Takes in the norm of the gradient of a large batch.
  public mutating func add(large norm: Double) { large = (large.sum + norm * norm, large.count + 1) }

  private var means: (small: Double, large: Double) {
    (small.sum / Double(small.count), large.sum / Double(large.count))
  }

  /// `|G|²`, the squared norm of the true gradient; NaN before there is a batch of each size. As an estimate it may come
  /// out negative.
  public var squaredGradient: Double {
    let (b1, b2) = (Double(smallBatch), Double(largeBatch))
    return (b2 * means.large - b1 * means.small) / (b2 - b1)
  }

  /// `tr Σ`, the sum of the variances of one example's gradient; NaN before there is a batch of each size.
  public var trace: Double {
    (means.small - means.large) / (1 / Double(smallBatch) - 1 / Double(largeBatch))
  }

  /// `tr Σ / |G|²`, in examples.
  public var noiseScale: Double { trace / squaredGradient }

  public static func == (a: GradientNoiseScale, b: GradientNoiseScale) -> Bool {
    a.smallBatch == b.smallBatch && a.largeBatch == b.largeBatch && a.small == b.small && a.large == b.large
  }
}
