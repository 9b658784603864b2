import Autograd
import Tensors

/// How the gradient of a step is kept from showing any single example: DP-SGD's two settings.
///
/// - Book: section 9.7.
public struct GradientPrivacy: Sendable, Equatable {
  /// `C`: no example's gradient is longer.
  public let clipNorm: Double
  /// `σ`: the noise has a standard deviation of `σC` in each number of the sum. With 0, gradients are clipped only, and
  /// nothing is promised.
  public let noiseMultiplier: Double

  /// Traps where the norm is not above 0, or the noise below 0.
  public init(clipNorm: Double, noiseMultiplier: Double) {
    if !(clipNorm > 0 && clipNorm.isFinite) {
      trap("GradientPrivacy: the clipping norm must be above 0, given \(clipNorm)")
    }
    if !(noiseMultiplier >= 0 && noiseMultiplier.isFinite) {
      trap("GradientPrivacy: the noise must not be below 0, given \(noiseMultiplier)")
    }
    (self.clipNorm, self.noiseMultiplier) = (clipNorm, noiseMultiplier)
  }
}

/// The mean loss of a batch, whose gradient is that of DP-SGD: each example's is clipped by itself, then comes noise.
///
///     g = (Σ_e g_e min(1, C / |g_e|) + σ C z) / n,     z normal with mean 0 and deviation 1
///
/// `|g_e|` is the norm over all parameters together. `backward` on the loss leaves `g` in the parameters, and any
/// optimiser goes on from there.
///
/// - Parameters:
///   - parameters: All that the network is made of and that is trained.
///   - count: How many examples the batch has; with random batches it may be none.
///   - size: `n`. Where the batch's size is itself random, it must not show: then it is the expected size.
///   - privacy: `C`, at which gradients are clipped, and `σ`, how strong the noise is.
///   - noise: The numbers `z` for the parameter of this index and shape; without it, drawn from `RandomSource.current`.
///   - loss: The loss of example `e` alone, a single number.
/// - Returns: The loss, 0 for an empty batch, and the norm of each example's gradient before clipping.
/// - PyTorch: none; Opacus' `PrivacyEngine.make_private(…, noise_multiplier, max_grad_norm)`, which divides the norm
///   plus 10⁻⁶.
/// - Source: Abadi, Chu, Goodfellow, McMahan, Mironov, Talwar, Zhang, "Deep learning with differential privacy", CCS 2016,
///   algorithm 1.
/// - Book: section 9.7.
public func privateLoss(
  of parameters: [Parameter], examples count: Int, dividedBy size: Double, _ privacy: GradientPrivacy,
  noise: ((_ index: Int, _ shape: [Int]) -> Tensor)? = nil, loss: (_ example: Int) -> Variable
) -> (loss: Variable, norms: [Double]) {
  if !(size > 0) { trap("privateLoss: the sum must be divided by a number above 0, given \(size)") }
  var total = parameters.map { Tensor.zeros($0.shape) }
  var norms: [Double] = []
  var lossSum = 0.0
  for e in 0..<count {
    let one = loss(e)
    lossSum += Double(one.scalar)
    let gradients = one.gradients(at: parameters)
    let norm = gradients.reduce(0.0) { $0 + ($1.map(squaredNorm) ?? 0) }.squareRoot()
    norms.append(norm)
    let share = norm > privacy.clipNorm ? Float(privacy.clipNorm / norm) : 1
    for (i, gradient) in gradients.enumerated() {
      if let gradient { add(gradient, times: share, to: &total[i]) }
    }
  }
  let deviation = Float(privacy.noiseMultiplier * privacy.clipNorm)
  if deviation > 0 {
    for i in total.indices {
      let shape = parameters[i].shape
      let z = noise?(i, shape) ?? normalNoise(shape)
      if z.shape != shape { trap("privateLoss: noise of shape \(z.shape) for a parameter of shape \(shape)") }
      add(z, times: deviation, to: &total[i])
    }
  }
  let mean = total.map { $0 / Float(size) }
  let value = Tensor(Float(lossSum / Double(max(count, 1))))
  return (Variable(value, op: "privateLoss", inputs: parameters) { dy in mean.map { $0 * dy.scalar } }, norms)
}

private func normalNoise(_ shape: [Int]) -> Tensor {
  var stream = RandomSource.current.next()
  return stream.normal(shape: shape)
}

private func squaredNorm(_ x: Tensor) -> Double {
  x.withPointer { p in
    // Four sums that do not wait for each other.
    var sums = SIMD4<Double>.zero
    let whole = x.count / 4 * 4
    for i in stride(from: 0, to: whole, by: 4) {
      let four = SIMD4<Double>(SIMD4<Float>(p[i], p[i + 1], p[i + 2], p[i + 3]))
      sums += four * four
    }
    var sum = sums.sum()
    for i in whole..<x.count { sum += Double(p[i]) * Double(p[i]) }
    return sum
  }
}

private func add(_ x: Tensor, times factor: Float, to sum: inout Tensor) {
  let count = x.count
  sum.withMutablePointer { s in
    x.withPointer { p in
      for i in 0..<count { s[i] += factor * p[i] }
    }
  }
}
