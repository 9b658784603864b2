// Yes and no, by place.

extension MaskTensor {
  /// The same value everywhere.
  public init(repeating value: Bool, shape: [Int]) {
    self.init(Array(repeating: value, count: Tensor.count(of: shape)), shape: shape)
  }

  /// Which of `keys` steps each of `queries` steps may look at when none may look ahead: `[queries, keys]`, true where
  /// `key ≤ query`.
  ///
  /// - PyTorch: `torch.ones(queries, keys, dtype=torch.bool).tril()`.
  public static func causal(_ queries: Int, _ keys: Int? = nil) -> MaskTensor {
    let keys = keys ?? queries
    return MaskTensor((0..<queries).flatMap { q in (0..<keys).map { $0 <= q } }, shape: [queries, keys])
  }

  /// True where the mask is false.
  ///
  /// - PyTorch: `~mask`.
  public static prefix func .! (mask: MaskTensor) -> MaskTensor {
    MaskTensor(mask.scalars.map { !$0 }, shape: mask.shape)
  }

  /// True where both are; shapes are stretched to fit.
  ///
  /// - PyTorch: `a & b`.
  public static func .& (a: MaskTensor, b: MaskTensor) -> MaskTensor { combine(a, b, ".&") { $0 && $1 } }
  /// True where at least one is; shapes are stretched to fit.
  ///
  /// - PyTorch: `a | b`.
  public static func .| (a: MaskTensor, b: MaskTensor) -> MaskTensor { combine(a, b, ".|") { $0 || $1 } }

  private static func combine(
    _ a: MaskTensor, _ b: MaskTensor, _ name: String, _ op: (Bool, Bool) -> Bool
  ) -> MaskTensor {
    guard let shape = Tensor.broadcast(a.shape, b.shape) else {
      trap("\(name): shapes do not fit: \(a.shape) and \(b.shape)")
    }
    return MaskTensor(
      zip(a.broadcast(to: shape).scalars, b.broadcast(to: shape).scalars).map { op($0, $1) }, shape: shape)
  }

  /// How many are true.
  public var trueCount: Int { scalars.reduce(0) { $0 + ($1 ? 1 : 0) } }

  /// The same values in another shape.
  public func reshaped(_ newShape: [Int]) -> MaskTensor { MaskTensor(scalars, shape: newShape) }

  /// The same values, repeated along axes of size 1 to fill `newShape`.
  public func broadcast(to newShape: [Int]) -> MaskTensor {
    if shape == newShape { return self }
    if Tensor.broadcast(shape, newShape) != newShape {
      trap("broadcast: mask \(shape) does not stretch to \(newShape)")
    }
    let numbers = Tensor(self).broadcast(to: newShape)
    return numbers.withPointer { p in MaskTensor((0..<numbers.count).map { p[$0] != 0 }, shape: newShape) }
  }
}

extension Tensor {
  /// 1 where the mask is true, 0 elsewhere.
  ///
  /// - PyTorch: `mask.float()`.
  public init(_ mask: MaskTensor) {
    self.init(mask.scalars.map { $0 ? 1 : 0 }, shape: mask.shape)
  }
}
