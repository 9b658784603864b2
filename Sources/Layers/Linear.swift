import Autograd
import Tensors

/// A fully connected layer, `y = x Wᵀ + b`.
///
/// Parameters: `weight`, `[O, D]`; `bias`, `[O]`. Both begin as numbers drawn evenly from `±1/√D`.
///
/// - Shape: `[…, D]` → `[…, O]`
/// - PyTorch: `torch.nn.Linear`.
/// - Book: chapter 4.
public final class Linear: Module, Layer {
  /// `[O, D]`: a row for each output.
  public let weight: Parameter
  /// `[O]`; nil for none.
  public let bias: Parameter?

  /// - Parameters:
  ///   - inFeatures: D, the numbers that go in. PyTorch: `in_features`.
  ///   - outFeatures: O, the numbers that come out. PyTorch: `out_features`.
  ///   - bias: Whether a number is added to each output.
  public init(inFeatures: Int, outFeatures: Int, bias: Bool = true) {
    weight = Parameter(Initial.uniformByFanIn(shape: [outFeatures, inFeatures], fanIn: inFeatures))
    self.bias = bias ? Parameter(Initial.uniformByFanIn(shape: [outFeatures], fanIn: inFeatures)) : nil
  }

  public func callAsFunction(_ x: Variable) -> Variable { linear(x, weight, bias: bias) }
}
