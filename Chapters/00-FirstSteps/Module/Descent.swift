/// Gradient descent: the line after 0, 1, 2 … steps, each against the slope where the one before has led.
///
/// - Parameters:
///   - start: Where it begins.
///   - x: What goes in, `[N]`.
///   - t: What should come out, `[N]`.
///   - learningRate: How far a step goes: a share of the slope.
///   - steps: How many.
/// - Returns: The start, and the line after each step: `steps + 1` lines.
/// - Book: section 0.5.
public func descent(
  from start: Line, _ x: [Double], _ t: [Double], learningRate: Double, steps: Int
) -> [Line] {
  var line = start
  var path = [line]
  for _ in 0..<steps {
    let gradient = line.gradient(x, t)
    line.step(against: gradient, learningRate: learningRate)
    path.append(line)
  }
  return path
}

/// The line at the bottom of the valley, calculated at once. A line allows that; a network does not.
///
///     w = Σₙ (xₙ − x̄)(tₙ − t̄) / Σₙ (xₙ − x̄)²        b = t̄ − w x̄
///
/// - Returns: The line with the least mean squared error. Traps unless two of `x` differ.
/// - PyTorch: none for lines; `torch.linalg.lstsq` solves the same problem.
/// - Book: section 0.5.
public func leastSquaresLine(_ x: [Double], _ t: [Double]) -> Line {
  checkExamples("leastSquaresLine", x.count, t.count)
  let meanX = x.reduce(0, +) / Double(x.count)
  let meanT = t.reduce(0, +) / Double(t.count)
  var (above, below) = (0.0, 0.0)
  for (x, t) in zip(x, t) {
    above += (x - meanX) * (t - meanT)
    below += (x - meanX) * (x - meanX)
  }
  if below == 0 { fatalError("leastSquaresLine: all \(x.count) x are \(x[0]): two that differ are needed") }
  return Line(w: above / below, b: meanT - above / below * meanX)
}

/// The learning rate above which descent on a line's loss does not settle but flies off.
///
/// The loss is a bowl whose slope changes along `w` and `b` by the matrix `2 [[mean x², x̄], [x̄, 1]]`. In its steepest
/// direction, with curvature `λ`, a step multiplies the distance to the bottom by `1 − ηλ`: beyond `η = 2/λ` that is
/// below −1.
///
/// - Book: section 0.5.
public func largestLearningRate(_ x: [Double]) -> Double {
  checkExamples("largestLearningRate", x.count, x.count)
  let mean = x.reduce(0, +) / Double(x.count)
  let square = x.reduce(0) { $0 + $1 * $1 } / Double(x.count)
  let (half, product) = (square + 1, 4 * (square - mean * mean))
  return 2 / (half + (half * half - product).squareRoot())
}
