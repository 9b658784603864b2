import NumberText
import Foundation

/// What one side of a chart measures.
public struct Axis: Sendable, Equatable {
  /// What is measured, in a word or two.
  public var title: String
  /// The unit, drawn behind the title: `time in ms`.
  public var unit: String?
  /// Whether equal steps are equal factors. Numbers of 0 and below have no place on such an axis.
  public var isLogarithmic: Bool
  /// The ends; without them, those of the data.
  public var range: ClosedRange<Double>?
  /// Whether the numbers are years, which have no comma between their thousands.
  public var isCalendar = false

  /// - Parameters:
  ///   - title: What is measured, in a word or two.
  ///   - unit: The unit, drawn behind the title.
  ///   - isLogarithmic: Whether equal steps are equal factors.
  ///   - range: The ends; nil for those of the data, rounded to ticks.
  public init(
    _ title: String, unit: String? = nil, isLogarithmic: Bool = false, range: ClosedRange<Double>? = nil
  ) {
    self.title = title
    self.unit = unit
    self.isLogarithmic = isLogarithmic
    self.range = range
  }

  var heading: String { unit.map { "\(title) in \($0)" } ?? title }

  /// Whether `x` has a place on the axis.
  func holds(_ x: Double) -> Bool { x.isFinite && (!isLogarithmic || x > 0) }
}

/// An axis over given data: its ends, its ticks, and where a number lies between the ends.
struct Ruler: Sendable, Equatable {
  let low, high: Double
  let isLogarithmic: Bool
  let ticks: [Double]
  let labels: [String]

  /// - Parameters:
  ///   - count: About how many ticks there should be.
  ///   - isTight: Whether the axis ends at the data, not at the next tick.
  ///   - hasWholeTicks: Whether ticks between whole numbers make no sense.
  init(_ axis: Axis, for data: [Double], count: Int, isTight: Bool, hasWholeTicks: Bool = false) {
    let data = data.filter(axis.holds)
    isLogarithmic = axis.isLogarithmic
    var (low, high) = data.reduce((Double.infinity, -Double.infinity)) { (min($0.0, $1), max($0.1, $1)) }
    var isTight = isTight
    let areWhole = !data.isEmpty && data.allSatisfy { $0 == $0.rounded() && abs($0) < 1e9 }
    if let range = axis.range, axis.holds(range.lowerBound), axis.holds(range.upperBound) {
      (low, high) = (range.lowerBound, range.upperBound)
      isTight = true
    } else if !(low <= high) {
      (low, high) = isLogarithmic ? (0.1, 10) : (0, 1)
    }
    if low == high {
      let pad = isLogarithmic ? 0 : low == 0 ? 1 : areWhole && isTight ? 1 : abs(low) * 0.1
      (low, high) = isLogarithmic ? (low / 2, high * 2) : (low - pad, high + pad)
      if axis.range == nil, !areWhole { isTight = false }
    }
    let logarithmic = isLogarithmic ? Self.logarithmic(low, high, count, isTight) : nil
    if let logarithmic, logarithmic.ticks.count > 1 {
      (self.low, self.high, ticks) = logarithmic
      labels = Self.logarithmicLabels(ticks)
    } else {
      // Also on a logarithmic axis so short that it holds no two of its own ticks.
      isTight = isTight || isLogarithmic
      let step = Self.step(
        low, high, count, areWhole: hasWholeTicks || axis.isCalendar || areWhole && isTight)
      if !isTight {
        low = (low / step + 1e-9).rounded(.down) * step
        high = (high / step - 1e-9).rounded(.up) * step
      }
      (self.low, self.high) = (low, high)
      let first = Int((low / step - 1e-6).rounded(.up))
      let last = Int((high / step + 1e-6).rounded(.down))
      ticks = (first...max(first, last)).map { Double($0) * step }
      let size = max(abs(low), abs(high))
      let digits = max(0, Int((-log10(step) - 1e-9).rounded(.up)))
      labels = ticks.map {
        if axis.isCalendar { return "\(Int($0))" }
        return size >= 1e7 || size < 1e-3 ? readable($0, digits: 3) : inGroups(fixed($0, digits))
      }
    }
  }

  /// Where `x` lies: 0 at the low end, 1 at the high one.
  func place(_ x: Double) -> Double {
    if isLogarithmic { return (log(x) - log(low)) / (log(high) - log(low)) }
    return (x / 2 - low / 2) / (high / 2 - low / 2)
  }

  /// The step of 1, 2 or 5 times a power of ten that cuts the range into about `count` pieces.
  static func step(_ low: Double, _ high: Double, _ count: Int, areWhole: Bool) -> Double {
    let raw = (high / 2 - low / 2) / Double(max(count, 1)) * 2
    let power = pow(10, log10(raw).rounded(.down))
    let step = [1, 2, 5, 10].first { $0 * power >= raw * 0.999 }.map { $0 * power } ?? power
    return areWhole ? max(1, step) : step
  }

  /// Plain numbers, `0.01` or `10,000`; but powers of ten for all where one of them needs it, so that the eye compares
  /// like with like. 1 and 10 are themselves.
  private static func logarithmicLabels(_ ticks: [Double]) -> [String] {
    if !ticks.contains(where: { $0 >= 1e7 || $0 < 1e-3 }) { return ticks.map { readable($0, digits: 2) } }
    return ticks.map { tick in
      let exponent = Int((log10(tick) + 1e-9).rounded(.down))
      let mantissa = (tick / pow(10, Double(exponent))).rounded()
      if tick >= 1, tick <= 10 { return readable(tick, digits: 2) }
      return (mantissa == 1 ? "" : fixed(mantissa, 0) + "·") + "10" + superscript(exponent)
    }
  }

  /// Whole powers of ten; with 2 and 5 between them where that leaves too few.
  private static func logarithmic(
    _ low: Double, _ high: Double, _ count: Int, _ isTight: Bool
  ) -> (low: Double, high: Double, ticks: [Double]) {
    let (first, last) = (Int(log10(low).rounded(.down)), Int(log10(high).rounded(.up)))
    let decades = log10(high) - log10(low)
    let mantissas: [Double] = decades > 3.5 ? [1] : decades > 1.7 ? [1, 3] : [1, 2, 5]
    let every = max(1, (last - first) / max(count, 1))
    var candidates: [Double] = []
    for exponent in stride(from: first - 1, through: last + 1, by: 1) where (exponent - first) % every == 0 {
      candidates += mantissas.map { $0 * pow(10, Double(exponent)) }
    }
    var (low, high) = (low, high)
    if !isTight {
      low = candidates.last { $0 <= low * (1 + 1e-9) } ?? low
      high = candidates.first { $0 >= high * (1 - 1e-9) } ?? high
    }
    return (low, high, candidates.filter { $0 >= low * (1 - 1e-9) && $0 <= high * (1 + 1e-9) })
  }
}
