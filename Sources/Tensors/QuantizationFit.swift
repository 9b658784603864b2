extension Quantization {
  /// How the range is chosen in which numbers are told apart: what lies outside becomes its nearest end.
  ///
  /// - Source: Wu, Judd, Zhang, Isaev, Micikevicius, "Integer quantization for deep learning inference: principles and
  ///   empirical evaluation", arXiv 2004.09602, section 3.3.
  public enum Fit: Sendable, Equatable {
    /// From the smallest number to the largest: nothing is cut off.
    case range
    /// So that this share of the magnitudes lies within: 0.999 cuts off one in a thousand.
    case percentile(Double)
    /// The part of the range, in steps of a hundredth, whose rounding leaves the least mean square error.
    case leastError
  }

  /// The scales and zero points that fit the numbers `x` into `range`, by the given rule.
  ///
  /// - Parameters:
  ///   - x: The numbers to be written as whole ones: a weight, or what a layer's inputs were seen to be.
  ///   - scheme: Symmetric around 0, as for weights, or from the smallest number to the largest, as for activations.
  ///   - axis: The axis along which each place gets a scale of its own: 0 for the rows of a weight.
  ///   - range: The whole numbers to use: `-128...127`, `0...255`, or fewer to see what fewer bits do.
  ///   - fit: Which numbers the range is to hold; a percentile that is not above 0 and at most 1 traps.
  public init(
    fitting x: Tensor, _ scheme: Scheme = .symmetric, axis: Int? = nil, range: ClosedRange<Int> = -128...127,
    fit: Fit
  ) {
    if case .percentile(let share) = fit, !(share > 0 && share <= 1) {
      trap("Quantization: a percentile above 0 and at most 1 is needed, given \(share)")
    }
    let whole = Quantization(fitting: x, scheme, axis: axis, range: range)
    if fit == .range || x.count == 0 {
      self = whole
      return
    }
    var numbers = [[Float]](repeating: [], count: whole.scales.count)
    let all = x.scalars
    whole.forEachRun(of: x.shape) { channel, run in numbers[channel] += all[run] }
    let fitted = numbers.map { numbers -> Quantization in
      let (low, high) = (min(0, numbers.min() ?? 0), max(0, numbers.max() ?? 0))
      switch fit {
      case .range: return Self.of(low, high, scheme, range)
      case .percentile(let share):
        let magnitudes = numbers.map { abs($0) }.sorted()
        let place = Int((Double(magnitudes.count) * share).rounded(.up)) - 1
        let most = magnitudes.isEmpty ? 0 : magnitudes[min(max(place, 0), magnitudes.count - 1)]
        return Self.of(max(low, -most), min(high, most), scheme, range)
      case .leastError:
        let forms = (20...100).map { Self.of(low * Float($0) / 100, high * Float($0) / 100, scheme, range) }
        let errors = forms.map { $0.squareError(numbers) }
        return forms[errors.indices.min { errors[$0] < errors[$1] }!]
      }
    }
    self.init(
      scales: fitted.map { $0.scales[0] }, zeroPoints: fitted.map { $0.zeroPoints[0] }, axis: whole.axis,
      range: range)
  }

  /// One scale for the numbers from `low`, at most 0, to `high`, at least 0.
  private static func of(
    _ low: Float, _ high: Float, _ scheme: Scheme, _ range: ClosedRange<Int>
  ) -> Quantization {
    Quantization(fitting: Tensor([low, high]), scheme, range: range)
  }

  private func squareError(_ numbers: [Float]) -> Double {
    let (scale, zero) = (scales[0], Float(zeroPoints[0]))
    let (low, high) = (Float(range.lowerBound), Float(range.upperBound))
    var sum = 0.0
    for x in numbers {
      let q = min(max((x / scale).rounded(.toNearestOrEven) + zero, low), high)
      let error = x - (q - zero) * scale
      sum += Double(error * error)
    }
    return sum
  }
}
