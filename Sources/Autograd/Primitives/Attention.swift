import Tensors

/// What attention gives: a mixture of values for each query, and how much of each went into it.
///
/// `weights` are `[N, H, T, S]`, each row summing to 1, before any dropout.
public typealias AttentionResult = (output: Variable, weights: Tensor)

/// Scaled dot-product attention: each query takes a weighted mean of the values, the more of one the better its key
/// fits.
///
///     P = softmax(scale · Q Kᵀ),  Y = P V
///     backward:  dV = Pᵀ dY,  dP = dY Vᵀ,  dS = scale · P ∘ (dP − rowsum(dP ∘ P)),  dQ = dS K,  dK = dSᵀ Q
///
/// - Parameters:
///   - query: `[N, H, T, D]`; axes before the last two may be fewer.
///   - key: `[N, H, S, D]`
///   - value: `[N, H, S, E]`
///   - mask: Who may look at whom, true where allowed: `[N, H, T, S]`, or what stretches to it. A query that may look
///     at nothing gets zeros.
///   - isCausal: Whether query `t` sees only the keys `0...t`.
///   - scale: `1/√D` when nil.
///   - dropout: The probability that a weight is dropped; give 0 when not training.
/// - Returns: The output, `[N, H, T, E]`, and the weights.
/// - PyTorch: `scaled_dot_product_attention`, which does not give the weights; a mask and `is_causal` together are
///   allowed here, and mean both.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.2.1.
/// - Book: chapter 10.
public func scaledDotProductAttentionWithWeights(
  _ query: Variable, _ key: Variable, _ value: Variable, mask: MaskTensor? = nil, isCausal: Bool = false,
  scale: Float? = nil, dropout: Float = 0
) -> AttentionResult {
  let (q, k, v) = (query.shape, key.shape, value.shape)
  let r = q.count
  if r < 2 || r > 4 || k.count != r || v.count != r || k.dropLast(2) != q.dropLast(2)
    || v.dropLast(2) != q.dropLast(2)
  {
    trap("scaledDotProductAttention: [N, H, T, D], [N, H, S, D], [N, H, S, E] are needed: \(q), \(k), \(v)")
  }
  if k[r - 1] != q[r - 1] { trap("scaledDotProductAttention: widths of query and key differ: \(q), \(k)") }
  if v[r - 2] != k[r - 2] { trap("scaledDotProductAttention: numbers of keys and values differ: \(k), \(v)") }
  let (batch, heads) = (r > 2 ? q[0] : 1, r > 3 ? q[1] : 1)
  let (queries, keys, width, valueWidth) = (q[r - 2], k[r - 2], q[r - 1], v[r - 1])
  func operand(_ source: Int, _ steps: Int, _ width: Int) -> AttentionGeometry.Operand {
    .init(source: source, batch: heads * steps * width, head: steps * width, row: width)
  }
  let geometry = AttentionGeometry(
    batch: batch, heads: heads, queries: queries, keys: keys, width: width, valueWidth: valueWidth,
    query: operand(0, queries, width), key: operand(1, keys, width), value: operand(2, keys, valueWidth),
    output: operand(0, queries, valueWidth), outputShape: q.dropLast() + [valueWidth],
    scale: scale ?? 1 / Float(width).squareRoot(), isCausal: isCausal)
  // With axes left out, those of the mask line up with the ones that are there.
  var mask = mask
  if let given = mask, r == 3, given.rank == 3 {
    mask = given.reshaped([given.shape[0], 1, given.shape[1], given.shape[2]])
  }
  return attend([query, key, value], geometry, mask: mask, dropout: dropout)
}

/// Scaled dot-product attention, without the weights; see `scaledDotProductAttentionWithWeights`.
///
/// - PyTorch: `torch.nn.functional.scaled_dot_product_attention`.
/// - Book: chapter 10.
public func scaledDotProductAttention(
  _ query: Variable, _ key: Variable, _ value: Variable, mask: MaskTensor? = nil, isCausal: Bool = false,
  scale: Float? = nil, dropout: Float = 0
) -> Variable {
  scaledDotProductAttentionWithWeights(
    query, key, value, mask: mask, isCausal: isCausal, scale: scale, dropout: dropout
  ).output
}

