import Engine

/// A block of a GPT: causal self-attention, then two linear layers with a GELU between them, each with a layer norm before
/// it and a way around it.
///
///     y = x + attention(norm1(x))
///     z = y + linear2(gelu(linear1(norm2(y))))
///
/// Parameters: those of `TransformerEncoderLayer`, by the same names; without biases where it is made so.
///
/// - Shape: `[N, T, D]`, the same out.
/// - PyTorch: `nn.TransformerEncoderLayer(…, activation="gelu", norm_first=True)`, which drops inside the linear layers too
///   and always has biases; nanoGPT's `Block`.
/// - Source: Radford et al., "Language models are unsupervised multitask learners", 2019.
/// - Book: section 10.6.
public final class GPTBlock: Module {
  public let selfAttn: MultiHeadAttention
  public let linear1: Linear
  public let linear2: Linear
  public let norm1: LayerNorm
  public let norm2: LayerNorm
  public let dropout: Float
  public let isRotary: Bool

  /// - Parameter isRotary: Whether queries and keys are turned by their places.
  public init(width: Int, heads: Int, dropout: Float = 0, bias: Bool = true, isRotary: Bool = false) {
    selfAttn = MultiHeadAttention(dimension: width, heads: heads, dropout: dropout, bias: bias)
    linear1 = Linear(inFeatures: width, outFeatures: 4 * width, bias: bias)
    linear2 = Linear(inFeatures: 4 * width, outFeatures: width, bias: bias)
    norm1 = LayerNorm(width, bias: bias)
    norm2 = LayerNorm(width, bias: bias)
    self.dropout = dropout
    self.isRotary = isRotary
  }

  /// - Parameters:
  ///   - mask: Who may look at whom, true where allowed; `[T, T]`, or what stretches to `[N, H, T, T]`.
  ///   - isCausal: Whether a step sees only itself and those before it.
  public func callAsFunction(_ x: Variable, mask: MaskTensor? = nil, isCausal: Bool = true) -> Variable {
    look(x, mask: mask, isCausal: isCausal).output
  }

  /// The same, and how much each step looked at each other, `[N, H, T, T]`.
  public func look(_ x: Variable, mask: MaskTensor? = nil, isCausal: Bool) -> AttentionResult {
    let (mixed, weights) = attend(projections(norm1(x), first: 0), mask: mask, isCausal: isCausal)
    return (feedForward(x + drop(selfAttn.outProj(mixed))), weights)
  }

  /// Reads steps that come after those in the cache, and puts their keys and values there.
  ///
  /// - Parameters:
  ///   - x: `[1, T, D]`
  ///   - cache: Keys and values side by side, `[1, S, 2·D]`, S the steps read; nil when there are none.
  func reading(_ x: Variable, cache: inout Tensor?) -> Variable {
    let width = x.shape[2]
    let first = cache?.shape[1] ?? 0
    let new = projections(norm1(x), first: first)
    let (q, kv) = (new.sliced(0..<width, axis: 2), new.value.sliced(width..<3 * width, axis: 2))
    let all = cache.map { concatenate([$0, kv], axis: 1) } ?? kv
    cache = all
    let steps = x.shape[1]
    // One step may look at all that are there. Of several, each sees those before it and itself.
    let mask: MaskTensor? =
      steps == 1
      ? nil
      : MaskTensor(
        (0..<steps).flatMap { t in (0..<first + steps).map { $0 <= first + t } },
        shape: [steps, first + steps])
    let mixed = multiHeadAttention([q, Variable(all)], heads: selfAttn.heads, mask: mask).output
    return feedForward(x + selfAttn.outProj(mixed))
  }

  /// Queries, keys and values side by side, `[N, T, 3·D]`.
  private func projections(_ x: Variable, first: Int) -> Variable {
    let all = linear(x, selfAttn.inProjWeight, bias: selfAttn.inProjBias)
    if !isRotary { return all }
    let (n, steps, width, heads) = (x.shape[0], x.shape[1], x.shape[2], selfAttn.heads)
    let parts = all.split(into: 3, axis: 2)
    func turned(_ part: Variable) -> Variable {
      let perHead = part.reshaped([n, steps, heads, width / heads]).permuted([0, 2, 1, 3])
      return rotary(perHead, first: first).permuted([0, 2, 1, 3]).reshaped([n, steps, width])
    }
    return concatenate([turned(parts[0]), turned(parts[1]), parts[2]], axis: 2)
  }

  private func attend(_ projections: Variable, mask: MaskTensor?, isCausal: Bool) -> AttentionResult {
    multiHeadAttention(
      [projections], heads: selfAttn.heads, mask: mask, isCausal: isCausal,
      dropout: isTraining ? selfAttn.dropout : 0)
  }

  private func feedForward(_ y: Variable) -> Variable { y + drop(linear2(gelu(linear1(norm2(y))))) }

  private func drop(_ x: Variable) -> Variable {
    Engine.dropout(x, probability: dropout, isTraining: isTraining)
  }
}
