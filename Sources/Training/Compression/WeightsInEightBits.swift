import Autograd
import Layers
import Tensors

/// How the weights of a model are rounded to eight bits.
///
/// - PyTorch: a `qconfig`.
/// - Book: section 12.4.
public struct WeightForm: Sendable, Equatable {
  /// Symmetric, whose zero point is 0, or affine.
  public var scheme: Quantization.Scheme
  /// Whether each row of a weight, which makes one output, has a scale of its own.
  public var perChannel: Bool
  /// How a scale is chosen for the numbers that share it.
  public var fit: Quantization.Fit

  /// The usual choice by default: symmetric, a scale for each row, from the largest number.
  public init(
    _ scheme: Quantization.Scheme = .symmetric, perChannel: Bool = true, fit: Quantization.Fit = .range
  ) {
    (self.scheme, self.perChannel, self.fit) = (scheme, perChannel, fit)
  }

  /// The scales for a weight, `[O, …]`. Symmetric ones leave out −128, so that a number and its negative are both there.
  public func quantization(of weight: Tensor) -> Quantization {
    Quantization(
      fitting: weight, scheme, axis: perChannel ? 0 : nil,
      range: scheme == .symmetric ? -127...127 : -128...127,
      fit: fit)
  }
}

/// A model of which no weight can be kept in eight bits.
public struct NoEightBitForm: Error, CustomStringConvertible {
  let model: String

  public var description: String {
    "\(model) has no layer with a form in eight bits: one of Linear, Conv2d (in one group), Embedding, RNN, GRU, LSTM "
      + "or MultiHeadAttention is needed, or a layer of yours that is an EightBitLayer"
  }
}

extension Module {
  /// Rounds the weights of all layers that can calculate with eight bits, and lets them do so from now on. The network's
  /// own code stays as it is; norms and biases stay in floats.
  ///
  ///     try model.roundWeights()                             inputs get the scale that fits each as it comes
  ///     try model.roundWeights(inputs: calibration.ranges)   inputs have the scales that were measured
  ///     try model.writeWeights(to: "small.safetensors")      a quarter of the size
  ///
  /// To read such a file, make the model, call this, and read: the names are those of the model in floats, each rounded
  /// weight with `_scale` and `_zero_point` beside it.
  ///
  /// - Parameters:
  ///   - form: How a weight's scales are chosen.
  ///   - inputs: How the inputs of a weight are rounded, by the weight's name; those that are not named get a scale as
  ///     they come (dynamic quantization).
  ///   - isRounded: Which weights, by their names; all that can be by default.
  /// - Returns: The names of the weights that were rounded.
  /// - Throws: `NoEightBitForm` when there is none.
  /// - PyTorch: `torch.ao.quantization.quantize_dynamic`; `torchao.quantize_(model, Int8DynamicActivationInt8WeightConfig())`,
  ///   which changes the weights in place too, rounds inputs symmetrically, and leaves convolutions, embeddings and
  ///   recurrent layers alone.
  /// - Book: section 12.7.
  @discardableResult
  public func roundWeights(
    _ form: WeightForm = WeightForm(), inputs: [String: Quantization] = [:],
    where isRounded: (_ name: String) -> Bool = { _ in true }
  ) throws(NoEightBitForm) -> [String] {
    let chosen = eightBitWeights.filter { isRounded($0.name) }
    if chosen.isEmpty { throw NoEightBitForm(model: "\(Self.self)") }
    for (name, weight) in chosen {
      weight.round(by: form.quantization(of: weight.parameter.value), input: inputs[name])
      weight.parameter.rounding = nil
    }
    return chosen.map(\.name)
  }
}