/// Attention of several heads whose projections lie side by side: head `h` has the numbers `h·D ..< (h+1)·D` of each
/// query, key and value.
///
/// The same as splitting into heads, `scaledDotProductAttention` and joining again, without moving a number.
///
/// - Parameters:
///   - projections: What queries, keys and values are taken from, one after the other along the last axis: one variable
///     `[N, T, 3E]`; or two, `[N, T, E]` for the queries and `[N, S, 2E]` for keys and values; or three.
///   - heads: How many; E must be a multiple.
///   - mask: `[N, H, T, S]`, or what stretches to it; true where allowed.
///   - isCausal: Whether query `t` sees only the keys `0...t`.
///   - dropout: The probability that a weight is dropped; give 0 when not training.
/// - Returns: The output, `[N, T, E]`, and the weights, `[N, H, T, S]`.
/// - PyTorch: the middle of `torch.nn.functional.multi_head_attention_forward`.
/// - Book: chapter 10.
public func multiHeadAttention(
  _ projections: [Variable], heads: Int, mask: MaskTensor? = nil, isCausal: Bool = false, dropout: Float = 0
) -> AttentionResult {
  let shapes = projections.map(\.shape)
  // For query, key and value: which projection, and how many times E lie before it there.
  let places: [(Int, Int)]
  let parts: [Int]
  switch projections.count {
  case 1: (places, parts) = ([(0, 0), (0, 1), (0, 2)], [3])
  case 2: (places, parts) = ([(0, 0), (1, 0), (1, 1)], [1, 2])
  case 3: (places, parts) = ([(0, 0), (1, 0), (2, 0)], [1, 1, 1])
  default: trap("multiHeadAttention: one to three projections are needed, given \(projections.count)")
  }
  let width = (shapes[0].last ?? 0) / parts[0]
  let fits =
    shapes.allSatisfy { $0.count == 3 && $0[0] == shapes[0][0] }
    && zip(shapes, parts).allSatisfy { $0[2] == width * $1 }
    && shapes.dropFirst().allSatisfy { $0[1] == shapes[1][1] }
  if !fits { trap("multiHeadAttention: projections \(shapes) do not fit together") }
  if heads < 1 || width % heads != 0 {
    trap("multiHeadAttention: a width of \(width) does not divide into \(heads) heads")
  }
  let head = width / heads
  func operand(_ part: Int) -> AttentionGeometry.Operand {
    let (source, before) = places[part]
    let row = shapes[source][2]
    return .init(source: source, offset: before * width, batch: shapes[source][1] * row, head: head, row: row)
  }
  let queries = shapes[0][1]
  let geometry = AttentionGeometry(
    batch: shapes[0][0], heads: heads, queries: queries, keys: shapes[places[1].0][1], width: head,
    valueWidth: head,
    query: operand(0), key: operand(1), value: operand(2),
    output: .init(source: 0, batch: queries * width, head: head, row: width),
    outputShape: [shapes[0][0], queries, width], scale: 1 / Float(head).squareRoot(), isCausal: isCausal)
  return attend(projections, geometry, mask: mask, dropout: dropout)
}

private func attend(
  _ inputs: [Variable], _ geometry: AttentionGeometry, mask: MaskTensor?, dropout: Float
) -> AttentionResult {
  let dropoutMask =
    dropout == 0
    ? nil
    : DropoutMask("scaledDotProductAttention", probability: dropout, stream: RandomSource.current.next())
  let sources = inputs.map(\.value)
  let (y, weights) = geometry.forward(sources, mask: mask, dropout: dropoutMask)
  // Scores and mixture: for each query and key, two operations for each number of the query, and of the value.
  let pairs = geometry.batch * geometry.heads * geometry.queries * geometry.keys
  let cost = OperationCost.total(2 * pairs * (geometry.width + geometry.valueWidth))
  let output = Variable(y, op: "attention", cost: cost, inputs: inputs) { dy in
    geometry.backward(dy: dy, sources, weights: weights, dropout: dropoutMask)
  }
  return (output, weights)
}
