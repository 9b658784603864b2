import Foundation

/// A floating-point type with the three functions that this chapter needs: `Float` and `Double`.
public protocol Real: BinaryFloatingPoint, Sendable {
  static func exp(_ x: Self) -> Self
  static func log(_ x: Self) -> Self
  static func tanh(_ x: Self) -> Self
}

extension Float: Real {
  public static func exp(_ x: Float) -> Float { Foundation.exp(x) }
  public static func log(_ x: Float) -> Float { Foundation.log(x) }
  public static func tanh(_ x: Float) -> Float { Foundation.tanh(x) }
}

extension Double: Real {
  public static func exp(_ x: Double) -> Double { Foundation.exp(x) }
  public static func log(_ x: Double) -> Double { Foundation.log(x) }
  public static func tanh(_ x: Double) -> Double { Foundation.tanh(x) }
}
