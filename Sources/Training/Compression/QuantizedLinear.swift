import Autograd
import Layers
import Tensors

/// A fully connected layer whose weight is kept in eight bits, a scale for each output; inputs, bias and arithmetic
/// stay in `Float`.
///
/// It takes a quarter of the memory. The weight is widened at each call, so it is not faster. To calculate with whole
/// numbers, and to round a model as it is, see `Module.roundWeights`.
///
/// Saved as `weight`, `[O, D]`, in eight bits; `weight_scale`, `[O]`, or `[1]` where there is one for all; and
/// `weight_zero_point`, of the same shape, in eight bits; beside `bias`.
///
/// - Shape: `[…, D]` → `[…, O]`
/// - PyTorch: no counterpart among the layers; int8 weight-only quantization of `torchao`. The names are those of
///   the compressed-tensors files of Hugging Face.
/// - Book: chapter 12.
public final class QuantizedLinear: Module, Layer, ArrayKeeping {
  /// `[O, D]`
  public private(set) var quantizedWeight: QuantizedTensor
  /// `[O]`
  public let bias: Parameter?

  /// - Parameters:
  ///   - quantizedWeight: `[O, D]`; other ranks trap.
  ///   - bias: `[O]`; nil for none.
  public init(quantizedWeight: QuantizedTensor, bias: Parameter? = nil) {
    if quantizedWeight.shape.count != 2 {
      trap("QuantizedLinear: weight \(quantizedWeight.shape): [O, D] is needed")
    }
    self.quantizedWeight = quantizedWeight
    self.bias = bias
  }

  /// The layer with its weight rounded to eight bits.
  public convenience init(_ layer: Linear) {
    self.init(quantizedWeight: QuantizedTensor(layer.weight.value, axis: 0), bias: layer.bias)
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    linear(x, Variable(quantizedWeight.dequantized()), bias: bias)
  }

  public var keptArrays: [KeptArray] {
    KeptArray.arrays(of: quantizedWeight, "weight")
  }

  public func take(_ arrays: [String: Tensor]) {
    let weight = arrays["weight"]!
    quantizedWeight = QuantizedTensor(
      integers: IntTensor(weight.scalars.map { Int($0) }, shape: weight.shape),
      quantizedWeight.quantization.with(
        scales: arrays["weight_scale"]!, zeroPoints: arrays["weight_zero_point"]!))
  }
}
