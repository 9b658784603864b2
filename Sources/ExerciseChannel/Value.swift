import Tensors

/// What an exercise's function takes or gives back, in the form that travels between two processes.
public indirect enum Value: Sendable, Equatable {
  /// A whole number.
  case int(Int)
  /// A number in 32 bits.
  case float(Float)
  /// A number in 64 bits.
  case double(Double)
  /// True or false.
  case bool(Bool)
  /// A text.
  case string(String)
  /// Numbers in 32 bits with a shape.
  case tensor(Tensor)
  /// Whole numbers with a shape, row by row.
  case ints([Int], shape: [Int])
  /// Several values: an array, an optional, or several results.
  case list([Value])
}

/// A type that an exercise's function may take or give back.
public protocol Passable: Sendable {
  /// Nil when the value is of another type.
  init?(_ value: Value)
  /// What travels.
  var value: Value { get }
}

extension Int: Passable {
  public init?(_ value: Value) {
    guard case .int(let number) = value else { return nil }
    self = number
  }
  public var value: Value { .int(self) }
}

extension Float: Passable {
  public init?(_ value: Value) {
    guard case .float(let number) = value else { return nil }
    self = number
  }
  public var value: Value { .float(self) }
}

extension Double: Passable {
  public init?(_ value: Value) {
    guard case .double(let number) = value else { return nil }
    self = number
  }
  public var value: Value { .double(self) }
}

extension Bool: Passable {
  public init?(_ value: Value) {
    guard case .bool(let truth) = value else { return nil }
    self = truth
  }
  public var value: Value { .bool(self) }
}

extension String: Passable {
  public init?(_ value: Value) {
    guard case .string(let text) = value else { return nil }
    self = text
  }
  public var value: Value { .string(self) }
}

extension Tensor: Passable {
  public init?(_ value: Value) {
    guard case .tensor(let tensor) = value else { return nil }
    self = tensor
  }
  public var value: Value { .tensor(self) }
}

extension IntTensor: Passable {
  public init?(_ value: Value) {
    guard case .ints(let scalars, let shape) = value else { return nil }
    self.init(scalars, shape: shape)
  }
  public var value: Value { .ints(scalars, shape: shape) }
}

extension Array: Passable where Element: Passable {
  public init?(_ value: Value) {
    guard case .list(let values) = value else { return nil }
    let elements = values.compactMap { Element($0) }
    guard elements.count == values.count else { return nil }
    self = elements
  }
  public var value: Value { .list(map(\.value)) }
}

extension Optional: Passable where Wrapped: Passable {
  public init?(_ value: Value) {
    guard case .list(let values) = value, values.count <= 1 else { return nil }
    guard let first = values.first else {
      self = .none
      return
    }
    guard let wrapped = Wrapped(first) else { return nil }
    self = .some(wrapped)
  }
  public var value: Value { .list(map { [$0.value] } ?? []) }
}
