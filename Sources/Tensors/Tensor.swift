/// Numbers with a shape: an array of `Float` of any rank, row by row.
///
/// A tensor is a value. Copies share memory until one of them is changed; two tensors are equal when their shapes
/// and all their numbers are. What a tensor does not know is where it came from: see `Variable` for that.
///
/// Shapes use one legend everywhere: `N` images or sequences in a batch, `C` channels, `H W` height and width,
/// `T` time, `D` features, `V` vocabulary.
///
/// - PyTorch: `torch.Tensor`, always contiguous and of type `float32`.
/// - Book: chapter 0.
public struct Tensor: Sendable {
  /// The size of each axis, outermost first. A scalar has shape `[]`.
  public let shape: [Int]
  @usableFromInline var storage: Storage

  /// A tensor whose numbers are yet to be written.
  package init(uninitialized shape: [Int]) {
    self.shape = shape
    storage = Storage(count: Self.count(of: shape))
  }

  init(shape: [Int], storage: Storage) {
    self.shape = shape
    self.storage = storage
  }

  static func count(of shape: [Int]) -> Int {
    var (count, isTooLarge) = (1, false)
    for size in shape {
      if size < 0 { trap("Tensor: a size in \(shape) is negative") }
      let product = count.multipliedReportingOverflow(by: size)
      count = product.partialValue
      isTooLarge = isTooLarge || product.overflow
    }
    if isTooLarge {
      // No numbers at all are easily counted, in whatever order the sizes stand.
      if shape.contains(0) { return 0 }
      trap("Tensor: shape \(shape) holds more numbers than can be counted")
    }
    return count
  }

  /// A tensor of the given numbers, row by row.
  ///
  /// Traps when their number is not the product of `shape`.
  public init(_ scalars: some Collection<Float>, shape: [Int]) {
    self.init(uninitialized: shape)
    if scalars.count != storage.count {
      trap("Tensor: shape \(shape) holds \(storage.count) numbers, given \(scalars.count)")
    }
    // At once where the numbers lie in a row, as an array's do: one by one costs 50 times as much.
    let pointer = storage.pointer
    let isDone: Bool? = scalars.withContiguousStorageIfAvailable { numbers in
      if let start = numbers.baseAddress { pointer.update(from: start, count: numbers.count) }
      return true
    }
    if isDone == nil {
      _ = UnsafeMutableBufferPointer(start: pointer, count: storage.count).update(from: scalars)
    }
  }

  /// A vector.
  public init(_ scalars: [Float]) {
    self.init(scalars, shape: [scalars.count])
  }

  /// A matrix from its rows. Traps when they differ in length.
  public init(_ rows: [[Float]]) {
    let width = rows.first?.count ?? 0
    if let odd = rows.first(where: { $0.count != width }) {
      trap("Tensor: rows differ in length: \(width) and \(odd.count)")
    }
    self.init(Array(rows.joined()), shape: [rows.count, width])
  }

  /// A scalar, of shape `[]`.
  public init(_ scalar: Float) {
    self.init(repeating: scalar, shape: [])
  }

  /// A tensor with the same number everywhere.
  public init(repeating scalar: Float, shape: [Int]) {
    self.init(uninitialized: shape)
    let pointer = storage.pointer
    Parallel.forEachRange(of: storage.count, grain: 1 << 18) { range in
      (pointer + range.lowerBound).update(repeating: scalar, count: range.count)
    }
  }

  /// A tensor of zeros.
  public static func zeros(_ shape: [Int]) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// A tensor of ones.
  public static func ones(_ shape: [Int]) -> Tensor { Tensor(repeating: 1, shape: shape) }

  /// The number of numbers: the product of the shape.
  public var count: Int { storage.count }

  /// The number of axes.
  public var rank: Int { shape.count }

  /// All numbers, row by row, as an array of their own.
  public var scalars: [Float] {
    withExtendedLifetime(storage) { Array(UnsafeBufferPointer(start: storage.pointer, count: count)) }
  }

  /// The one number of a tensor that holds just one.
  public var scalar: Float {
    if count != 1 { trap("scalar: the tensor holds \(count) numbers: \(shape)") }
    return withPointer { $0[0] }
  }

  /// Calls `body` with the numbers' address, valid only until it returns.
  package func withPointer<Result>(_ body: (UnsafePointer<Float>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(storage) { try body(UnsafePointer(storage.pointer)) }
  }

  /// Calls `body` with the numbers' address for writing; copies them first when another tensor shares them.
  package mutating func withMutablePointer<Result>(
    _ body: (UnsafeMutablePointer<Float>) throws -> Result
  ) rethrows -> Result {
    makeUnique()
    return try withExtendedLifetime(storage) { try body(storage.pointer) }
  }

  @usableFromInline
  mutating func makeUnique() {
    if isKnownUniquelyReferenced(&storage) { storage.forgetCompanion() } else { storage = storage.copy() }
  }

  /// The same numbers in another shape. One size may be `-1`: it is what remains.
  ///
  /// - PyTorch: `x.reshape(shape)`.
  public func reshaped(_ newShape: [Int]) -> Tensor {
    var resolved = newShape
    if let free = newShape.firstIndex(of: -1) {
      let others = newShape.enumerated().reduce(1) { $1.offset == free ? $0 : $0 * $1.element }
      resolved[free] = others == 0 ? 0 : count / others
    }
    if resolved.contains(where: { $0 < 0 }) || Self.count(of: resolved) != count {
      trap("reshaped: \(shape) holds \(count) numbers and does not fit into \(newShape)")
    }
    return Tensor(shape: resolved, storage: storage)
  }

  /// The same numbers with the axes from `axis` on merged into one: `[N, C, H, W]` from 1 is `[N, C·H·W]`.
  ///
  /// - PyTorch: `x.flatten(start_dim)`.
  public func flattened(from axis: Int = 0) -> Tensor {
    let axis = resolve(axis: axis, rank: max(rank, 1), "flattened")
    return reshaped(Array(shape.prefix(axis)) + [shape.dropFirst(axis).reduce(1, *)])
  }

  /// The same numbers, changed one by one.
  public func map(_ transform: (Float) -> Float) -> Tensor {
    var y = Tensor(uninitialized: shape)
    let count = count
    withPointer { x in
      y.withMutablePointer { y in
        for i in 0..<count { y[i] = transform(x[i]) }
      }
    }
    return y
  }
}

extension Tensor: Equatable {
  public static func == (a: Tensor, b: Tensor) -> Bool {
    guard a.shape == b.shape else { return false }
    if a.storage === b.storage { return a.count == 0 || !a.scalars.contains { $0.isNaN } }
    return a.withPointer { a_ in b.withPointer { b_ in (0..<a.count).allSatisfy { a_[$0] == b_[$0] } } }
  }
}

/// Where `axis` lies when counted from the front; negative axes count from the back, as in PyTorch.
package func resolve(axis: Int, rank: Int, _ op: String) -> Int {
  let resolved = axis < 0 ? axis + rank : axis
  if resolved < 0 || resolved >= max(rank, 1) {
    trap("\(op): axis \(axis) is out of range for rank \(rank)")
  }
  return resolved
}

/// Stops the program: the caller broke a rule. The message names the op, what differs and both shapes.
package func trap(_ message: String, file: StaticString = #fileID, line: UInt = #line) -> Never {
  fatalError(message, file: file, line: line)
}
