import Autograd
import Tensors

/// While training, sets each number to 0 with the given probability and makes up for it in the others; otherwise does
/// nothing. Each call draws a new stream from `RandomSource.current`.
///
/// - Shape: `[…]`, the same out.
/// - PyTorch: `torch.nn.Dropout`.
/// - Source: Srivastava et al., "Dropout", JMLR 15, 2014.
/// - Book: chapter 7.
public final class Dropout: Module, Layer {
  /// How likely a number is dropped.
  public let probability: Float

  /// - Parameter probability: How likely a number is dropped, within `0...1`; others trap. PyTorch: `p`, the same
  ///   default.
  public init(_ probability: Float = 0.5) {
    if !(probability >= 0 && probability <= 1) {
      trap("Dropout: probability \(probability) is not within 0...1")
    }
    self.probability = probability
  }

  /// While training, `x` with some numbers set to 0 and the others divided by `1 − p`; otherwise `x` itself.
  public func callAsFunction(_ x: Variable) -> Variable {
    dropout(x, probability: probability, isTraining: isTraining)
  }
}
