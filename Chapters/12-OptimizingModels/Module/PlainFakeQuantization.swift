/// What eight bits leave of each number, and how a gradient gets past the rounding.
///
///     y = S (clamp(round(x / S) + Z) − Z)
///     backward:  dx = dy where x is within the range, else 0
///
/// The slope of a staircase is 0 wherever it has one. Counted as 1 instead, the gradient goes straight through.
///
/// - Returns: The rounded numbers, and what turns the gradient at them into that at `x`.
/// - Source: Bengio, Léonard, Courville, "Estimating or propagating gradients through stochastic neurons for conditional
///   computation", arXiv 1308.3432, section 4.
/// - Book: section 12.6.
public func fakeQuantized(
  _ x: [Float], _ form: PlainQuantization
) -> (y: [Float], pullback: (_ dy: [Float]) -> [Float]) {
  let isWithin = x.map { number in
    let q = (number / form.scale).rounded(.toNearestOrEven) + Float(form.zeroPoint)
    return q >= Float(form.range.lowerBound) && q <= Float(form.range.upperBound)
  }
  return (x.map { form.rounded($0) }, { dy in zip(dy, isWithin).map { $1 ? $0 : 0 } })
}
