import Engine

/// The kinds of network that are compared.
///
/// - Book: section 10.7.
public enum NetworkKind: String, CaseIterable, Sendable {
  /// What the steps hold, whatever their order: their mean, and two linear layers. The baseline.
  case bag
  case cnn, rnn, gru, lstm, attention

  public var name: String {
    switch self {
    case .bag: "mean of all steps"
    case .cnn: "CNN"
    case .rnn: "plain RNN"
    case .gru: "GRU"
    case .lstm: "LSTM"
    case .attention: "attention"
    }
  }

  /// Those that see the order of the steps.
  public static let ordered = allCases.filter { $0 != .bag }
}

/// A classifier of sequences whose middle is of any kind, so that the kinds can be compared with all else equal.
///
///     steps → vectors of width D → the middle → one vector for the sequence → linear → logits
///
/// - The bag takes the mean of the vectors, and one linear layer with ReLU.
/// - The CNN has four convolutions over the steps, of three steps each and with dilations 1, 2, 4, 8, and takes the largest
///   number of each channel. Where the steps are the rows of an image, it takes the image: two convolutions of 5 × 5, each
///   with max pooling, and what they leave goes into the last layer, as in the article's network.
/// - The RNN, GRU and LSTM have one layer, and are judged at each sequence's last real step. The LSTM's forget bias is 1.
/// - Attention is a GPT's: two blocks with the norm first, two heads each, whose queries and keys are turned by their places
///   and look back only. It too is judged at the last real step, which has seen all others.
///
/// Padding reaches no result.
///
/// - Book: section 10.7.
public final class SequenceClassifier: Module {
  let embedding: Embedding?
  let input: Linear?
  let convolutions: [Conv1d]
  let images: [Conv2d]
  let rnn: RecurrentLayer?
  let blocks: [GPTBlock]
  let norm: LayerNorm?
  let hidden: Linear?
  let fc: Linear
  public let kind: NetworkKind
  public let width: Int
  private let imageSide: Int?

  static let heads = 2
  static let blockCount = 2
  static let dilations = [1, 2, 4, 8]

  /// - Parameter width: D; for attention a multiple of 4, two numbers to turn for each head.
  public init(_ kind: NetworkKind, for data: SequenceData, width: Int) {
    (self.kind, self.width) = (kind, width)
    imageSide = kind == .cnn ? data.imageSide : nil
    var stepWidth = width
    switch data.steps {
    case .symbols(let count): (embedding, input) = (Embedding(count: count, dimension: width), nil)
    case .numbers(let numbers):
      embedding = nil
      // Recurrent layers and convolutions have weights for their input; the others need some.
      let needsInput = kind == .attention || kind == .bag
      input = needsInput ? Linear(inFeatures: numbers, outFeatures: width) : nil
      if !needsInput { stepWidth = numbers }
    }
    let isAttention = kind == .attention
    images =
      imageSide == nil
      ? []
      : [(1, width), (width, 2 * width)].map {
        Conv2d(inChannels: $0, outChannels: $1, kernelSize: 5, padding: 2)
      }
    convolutions =
      kind == .cnn && imageSide == nil
      ? Self.dilations.enumerated().map { i, dilation in
        Conv1d(
          inChannels: i == 0 ? stepWidth : width, outChannels: width, kernelSize: 3, padding: dilation,
          dilation: dilation)
      } : []
    switch kind {
    case .rnn: rnn = RNN(inputSize: stepWidth, hiddenSize: width, batchFirst: true)
    case .gru: rnn = GRU(inputSize: stepWidth, hiddenSize: width, batchFirst: true)
    case .lstm:
      let lstm = LSTM(inputSize: stepWidth, hiddenSize: width, batchFirst: true)
      lstm.setForgetBias(1)
      rnn = lstm
    default: rnn = nil
    }
    blocks =
      isAttention
      ? (0..<Self.blockCount).map { _ in GPTBlock(width: width, heads: Self.heads, isRotary: true) } : []
    norm = isAttention ? LayerNorm(width) : nil
    hidden = kind == .bag ? Linear(inFeatures: width, outFeatures: width) : nil
    // What two poolings leave of each side: 28 → 14 → 7.
    let places = (imageSide ?? 0) / 4 * ((imageSide ?? 0) / 4)
    fc = Linear(
      inFeatures: images.isEmpty ? width : 2 * width * places, outFeatures: data.classCount)
    super.init()
    // A block adds to what it gets: with vectors of length √D, what it adds would be little at first.
    if isAttention, let embedding { embedding.weight.value = embedding.weight.value * 0.1 }
  }

