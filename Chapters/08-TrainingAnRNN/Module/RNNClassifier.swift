import Engine

/// The article's recurrent classifier: it reads a sequence of word ids, and judges it by what it holds at the end.
///
///     ids → embedding → LSTM layers → output of the last step → linear → logits
///
/// The state that it begins with is given to it, and the one that it ends with is given back, so that a long text can
/// be read in parts. As the article writes it, the last step is column T − 1: in a batch padded at the end, that is
/// padding for the short ones. With `lengths`, it is each sequence's own last step, whatever the batch's width.
///
/// Parameters: `embedding.weight`, `[V, H]`; `rnn.weight_ih_l0` and so on, see `LSTM`; `fc.weight`, `[classes, H]`, and
/// `fc.bias`.
///
/// - PyTorch: the article's class `RNN`; weights travel both ways by name.
/// - Book: chapter 8.
public final class RNNClassifier: Module {
  /// What an LSTM remembers between two steps, each `[layers, N, H]`.
  public typealias State = (hidden: Variable, cell: Variable)

  public let embedding: Embedding
  public let rnn: LSTM
  public let fc: Linear

  /// - Parameters:
  ///   - inputSize: The number of words that there are, V.
  ///   - hiddenSize: The width of a word's vector and of every layer's state, H.
  ///   - layers: How many LSTM layers lie one on top of the other.
  ///   - classes: The number of classes.
  public init(inputSize: Int, hiddenSize: Int, layers: Int, classes: Int) {
    embedding = Embedding(count: inputSize, dimension: hiddenSize)
    rnn = LSTM(inputSize: hiddenSize, hiddenSize: hiddenSize, layers: layers, batchFirst: true)
    fc = Linear(inFeatures: hiddenSize, outFeatures: classes)
  }

  /// - Parameters:
  ///   - ids: `[N, T]`
  ///   - hidden: The state to begin with: `initHidden`, or what the part before ended with.
  /// - Returns: Logits, `[N, classes]`, and the state at the end.
  public func callAsFunction(_ ids: IntTensor, _ hidden: State) -> (logits: Variable, hidden: State) {
    let (output, h, c) = rnn(embedding(ids), initial: hidden)
    return (fc(output.selected(-1, axis: 1)), (h, c))
  }

  /// The same for a batch whose sequences have lengths of their own: each is judged at its last real step.
  ///
  /// - Parameters:
  ///   - ids: `[N, T]`; what stands beyond a sequence's length has no influence.
  ///   - lengths: How many steps of each sequence are real, from 1 to T.
  /// - Returns: Logits, `[N, classes]`, and each sequence's state after its last real step.
  /// - PyTorch: `pack_padded_sequence(…, enforce_sorted=False)` before the LSTM, and `fc(h_n[-1])` after it.
  public func callAsFunction(_ ids: IntTensor, _ hidden: State, lengths: [Int]) -> (
    logits: Variable, hidden: State
  ) {
    let (_, h, c) = rnn(embedding(ids), initial: hidden, lengths: lengths)
    return (fc(h.selected(-1, axis: 0)), (h, c))
  }

  /// The state before anything was read: zeros.
  public func initHidden(_ batchSize: Int) -> State {
    let zeros = Variable(.zeros([rnn.layerCount, batchSize, rnn.hiddenSize]))
    return (zeros, zeros)
  }
}
