import Engine

/// How large the weights of a linear layer are before it has learned anything.
///
/// A sum of `D` products multiplies the mean square of what goes in by `D σ²`. Each rule says which `σ²` to draw with:
///
///     Xavier    σ² = 2 / (fan-in + fan-out)    uniform between ±√(6 / (fan-in + fan-out))
///     He        σ² = 2 / fan-in                normal
///
/// - PyTorch: `torch.nn.init.normal_`, `xavier_uniform_`, `kaiming_normal_`.
/// - Source: Glorot, Bengio, "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010;
///   He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.
/// - Book: section 4.5.
public enum FirstWeights: Sendable, Equatable {
  /// Normal numbers with this deviation, whatever the layer's size.
  case normal(deviation: Float)
  case xavier
  case he

  /// The deviation that a layer's weights are drawn with.
  public func deviation(fanIn: Int, fanOut: Int) -> Float {
    switch self {
    case .normal(let deviation): deviation
    case .xavier: (2 / Float(fanIn + fanOut)).squareRoot()
    case .he: (2 / Float(fanIn)).squareRoot()
    }
  }

  /// Draws weights.
  ///
  /// - Returns: `[fanOut, fanIn]`
  public func draw(fanIn: Int, fanOut: Int, from stream: inout RandomStream) -> Tensor {
    let deviation = deviation(fanIn: fanIn, fanOut: fanOut)
    switch self {
    case .xavier:
      let a = deviation * Float(3).squareRoot()  // a uniform number between −a and a has the variance a²/3
      return stream.uniform(-a..<a, shape: [fanOut, fanIn])
    case .normal, .he:
      return stream.normal(deviation: deviation, shape: [fanOut, fanIn])
    }
  }
}
