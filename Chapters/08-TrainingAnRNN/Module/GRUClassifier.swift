import Engine

/// The article's recurrent classifier with GRU layers in place of its LSTM's: three gates' weights instead of four, and
/// one state instead of two. All else is as in `RNNClassifier`.
///
/// - PyTorch: the article's class `RNN` with `nn.GRU`.
/// - Book: chapter 8.
public final class GRUClassifier: Module {
  public let embedding: Embedding
  public let rnn: GRU
  public let fc: Linear

  /// - Parameters:
  ///   - inputSize: The number of words that there are, V.
  ///   - hiddenSize: The width of a word's vector and of every layer's state, H.
  ///   - layers: How many GRU layers lie one on top of the other.
  ///   - classes: The number of classes.
  public init(inputSize: Int, hiddenSize: Int, layers: Int, classes: Int) {
    embedding = Embedding(count: inputSize, dimension: hiddenSize)
    rnn = GRU(inputSize: hiddenSize, hiddenSize: hiddenSize, layers: layers, batchFirst: true)
    fc = Linear(inFeatures: hiddenSize, outFeatures: classes)
  }

  /// - Parameters:
  ///   - ids: `[N, T]`
  ///   - hidden: The state to begin with, `[layers, N, H]`.
  /// - Returns: Logits, `[N, classes]`, and the state at the end.
  public func callAsFunction(_ ids: IntTensor, _ hidden: Variable) -> (logits: Variable, hidden: Variable) {
    let (output, h) = rnn(embedding(ids), initial: hidden)
    return (fc(output.selected(-1, axis: 1)), h)
  }

  /// The state before anything was read: zeros, `[layers, N, H]`.
  public func initHidden(_ batchSize: Int) -> Variable {
    Variable(.zeros([rnn.layerCount, batchSize, rnn.hiddenSize]))
  }
}
