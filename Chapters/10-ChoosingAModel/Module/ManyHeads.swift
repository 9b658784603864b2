import Engine

/// What a layer of attention has learned: four matrices, and four vectors that are added.
///
/// - PyTorch: `in_proj_weight`, which holds the first three one below the other, `in_proj_bias`, `out_proj.weight` and
///   `out_proj.bias` of `torch.nn.MultiheadAttention`.
/// - Book: section 10.4.
public struct AttentionWeights<Scalar: BinaryFloatingPoint & Sendable>: Sendable, Equatable {
  /// `W_q`, `W_k`, `W_v` and `W_o`, `[D, D]` each.
  public var query, key, value, output: [[Scalar]]
  /// `b_q`, `b_k`, `b_v` and `b_o`, `D` each.
  public var queryBias, keyBias, valueBias, outputBias: [Scalar]
  /// Into how many heads queries, keys and values are cut.
  public let heads: Int

  /// Traps unless the heads divide the width.
  public init(
    query: [[Scalar]], key: [[Scalar]], value: [[Scalar]], output: [[Scalar]], queryBias: [Scalar],
    keyBias: [Scalar], valueBias: [Scalar], outputBias: [Scalar], heads: Int
  ) {
    let width = query.count
    if heads < 1 || width % heads != 0 {
      fatalError("AttentionWeights: a width of \(width) does not divide into \(heads) heads")
    }
    (self.query, self.key, self.value, self.output) = (query, key, value, output)
    (self.queryBias, self.keyBias) = (queryBias, keyBias)
    (self.valueBias, self.outputBias, self.heads) = (valueBias, outputBias, heads)
  }

  /// Zeros: where gradients are added up.
  public init(width: Int, heads: Int) {
    let matrix = [[Scalar]](repeating: [Scalar](repeating: 0, count: width), count: width)
    self.init(
      query: matrix, key: matrix, value: matrix, output: matrix, queryBias: matrix[0], keyBias: matrix[0],
      valueBias: matrix[0], outputBias: matrix[0], heads: heads)
  }

  /// Copies an engine's layer.
  public init(_ layer: MultiHeadAttention) {
    let width = layer.inProjWeight.shape[1]
    let bias: [Scalar] = numbers(layer.inProjBias?.value, orZeros: 3 * width)
    func part(_ i: Int) -> ([[Scalar]], [Scalar]) {
      let place = i * width..<(i + 1) * width
      return (rows(layer.inProjWeight.value, place), Array(bias[place]))
    }
    self.init(
      query: part(0).0, key: part(1).0, value: part(2).0, output: rows(layer.outProj.weight.value),
      queryBias: part(0).1, keyBias: part(1).1, valueBias: part(2).1,
      outputBias: numbers(layer.outProj.bias?.value, orZeros: width), heads: layer.heads)
  }

  public var width: Int { query.count }

  /// How many numbers: `4·D² + 4·D`, whatever the number of heads.
  public var count: Int { 4 * width * width + 4 * width }
}

/// A layer of attention at work on one sequence, with all that was computed on the way.
///
/// - Book: section 10.4.
public struct ManyHeads<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// What came in, `[T, D]`.
  public let x: [[Scalar]]
  /// The heads, each `D / heads` wide.
  public let heads: [AttentionHead<Scalar>]
  /// Their outputs side by side, `[T, D]`.
  public let joined: [[Scalar]]
  /// What goes out, `[T, D]`.
  public let output: [[Scalar]]
}

/// Self-attention of several heads: each looks at the sequence with its own part of the queries, keys and values.
///
///     q = W_q x + b_q    k = W_k x + b_k    v = W_v x + b_v        at every step
///     head h: attention of the numbers h·D/H ..< (h+1)·D/H of q, k and v
///     y = W_o (head 0, head 1, …) + b_o
///
/// - Parameters:
///   - x: `[T, D]`
///   - mask: `[T, T]`, true where allowed.
/// - Returns: The layer's work; `output` is `[T, D]`.
/// - PyTorch: `torch.nn.MultiheadAttention`, whose masks are true where attention is *forbidden*.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.2.
/// - Book: section 10.4.
public func manyHeads<Scalar: BinaryFloatingPoint & Sendable>(
  _ x: [[Scalar]], _ w: AttentionWeights<Scalar>, mask: [[Bool]]? = nil
) -> ManyHeads<Scalar> {
  if !x.allSatisfy({ $0.count == w.width }) {
    fatalError("manyHeads: steps of \(x.first?.count ?? 0) numbers for a layer of width \(w.width)")
  }
  let q = affine(x, w.query, w.queryBias)
  let k = affine(x, w.key, w.keyBias)
  let v = affine(x, w.value, w.valueBias)
  let heads = (0..<w.heads).map { h in
    attentionHead(
      queries: part(h, of: w.heads, q), keys: part(h, of: w.heads, k), values: part(h, of: w.heads, v),
      mask: mask)
  }
  let joined = x.indices.map { t in heads.flatMap { $0.output[t] } }
  return ManyHeads(x: x, heads: heads, joined: joined, output: affine(joined, w.output, w.outputBias))
}

/// The way back through all heads.
///
/// - Parameters:
///   - dy: The gradient of the output, `[T, D]`.
///   - gradients: To these the weights' gradients are added.
/// - Returns: The gradient of `x`, `[T, D]`.
/// - Book: section 10.4.
public func manyHeadsBackward<Scalar: BinaryFloatingPoint & Sendable>(
  dy: [[Scalar]], _ step: ManyHeads<Scalar>, _ w: AttentionWeights<Scalar>,
  addingTo gradients: inout AttentionWeights<Scalar>
) -> [[Scalar]] {
  let dJoined = affineBackward(
    dy: dy, step.joined, w.output, addingTo: &gradients.output, &gradients.outputBias)
  let back = step.heads.indices.map { h in
    attentionHeadBackward(dy: part(h, of: w.heads, dJoined), step.heads[h])
  }
  let dq = step.x.indices.map { t in back.flatMap { $0.dQueries[t] } }
  let dk = step.x.indices.map { t in back.flatMap { $0.dKeys[t] } }
  let dv = step.x.indices.map { t in back.flatMap { $0.dValues[t] } }
  let throughQ = affineBackward(
    dy: dq, step.x, w.query, addingTo: &gradients.query, &gradients.queryBias)
  let throughK = affineBackward(dy: dk, step.x, w.key, addingTo: &gradients.key, &gradients.keyBias)
  let throughV = affineBackward(
    dy: dv, step.x, w.value, addingTo: &gradients.value, &gradients.valueBias)
  return sum(sum(throughQ, throughK), throughV)
}

/// The numbers of one head at every step.
func part<Scalar: BinaryFloatingPoint>(_ head: Int, of heads: Int, _ x: [[Scalar]]) -> [[Scalar]] {
  x.map { step in
    let width = step.count / heads
    return Array(step[head * width..<(head + 1) * width])
  }
}
