import Foundation

/// What a recurrent cell's and attention's formulas need of a number.
protocol Elementary: Numeric, Comparable {
  static func / (a: Self, b: Self) -> Self
  static func exp(_ x: Self) -> Self
  static func tanh(_ x: Self) -> Self
  func squareRoot() -> Self
}

extension Elementary {
  static func sigmoid(_ x: Self) -> Self { 1 / (1 + exp(0 - x)) }
}

extension Float: Elementary {
  static func exp(_ x: Float) -> Float { Foundation.exp(x) }
  static func tanh(_ x: Float) -> Float { Foundation.tanh(x) }
}

/// A number in double precision, with what rounding could have made of it on its way: where each step is wrong by one
/// part in `1/ε`, the result is wrong by `bound · ε`, as long as that is little.
///
/// A sum adds no error of its own, so that the bound of a sum of products is the sum of their absolute values.
///
/// - Source: Higham, "Accuracy and stability of numerical algorithms", SIAM 2002, section 3.3 (running error analysis).
struct Bounded: Elementary {
  var value: Double
  var bound: Double

  init(value: Double, bound: Double) { (self.value, self.bound) = (value, bound) }
  /// A number that is exact.
  init(_ value: Float) { self.init(value: Double(value), bound: 0) }
  init(integerLiteral value: Int) { self.init(value: Double(value), bound: 0) }
  init?<T: BinaryInteger>(exactly source: T) {
    guard let value = Double(exactly: source) else { return nil }
    self.init(value: value, bound: 0)
  }

  var magnitude: Bounded { Bounded(value: abs(value), bound: bound) }

  static func + (a: Bounded, b: Bounded) -> Bounded {
    Bounded(value: a.value + b.value, bound: a.bound + b.bound)
  }
  /// Here rounding counts: of two numbers that are nearly the same, little else is left.
  static func - (a: Bounded, b: Bounded) -> Bounded {
    Bounded(value: a.value - b.value, bound: a.bound + b.bound + abs(a.value - b.value))
  }
  static func * (a: Bounded, b: Bounded) -> Bounded {
    let value = a.value * b.value
    return Bounded(value: value, bound: abs(a.value) * b.bound + abs(b.value) * a.bound + abs(value))
  }
  static func / (a: Bounded, b: Bounded) -> Bounded {
    let value = a.value / b.value
    return Bounded(value: value, bound: (a.bound + abs(value) * b.bound) / abs(b.value) + abs(value))
  }
  static func += (a: inout Bounded, b: Bounded) { a = a + b }
  static func -= (a: inout Bounded, b: Bounded) { a = a - b }
  static func *= (a: inout Bounded, b: Bounded) { a = a * b }
  static func < (a: Bounded, b: Bounded) -> Bool { a.value < b.value }

  func squareRoot() -> Bounded {
    let root = value.squareRoot()
    return Bounded(value: root, bound: bound / (2 * root) + root)
  }
  static func exp(_ x: Bounded) -> Bounded {
    let value = Foundation.exp(x.value)
    return Bounded(value: value, bound: value * (x.bound + 1))
  }
  static func tanh(_ x: Bounded) -> Bounded {
    let value = Foundation.tanh(x.value)
    return Bounded(value: value, bound: (1 - value * value) * x.bound + abs(value))
  }
}
