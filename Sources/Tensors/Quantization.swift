/// How real numbers are written as whole numbers of eight bits: `q = clamp(round(x / scale) + zeroPoint)` and back
/// `x' = (q − zeroPoint) · scale`.
///
/// Rounding is to the nearest, halves to the even neighbour.
///
/// - PyTorch: the `qscheme`, `scale` and `zero_point` of a quantized tensor.
/// - Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
///   inference", CVPR 2018, section 2.1.
/// - Book: chapter 12.
public struct Quantization: Sendable, Equatable {
  /// How scale and zero point are chosen from the numbers.
  public enum Scheme: Sendable {
    /// 0 is 0, and the largest magnitude is the largest whole number: for weights.
    case symmetric
    /// The smallest number is the smallest whole number, the largest the largest: for activations. 0 stays exact.
    case affine
  }

  /// One for all numbers, or one for each place along `axis`. Above 0.
  public let scales: [Float]
  /// The whole number that stands for 0, one for each of the scales.
  public let zeroPoints: [Int]
  /// The axis along which each place has its own scale, or nil for one scale.
  public let axis: Int?
  /// The whole numbers that are used: `-128...127`, or `0...255`, or a part of one of them.
  public let range: ClosedRange<Int>

  /// Whether the range has negative numbers.
  package var isSigned: Bool { range.lowerBound < 0 }

  /// Traps when scales and zero points are not as many as each other, when there are several without an axis, when a
  /// scale is not above 0, or when the range does not fit into eight bits.
  public init(scales: [Float], zeroPoints: [Int], axis: Int? = nil, range: ClosedRange<Int> = -128...127) {
    if scales.isEmpty || scales.count != zeroPoints.count || (axis == nil && scales.count != 1) {
      trap(
        "Quantization: \(scales.count) scales and \(zeroPoints.count) zero points, axis \(axis.map(String.init) ?? "none")"
      )
    }
    if let bad = scales.first(where: { !($0 > 0 && $0.isFinite) }) {
      trap("Quantization: a scale must be above 0, given \(bad)")
    }
    if range.lowerBound < -128 || range.upperBound > (range.lowerBound < 0 ? 127 : 255) {
      trap("Quantization: \(range) does not fit into 8 bits")
    }
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.axis = axis
    self.range = range
  }

  /// The scales and zero points that fit the numbers `x` into `range`.
  ///
  ///     symmetric:  scale = max |x| / range.upperBound
  ///     affine:     scale = (max(x, 0) − min(x, 0)) / (upperBound − lowerBound)
  ///                 zeroPoint = lowerBound − round(min(x, 0) / scale)
  ///
  /// - Parameters:
  ///   - x: The numbers to be written as whole ones: a weight, or what a layer's inputs were seen to be.
  ///   - scheme: Symmetric around 0, as for weights, or from the smallest number to the largest, as for activations.
  ///   - axis: The axis along which each place gets a scale of its own: 0 for the rows of a weight.
  ///   - range: The whole numbers to use: `-128...127`, `0...255`, or fewer to see what fewer bits do.
  public init(
    fitting x: Tensor, _ scheme: Scheme = .symmetric, axis: Int? = nil, range: ClosedRange<Int> = -128...127
  ) {
    let axis = axis.map { resolve(axis: $0, rank: x.rank, "Quantization") }
    let (outer, channels, inner) = axis.map { x.split(at: $0) } ?? (1, 1, x.count)
    var lows = [Float](repeating: 0, count: channels)
    var highs = lows
    x.withPointer { x in
      for o in 0..<outer {
        for c in 0..<channels {
          for i in 0..<inner {
            let value = x[(o * channels + c) * inner + i]
            if !value.isFinite { trap("Quantization: the numbers hold \(value)") }
            lows[c] = min(lows[c], value)
            highs[c] = max(highs[c], value)
          }
        }
      }
    }
    var (scales, zeroPoints): ([Float], [Int]) = ([], [])
    for (low, high) in zip(lows, highs) {
      switch scheme {
      case .symmetric:
        scales.append(max(high, -low) / Float(range.upperBound))
        zeroPoints.append(0)
      case .affine:
        scales.append((high - low) / Float(range.upperBound - range.lowerBound))
        let offset = scales.last! > 0 ? Int((low / scales.last!).rounded(.toNearestOrEven)) : 0
        zeroPoints.append(min(max(range.lowerBound - offset, range.lowerBound), range.upperBound))
      }
      // Zeros only: any scale will do.
      if !(scales.last! > 0) { scales[scales.count - 1] = 1 }
    }
    self.init(scales: scales, zeroPoints: zeroPoints, axis: axis, range: range)
  }

  /// The place in `scales` for each run of numbers that share one: `body(channel, start, count)`.
  package func forEachRun(of shape: [Int], _ body: (_ channel: Int, _ run: Range<Int>) -> Void) {
    let count = shape.reduce(1, *)
    guard let axis else { return body(0, 0..<count) }
    if axis >= shape.count || shape[axis] != scales.count {
      trap("Quantization: \(scales.count) scales along axis \(axis) do not fit shape \(shape)")
    }
    let inner = shape[(axis + 1)...].reduce(1, *)
    for start in stride(from: 0, to: count, by: max(inner, 1)) {
      body(start / inner % scales.count, start..<start + inner)
    }
  }
}
