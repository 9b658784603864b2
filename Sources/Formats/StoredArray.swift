import NumberText
import Tensors

/// The types of numbers that files hold. The raw values are safetensors' names.
public enum ScalarType: String, Sendable, CaseIterable {
  /// True or false, a byte each.
  case bool = "BOOL"
  /// Whole numbers from 0 to 255.
  case uint8 = "U8"
  /// Whole numbers from −128 to 127.
  case int8 = "I8"
  /// Whole numbers of 16 bits, from −32,768 to 32,767.
  case int16 = "I16"
  /// Whole numbers of 16 bits, from 0 to 65,535.
  case uint16 = "U16"
  /// Floating point in 16 bits (IEEE half): 11 significant bits, up to 65,504.
  case float16 = "F16"
  /// Floating point in 16 bits: the first half of a `float32`, with its range and 8 significant bits.
  case bfloat16 = "BF16"
  /// Whole numbers of 32 bits, with a sign.
  case int32 = "I32"
  /// Whole numbers of 32 bits, without a sign.
  case uint32 = "U32"
  /// Floating point in 32 bits, as the engine's tensors have it: 24 significant bits.
  case float32 = "F32"
  /// Floating point in 64 bits, Swift's `Double`: 53 significant bits.
  case float64 = "F64"
  /// Whole numbers of 64 bits, with a sign, as `IntTensor` has them.
  case int64 = "I64"
  /// Whole numbers of 64 bits, without a sign.
  case uint64 = "U64"

  /// The size of one number in bytes.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8: 1
    case .int16, .uint16, .float16, .bfloat16: 2
    case .int32, .uint32, .float32: 4
    case .float64, .int64, .uint64: 8
    }
  }
}

/// An array as a file holds it: numbers of some type, with a shape, row by row and the lowest byte first.
///
/// Its numbers become a `Tensor`, an `IntTensor` or a `MaskTensor` when asked for; integers are never taken for
/// floating-point numbers or the other way round.
public struct StoredArray: Sendable {
  /// The type of its numbers, as the file has it.
  public let scalarType: ScalarType
  /// The size of each axis, outermost first.
  public let shape: [Int]
  /// The numbers' bytes, row by row, each number with its lowest byte first.
  public let bytes: ArraySlice<UInt8>
  /// The file it was read from and its name there, for errors.
  var origin: (path: String, name: String)?

  init(
    _ scalarType: ScalarType, shape: [Int], bytes: ArraySlice<UInt8>,
    origin: (path: String, name: String)? = nil
  ) {
    self.scalarType = scalarType
    self.shape = shape
    self.bytes = bytes
    self.origin = origin
  }

  private init<Scalar: BitwiseCopyable>(_ scalarType: ScalarType, _ scalars: [Scalar], _ shape: [Int]) {
    if scalars.count != shape.reduce(1, *) {
      trap("StoredArray: shape \(shape) holds \(shape.reduce(1, *)) numbers, given \(scalars.count)")
    }
    self.init(scalarType, shape: shape, bytes: scalars.withUnsafeBytes { Array($0)[...] })
  }

  /// Numbers to store as F32.
  public init(_ tensor: Tensor) {
    let bytes = tensor.withPointer { Array(UnsafeRawBufferPointer(start: $0, count: 4 * tensor.count)) }
    self.init(.float32, shape: tensor.shape, bytes: bytes[...])
  }

  /// Whole numbers to store as I64.
  public init(_ tensor: IntTensor) { self.init(.int64, tensor.scalars, tensor.shape) }

  /// Yes or no to store as BOOL.
  public init(_ mask: MaskTensor) { self.init(.bool, mask.scalars, mask.shape) }

  /// Numbers to store as F64. Traps, like the two below, when they do not fill `shape`.
  public init(_ scalars: [Double], shape: [Int]) { self.init(.float64, scalars, shape) }

  /// Numbers to store as I8.
  public init(_ scalars: [Int8], shape: [Int]) { self.init(.int8, scalars, shape) }

  /// Numbers to store as U8.
  public init(_ scalars: [UInt8], shape: [Int]) { self.init(.uint8, scalars, shape) }

  /// How many numbers there are.
  public var count: Int { bytes.count / scalarType.byteCount }

