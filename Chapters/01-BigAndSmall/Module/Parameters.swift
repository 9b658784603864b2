extension Part {
  /// `P`, the number of parameters: all numbers that training changes.
  ///
  /// - Book: section 1.2.
  public var parameters: Int {
    switch self {
    case .convolution(let i, let o, let k, _, _, let groups, let bias):
      return o * (i / groups) * k * k + (bias ? o : 0)
    case .partialConvolution(let inputs, let k):
      return inputs.reduce(0) { $0 + $1 * k * k + 1 }
    case .subsampling(let channels, _), .batchNorm(let channels):
      return 2 * channels
    case .linear(let i, let o, let bias):
      return i * o + (bias ? o : 0)
    case .embedding(let count, let width):
      return count * width
    case .learned(let count):
      return count
    case .classToken(let width):
      return width
    case .lstm(let i, let h):
      return 4 * (h * i + h * h + 2 * h)
    case .gru(let i, let h):
      return 3 * (h * i + h * h + 2 * h)
    case .attention(let d, let heads, let keyHeads, let e, let bias, _):
      let (q, kv) = (heads * e, keyHeads * e)
      return d * q + 2 * d * kv + q * d + (bias ? q + 2 * kv + d : 0)
    case .layerNorm(let width):
      return 2 * width
    case .rmsNorm(let width):
      return width
    case .pooling, .globalPooling, .patches, .oneStep, .activation, .flatten, .borrowed:
      return 0
    case .row(let parts):
      return parts.parameters
    case .residual(let a, let b), .product(let a, let b), .beside(let a, let b):
      return a.parameters + b.parameters
    }
  }
}

extension [Part] {
  /// The parameters of all parts together.
  public var parameters: Int { reduce(0) { $0 + $1.parameters } }
}
