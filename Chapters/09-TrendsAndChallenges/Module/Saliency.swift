import Engine

/// What a network does with one input, seen from outside: the slope of one class's score at each number of the input.
///
/// The functions of this chapter that explain an answer need nothing else, so that they work for every network. For one
/// of the engine it is `inputGradient`.
public typealias ScoreGradient<Scalar> = (_ x: [Scalar]) -> [Scalar]

/// The saliency of each number of an input: how steeply the score rises or falls there, whichever it is.
///
///     sᵢ = |∂F_c / ∂xᵢ|
///
/// - Parameters:
///   - x: The input's numbers, in any order.
///   - gradient: Gives `∂F_c/∂x` at a point.
/// - PyTorch: `x.grad.abs()` after `scores[c].backward()`.
/// - Source: Simonyan, Vedaldi, Zisserman, "Deep inside convolutional networks", ICLR workshop 2014.
/// - Book: section 9.1.
public func saliency<Scalar: BinaryFloatingPoint>(at x: [Scalar], gradient: ScoreGradient<Scalar>) -> [Scalar]
{
  gradient(x).map { abs($0) }
}

/// The mean gradient around an input: what the slope is when the accidents of one point are averaged away.
///
///     g = (1/n) Σ ∂F_c / ∂x at x + σ z,     z normal with deviation 1
///
/// - Parameters:
///   - deviation: `σ`, in the unit of the input's numbers.
///   - samples: `n`, at least 1.
///   - stream: Where the noise comes from.
/// - Source: Smilkov, Thorat, Kim, Viégas, Wattenberg, "SmoothGrad: removing noise by adding noise", 2017.
/// - Book: section 9.1.
public func smoothGradient<Scalar: BinaryFloatingPoint>(
  at x: [Scalar], deviation: Scalar, samples: Int, stream: inout RandomStream, gradient: ScoreGradient<Scalar>
) -> [Scalar] {
  if samples < 1 { fatalError("smoothGradient: at least 1 sample is needed, given \(samples)") }
  var sum = [Scalar](repeating: 0, count: x.count)
  for _ in 0..<samples {
    let slope = gradient(x.map { $0 + deviation * Scalar(stream.normal()) })
    for i in sum.indices { sum[i] += slope[i] }
  }
  return sum.map { $0 / Scalar(samples) }
}

/// The same for a network of the engine, all samples as one batch.
///
/// - Parameters:
///   - x: One input, `[1, …]`.
///   - target: The class c.
///   - scores: The network, `[N, …]` to logits `[N, C]`.
/// - Returns: The mean gradient, of the shape of `x`.
/// - Book: section 9.1.
public func smoothGradient(
  at x: Tensor, of target: Int, deviation: Float, samples: Int, stream: inout RandomStream,
  scores: (Variable) -> Variable
) -> Tensor {
  if x.shape.first != 1 { fatalError("smoothGradient: one input [1, …] is needed, given \(x.shape)") }
  if samples < 1 { fatalError("smoothGradient: at least 1 sample is needed, given \(samples)") }
  let noisy = concatenate(
    (0..<samples).map { _ in x + stream.normal(shape: x.shape) * deviation })
  let targets = [Int](repeating: target, count: samples)
  return inputGradient(at: noisy, of: targets, scores: scores).gradient.mean(axis: 0, keepingAxis: true)
}
