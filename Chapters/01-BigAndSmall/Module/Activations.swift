extension Part {
  /// `A`, the numbers that one example of shape `x` leaves behind for the way back: the results of all layers.
  ///
  /// Each layer's result counts once, functions' and sums' too; what only has another shape does not count. Attention
  /// leaves queries, keys, values, the mixture and its result: its scores, `T²` a head, are computed again on the way
  /// back. A recurrent layer leaves for each step its gates, and the LSTM its cells too.
  ///
  /// - Book: section 1.4.
  public func activations(_ x: [Int]) -> Int {
    let result = output(x).reduce(1, *)
    switch self {
    case .patches, .flatten, .oneStep:
      return 0
    case .lstm(_, let h):
      return x[0] * 6 * h
    case .gru(_, let h):
      return x[0] * 4 * h
    case .attention(_, let heads, let keyHeads, let e, _, let memory):
      return x[0] * 2 * heads * e + (memory ?? x[0]) * 2 * keyHeads * e + result
    case .row(let parts):
      return parts.activations(x)
    case .residual(let a, let b), .product(let a, let b):
      return a.activations(x) + b.activations(x) + result
    case .beside(let a, let b):
      return a.activations(x) + b.activations(x)
    case .borrowed(let part):
      return part.activations(x)
    default:
      return result
    }
  }
}

extension [Part] {
  /// The numbers that all parts leave behind.
  public func activations(_ x: [Int]) -> Int { sum(x) { $0.activations($1) } }
}
