import Tensors

// The engine has `+=` of two tensors. Answers may be written with the others as well.

extension Tensor {
  /// a ← a − b, with broadcasting.
  public static func -= (a: inout Tensor, b: Tensor) { a = a - b }

  /// a ← a · b, number by number, with broadcasting.
  public static func *= (a: inout Tensor, b: Tensor) { a = a * b }

  /// a ← a / b, number by number, with broadcasting.
  public static func /= (a: inout Tensor, b: Tensor) { a = a / b }

  /// a ← a + b.
  public static func += (a: inout Tensor, b: Float) { a = a + b }

  /// a ← a − b.
  public static func -= (a: inout Tensor, b: Float) { a = a - b }

  /// a ← a · b.
  public static func *= (a: inout Tensor, b: Float) { a = a * b }

  /// a ← a / b.
  public static func /= (a: inout Tensor, b: Float) { a = a / b }
}
