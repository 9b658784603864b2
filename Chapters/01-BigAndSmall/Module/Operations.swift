extension Part {
  /// The multiplications and additions for one example of shape `x` on the way forward, each counting one: 2 for each
  /// weight and each place that uses it.
  ///
  /// Counted are the products with weights, and in attention those of queries with keys and of the mixture with
  /// values, all of them, masked or not. Left out is what is small beside them: biases, norms, functions, pooling,
  /// and looking up vectors.
  ///
  /// - Book: section 1.3.
  public func operations(_ x: [Int]) -> Int {
    switch self {
    case .convolution(let i, let o, let k, _, _, let groups, _):
      return 2 * places(x) * o * (i / groups) * k * k
    case .partialConvolution(let inputs, let k):
      return 2 * places(x) * inputs.reduce(0) { $0 + $1 * k * k }
    case .subsampling(let channels, _):
      return 2 * places(x) * channels
    case .linear(let i, let o, _):
      return 2 * (x.reduce(1, *) / i) * i * o
    case .lstm(let i, let h):
      return 2 * x[0] * 4 * h * (i + h)
    case .gru(let i, let h):
      return 2 * x[0] * 3 * h * (i + h)
    case .attention(let d, let heads, let keyHeads, let e, _, let memory):
      let (t, s) = (x[0], memory ?? x[0])
      let (q, kv) = (heads * e, keyHeads * e)
      let products = 2 * t * d * q + 2 * s * d * 2 * kv + 2 * t * q * d
      let scoresAndMixture = 2 * t * s * q + 2 * t * s * q
      return products + scoresAndMixture
    case .pooling, .globalPooling, .batchNorm, .patches, .embedding, .learned, .classToken, .oneStep,
      .layerNorm,
      .rmsNorm, .activation, .flatten:
      return 0
    case .row(let parts):
      return parts.operations(x)
    case .residual(let a, let b), .product(let a, let b), .beside(let a, let b):
      return a.operations(x) + b.operations(x)
    case .borrowed(let part):
      return part.operations(x)
    }
  }

  /// The height times the width of the result.
  private func places(_ x: [Int]) -> Int { output(x).dropFirst().reduce(1, *) }
}

extension [Part] {
  /// The operations of all parts, one after the other.
  public func operations(_ x: [Int]) -> Int { sum(x) { $0.operations($1) } }
}
