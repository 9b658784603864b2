import Tensors

/// How far a backward is from the slope of its forward.
///
/// - Book: chapter 4.
public struct GradientCheck: Sendable, CustomStringConvertible {
  /// One number of one input: its derivative as `backward` has it, and as the differences say.
  public struct Element: Sendable {
    /// Which input; parameters come after the inputs.
    public let input: Int
    /// Where in the input the number is.
    public let index: [Int]
    /// The derivative as `backward` has it.
    public let computed: Double
    /// The derivative as the differences say.
    public let expected: Double
    /// `|computed − expected|`, over `|expected|` or a tenth of the input's largest expected derivative, whichever
    /// is larger.
    public let error: Double
  }

  /// The element that differs most; nil when there was none to check.
  public let worst: Element?
  /// How many numbers were checked.
  public let count: Int
  /// The largest error that passes.
  public let tolerance: Double

  /// Whether all numbers lie within the tolerance, and there was one at all.
  public var passes: Bool { count > 0 && (worst?.error ?? .infinity) <= tolerance }

  public var description: String {
    guard let worst else { return "no derivatives to check" }
    return "\(passes ? "agrees" : "DIFFERS"): \(count) derivatives; the worst is of input \(worst.input) at "
      + "\(worst.index): backward says \(worst.computed), differences say \(worst.expected)"
  }
}

/// Compares `backward` with differences of the forward, for every number of every input.
///
/// The output `y` is projected on random numbers `r`, because a derivative of `Σ y` alone would miss mistakes that
/// cancel in the sum (softmax's is 0 whatever its backward says). With `g(h) = Σ r (y(x + h) − y(x − h)) / 2h`, summed
/// in Double, the slope is `(4 g(h) − g(2h)) / 3`: the differences' error of second order cancels, so the step can be
/// wide enough for 32-bit numbers.
///
///     let check = checkGradient(at: [x]) { softmax($0[0]) }
///     print(check)    // agrees: 12 derivatives; the worst is of input 0 at [1, 2]: …
///
/// Where the function has a kink (ReLU at 0) or a jump, keep the inputs two steps away from it. What draws random
/// numbers must draw the same ones at each call.
///
/// - Parameters:
///   - inputs: Where to compare.
///   - parameters: Parameters that the function uses besides, to be compared too.
///   - step: `h`, times the number's size where that is above 1.
///   - tolerance: The largest error that passes.
///   - seed: Of the random projection.
///   - function: What is checked: given the inputs as variables, it returns `y`, of any shape. It is called four times
///     for each number of each input, so keep these small.
/// - PyTorch: `torch.autograd.gradcheck`, which needs float64.
/// - Book: chapter 4.
public func checkGradient(
  at inputs: [Tensor], parameters: [Parameter] = [], step: Float = 1 / 64, tolerance: Double = 3e-3,
  seed: UInt64 = 1, of function: ([Variable]) -> Variable
) -> GradientCheck {
  let variables = inputs.map { Variable($0, requiresGradient: true) }
  for parameter in parameters { parameter.clearGradient() }
  let y = function(variables)
  // A stream of its own: an input drawn with the same seed would be projected on itself.
  var stream = RandomStream(seed: seed, stream: 0x6772_6164)
  let projection = stream.normal(shape: y.shape)
  let r = projection.scalars.map { Double($0) }
  y.backward(from: projection)
  let gradients = (variables + parameters).map { $0.gradient ?? Tensor.zeros($0.shape) }
  for parameter in parameters { parameter.clearGradient() }

  /// Σ r y with one number of one input changed.
  func numbers(_ input: Int, _ index: Int, _ x: Float) -> [Float] {
    withoutGradients {
      if input >= inputs.count {
        let parameter = parameters[input - inputs.count]
        let old = parameter.value
        parameter.update { $0.withMutablePointer { $0[index] = x } }
        let result = function(inputs.map { Variable($0) }).value.scalars
        parameter.value = old
        return result
      }
      var changed = inputs
      changed[input].withMutablePointer { $0[index] = x }
      return function(changed.map { Variable($0) }).value.scalars
    }
  }

  var worst: GradientCheck.Element?
  var count = 0
  for input in gradients.indices {
    let x = input < inputs.count ? inputs[input] : parameters[input - inputs.count].value
    let expected = x.scalars.enumerated().map { index, x in
      let h = step * max(1, abs(x))
      func slope(_ h: Float) -> Double {
        let (high, low) = (x + h, x - h)
        let (above, below) = (numbers(input, index, high), numbers(input, index, low))
        let change = r.indices.reduce(0.0) { $0 + r[$1] * (Double(above[$1]) - Double(below[$1])) }
        return change / (Double(high) - Double(low))
      }
      return (4 * slope(h) - slope(2 * h)) / 3
    }
    let largest = expected.reduce(0) { max($0, abs($1)) }
    for (i, e) in expected.enumerated() {
      let computed = Double(gradients[input].withPointer { $0[i] })
      let difference = abs(computed - e)
      let size = max(abs(e), largest / 10, 1e-4)
      let error = difference.isNaN ? .infinity : difference / size
      count += 1
      if worst == nil || error > worst!.error {
        var (rest, place) = (i, [Int]())
        for axis in x.shape.reversed() {
          place.insert(rest % axis, at: 0)
          rest /= axis
        }
        worst = .init(input: input, index: place, computed: computed, expected: e, error: error)
      }
    }
  }
  return GradientCheck(worst: worst, count: count, tolerance: tolerance)
}
