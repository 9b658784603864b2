import Foundation

// Every step of a calculation with its slopes: all that the tape knows of calculus.

extension Number {
  /// One number made from this one.
  func made(_ op: StaticString, _ value: Double, slope: Double) -> Number {
    tape.record(op, value, Tape.Input(place: place, slope: slope))
  }

  /// One number made from two.
  private static func made(
    _ op: StaticString, _ a: Number, _ b: Number, _ value: Double, slopes: (a: Double, b: Double)
  ) -> Number {
    a.require(b.tape, op)
    return a.tape.record(
      op, value, Tape.Input(place: a.place, slope: slopes.a), Tape.Input(place: b.place, slope: slopes.b))
  }

  public static func + (a: Number, b: Number) -> Number { made("+", a, b, a.value + b.value, slopes: (1, 1)) }

  public static func - (a: Number, b: Number) -> Number {
    made("−", a, b, a.value - b.value, slopes: (1, -1))
  }

  public static func * (a: Number, b: Number) -> Number {
    made("×", a, b, a.value * b.value, slopes: (b.value, a.value))
  }

  public static func / (a: Number, b: Number) -> Number {
    let y = a.value / b.value
    return made("÷", a, b, y, slopes: (1 / b.value, -y / b.value))
  }

  public static func * (a: Double, b: Number) -> Number { b.made("scaled", a * b.value, slope: a) }

  public static prefix func - (a: Number) -> Number { a.made("−", -a.value, slope: -1) }

  /// The number times itself.
  public func squared() -> Number { made("square", value * value, slope: 2 * value) }
}

/// `eˣ`, whose slope is itself.
public func exp(_ x: Number) -> Number {
  let y = exp(x.value)
  return x.made("exp", y, slope: y)
}

/// The natural logarithm; its slope is `1/x`.
public func log(_ x: Number) -> Number { x.made("ln", log(x.value), slope: 1 / x.value) }

/// The hyperbolic tangent; its slope is `1 − y²`.
public func tanh(_ x: Number) -> Number {
  let y = tanh(x.value)
  return x.made("tanh", y, slope: 1 - y * y)
}

/// The sigmoid, `1 / (1 + e⁻ˣ)`; its slope is `y (1 − y)`.
public func sigmoid(_ x: Number) -> Number {
  let y = 1 / (1 + exp(-x.value))
  return x.made("sigmoid", y, slope: y * (1 - y))
}

/// `max(0, x)`; its slope is 1 where `x > 0`, else 0.
public func relu(_ x: Number) -> Number { x.made("ReLU", max(0, x.value), slope: x.value > 0 ? 1 : 0) }
