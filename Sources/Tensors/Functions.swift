import Foundation
internal import CKernels

// Functions of single numbers, over whole tensors.

func logarithm(_ x: Double) -> Double { Foundation.log(x) }
func cosine(_ x: Double) -> Double { Foundation.cos(x) }

extension Tensor {
  /// `exp(x)`, to within 2 units in the last place.
  public func exp() -> Tensor { kernel(ck_exp) }
  /// `1 / (1 + exp(−x))`
  public func sigmoid() -> Tensor { kernel(ck_sigmoid) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { kernel(ck_tanh) }
  /// `max(x, 0)`
  public func relu() -> Tensor { kernel(ck_relu) }
  /// The natural logarithm.
  public func log() -> Tensor { apply { Foundation.logf($0) } }
  /// The square root.
  public func squareRoot() -> Tensor { apply { $0.squareRoot() } }

  /// The gradient of ReLU: `dy` where `y > 0`, else 0.
  package static func reluBackward(dy: Tensor, y: Tensor) -> Tensor {
    var dx = Tensor(uninitialized: y.shape)
    dy.withPointer { dy in
      y.withPointer { y_ in
        dx.withMutablePointer { dx in
          Parallel.forEachRange(of: y.count, grain: elementwiseGrain) { range in
            let start = range.lowerBound
            ck_relu_backward(dy + start, y_ + start, dx + start, range.count)
          }
        }
      }
    }
    return dx
  }

  private func kernel(_ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void) -> Tensor
  {
    var y = Tensor(uninitialized: shape)
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: count, grain: elementwiseGrain) { range in
          function(x + range.lowerBound, y + range.lowerBound, range.count)
        }
      }
    }
    return y
  }
}

/// Elements that are worth a thread's while: some 20 µs of work.
package let elementwiseGrain = 1 << 17
