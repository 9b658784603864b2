/// Whole numbers with a shape: class labels, word ids, positions.
///
/// - PyTorch: a tensor of type `int64`.
public struct IntTensor: Sendable, Equatable {
  /// The size of each axis, outermost first.
  public let shape: [Int]
  /// All numbers, row by row. Traps when their number is changed.
  public var scalars: [Int] {
    didSet { if scalars.count != count { trap(Self.problem(shape, scalars.count)) } }
  }
  /// The number of numbers: the product of the shape.
  public let count: Int

  /// Traps when the number of numbers is not the product of `shape`.
  public init(_ scalars: [Int], shape: [Int]) {
    count = Tensor.count(of: shape)
    if scalars.count != count { trap(Self.problem(shape, scalars.count)) }
    self.shape = shape
    self.scalars = scalars
  }

  /// A vector.
  public init(_ scalars: [Int]) { self.init(scalars, shape: [scalars.count]) }

  /// The number of axes.
  public var rank: Int { shape.count }

  private static func problem(_ shape: [Int], _ given: Int) -> String {
    "IntTensor: shape \(shape) holds \(Tensor.count(of: shape)) numbers, given \(given)"
  }
}

/// Yes or no for every place of a shape.
///
/// - PyTorch: a tensor of type `bool`.
public struct MaskTensor: Sendable, Equatable {
  /// The size of each axis, outermost first.
  public let shape: [Int]
  /// All values, row by row. Traps when their number is changed.
  public var scalars: [Bool] {
    didSet { if scalars.count != count { trap(Self.problem(shape, scalars.count)) } }
  }
  /// The number of values: the product of the shape.
  public let count: Int

  /// Traps when the number of values is not the product of `shape`.
  public init(_ scalars: [Bool], shape: [Int]) {
    count = Tensor.count(of: shape)
    if scalars.count != count { trap(Self.problem(shape, scalars.count)) }
    self.shape = shape
    self.scalars = scalars
  }

  /// The number of axes.
  public var rank: Int { shape.count }

  private static func problem(_ shape: [Int], _ given: Int) -> String {
    "MaskTensor: shape \(shape) holds \(Tensor.count(of: shape)) values, given \(given)"
  }
}
