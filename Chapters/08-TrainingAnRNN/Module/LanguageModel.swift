import Engine

/// Which recurrent layers a language model has.
public enum RecurrentKind: String, CaseIterable, Sendable {
  case lstm, gru, rnn

  public var name: String { rawValue.uppercased() }
}

/// A network that reads a text character by character and says after each what may come next.
///
///     ids → embedding → LSTM, GRU or RNN layers → linear → logits for the next character, at every step
///
/// It is the article's classifier with two changes: the classes are the characters, and every step is judged, not the
/// last alone.
///
/// Parameters: `embedding.weight`, `[V, H]`; `rnn.weight_ih_l0` and so on; `fc.weight`, `[V, H]`, and `fc.bias`.
///
/// - PyTorch: `nn.Embedding`, `nn.LSTM`, `nn.GRU` or `nn.RNN` with `batch_first=True`, `nn.Linear`; as in its example
///   `word_language_model`.
/// - Source: Mikolov, Karafiát, Burget, Černocký, Khudanpur, "Recurrent neural network based language model",
///   Interspeech 2010.
/// - Book: section 8.8.
public final class LanguageModel: Module {
  /// What the layers remember between two steps, each `[layers, N, H]`: an LSTM's hidden and cell state, a GRU's or an
  /// RNN's hidden state.
  public typealias State = [Variable]

  public let embedding: Embedding
  public let rnn: RecurrentLayer
  public let fc: Linear

  /// - Parameters:
  ///   - vocabularySize: The number of characters that there are, V.
  ///   - hiddenSize: The width of a character's vector and of every layer's state, H.
  ///   - dropout: How likely an output between two layers is dropped while training.
  public init(
    _ kind: RecurrentKind, vocabularySize: Int, hiddenSize: Int, layers: Int = 1, dropout: Double = 0
  ) {
    embedding = Embedding(count: vocabularySize, dimension: hiddenSize)
    switch kind {
    case .lstm:
      rnn = LSTM(
        inputSize: hiddenSize, hiddenSize: hiddenSize, layers: layers, batchFirst: true, dropout: dropout)
    case .gru:
      rnn = GRU(
        inputSize: hiddenSize, hiddenSize: hiddenSize, layers: layers, batchFirst: true, dropout: dropout)
    case .rnn:
      rnn = RNN(
        inputSize: hiddenSize, hiddenSize: hiddenSize, layers: layers, batchFirst: true, dropout: dropout)
    }
    fc = Linear(inFeatures: hiddenSize, outFeatures: vocabularySize)
  }

  /// - Parameters:
  ///   - ids: `[N, T]`
  ///   - state: What the part before ended with; nil at the beginning.
  /// - Returns: Logits for what comes after each step, `[N, T, V]`, and the state at the end.
  public func callAsFunction(_ ids: IntTensor, _ state: State? = nil) -> (logits: Variable, state: State) {
    let x = embedding(ids)
    if let lstm = rnn as? LSTM {
      let (output, h, c) = lstm(x, initial: state.map { ($0[0], $0[1]) })
      return (fc(output), [h, c])
    }
    if let gru = rnn as? GRU {
      let (output, h) = gru(x, initial: state?[0])
      return (fc(output), [h])
    }
    guard let rnn = rnn as? RNN else { fatalError("LanguageModel: its layers are none that it knows") }
    let (output, h) = rnn(x, initial: state?[0])
    return (fc(output), [h])
  }
}
