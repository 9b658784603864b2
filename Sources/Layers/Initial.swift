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
}
