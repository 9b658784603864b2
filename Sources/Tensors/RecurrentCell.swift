/// What happens at each step of a recurrent layer.
package enum RecurrentCell: Sendable, Equatable {
  /// `h' = tanh(…)`
  case tanh
  /// `h' = max(…, 0)`
  case relu
  case gru
  case lstm

  /// Blocks of rows in the weights, one for each gate.
  package var gates: Int {
    switch self {
    case .tanh, .relu: 1
    case .gru: 3
    case .lstm: 4
    }
  }

  package var hasCellState: Bool { self == .lstm }

  /// Blocks of units kept from each step: the gates, and for the GRU `q = W_hn h + b_hn`, which the reset gate
  /// multiplies.
  var blocks: Int { self == .gru ? 4 : gates }

  /// Which rows of the hidden weights feed which of the blocks.
  func hiddenProducts(hidden: Int) -> [HiddenProduct] {
    if self != .gru { return [HiddenProduct(rows: 0..<gates * hidden, block: 0, adds: true)] }
    return [
      HiddenProduct(rows: 0..<2 * hidden, block: 0, adds: true),
      HiddenProduct(rows: 2 * hidden..<3 * hidden, block: 3 * hidden, adds: false),
    ]
  }
}

struct HiddenProduct {
  let rows: Range<Int>
  /// The first unit it goes to.
  let block: Int
  /// Whether the input's product is there already.
  let adds: Bool
}

/// A matrix of a recurrent layer.
package enum RecurrentMatrix {
  case floats(Tensor)
  case integers(IntegerWeight)

  var shape: [Int] {
    switch self {
    case .floats(let matrix): matrix.shape
    case .integers(let matrix): matrix.shape
    }
  }

  /// In floats.
  var tensor: Tensor {
    switch self {
    case .floats(let matrix): matrix
    case .integers(let matrix): matrix.dequantized()
    }
  }
}

/// The parameters of one direction of one layer, or their gradients.
package struct RecurrentWeights {
  /// `[gates·H, D]`
  let input: RecurrentMatrix
  /// `[gates·H, H]`
  let state: RecurrentMatrix
  /// `[gates·H]`
  package let inputBias: Tensor?
  package let hiddenBias: Tensor?

  package init(
    inputHidden: RecurrentMatrix, hiddenHidden: RecurrentMatrix, inputBias: Tensor?, hiddenBias: Tensor?
  ) {
    (input, state) = (inputHidden, hiddenHidden)
    self.inputBias = inputBias
    self.hiddenBias = hiddenBias
  }

  package init(inputHidden: Tensor, hiddenHidden: Tensor, inputBias: Tensor?, hiddenBias: Tensor?) {
    self.init(
      inputHidden: .floats(inputHidden), hiddenHidden: .floats(hiddenHidden), inputBias: inputBias,
      hiddenBias: hiddenBias)
  }

  /// In floats.
  package var inputHidden: Tensor { input.tensor }
  package var hiddenHidden: Tensor { state.tensor }

  var hidden: Int { state.shape[1] }
  var inputSize: Int { input.shape[1] }

  /// Both biases, block by block; added up, except where the reset gate stands between them.
  func blockBias(_ cell: RecurrentCell) -> Tensor? {
    guard let a = inputBias, let b = hiddenBias else { return nil }
    if cell != .gru { return a + b }
    let (a_, b_, h) = (a.scalars, b.scalars, hidden)
    return Tensor((0..<4 * h).map { j in j < 2 * h ? a_[j] + b_[j] : j < 3 * h ? a_[j] : b_[j - h] })
  }
}
