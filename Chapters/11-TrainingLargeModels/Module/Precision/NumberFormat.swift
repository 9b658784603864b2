import Engine

/// A format that numbers are kept in between two ops.
///
/// - Book: section 11.4.
public enum NumberFormat: String, Sendable, CaseIterable {
  /// 8 bits of exponent, 24 significant ones.
  case float32
  /// 8 bits of exponent, 8 significant ones: the range of float32, two to three digits.
  case bfloat16
  /// 5 bits of exponent, 11 significant ones: three to four digits, from 6 · 10⁻⁸ to 65,504.
  case float16

  /// Each number as this format would keep it.
  public func rounded(_ x: Tensor) -> Tensor {
    switch self {
    case .float32: x
    case .bfloat16: x.roundedToBFloat16()
    case .float16: x.roundedToFloat16()
    }
  }

  /// The significant bits.
  public var significantBits: Int {
    switch self {
    case .float32: 24
    case .bfloat16: 8
    case .float16: 11
    }
  }

  /// The smallest number above 0 that it has.
  public var smallest: Double {
    switch self {
    case .float32: 0x1p-149
    case .bfloat16: 0x1p-133
    case .float16: 0x1p-24
    }
  }

  /// The largest that is finite.
  public var largest: Double {
    switch self {
    case .float32: Double(Float.greatestFiniteMagnitude)
    case .bfloat16: Double(Float(bitPattern: 0x7F7F_0000))
    case .float16: 65_504
    }
  }
}

/// `x` as a narrower format keeps it, on both ways: what goes on is rounded, and the gradient that comes back too.
///
///     y  = round(x)
///     dx = round(dy)
///
/// Products in between add in float32, as the matrix units of accelerators do.
///
/// - Parameter x: Any shape.
public func kept(_ x: Variable, in format: NumberFormat) -> Variable {
  if format == .float32 { return x }
  return Variable(format.rounded(x.value), op: "kept in \(format.rawValue)", cost: .perResult(), inputs: [x])
  { dy in
    [format.rounded(dy)]
  }
}
