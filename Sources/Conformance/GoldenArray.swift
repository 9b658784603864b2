import Tensors

/// One array of a reference file. Doubles hold every number of every type that occurs there without rounding.
public struct GoldenArray: Sendable {
  public enum Element: String, Sendable {
    case float32 = "F32"
    case float64 = "F64"
    case int64 = "I64"
    case int32 = "I32"
    case int8 = "I8"
    case uint8 = "U8"
    case bool = "BOOL"
  }

  public let element: Element
  public let shape: [Int]
  public let scalars: [Double]

  public init(_ scalars: [Double], shape: [Int], element: Element = .float64) {
    self.element = element
    self.shape = shape
    self.scalars = scalars
  }

  public init(_ tensor: Tensor) {
    self.init(tensor.scalars.map(Double.init), shape: tensor.shape, element: .float32)
  }

  public init(_ tensor: IntTensor) {
    self.init(tensor.scalars.map(Double.init), shape: tensor.shape, element: .int64)
  }

  var isFloat: Bool { element == .float32 || element == .float64 }
}