  /// - Returns: Logits, `[N, classes]`.
  public func callAsFunction(_ batch: SequenceInput) -> Variable {
    switch batch {
    case .symbols(let sequences):
      return logits(embedding!(sequences.ids), lengths: sequences.lengths, mask: sequences.mask)
    case .numbers(let x):
      if imageSide != nil { return imageLogits(x) }
      let steps = input.map { $0(Variable(x)) } ?? Variable(x)
      return logits(steps, lengths: Array(repeating: x.shape[1], count: x.shape[0]), mask: nil)
    }
  }

  /// - Parameters:
  ///   - x: `[N, T, D]`
  ///   - mask: Which steps are real, `[N, T]`; nil when all are.
  private func logits(_ x: Variable, lengths: [Int], mask: MaskTensor?) -> Variable {
    let steps = x.shape[1]
    /// 0 at padding, whatever stood there.
    func real(_ x: Variable) -> Variable {
      mask.map { mask in
        x.replacing(with: 0, where: (.!mask).reshaped([lengths.count, steps, 1]).broadcast(to: x.shape))
      } ?? x
    }
    func mean(_ x: Variable) -> Variable {
      real(x).sum(axis: 1) / Variable(Tensor(lengths.map { Float($0) }, shape: [lengths.count, 1]))
    }
    switch kind {
    case .bag: return fc(relu(hidden!(mean(x))))
    case .cnn:
      var y = x
      for layer in convolutions { y = relu(layer(real(y).permuted([0, 2, 1])).permuted([0, 2, 1])) }
      // After ReLU nothing is below 0: the padding's zeros are never larger than a real number.
      return fc(real(y).maximum(axis: 1))
    case .rnn, .gru, .lstm: return fc(lastHidden(x, lengths: mask == nil ? nil : lengths))
    case .attention:
      var y = x
      // Padding stands at the end, and nobody looks ahead: no real step sees it.
      for block in blocks { y = block(y) }
      let last = lengths.enumerated().map { n, length in n * steps + length - 1 }
      return fc(norm!(y).reshaped([lengths.count * steps, width]).selecting(last, axis: 0))
    }
  }

  private func lastHidden(_ x: Variable, lengths: [Int]?) -> Variable {
    let h: Variable
    switch rnn {
    case let layer as LSTM: h = layer(x, lengths: lengths).hidden
    case let layer as GRU: h = layer(x, lengths: lengths).hidden
    case let layer as RNN: h = layer(x, lengths: lengths).hidden
    default: fatalError("SequenceClassifier: there is no recurrent layer")
    }
    return h.selected(-1, axis: 0)
  }

  private func imageLogits(_ rows: Tensor) -> Variable {
    var y = Variable(rows.reshaped([rows.shape[0], 1, rows.shape[1], rows.shape[2]]))
    for layer in images { y = maxPool2d(relu(layer(y)), kernelSize: 2) }
    return fc(y.flattened(from: 1))
  }

  /// The width that brings a network closest to a number of parameters.
  ///
  /// - Parameter parameters: How many there should be, its input's and its last layer's included.
  public static func width(_ kind: NetworkKind, for data: SequenceData, parameters: Int) -> Int {
    func distance(_ width: Int) -> Int {
      abs(SequenceClassifier(kind, for: data, width: width).parameterCount - parameters)
    }
    let step = kind == .attention ? 2 * heads : 1
    var (best, least) = (step, distance(step))
    // The number grows with the width: once the distance grows, it does not fall again.
    for width in stride(from: 2 * step, through: 2_048, by: step) {
      let next = distance(width)
      if next > least { break }
      (best, least) = (width, next)
    }
    return best
  }
}

extension LSTM {
  /// Sets the forget gates' biases of all layers: one of the two that are added to `bias`, the other to 0.
  func setForgetBias(_ bias: Float) {
    for direction in directions.joined() {
      for (parameter, number) in [(direction.inputBias, bias), (direction.hiddenBias, 0)] {
        (parameter as? Parameter)?.update { biases in
          for unit in hiddenSize..<2 * hiddenSize { biases[unit] = number }
        }
      }
    }
  }
}
