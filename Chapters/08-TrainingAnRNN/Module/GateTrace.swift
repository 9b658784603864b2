import Engine

/// What the gates of an LSTM layer did while it read a sequence: the equations of chapter 6, one step after the other.
///
/// - Book: section 8.7.
public struct GateTrace: Sendable {
  /// What is written to the cell, `[T, H]`, from 0 to 1.
  public let input: Tensor
  /// What is kept of it, `[T, H]`.
  public let forget: Tensor
  /// What is read from it, `[T, H]`.
  public let output: Tensor
  /// What would be written, `[T, H]`, from −1 to 1.
  public let candidate: Tensor
  /// `[T, H]`
  public let cell: Tensor
  /// `[T, H]`
  public let hidden: Tensor

  /// Reads `x` with the layer's weights, from a state of zeros.
  ///
  /// - Parameters:
  ///   - x: `[T, D]`
  ///   - layer: The number of the layer, from 0.
  public init(of lstm: LSTM, layer: Int, reading x: Tensor) {
    let p = lstm.directions[layer][0]
    let size = lstm.hiddenSize
    let none = Tensor.zeros([4 * size])
    let bias = (p.inputBias?.value ?? none) + (p.hiddenBias?.value ?? none)
    let fromInput = matmul(x, p.inputHidden.value, transposeB: true)
    let back = p.hiddenHidden.value
    var (h, c) = (Tensor.zeros([1, size]), Tensor.zeros([1, size]))
    var rows: [[Tensor]] = []
    for t in 0..<x.shape[0] {
      let a = fromInput.sliced(t..<t + 1, axis: 0) + matmul(h, back, transposeB: true) + bias
      // PyTorch's order of the four: input, forget, candidate, output.
      let i = a.sliced(0..<size, axis: 1).sigmoid()
      let f = a.sliced(size..<2 * size, axis: 1).sigmoid()
      let g = a.sliced(2 * size..<3 * size, axis: 1).tanh()
      let o = a.sliced(3 * size..<4 * size, axis: 1).sigmoid()
      c = f * c + i * g
      h = o * c.tanh()
      rows.append([i, f, o, g, c, h])
    }
    func column(_ k: Int) -> Tensor { concatenate(rows.map { $0[k] }, axis: 0) }
    (input, forget, output) = (column(0), column(1), column(2))
    (candidate, cell, hidden) = (column(3), column(4), column(5))
  }

  /// The traces of all layers of a classifier, the lowest first.
  public static func all(of model: RNNClassifier, reading ids: [Int]) -> [GateTrace] {
    withoutGradients {
      var x = model.embedding(IntTensor(ids)).value
      return (0..<model.rnn.layerCount).map { layer in
        let trace = GateTrace(of: model.rnn, layer: layer, reading: x)
        x = trace.hidden
        return trace
      }
    }
  }
}
