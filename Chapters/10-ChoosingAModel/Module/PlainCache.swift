/// The keys and values of the steps that a layer of attention has read: a new step needs nothing else of them.
///
/// - Book: section 10.10.
public struct PlainCache<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// One row for each step read, `[S, D]`.
  public private(set) var keys: [[Scalar]] = []
  public private(set) var values: [[Scalar]] = []

  public init() {}

  /// Reads one more step, and gives what causal attention gives there.
  ///
  ///     q = W_q x + b_q     k and v are appended     y = W_o (attention of q over all keys) + b_o
  ///
  /// The work of a step is `4·D² + 2·S·D` products; to read all `S` steps anew would be `S` times that.
  ///
  /// - Parameter x: The new step, `D` numbers.
  /// - Returns: The last row of what `manyHeads` with a causal mask makes of all steps.
  public mutating func step(_ x: [Scalar], _ w: AttentionWeights<Scalar>) -> [Scalar] {
    let q = affine([x], w.query, w.queryBias)
    keys += affine([x], w.key, w.keyBias)
    values += affine([x], w.value, w.valueBias)
    let joined = (0..<w.heads).flatMap { h in
      attentionHead(
        queries: part(h, of: w.heads, q), keys: part(h, of: w.heads, keys),
        values: part(h, of: w.heads, values)
      ).output[0]
    }
    return affine([joined], w.output, w.outputBias)[0]
  }
}
