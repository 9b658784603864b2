import Tensors

/// Inputs for checks: the same at every run, and never symmetric by chance.
public struct Inputs: Sendable {
  private var stream: RandomStream

  /// The same seed gives the same inputs, on every machine.
  public init(seed: UInt64) { stream = RandomStream(seed: seed) }

  /// Whole numbers from −9 to 9 without 0, so that sums are exact and can be followed by hand.
  public mutating func integers(_ shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor(
      (0..<count).map { _ in Float((1 + stream.integer(below: 9)) * (stream.integer(below: 2) * 2 - 1)) },
      shape: shape)
  }

  /// As many whole numbers from −9 to 9 without 0.
  public mutating func integers(_ count: Int) -> [Float] { integers([count]).scalars }

  /// Quarters from −9.75 to 9.75, none of them whole; sums of their products are exact as well.
  public mutating func quarters(_ shape: [Int]) -> Tensor {
    let count = shape.reduce(1, *)
    return Tensor(
      (0..<count).map { _ in
        let number = Float(4 * stream.integer(below: 10) + 1 + stream.integer(below: 3)) / 4
        return stream.integer(below: 2) == 0 ? number : -number
      }, shape: shape)
  }

  /// As many quarters.
  public mutating func quarters(_ count: Int) -> [Float] { quarters([count]).scalars }

  /// A whole number from a range.
  public mutating func integer(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + stream.integer(below: range.count)
  }

  /// The numbers from 0 to `count` − 1 in some order.
  public mutating func order(of count: Int) -> [Int] { stream.permutation(count) }

  /// Numbers from the normal distribution.
  public mutating func normal(_ shape: [Int]) -> Tensor { stream.normal(shape: shape) }
}
