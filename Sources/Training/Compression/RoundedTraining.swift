import Autograd
import Layers
import Tensors

/// Training with rounded numbers: the network sees its weights and inputs as eight bits will leave them, and learns to
/// do without what is lost (quantization-aware training).
///
///     let rounding = RoundedTraining(of: model)
///     … train as usual …
///     try model.roundWeights(rounding.form, inputs: rounding.inputs)
///
/// Weights are rounded anew at each step; the range of each layer's inputs follows a moving average of what comes, and
/// stands still in evaluation. Gradients go straight through the rounding; see `fakeQuantize`.
///
/// - PyTorch: `torch.ao.quantization.prepare_qat`.
/// - Source: Jacob et al., "Quantization and training of neural networks for efficient integer-arithmetic-only
///   inference", CVPR 2018, section 3.
/// - Book: section 12.6.
public final class RoundedTraining {
  /// How the weights are rounded.
  public let form: WeightForm
  private let layers: [(name: String, layer: RoundedLayer, parameter: Parameter)]

  /// Begins: from now on the model's layers see rounded numbers.
  ///
  /// - Parameters:
  ///   - model: The network; every weight of it that can be kept in eight bits is rounded.
  ///   - form: How the weights are rounded.
  ///   - bits: How many bits a weight or an input has, 2 to 8, or this traps; fewer than 8 to see what fewer do.
  ///   - averaging: How much of the ends of an input's range is kept at each step, from 0 to 1.
  public init(
    of model: Module, _ form: WeightForm = WeightForm(), bits: Int = 8, averaging: Float = 0.99
  ) {
    if !(2...8).contains(bits) { trap("RoundedTraining: 2 to 8 bits are needed, given \(bits)") }
    self.form = form
    layers = model.eightBitWeights.map { name, weight in
      (name, RoundedLayer(model, form, bits: bits, averaging: averaging), weight.parameter)
    }
    for (_, layer, parameter) in layers { parameter.rounding = layer }
  }

  /// Ends: the layers see floats again.
  public func end() { for (_, _, parameter) in layers { parameter.rounding = nil } }

  /// How the inputs of each weight were rounded last, by the weights' names.
  public var inputs: [String: Quantization] {
    var all: [String: Quantization] = [:]
    for (name, layer, _) in layers { all[name] = layer.inputForm }
    return all
  }

  private final class RoundedLayer: WeightRounding {
    private unowned let model: Module
    private let (form, bits, averaging): (WeightForm, Int, Float)
    private var ends: (low: Float, high: Float)?

    init(_ model: Module, _ form: WeightForm, bits: Int, averaging: Float) {
      (self.model, self.form, self.bits, self.averaging) = (model, form, bits, averaging)
    }

    var inputForm: Quantization? {
      ends.map {
        Quantization(fitting: Tensor([$0.low, $0.high]), .affine, range: 0...(1 << bits) - 1)
      }
    }

    func input(_ x: Variable) -> Variable {
      if model.isTraining || ends == nil {
        let (low, high) = x.value.extremes()
        let before = ends ?? (min(low, 0), max(high, 0))
        ends = (
          averaging * before.low + (1 - averaging) * min(low, 0),
          averaging * before.high + (1 - averaging) * max(high, 0)
        )
      }
      return fakeQuantize(x, inputForm!)
    }

    func weight(_ weight: Variable) -> Variable {
      let half = 1 << (bits - 1)
      let value = weight.value
      return fakeQuantize(
        weight,
        Quantization(
          fitting: value, form.scheme, axis: form.perChannel ? 0 : nil,
          range: form.scheme == .symmetric ? 1 - half...half - 1 : -half...half - 1, fit: form.fit))
    }
  }
}
