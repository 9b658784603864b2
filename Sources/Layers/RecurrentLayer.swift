import Autograd
import Tensors

/// What `RNN`, `GRU` and `LSTM` share: their parameters.
///
/// For layer `k`: `weight_ih_lk`, `[gates·H, D]`; `weight_hh_lk`, `[gates·H, H]`; `bias_ih_lk` and `bias_hh_lk`,
/// `[gates·H]`; for the reversed direction, the same with `_reverse`. All begin as numbers drawn evenly from `±1/√H`.
public class RecurrentLayer: Module {
  /// D, the numbers of one step.
  public let inputSize: Int
  /// H, the numbers of a state.
  public let hiddenSize: Int
  /// How many layers stand on each other.
  public let layerCount: Int
  /// Whether inputs and outputs are `[N, T, …]` instead of `[T, N, …]`.
  public let batchFirst: Bool
  /// Whether a second direction reads each sequence from its end.
  public let isBidirectional: Bool
  /// How likely an output between two layers is dropped while training.
  public let dropout: Double
  /// Layer by layer, in each the forward direction and, if any, the reversed one.
  public let directions: [[RecurrentParameters]]
  private let named: [(name: String, parameter: Parameter)]

  init(
    gates: Int, inputSize: Int, hiddenSize: Int, layers: Int, bias: Bool, batchFirst: Bool, dropout: Double,
    bidirectional: Bool
  ) {
    if inputSize < 1 || hiddenSize < 1 || layers < 1 {
      trap("\(Self.self): sizes must be positive: input \(inputSize), hidden \(hiddenSize), layers \(layers)")
    }
    (self.inputSize, self.hiddenSize, layerCount) = (inputSize, hiddenSize, layers)
    (self.batchFirst, self.dropout, isBidirectional) = (batchFirst, dropout, bidirectional)
    var named: [(name: String, parameter: Parameter)] = []
    func make(_ name: String, _ shape: [Int]) -> Parameter {
      let parameter = Parameter(Initial.uniformByFanIn(shape: shape, fanIn: hiddenSize))
      named.append((name, parameter))
      return parameter
    }
    let suffixes = bidirectional ? ["", "_reverse"] : [""]
    directions = (0..<layers).map { layer in
      let width = layer == 0 ? inputSize : hiddenSize * suffixes.count
      return suffixes.map { suffix in
        let place = "l\(layer)\(suffix)"
        return RecurrentParameters(
          inputHidden: make("weight_ih_\(place)", [gates * hiddenSize, width]),
          hiddenHidden: make("weight_hh_\(place)", [gates * hiddenSize, hiddenSize]),
          inputBias: bias ? make("bias_ih_\(place)", [gates * hiddenSize]) : nil,
          hiddenBias: bias ? make("bias_hh_\(place)", [gates * hiddenSize]) : nil)
      }
    }
    self.named = named
    super.init()
  }

  public override var listedParameters: [(name: String, parameter: Parameter)] { named }

  var dropoutNow: Double { isTraining ? dropout : 0 }
}
