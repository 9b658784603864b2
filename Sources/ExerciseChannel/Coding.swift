import Tensors

// Values as bytes. A tag, then the payload; numbers in the machine's own order, because both ends are on one machine.
// The reader trusts nothing: what it reads may come from a program that went wrong.

/// Bytes that are not a message.
public struct MalformedMessage: Error {
  /// The error, without any detail: whoever sent the bytes gets no explanation.
  public init() {}
}

/// Writes values one behind the other.
public struct MessageWriter {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []

  /// Nothing written yet.
  public init() {}

  /// A whole number in eight bytes.
  public mutating func write(_ number: Int) { withUnsafeBytes(of: Int64(number)) { bytes += $0 } }

  /// A text: its length in bytes, then UTF-8.
  public mutating func write(_ text: String) {
    write(text.utf8.count)
    bytes += text.utf8
  }

  private mutating func write(shape: [Int]) {
    write(shape.count)
    for size in shape { write(size) }
  }

  /// A value: a byte for its type, then what belongs to it.
  public mutating func write(_ value: Value) {
    switch value {
    case .int(let number):
      bytes.append(0)
      write(number)
    case .float(let number):
      bytes.append(1)
      withUnsafeBytes(of: number) { bytes += $0 }
    case .double(let number):
      bytes.append(2)
      withUnsafeBytes(of: number) { bytes += $0 }
    case .bool(let truth):
      bytes.append(3)
      bytes.append(truth ? 1 : 0)
    case .string(let text):
      bytes.append(4)
      write(text)
    case .tensor(let tensor):
      bytes.append(5)
      write(shape: tensor.shape)
      tensor.scalars.withUnsafeBytes { bytes += $0 }
    case .ints(let scalars, let shape):
      bytes.append(6)
      write(shape: shape)
      for scalar in scalars { write(scalar) }
    case .list(let values):
      bytes.append(7)
      write(values.count)
      for value in values { write(value) }
    }
  }
}

/// Reads values one behind the other, and throws `MalformedMessage` where there is none.
public struct MessageReader {
  private let bytes: [UInt8]
  private var place = 0

  /// Reads from the first byte on.
  public init(_ bytes: [UInt8]) { self.bytes = bytes }

  private mutating func load<Number: BitwiseCopyable>(_: Number.Type) throws -> Number {
    let size = MemoryLayout<Number>.size
    guard bytes.count - place >= size else { throw MalformedMessage() }
    defer { place += size }
    return bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: place, as: Number.self) }
  }

  /// The next eight bytes as a whole number.
  public mutating func readInt() throws -> Int { Int(try load(Int64.self)) }

  /// A number of things that take at least `size` bytes each: never more than can follow.
  private mutating func readCount(size: Int) throws -> Int {
    let count = try readInt()
    guard count >= 0, count <= (bytes.count - place) / size else { throw MalformedMessage() }
    return count
  }

  /// The next text; bytes that are no UTF-8 become �.
  public mutating func readString() throws -> String {
    let count = try readCount(size: 1)
    defer { place += count }
    return String(decoding: bytes[place..<place + count], as: UTF8.self)
  }

  private mutating func readShape(scalarSize: Int) throws -> (shape: [Int], count: Int) {
    let rank = try readCount(size: 8)
    var shape: [Int] = []
    var count = 1
    for _ in 0..<rank {
      let size = try readInt()
      let product = count.multipliedReportingOverflow(by: size)
      guard size >= 0, !product.overflow else { throw MalformedMessage() }
      count = product.partialValue
      shape.append(size)
    }
    guard count <= (bytes.count - place) / scalarSize else { throw MalformedMessage() }
    return (shape, count)
  }

  /// The next value. Lists may hold lists, at most eight deep, so that no message exhausts the stack.
  public mutating func readValue(depth: Int = 0) throws -> Value {
    switch try load(UInt8.self) {
    case 0: return .int(try readInt())
    case 1: return .float(try load(Float.self))
    case 2: return .double(try load(Double.self))
    case 3: return .bool(try load(UInt8.self) != 0)
    case 4: return .string(try readString())
    case 5:
      let (shape, count) = try readShape(scalarSize: 4)
      var scalars: [Float] = []
      scalars.reserveCapacity(count)
      for _ in 0..<count { scalars.append(try load(Float.self)) }
      return .tensor(Tensor(scalars, shape: shape))
    case 6:
      let (shape, count) = try readShape(scalarSize: 8)
      var scalars: [Int] = []
      for _ in 0..<count { scalars.append(try readInt()) }
      return .ints(scalars, shape: shape)
    case 7:
      guard depth < 8 else { throw MalformedMessage() }
      let count = try readCount(size: 2)
      return .list(try (0..<count).map { _ in try readValue(depth: depth + 1) })
    default: throw MalformedMessage()
    }
  }
}
