import Foundation
internal import CKernels

// Functions of single numbers, over whole tensors.

func logarithm(_ x: Double) -> Double { Foundation.log(x) }
func cosine(_ x: Double) -> Double { Foundation.cos(x) }
func powerOf(_ x: Float, _ y: Float) -> Float { Foundation.powf(x, y) }

extension Tensor {
  /// `exp(x)`, to within 2 units in the last place.
  public func exp() -> Tensor { kernel(ck_exp) }
  /// `1 / (1 + exp(−x))`
  public func sigmoid() -> Tensor { kernel(ck_sigmoid) }
  /// The hyperbolic tangent.
  public func tanh() -> Tensor { kernel(ck_tanh) }
  /// `max(x, 0)`
  public func relu() -> Tensor { kernel(ck_relu) }
  /// The natural logarithm; −∞ at 0, NaN below.
  public func log() -> Tensor { kernel(ck_log) }
  /// The error function, `2/√π ∫₀ˣ exp(−t²) dt`.
  public func erf() -> Tensor { kernel(ck_erf) }
  /// `|x|`
  public func absolute() -> Tensor { apply { Swift.abs($0) } }
  /// The square root.
  public func squareRoot() -> Tensor { apply { $0.squareRoot() } }

  /// The gradient of ReLU: `dy` where `y > 0`, else 0.
  package static func reluBackward(dy: Tensor, y: Tensor) -> Tensor {
    dy.kernel(with: y, ck_relu_backward)
  }

  /// `function` over all numbers, on all threads.
  func kernel(
    grain: Int = elementwiseGrain,
    _ function: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    var y = Tensor(uninitialized: shape)
    withPointer { x in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: count, grain: grain) { range in
          function(x + range.lowerBound, y + range.lowerBound, range.count)
        }
      }
    }
    return y
  }

  /// `function` over the numbers of two tensors of one shape, on all threads: most gradients.
  func kernel(
    with other: Tensor, grain: Int = elementwiseGrain,
    _ function: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int) -> Void
  ) -> Tensor {
    var z = Tensor(uninitialized: shape)
    withPointer { x in
      other.withPointer { y in
        z.withMutablePointer { z in
          Parallel.forEachRange(of: count, grain: grain) { range in
            let at = range.lowerBound
            function(x + at, y + at, z + at, range.count)
          }
        }
      }
    }
    return z
  }
}

/// Elements that are worth a thread's while: some 20 µs of work.
package let elementwiseGrain = 1 << 17
