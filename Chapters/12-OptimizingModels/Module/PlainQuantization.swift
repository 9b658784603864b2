/// A grid of whole numbers laid over the real ones: `q = clamp(round(x / scale) + zeroPoint)`, and back
/// `x' = scale (q − zeroPoint)`. One number at a time, as the equations say it.
///
/// The engine's `Quantization` does the same for whole tensors.
///
/// - Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
///   inference", CVPR 2018, section 2.1.
/// - Book: section 12.4.
public struct PlainQuantization: Sendable, Equatable {
  /// The distance between two points of the grid, S.
  public let scale: Float
  /// The whole number that stands for 0, Z.
  public let zeroPoint: Int
  /// The whole numbers that there are.
  public let range: ClosedRange<Int>

  /// - Parameters:
  ///   - scale: S, above 0.
  ///   - zeroPoint: Z, within the range.
  public init(scale: Float, zeroPoint: Int, range: ClosedRange<Int>) {
    (self.scale, self.zeroPoint, self.range) = (scale, zeroPoint, range)
  }

  /// Affine: the smallest number becomes the smallest whole number, and the largest the largest. 0 is always within, and
  /// a whole number stands for it exactly: padding and ReLU make many zeros.
  public static func affine(low: Float, high: Float, range: ClosedRange<Int> = 0...255) -> PlainQuantization {
    let (low, high) = (min(low, 0), max(high, 0))
    if low == high { return PlainQuantization(scale: 1, zeroPoint: range.lowerBound, range: range) }
    let scale = (high - low) / Float(range.upperBound - range.lowerBound)
    let zeroPoint = range.lowerBound - Int((low / scale).rounded(.toNearestOrEven))
    return PlainQuantization(
      scale: scale, zeroPoint: min(max(zeroPoint, range.lowerBound), range.upperBound), range: range)
  }

  /// Symmetric: the zero point is 0, and the largest magnitude becomes the largest whole number.
  public static func symmetric(largest: Float, range: ClosedRange<Int> = -127...127) -> PlainQuantization {
    PlainQuantization(
      scale: largest > 0 ? largest / Float(range.upperBound) : 1, zeroPoint: 0, range: range)
  }

  /// The whole number for `x`; halves go to the even neighbour, what lies outside to the nearest end.
  public func wholeNumber(_ x: Float) -> Int {
    let q = (x / scale).rounded(.toNearestOrEven) + Float(zeroPoint)
    return Int(min(max(q, Float(range.lowerBound)), Float(range.upperBound)))
  }

  /// The number that `q` stands for.
  public func number(_ q: Int) -> Float { scale * Float(q - zeroPoint) }

  /// What is left of `x`.
  public func rounded(_ x: Float) -> Float { number(wholeNumber(x)) }
}

/// A scale for each row of a matrix: each row makes one output, and a row with large numbers does not spoil the grid of the
/// others.
///
/// - Parameter weight: `[O][D]`
/// - Returns: One quantization for each row, `[O]`.
/// - Source: Krishnamoorthi, "Quantizing deep convolutional networks for efficient inference", arXiv 1806.08342,
///   section 2.
/// - Book: section 12.5.
public func perChannel(_ weight: [[Float]]) -> [PlainQuantization] {
  weight.map { row in .symmetric(largest: row.map { abs($0) }.max() ?? 0) }
}

/// One scale for the whole matrix.
public func perTensor(_ weight: [[Float]]) -> PlainQuantization {
  .symmetric(largest: weight.joined().map { abs($0) }.max() ?? 0)
}
