import Formats
import Tensors

/// One array of a reference file. Doubles hold every number that occurs there without rounding.
public struct GoldenArray: Sendable {
  let type: ScalarType
  /// The size of each axis, outermost first.
  public let shape: [Int]
  /// The numbers, row by row; true is 1 and false 0.
  public let scalars: [Double]

  init(_ stored: StoredArray) throws(FileError) {
    type = stored.scalarType
    shape = stored.shape
    scalars =
      switch type {
      case .float64, .float32, .float16, .bfloat16: try stored.doubles
      case .bool: try stored.maskTensor.scalars.map { $0 ? 1 : 0 }
      default: try stored.intTensor.scalars.map(Double.init)
      }
  }

  private init(_ scalars: [Double], shape: [Int], type: ScalarType) {
    self.type = type
    self.shape = shape
    self.scalars = scalars
  }

  /// Numbers computed as `Double`: learning rates, say.
  public init(_ scalars: [Double], shape: [Int]? = nil) {
    self.init(scalars, shape: shape ?? [scalars.count], type: .float64)
  }

  /// The engine's numbers, to be compared.
  public init(_ tensor: Tensor) {
    self.init(tensor.scalars.map(Double.init), shape: tensor.shape, type: .float32)
  }

  /// The engine's whole numbers, to be compared.
  public init(_ tensor: IntTensor) {
    self.init(tensor.scalars.map(Double.init), shape: tensor.shape, type: .int64)
  }

  var isFloat: Bool { [.float32, .float64, .float16, .bfloat16].contains(type) }
  var isInteger: Bool { !isFloat && type != .bool }
}
