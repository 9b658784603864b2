// Batch norm in a few lines, over any floating-point type: a batch is a row of numbers for each example. The engine's
// takes maps as well, where a channel's numbers are those of all places of all images; the tests hold one to the other.

/// What batch norm has learned, and what it has measured: for each feature two parameters and two running statistics.
///
/// - PyTorch: `torch.nn.BatchNorm1d`.
/// - Source: Ioffe and Szegedy, "Batch normalization", ICML 2015.
/// - Book: section 7.9.
public struct PlainBatchNorm<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// `γ` and `β`, one of each for every feature; at first 1 and 0.
  public var weight, bias: [Scalar]
  /// The running mean, at first 0, and the running variance, at first 1.
  public var runningMean, runningVariance: [Scalar]
  /// `a`: how much of each batch goes into the running statistics.
  public let momentum: Scalar
  /// `ε`, added to the variance.
  public let epsilon: Scalar

  public init(features: Int, momentum: Scalar = 0.1, epsilon: Scalar = 1e-5) {
    weight = [Scalar](repeating: 1, count: features)
    bias = [Scalar](repeating: 0, count: features)
    (runningMean, runningVariance) = (bias, weight)
    (self.momentum, self.epsilon) = (momentum, epsilon)
  }

  /// Training: each feature is normalised by the batch's own mean and variance, and these go into the running ones.
  ///
  ///     μ = mean of x     σ² = mean of (x − μ)²     x̂ = (x − μ) / √(σ² + ε)     y = γ x̂ + β
  ///
  /// - Parameter x: `[N, D]`, with two examples at least.
  /// - Returns: `y`, and what the way back needs.
  public mutating func forward(_ x: [[Scalar]]) -> BatchNormStep<Scalar> {
    let n = Scalar(x.count)
    if x.count < 2 { fatalError("PlainBatchNorm: two examples are needed for a variance, given \(x.count)") }
    if let row = x.first(where: { $0.count != weight.count }) {
      fatalError("PlainBatchNorm: rows of \(row.count) numbers for \(weight.count) features")
    }
    var step = BatchNormStep(x, weight: weight)
    for d in weight.indices {
      let mean = x.reduce(0) { $0 + $1[d] } / n
      let variance = x.reduce(0) { $0 + ($1[d] - mean) * ($1[d] - mean) } / n
      step.inverseDeviation[d] = 1 / (variance + epsilon).squareRoot()
      for i in x.indices {
        step.normalized[i][d] = (x[i][d] - mean) * step.inverseDeviation[d]
        step.output[i][d] = weight[d] * step.normalized[i][d] + bias[d]
      }
      runningMean[d] += momentum * (mean - runningMean[d])
      runningVariance[d] += momentum * (variance * n / (n - 1) - runningVariance[d])
    }
    return step
  }

  /// Evaluation: each example by itself, with the running statistics.
  public func evaluate(_ x: [[Scalar]]) -> [[Scalar]] {
    x.map { row in
      row.indices.map { d in
        weight[d] * (row[d] - runningMean[d]) / (runningVariance[d] + epsilon).squareRoot() + bias[d]
      }
    }
  }
}

/// Batch norm at work on one batch.
///
/// - Book: section 7.9.
public struct BatchNormStep<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// `y`, `[N, D]`.
  public fileprivate(set) var output: [[Scalar]]
  /// `x̂`, `[N, D]`.
  public fileprivate(set) var normalized: [[Scalar]]
  /// `1 / √(σ² + ε)` of each feature.
  public fileprivate(set) var inverseDeviation: [Scalar]
  private let weight: [Scalar]

  fileprivate init(_ x: [[Scalar]], weight: [Scalar]) {
    (output, normalized, inverseDeviation, self.weight) = (x, x, weight, weight)
  }

  /// The way back. `x` moves `y` in three ways: directly, through `μ` and through `σ`.
  ///
  ///     dx̂ = γ dy
  ///     dx = (dx̂ − mean of dx̂ − x̂ · mean of (dx̂ x̂)) / √(σ² + ε)
  ///     dγ = Σ dy x̂      dβ = Σ dy
  ///
  /// Means and sums go over the batch, feature by feature.
  ///
  /// - Parameter dy: `[N, D]`
  public func backward(_ dy: [[Scalar]]) -> (dx: [[Scalar]], dWeight: [Scalar], dBias: [Scalar]) {
    let n = Scalar(dy.count)
    var dx = dy
    var (dWeight, dBias) = (weight, weight)
    for d in weight.indices {
      dBias[d] = dy.reduce(0) { $0 + $1[d] }
      dWeight[d] = zip(dy, normalized).reduce(0) { $0 + $1.0[d] * $1.1[d] }
      for i in dy.indices {
        let straight = dy[i][d] - dBias[d] / n - normalized[i][d] * dWeight[d] / n
        dx[i][d] = weight[d] * straight * inverseDeviation[d]
      }
    }
    return (dx, dWeight, dBias)
  }
}
