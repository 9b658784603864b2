// Dropout in a few lines, over any floating-point type. The engine's is the same with a mask of bits; the tests hold one to
// the other.

/// Which numbers a dropout keeps. The same mask serves the forward and the backward pass of a step; the next step has
/// another.
///
///     y_i = x_i / (1 − p)  where i is kept,  0 where it is dropped
///     backward:  dx_i = dy_i / (1 − p)  where i is kept,  0 where it is dropped
///
/// Dividing by `1 − p` makes the mean of `y_i` over all masks `x_i`, so that evaluation needs no mask and no factor.
///
/// - PyTorch: `torch.nn.functional.dropout(x, p)`, which draws its own mask.
/// - Source: Srivastava, Hinton, Krizhevsky, Sutskever, Salakhutdinov, "Dropout: a simple way to prevent neural networks
///   from overfitting", JMLR 15, 2014; with the factor in training rather than in evaluation.
/// - Book: section 7.8.
public struct PlainDropout<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// `p`: how likely a number is dropped.
  public let probability: Scalar
  /// Whether each number is kept.
  public let isKept: [Bool]

  /// - Parameters:
  ///   - probability: `p`, from 0 up to but not including 1; others trap.
  ///   - chance: A random number from 0 up to 1 for each number. One below `p` drops it.
  public init(probability: Scalar, chance: [Scalar]) {
    if !(probability >= 0 && probability < 1) {
      fatalError("PlainDropout: the probability must be from 0 up to 1, given \(probability)")
    }
    self.probability = probability
    isKept = chance.map { $0 >= probability }
  }

  /// What the next layer sees while training.
  public func forward(_ x: [Scalar]) -> [Scalar] { masked(x) }

  /// The gradient at `x`: a dropped number had no part in the loss, and a kept one had `1 / (1 − p)` times its own.
  public func backward(_ dy: [Scalar]) -> [Scalar] { masked(dy) }

  private func masked(_ numbers: [Scalar]) -> [Scalar] {
    if numbers.count != isKept.count {
      fatalError("PlainDropout: \(numbers.count) numbers for a mask of \(isKept.count)")
    }
    return zip(numbers, isKept).map { number, isKept in isKept ? number / (1 - probability) : 0 }
  }
}
