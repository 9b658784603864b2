import Tensors

/// First values of parameters, drawn from `RandomSource.current`; each call draws from a stream of its own.
///
/// - Book: chapter 4.
public enum Initial {
  /// Numbers drawn evenly from `±1/√fanIn`: what PyTorch gives the weights and biases of `Linear` and `Conv2d`.
  ///
  /// - PyTorch: `init.kaiming_uniform_(weight, a=math.sqrt(5))`.
  public static func uniformByFanIn(shape: [Int], fanIn: Int) -> Tensor {
    var stream = RandomSource.current.next()
    let bound = fanIn > 0 ? 1 / Float(fanIn).squareRoot() : 0
    return stream.uniform(-bound..<max(bound, .leastNonzeroMagnitude), shape: shape)
  }

  /// Numbers from the normal distribution.
  ///
  /// - PyTorch: `init.normal_(w, mean, std)`.
  public static func normal(shape: [Int], mean: Float = 0, deviation: Float = 1) -> Tensor {
    var stream = RandomSource.current.next()
    return stream.normal(mean: mean, deviation: deviation, shape: shape)
  }

  /// Numbers drawn evenly from `range`.
  ///
  /// - PyTorch: `init.uniform_(w, a, b)`.
  public static func uniform(shape: [Int], _ range: Range<Float>) -> Tensor {
    var stream = RandomSource.current.next()
    return stream.uniform(range, shape: shape)
  }

  /// The same number everywhere.
  ///
  /// - PyTorch: `init.constant_(w, number)`.
  public static func constant(_ number: Float, shape: [Int]) -> Tensor {
    Tensor(repeating: number, shape: shape)
  }

  /// What numbers a weight's layer takes in and gives out for one result: of `[O, I, …]`, `I · …` and `O · …`.
  ///
  /// - PyTorch: `init._calculate_fan_in_and_fan_out`.
  public static func fans(_ shape: [Int]) -> (fanIn: Int, fanOut: Int) {
    if shape.count < 2 { trap("Initial: a weight has at least two axes: \(shape)") }
    let field = shape[2...].reduce(1, *)
    return (shape[1] * field, shape[0] * field)
  }

  /// Numbers drawn evenly from `±gain · √(6 / (fanIn + fanOut))`: signals keep their size forwards and backwards where
  /// the activation is about linear.
  ///
  /// - PyTorch: `init.xavier_uniform_(w, gain)`.
  /// - Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS
  ///   2010.
  public static func xavierUniform(shape: [Int], gain: Float = 1) -> Tensor {
    let (fanIn, fanOut) = fans(shape)
    let bound = gain * (6 / Float(fanIn + fanOut)).squareRoot()
    return uniform(shape: shape, -bound..<bound)
  }

  /// Numbers from the normal distribution with deviation `gain · √(2 / (fanIn + fanOut))`.
  ///
  /// - PyTorch: `init.xavier_normal_(w, gain)`.
  public static func xavierNormal(shape: [Int], gain: Float = 1) -> Tensor {
    let (fanIn, fanOut) = fans(shape)
    return normal(shape: shape, deviation: gain * (2 / Float(fanIn + fanOut)).squareRoot())
  }

  /// Whether signals are to keep their size on the way forwards or backwards.
  public enum FanMode: Sendable {
    /// Forwards: the fan is how many numbers go into each output.
    case fanIn
    /// Backwards: the fan is how many outputs each input goes into.
    case fanOut
  }

  /// Numbers drawn evenly from `±gain · √(3 / fan)`. With the gain `√2` of ReLU signals keep their size in spite of what
  /// it cuts off.
  ///
  /// - PyTorch: `init.kaiming_uniform_(w, mode, nonlinearity='relu')`.
  /// - Source: He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
  public static func kaimingUniform(
    shape: [Int], gain: Float = Float(2).squareRoot(), mode: FanMode = .fanIn
  ) -> Tensor {
    let fan = mode == .fanIn ? fans(shape).fanIn : fans(shape).fanOut
    let bound = gain * (3 / Float(fan)).squareRoot()
    return uniform(shape: shape, -bound..<bound)
  }

  /// Numbers from the normal distribution with deviation `gain / √fan`.
  ///
  /// - PyTorch: `init.kaiming_normal_(w, mode, nonlinearity='relu')`.
  public static func kaimingNormal(
    shape: [Int], gain: Float = Float(2).squareRoot(), mode: FanMode = .fanIn
  ) -> Tensor {
    let fan = mode == .fanIn ? fans(shape).fanIn : fans(shape).fanOut
    return normal(shape: shape, deviation: gain / Float(fan).squareRoot())
  }

  /// Numbers from the normal distribution, those outside `limits` drawn again.
  ///
  /// - PyTorch: `init.trunc_normal_(w, mean, std, a, b)`.
  public static func truncatedNormal(
    shape: [Int], mean: Float = 0, deviation: Float = 1, limits: ClosedRange<Float> = -2...2
  ) -> Tensor {
    // Too far out to be drawn again and again.
    if mean + 4 * deviation < limits.lowerBound || mean - 4 * deviation > limits.upperBound {
      trap("truncatedNormal: limits \(limits) lie too far from mean \(mean) with deviation \(deviation)")
    }
    var stream = RandomSource.current.next()
    return Tensor.zeros(shape).map { _ in
      while true {
        let x = mean + deviation * stream.normal()
        if limits.contains(x) { return x }
      }
    }
  }

  /// A matrix whose rows (or columns, if there are fewer) are at right angles and of length `gain`. Axes from the
  /// second on count as columns.
  ///
  /// - PyTorch: `init.orthogonal_(w, gain)`.
  /// - Source: Saxe, McClelland, Ganguli, "Exact solutions to the nonlinear dynamics of learning in deep linear neural
  ///   networks", ICLR 2014.
  public static func orthogonal(shape: [Int], gain: Float = 1) -> Tensor {
    let (fanIn, _) = fans(shape)
    let rows = shape[0]
    let (count, length) = (Swift.min(rows, fanIn), Swift.max(rows, fanIn))
    var stream = RandomSource.current.next()
    // Gram and Schmidt, twice over, which is as good as a decomposition: what rounding left is taken off again.
    var vectors: [[Double]] = []
    for _ in 0..<count {
      var v = (0..<length).map { _ in Double(stream.normal()) }
      for _ in 0..<2 {
        for u in vectors {
          let along = zip(u, v).reduce(0) { $0 + $1.0 * $1.1 }
          for i in v.indices { v[i] -= along * u[i] }
        }
        let norm = v.reduce(0) { $0 + $1 * $1 }.squareRoot()
        for i in v.indices { v[i] /= norm }
      }
      vectors.append(v)
    }
    let wide = Tensor(vectors.joined().map { gain * Float($0) }, shape: [count, length])
    return (rows <= fanIn ? wide : wide.transposed()).reshaped(shape)
  }
}
