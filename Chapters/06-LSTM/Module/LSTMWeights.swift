import Engine

/// What one LSTM layer has learned: for each of its four parts, weights for the input and for the state, and biases.
///
/// The parts lie one below the other, `H` rows each, in PyTorch's order: input gate, forget gate, candidate, output
/// gate. The two bias vectors are always added; PyTorch has both all the same.
///
/// - PyTorch: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0` of `torch.nn.LSTM`.
/// - Book: section 6.2.
public struct LSTMWeights<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// `W_ii`, `W_if`, `W_ig`, `W_io`: `[4·H, D]`.
  public var inputHidden: [[Scalar]]
  /// `W_hi`, `W_hf`, `W_hg`, `W_ho`: `[4·H, H]`.
  public var hiddenHidden: [[Scalar]]
  /// `4·H` each.
  public var inputBias, hiddenBias: [Scalar]

  /// Traps when the sizes do not fit.
  public init(
    inputHidden: [[Scalar]], hiddenHidden: [[Scalar]], inputBias: [Scalar], hiddenBias: [Scalar]
  ) {
    let rows = hiddenHidden.count
    let widths = (Set(inputHidden.map(\.count)), Set(hiddenHidden.map(\.count)))
    if widths.0.count != 1 || widths.1 != [rows / 4] || rows % 4 != 0
      || [inputHidden.count, inputBias.count, hiddenBias.count] != [rows, rows, rows]
    {
      fatalError(
        "LSTMWeights: \(inputHidden.count) rows of \(widths.0.sorted()), \(rows) rows of \(widths.1.sorted()), "
          + "\(inputBias.count) and \(hiddenBias.count) biases: [4·H, D], [4·H, H] and twice 4·H are needed")
    }
    (self.inputHidden, self.hiddenHidden) = (inputHidden, hiddenHidden)
    (self.inputBias, self.hiddenBias) = (inputBias, hiddenBias)
  }

  /// Zeros: where gradients are added up.
  public init(inputSize: Int, hiddenSize: Int) {
    let zeros = [Scalar](repeating: 0, count: 4 * hiddenSize)
    self.init(
      inputHidden: Array(repeating: Array(repeating: 0, count: inputSize), count: 4 * hiddenSize),
      hiddenHidden: Array(repeating: Array(repeating: 0, count: hiddenSize), count: 4 * hiddenSize),
      inputBias: zeros, hiddenBias: zeros)
  }

  /// Copies an engine's layer. Traps unless it has one layer in one direction.
  public init(_ layer: LSTM) {
    if layer.layerCount != 1 || layer.isBidirectional {
      fatalError("LSTMWeights: one layer in one direction is needed, given \(layer.layerCount) layers")
    }
    let place = layer.directions[0][0]
    let zeros = Tensor.zeros([4 * layer.hiddenSize])
    func rows(_ matrix: Tensor) -> [[Scalar]] {
      (0..<matrix.shape[0]).map { row in (0..<matrix.shape[1]).map { Scalar(matrix[row, $0]) } }
    }
    self.init(
      inputHidden: rows(place.inputHidden.value), hiddenHidden: rows(place.hiddenHidden.value),
      inputBias: (place.inputBias?.value ?? zeros).scalars.map { Scalar($0) },
      hiddenBias: (place.hiddenBias?.value ?? zeros).scalars.map { Scalar($0) })
  }

  public var inputSize: Int { inputHidden[0].count }
  public var hiddenSize: Int { hiddenHidden[0].count }

  /// How many numbers: `4·H·(D + H + 2)`.
  public var count: Int {
    inputHidden.count * (inputSize + hiddenSize) + inputBias.count + hiddenBias.count
  }
}
