// Arithmetic of whole numbers with a shape, as labels and ids need it.

extension IntTensor {
  /// The same number everywhere.
  public init(repeating number: Int, shape: [Int]) {
    self.init(Array(repeating: number, count: Tensor.count(of: shape)), shape: shape)
  }

  /// The same number added everywhere. Overflow traps, as everywhere with whole numbers.
  public static func + (a: IntTensor, b: Int) -> IntTensor {
    IntTensor(a.scalars.map { $0 + b }, shape: a.shape)
  }
  /// The same number taken off everywhere.
  public static func - (a: IntTensor, b: Int) -> IntTensor {
    IntTensor(a.scalars.map { $0 - b }, shape: a.shape)
  }
  /// Everything multiplied by the same number.
  public static func * (a: IntTensor, b: Int) -> IntTensor {
    IntTensor(a.scalars.map { $0 * b }, shape: a.shape)
  }
  /// Number by number. Traps when the shapes differ: whole numbers are not stretched.
  public static func + (a: IntTensor, b: IntTensor) -> IntTensor { combine(a, b, "+", +) }
  /// Number by number. Traps when the shapes differ: whole numbers are not stretched.
  public static func - (a: IntTensor, b: IntTensor) -> IntTensor { combine(a, b, "-", -) }

  private static func combine(
    _ a: IntTensor, _ b: IntTensor, _ name: String, _ op: (Int, Int) -> Int
  ) -> IntTensor {
    if a.shape != b.shape { trap("\(name): shapes of whole numbers differ: \(a.shape) and \(b.shape)") }
    return IntTensor(zip(a.scalars, b.scalars).map { op($0, $1) }, shape: a.shape)
  }

  /// Where the number is `b`.
  public static func .== (a: IntTensor, b: Int) -> MaskTensor {
    MaskTensor(a.scalars.map { $0 == b }, shape: a.shape)
  }
  /// Where the number is not `b`.
  public static func .!= (a: IntTensor, b: Int) -> MaskTensor {
    MaskTensor(a.scalars.map { $0 != b }, shape: a.shape)
  }
  /// Where the two are equal. Traps when the shapes differ.
  public static func .== (a: IntTensor, b: IntTensor) -> MaskTensor {
    if a.shape != b.shape { trap(".==: shapes of whole numbers differ: \(a.shape) and \(b.shape)") }
    return MaskTensor(zip(a.scalars, b.scalars).map { $0 == $1 }, shape: a.shape)
  }

  /// The same numbers in another shape; one size may be -1.
  public func reshaped(_ newShape: [Int]) -> IntTensor {
    var resolved = newShape
    if let free = newShape.firstIndex(of: -1) {
      let others = newShape.enumerated().reduce(1) { $1.offset == free ? $0 : $0 * $1.element }
      resolved[free] = others == 0 ? 0 : count / others
    }
    if resolved.contains(where: { $0 < 0 }) || Tensor.count(of: resolved) != count {
      trap("reshaped: \(shape) holds \(count) whole numbers and does not fit into \(newShape)")
    }
    return IntTensor(scalars, shape: resolved)
  }

  /// The parts `range` along the first axis.
  public func rows(_ range: Range<Int>) -> IntTensor {
    guard rank > 0, range.lowerBound >= 0, range.upperBound <= shape[0] else {
      trap("rows: \(range) is out of range for shape \(shape)")
    }
    let width = shape.dropFirst().reduce(1, *)
    return IntTensor(
      Array(scalars[range.lowerBound * width..<range.upperBound * width]),
      shape: [range.count] + shape.dropFirst())
  }

  /// The parts with the given places along the first axis, in the given order.
  public func rows(_ indices: [Int]) -> IntTensor {
    if let bad = indices.first(where: { rank == 0 || $0 < 0 || $0 >= shape[0] }) {
      trap("rows: index \(bad) is out of range for shape \(shape)")
    }
    let width = shape.dropFirst().reduce(1, *)
    return IntTensor(
      indices.flatMap { scalars[$0 * width..<($0 + 1) * width] }, shape: [indices.count] + shape.dropFirst())
  }

  /// A 1 at each number's place and 0 elsewhere: `[…]` → `[…, classes]`.
  ///
  /// - PyTorch: `torch.nn.functional.one_hot(x, classes).float()`.
  public func oneHot(classes: Int) -> Tensor {
    if let bad = scalars.first(where: { $0 < 0 || $0 >= classes }) {
      trap("oneHot: \(bad) is not one of \(classes) classes")
    }
    var y = Tensor.zeros(shape + [classes])
    y.withMutablePointer { y in
      for (i, number) in scalars.enumerated() { y[i * classes + number] = 1 }
    }
    return y
  }
}

extension Tensor {
  /// The whole numbers as floats.
  ///
  /// - PyTorch: `x.float()`.
  public init(_ numbers: IntTensor) {
    self.init(numbers.scalars.map { Float($0) }, shape: numbers.shape)
  }
}
