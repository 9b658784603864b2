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
    return Variable(a.value + b.value, op: "+", inputs: [a, b]) { dy in
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
    return Variable(a.value - b.value, op: "-", inputs: [a, b]) { dy in
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
    return Variable(x * y, op: "*", inputs: [a, b]) { dy in
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
    return Variable(quotient, op: "/", inputs: [a, b]) { dy in
      let da = dy / y
      return [needs.0 ? da.summed(to: x.shape) : nil, needs.1 ? -(da * quotient).summed(to: y.shape) : nil]
    }
  }

  /// - PyTorch: `-a`.
  public static prefix func - (a: Variable) -> Variable {
    Variable(-a.value, op: "-", inputs: [a]) { dy in [-dy] }
  }

  public static func + (a: Variable, b: Float) -> Variable {
    Variable(a.value + b, op: "+", inputs: [a]) { [$0] }
  }
  public static func + (a: Float, b: Variable) -> Variable { b + a }
  public static func - (a: Variable, b: Float) -> Variable {
    Variable(a.value - b, op: "-", inputs: [a]) { [$0] }
  }
  public static func - (a: Float, b: Variable) -> Variable {
    Variable(a - b.value, op: "-", inputs: [b]) { [-$0] }
  }
  public static func * (a: Variable, b: Float) -> Variable {
    Variable(a.value * b, op: "*", inputs: [a]) { dy in [dy * b] }
  }
  public static func * (a: Float, b: Variable) -> Variable { b * a }
  public static func / (a: Variable, b: Float) -> Variable {
    Variable(a.value / b, op: "/", inputs: [a]) { dy in [dy / b] }
  }
  public static func / (a: Float, b: Variable) -> Variable {
    let y = b.value
    let quotient = a / y
    return Variable(quotient, op: "/", inputs: [b]) { dy in [-(dy * quotient / y)] }
  }
}