  /// The numbers as `Float`: F32 as they are, F16 and BF16 exactly, F64 rounded.
  ///
  /// - Throws: `FileError` when these are no floating-point numbers.
  /// - PyTorch: `x.float()`.
  public var tensor: Tensor {
    get throws(FileError) {
      if scalarType == .float32 {
        var x = Tensor(uninitialized: shape)
        x.withMutablePointer { x in
          bytes.withUnsafeBytes {
            UnsafeMutableRawPointer(x).copyMemory(from: $0.baseAddress ?? .init(x), byteCount: $0.count)
          }
        }
        return x
      }
      if scalarType == .float64 { return Tensor(scalars(of: Double.self).map { Float($0) }, shape: shape) }
      guard let numbers = halfPrecision else {
        throw wrongType("floating-point numbers", "intTensor or maskTensor")
      }
      return Tensor(numbers, shape: shape)
    }
  }

  /// The numbers as `Double`, row by row; every floating-point type fits exactly.
  ///
  /// - Throws: `FileError` when these are no floating-point numbers.
  /// - PyTorch: `x.double().flatten().tolist()`.
  public var doubles: [Double] {
    get throws(FileError) {
      if scalarType == .float64 { return scalars(of: Double.self) }
      if scalarType == .float32 { return scalars(of: Float.self).map { Double($0) } }
      guard let numbers = halfPrecision else {
        throw wrongType("floating-point numbers", "intTensor or maskTensor")
      }
      return numbers.map { Double($0) }
    }
  }

  /// The numbers as `Int`, from any of the integer types.
  ///
  /// - Throws: `FileError` when these are no whole numbers, or one of U64 is too large for `Int`.
  /// - PyTorch: `x.long()`.
  public var intTensor: IntTensor {
    get throws(FileError) {
      switch scalarType {
      case .int64: return IntTensor(scalars(of: Int.self), shape: shape)
      case .int32: return whole(Int32.self)
      case .int16: return whole(Int16.self)
      case .int8: return whole(Int8.self)
      case .uint32: return whole(UInt32.self)
      case .uint16: return whole(UInt16.self)
      case .uint8: return whole(UInt8.self)
      case .uint64:
        let numbers = scalars(of: UInt64.self)
        if let large = numbers.first(where: { $0 > Int.max }) {
          throw problem("holds \(grouped(large))", "whole numbers up to \(grouped(Int.max))", nil)
        }
        return IntTensor(numbers.map { Int($0) }, shape: shape)
      default: throw wrongType("whole numbers", scalarType == .bool ? "maskTensor" : "tensor")
      }
    }
  }

  /// Yes or no for each place; any byte but zero is yes.
  ///
  /// - Throws: `FileError` when the type is not BOOL.
  public var maskTensor: MaskTensor {
    get throws(FileError) {
      if scalarType != .bool { throw wrongType("yes or no (BOOL)", "tensor or intTensor") }
      return MaskTensor(bytes.map { $0 != 0 }, shape: shape)
    }
  }

  /// The bytes as numbers of a type of the same size.
  private func scalars<Scalar: BitwiseCopyable>(of type: Scalar.Type) -> [Scalar] {
    let count = count
    return [Scalar](unsafeUninitializedCapacity: count) { buffer, initialized in
      bytes.withUnsafeBytes { UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      initialized = count
    }
  }

  private func whole<Scalar: FixedWidthInteger & BitwiseCopyable>(_ type: Scalar.Type) -> IntTensor {
    IntTensor(scalars(of: type).map { Int($0) }, shape: shape)
  }

  /// F16 and BF16 as `Float`; `nil` for other types.
  private var halfPrecision: [Float]? {
    switch scalarType {
    case .bfloat16: scalars(of: UInt16.self).map { Float(bitPattern: UInt32($0) << 16) }
    case .float16: scalars(of: UInt16.self).map(Self.float(half:))
    default: nil
    }
  }

  /// The number whose IEEE 754 half-precision bits these are. Swift's `Float16` is missing on Intel Macs.
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits & 0x8000) << 16
    let exponent = UInt32(bits >> 10 & 0x1F)
    let fraction = UInt32(bits & 0x3FF)
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return Float(bitPattern: sign | magnitude.bitPattern)
    case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }

  private func wrongType(_ expected: String, _ property: String) -> FileError {
    problem("holds \(scalarType.rawValue)", expected, "In code, ask for its \(property).")
  }

  private func problem(_ found: String, _ expected: String, _ advice: String?) -> FileError {
    let subject = origin.map { $0.name.isEmpty ? "the array" : quoted($0.name) } ?? "the array"
    return FileError(origin?.path ?? "(memory)", "\(subject) \(found)", expected: expected, advice: advice)
  }
}

extension StoredArray: Equatable {
  /// The same type, shape and bytes, wherever they were read.
  public static func == (a: StoredArray, b: StoredArray) -> Bool {
    a.scalarType == b.scalarType && a.shape == b.shape && a.bytes == b.bytes
  }
}
