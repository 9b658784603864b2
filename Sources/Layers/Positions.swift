import Autograd
import Foundation
import Tensors

/// Adds to each step of a sequence waves that tell where it stands.
///
///     p(t, 2i) = sin(t / 10000^(2i/D)),   p(t, 2i + 1) = cos(t / 10000^(2i/D))
///
/// - Shape: `[N, T, D]`, the same out; T at most `maxLength`.
/// - PyTorch: none; as in its tutorials.
/// - Source: Vaswani et al., "Attention is all you need", NeurIPS 2017, section 3.5.
/// - Book: chapter 10.
public final class SinusoidalPositions: Module, Layer {
  /// `[maxLength, D]`
  public let table: Tensor

  /// - Parameters:
  ///   - dimension: D, the numbers of one step.
  ///   - maxLength: The longest sequence that will come.
  public init(dimension: Int, maxLength: Int) {
    var numbers: [Float] = []
    for t in 0..<maxLength {
      for j in 0..<dimension {
        let angle = Double(t) / Foundation.pow(10_000, Double(j / 2 * 2) / Double(dimension))
        numbers.append(Float(j % 2 == 0 ? Foundation.sin(angle) : Foundation.cos(angle)))
      }
    }
    table = Tensor(numbers, shape: [maxLength, dimension])
  }

  /// `x` with the positions added. Traps when it has more than `maxLength` steps, or another width.
  public func callAsFunction(_ x: Variable) -> Variable {
    checkSteps("SinusoidalPositions", x.shape, table.shape)
    return x + Variable(table.rows(0..<x.shape[1]))
  }
}

/// Adds to each step of a sequence a vector that is learned for its place.
///
/// Parameters: `weight`, `[maxLength, D]`, drawn from a normal distribution with deviation 0.02, as GPT-2's.
///
/// - Shape: `[N, T, D]`, the same out; T at most `maxLength`.
/// - PyTorch: none; an `Embedding` of `torch.arange(T)`.
/// - Source: Radford et al., "Language models are unsupervised multitask learners", 2019.
/// - Book: chapter 10.
public final class LearnedPositions: Module, Layer {
  /// `[maxLength, D]`: a row for each place.
  public let weight: Parameter

  /// - Parameters:
  ///   - dimension: D, the numbers of one step.
  ///   - maxLength: The longest sequence that will come: there are no vectors for places beyond.
  public init(dimension: Int, maxLength: Int) {
    weight = Parameter(Initial.normal(shape: [maxLength, dimension], deviation: 0.02))
  }

  /// `x` with the positions added. Traps when it has more than `maxLength` steps, or another width.
  public func callAsFunction(_ x: Variable) -> Variable {
    checkSteps("LearnedPositions", x.shape, weight.shape)
    return x + weight.sliced(0..<x.shape[1], axis: 0)
  }
}

/// Turns the queries and keys of attention by angles that grow with the step; see `rotary`.
///
/// - Shape: `[…, T, D]`, the same out; D even.
/// - Source: Su et al., "RoFormer", arXiv 2104.09864.
/// - Book: chapter 10.
public final class RotaryPositions: Module, Layer {
  /// How slowly the slowest pair turns: by `base^(−(D−2)/D)` radians a step.
  public let base: Double

  /// - Parameter base: The larger, the more slowly the last pairs turn, and the farther apart two steps can be told
  ///   apart.
  public init(base: Double = 10_000) { self.base = base }

  public func callAsFunction(_ x: Variable) -> Variable { rotary(x, base: base) }
}

private func checkSteps(_ layer: String, _ x: [Int], _ table: [Int]) {
  if x.count != 3 || x[2] != table[1] || x[1] > table[0] {
    trap("\(layer): input \(x) does not fit positions \(table): [N, T, \(table[1])] with T up to \(table[0])")
  }
}
