import Engine

/// A small GPT: for each place of a text, how likely each character is to come next, judged by all that stand before.
///
///     ids → character vectors + place vectors → blocks → layer norm → linear, without bias → logits
///
/// A block is causal self-attention and two linear layers with a GELU between them, each with a layer norm before it
/// and a way around it.
///
/// Parameters: `tokens.weight`, `[V, D]`; `positions.weight`, `[context, D]`, where places are learned; `blocks.0.…`, see
/// `GPTBlock`; `norm.weight`, `norm.bias`; `head.weight`, `[V, D]`, where it is not tied.
///
/// - PyTorch: `nn.Embedding` twice, `nn.TransformerEncoderLayer(d, heads, 4 * d, 0, "gelu", batch_first=True,
///   norm_first=True)` with a causal mask, `nn.LayerNorm`, `nn.Linear`. Tied and without biases: nanoGPT's `GPT`.
/// - Source: Radford et al., "Language models are unsupervised multitask learners", 2019; tied weights: Press and Wolf,
///   "Using the output embedding to improve language models", EACL 2017.
/// - Book: section 10.9.
public final class GPT: Module {
  public let tokens: Embedding
  public let positions: LearnedPositions?
  public let blocks: [GPTBlock]
  public let norm: LayerNorm
  public let head: Linear?
  public let size: GPTSize
  /// Of so many blocks after each other only the result is kept while training, and `backward` computes them again; nil
  /// keeps all. See `checkpointed`.
  public var blocksPerStretch: Int?
  private let waves: SinusoidalPositions?
  /// Brings the waves to the deviation that the tokens' vectors begin with, 0.02: waves of height 1 would drown them.
  /// Vaswani and others multiply the vectors by √D instead.
  private static let waveHeight: Float = 0.02 * Float(2).squareRoot()

  /// What the weights begin with.
  public enum Beginning: Sendable {
    /// GPT-2's: numbers from a normal distribution with deviation 0.02, in the layers that end a half of a block
    /// `0.02/√(2·blocks)`; biases 0.
    case gpt2
    /// Each layer's own.
    case layers
  }

  /// Traps when there is no model of this size: see `GPTSize.problem`.
  public init(_ size: GPTSize, beginning: Beginning = .gpt2) {
    if let problem = size.problem { fatalError("GPT: \(problem)") }
    self.size = size
    tokens = Embedding(count: size.vocabulary, dimension: size.width)
    positions =
      size.positions == .learned ? LearnedPositions(dimension: size.width, maxLength: size.context) : nil
    waves =
      size.positions == .sinusoidal
      ? SinusoidalPositions(dimension: size.width, maxLength: size.context) : nil
    blocks = (0..<size.blocks).map { _ in
      GPTBlock(
        width: size.width, heads: size.heads, dropout: size.dropout, bias: size.hasBiases,
        isRotary: size.positions == .rotary)
    }
    norm = LayerNorm(size.width, bias: size.hasBiases)
    head = size.isTied ? nil : Linear(inFeatures: size.width, outFeatures: size.vocabulary, bias: false)
    super.init()
    if beginning == .gpt2 { beginAsGPT2() }
  }

  /// A model with biases and a head of its own, whose layers begin as PyTorch's do.
  ///
  /// - Parameters:
  ///   - vocabulary: The number of different characters, V.
  ///   - context: The most characters that it can look at, T.
  ///   - dimension: The width of the vectors, D; `heads` must divide it.
  ///   - blocks: How many blocks follow each other.
  public convenience init(vocabulary: Int, context: Int, dimension: Int, heads: Int, blocks: Int) {
    self.init(
      GPTSize(vocabulary: vocabulary, context: context, width: dimension, heads: heads, blocks: blocks),
      beginning: .layers)
  }

  /// - Parameter ids: `[N, T]`, T at most the context.
  /// - Returns: Logits, `[N, T, V]`: at place t, for the character at t + 1.
  public func callAsFunction(_ ids: IntTensor) -> Variable {
    var x = vectors(ids)
    guard let length = blocksPerStretch else {
      for block in blocks { x = block(x) }
      return logits(x)
    }
    for first in stride(from: 0, to: blocks.count, by: length) {
      let (before, stretch) = (x, blocks[first..<min(first + length, blocks.count)])
      x = checkpointed { stretch.reduce(before) { x, block in block(x) } }
    }
    return logits(x)
  }

  /// How much each place of a text looks at each other, block by block: `[H, T, T]` each.
  ///
  /// - Parameter ids: T numbers, at most the context.
  public func attentionMaps(_ ids: [Int]) -> [Tensor] {
    let wasTraining = isTraining
    evaluate()
    defer { train(wasTraining) }
    return withoutGradients {
      var x = vectors(IntTensor(ids, shape: [1, ids.count]))
      return blocks.map { block in
        let (output, weights) = block.look(x, isCausal: true)
        x = output
        return weights.selected(0, axis: 0)
      }
    }
  }

  /// The vectors that go into the first block, `[N, T, D]`.
  ///
  /// - Parameter first: The place of the first column in the text that the model looks at.
  func vectors(_ ids: IntTensor, first: Int = 0) -> Variable {
    guard ids.shape.count == 2, first + ids.shape[1] <= size.context else {
      fatalError(
        "GPT: ids \(ids.shape) from place \(first): [N, T] within a context of \(size.context) is needed")
    }
    let x = tokens(ids)
    let places = first..<first + ids.shape[1]
    let placed =
      positions.map { x + $0.weight.sliced(places, axis: 0) }
      ?? waves.map { x + Variable($0.table.sliced(places, axis: 0) * Self.waveHeight) } ?? x
    return dropout(placed, probability: size.dropout, isTraining: isTraining)
  }

  /// `[N, T, D]` → `[N, T, V]`
  func logits(_ x: Variable) -> Variable { linear(norm(x), head?.weight ?? tokens.weight) }

  private func beginAsGPT2() {
    for (name, parameter) in namedParameters where !name.contains("norm") {
      let endsHalf = name.hasSuffix("out_proj.weight") || name.hasSuffix("linear2.weight")
      let deviation = endsHalf ? 0.02 / Float(2 * size.blocks).squareRoot() : 0.02
      parameter.value =
        name.hasSuffix("bias")
        ? .zeros(parameter.shape) : Initial.normal(shape: parameter.shape, deviation: deviation)
    }
  }
}
