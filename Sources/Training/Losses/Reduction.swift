import Autograd
import Tensors

/// How the losses of single numbers or examples become the loss.
///
/// - PyTorch: the losses' argument `reduction`.
public enum Reduction: Sendable {
  /// Their mean. A weighted loss divides by the sum of the weights.
  case mean
  /// Their sum.
  case sum
  /// Their sum, divided by the size of the first axis.
  case batchMean
  /// All of them, unreduced.
  case none

  /// What the sum is divided by.
  func divisor(batch: Int, weights: Double) -> Double {
    switch self {
    case .mean: weights
    case .batchMean: Double(batch)
    case .sum, .none: 1
    }
  }
}

/// A loss that is a sum over numbers, each with its own target.
///
/// - Parameters:
///   - value: The loss of one number `x` with target `t` at the place `i`.
///   - derivative: Its derivative with respect to `x`.
@inline(__always)
func pointwiseLoss(
  _ op: String, _ x: Variable, _ target: Tensor, _ reduction: Reduction,
  value: (_ x: Float, _ t: Float, _ i: Int) -> Float,
  derivative: @escaping (_ x: Float, _ t: Float, _ i: Int) -> Float
) -> Variable {
  let xValue = x.value
  let (shape, count) = (xValue.shape, xValue.count)
  if target.shape != shape { trap("\(op): input \(shape) and target \(target.shape) differ") }
  let divisor = reduction.divisor(batch: shape.first ?? 1, weights: Double(count))

  var losses = Tensor(uninitialized: reduction == .none ? shape : [])
  xValue.withPointer { x in
    target.withPointer { t in
      losses.withMutablePointer { losses in
        if reduction == .none {
          for i in 0..<count { losses[i] = value(x[i], t[i], i) }
        } else {
          var sum = 0.0
          for i in 0..<count { sum += Double(value(x[i], t[i], i)) }
          losses[0] = Float(sum / divisor)
        }
      }
    }
  }
  return Variable(losses, op: op, cost: .perInput(), inputs: [x]) { dy in
    var dx = Tensor(uninitialized: shape)
    let step = dy.count == count && reduction == .none ? 1 : 0
    let scale = Float(1 / divisor)
    xValue.withPointer { x in
      target.withPointer { t in
        dy.withPointer { dy in
          dx.withMutablePointer { dx in
            for i in 0..<count { dx[i] = derivative(x[i], t[i], i) * dy[i * step] * scale }
          }
        }
      }
    }
    return [dx]
  }
}
