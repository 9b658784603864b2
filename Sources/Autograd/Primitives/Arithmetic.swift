import Tensors

// Arithmetic number by number, with broadcasting. A gradient is summed over the axes along which its input was
// stretched.

extension Variable {
  /// `a + b`, shapes stretched to fit.
  ///
  ///     backward:  da = dy,  db = dy
  ///
  /// - PyTorch: `a + b`.
  public static func + (a: Variable, b: Variable) -> Variable {
    if a.shape == b.shape {
      for (product, other) in [(b, a), (a, b)] {
        if let linear = DeferredLinear.unread(product) {
          let sum = linear.followed(by: .plus(other, value: other.value))
          return Variable(deferred: sum, joining: product, given: [a, b])
        }
      }
    }
    let (shapeA, shapeB) = (a.shape, b.shape)
    let needs = (a.requiresGradient, b.requiresGradient)
    return Variable(a.value + b.value, op: "+", cost: .perResult(), inputs: [a, b]) { dy in
      [needs.0 ? dy.summed(to: shapeA) : nil, needs.1 ? dy.summed(to: shapeB) : nil]
    }
  }

  /// `a − b`, shapes stretched to fit.
  ///
  ///     backward:  da = dy,  db = −dy
  ///
  /// - PyTorch: `a - b`.
  public static func - (a: Variable, b: Variable) -> Variable {
    let (shapeA, shapeB) = (a.shape, b.shape)
    let needs = (a.requiresGradient, b.requiresGradient)
    return Variable(a.value - b.value, op: "-", cost: .perResult(), inputs: [a, b]) { dy in
      [needs.0 ? dy.summed(to: shapeA) : nil, needs.1 ? -dy.summed(to: shapeB) : nil]
    }
  }

  /// `a · b` number by number, shapes stretched to fit; for the matrix product see `matmul`.
  ///
  ///     backward:  da = dy · b,  db = dy · a
  ///
  /// - PyTorch: `a * b`.
  public static func * (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.value, b.value)
    let needs = (a.requiresGradient, b.requiresGradient)
    return Variable(x * y, op: "*", cost: .perResult(), inputs: [a, b]) { dy in
      [needs.0 ? (dy * y).summed(to: x.shape) : nil, needs.1 ? (dy * x).summed(to: y.shape) : nil]
    }
  }

  /// `a / b` number by number, shapes stretched to fit.
  ///
  ///     backward:  da = dy / b,  db = −dy · a / b²
  ///
  /// - PyTorch: `a / b`.
  public static func / (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.value, b.value)
    let needs = (a.requiresGradient, b.requiresGradient)
    let quotient = x / y
    return Variable(quotient, op: "/", cost: .perResult(), inputs: [a, b]) { dy in
      let da = dy / y
      return [needs.0 ? da.summed(to: x.shape) : nil, needs.1 ? -(da * quotient).summed(to: y.shape) : nil]
    }
  }

  /// - PyTorch: `-a`.
  public static prefix func - (a: Variable) -> Variable {
    Variable(-a.value, op: "-", cost: .perResult(), inputs: [a]) { dy in [-dy] }
  }

  /// `a + b`, the same number added everywhere.
  ///
  ///     backward:  da = dy
  ///
  /// - PyTorch: `a + b` with a number.
  public static func + (a: Variable, b: Float) -> Variable {
    Variable(a.value + b, op: "+", cost: .perResult(), inputs: [a]) { [$0] }
  }
  /// The same, the number first.
  public static func + (a: Float, b: Variable) -> Variable { b + a }
  /// `a − b`, the same number taken off everywhere.
  ///
  ///     backward:  da = dy
  ///
  /// - PyTorch: `a - b` with a number.
  public static func - (a: Variable, b: Float) -> Variable {
    Variable(a.value - b, op: "-", cost: .perResult(), inputs: [a]) { [$0] }
  }
  /// `a − b` of a number and a variable.
  ///
  ///     backward:  db = −dy
  ///
  /// - PyTorch: `a - b` with a number.
  public static func - (a: Float, b: Variable) -> Variable {
    Variable(a - b.value, op: "-", cost: .perResult(), inputs: [b]) { [-$0] }
  }
  /// `a · b`, everything multiplied by the same number.
  ///
  ///     backward:  da = dy · b
  ///
  /// - PyTorch: `a * b` with a number.
  public static func * (a: Variable, b: Float) -> Variable {
    Variable(a.value * b, op: "*", cost: .perResult(), inputs: [a]) { dy in [dy * b] }
  }
  /// The same, the number first.
  public static func * (a: Float, b: Variable) -> Variable { b * a }
  /// `a / b`, everything divided by the same number.
  ///
  ///     backward:  da = dy / b
  ///
  /// - PyTorch: `a / b` with a number.
  public static func / (a: Variable, b: Float) -> Variable {
    Variable(a.value / b, op: "/", cost: .perResult(), inputs: [a]) { dy in [dy / b] }
  }
  /// `a / b`, the same number divided by everything.
  ///
  ///     backward:  db = −dy · a / b²
  ///
  /// - PyTorch: `a / b` with a number.
  public static func / (a: Float, b: Variable) -> Variable {
    let y = b.value
    let quotient = a / y
    return Variable(quotient, op: "/", cost: .perResult(), inputs: [b]) { dy in [-(dy * quotient / y)] }
  }
}
