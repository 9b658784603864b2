import Autograd
import Tensors

/// A layer that can calculate with weights of eight bits.
///
/// A layer of one's own that calls `linear` with a parameter of its own becomes one by naming it:
///
///     extension Bilinear: EightBitLayer { var roundableWeights: [EightBitWeight] { [EightBitWeight("weight", weight)] } }
///
/// - PyTorch: the layers that `torch.ao.quantization`'s mappings list.
/// - Book: section 12.7.
public protocol EightBitLayer: Module {
  /// The weights that may be kept in eight bits; none where the layer is made so that they cannot.
  var roundableWeights: [EightBitWeight] { get }
}

/// A weight that may be kept in eight bits.
public struct EightBitWeight {
  /// Its name within the layer, as in the saved state.
  public let name: String
  /// `[O, …]`: each row makes one output.
  public let parameter: Parameter
  let order: IntegerWeight.Order

  /// A matrix that `linear`, `embedding` or a recurrent layer takes.
  public init(_ name: String, _ parameter: Parameter) { self.init(name, parameter, order: .matrix) }

  init(_ name: String, _ parameter: Parameter, order: IntegerWeight.Order) {
    (self.name, self.parameter, self.order) = (name, parameter, order)
  }

  /// Puts the weight in eight bits in place of its floats.
  ///
  /// - Parameters:
  ///   - form: The scales of its rows, or one for all.
  ///   - input: How inputs are rounded; nil to fit a scale to each as it comes. Traps when it is not a full range of 256
  ///     whole numbers with one scale.
  public func round(by form: Quantization, input: Quantization? = nil) {
    if let input, input.range != 0...255 && input.range != -128...127 {
      trap("EightBitWeight: inputs are rounded to 0...255 or -128...127, given \(input.range)")
    }
    parameter.keep(
      IntegerWeight(QuantizedTensor(parameter.value, form), order: order, input: input))
  }
}

extension Linear: EightBitLayer {
  public var roundableWeights: [EightBitWeight] { [EightBitWeight("weight", weight)] }
}

extension MultiHeadAttention: EightBitLayer {
  /// The projections; `outProj` is a layer of its own.
  public var roundableWeights: [EightBitWeight] { [EightBitWeight("in_proj_weight", inProjWeight)] }
}

extension Embedding: EightBitLayer {
  public var roundableWeights: [EightBitWeight] { [EightBitWeight("weight", weight)] }
}

extension Conv2d: EightBitLayer {
  /// Of a convolution in groups, none: each filter sees too few channels for whole numbers to pay.
  public var roundableWeights: [EightBitWeight] {
    groups > 1 ? [] : [EightBitWeight("weight", weight, order: .windows(dilated: dilation.width > 1))]
  }
}

extension RecurrentLayer: EightBitLayer {
  public var roundableWeights: [EightBitWeight] {
    listedParameters.filter { $0.name.hasPrefix("weight") }.map { EightBitWeight($0.name, $0.parameter) }
  }
}

extension RecurrentStep: EightBitLayer {
  public var roundableWeights: [EightBitWeight] {
    [EightBitWeight("weight_ih", weightIh), EightBitWeight("weight_hh", weightHh)]
  }
}

extension Module {
  /// The weights in this module that may be kept in eight bits, each once, with their names.
  public var eightBitWeights: [(name: String, weight: EightBitWeight)] {
    var seen: Set<ObjectIdentifier> = []
    return allModules.flatMap { place, module in
      ((module as? any EightBitLayer)?.roundableWeights ?? []).compactMap { weight in
        guard seen.insert(ObjectIdentifier(weight.parameter)).inserted else { return nil }
        return (place.isEmpty ? weight.name : "\(place).\(weight.name)", weight)
      }
    }
  }

  /// The bytes of all parameters as they are kept now: four for each number in floats, about one for each in eight bits.
  public var parameterBytes: Int {
    parameters.reduce(0) { $0 + ($1.integers?.byteCount ?? 4 * $1.shape.reduce(1, *)) }
  }
}
