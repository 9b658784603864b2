internal import CKernels

// The functions between a network's layers, with their gradients. What an activation means, and its formula, stands
// with the op of the same name in Autograd.

/// These cost several exponentials a number, so fewer of them are worth a thread's while.
private let activationGrain = 1 << 15

extension Tensor {
  package func leakyReLU(slope: Float) -> Tensor { kernel { ck_leaky_relu($0, $1, $2, slope) } }
  package static func leakyReLUBackward(dy: Tensor, x: Tensor, slope: Float) -> Tensor {
    dy.kernel(with: x) { ck_leaky_relu_backward($0, $1, $2, $3, slope) }
  }

  package func elu(alpha: Float) -> Tensor { kernel(grain: activationGrain) { ck_elu($0, $1, $2, alpha) } }
  package static func eluBackward(dy: Tensor, x: Tensor, alpha: Float) -> Tensor {
    dy.kernel(with: x, grain: activationGrain) { ck_elu_backward($0, $1, $2, $3, alpha) }
  }

  package func gelu() -> Tensor { kernel(grain: activationGrain, ck_gelu) }
  /// The same, and its derivative: the two share an error function, which costs more than to remember a number.
  package func geluWithSlope() -> (y: Tensor, slope: Tensor) {
    var (y, slope) = (Tensor(uninitialized: shape), Tensor(uninitialized: shape))
    withPointer { x in
      y.withMutablePointer { y in
        slope.withMutablePointer { slope in
          Parallel.forEachRange(of: count, grain: activationGrain) { range in
            let at = range.lowerBound
            ck_gelu_slope(x + at, y + at, slope + at, range.count)
          }
        }
      }
    }
    return (y, slope)
  }

  package func geluTanh() -> Tensor { kernel(grain: activationGrain, ck_gelu_tanh) }
  package static func geluTanhBackward(dy: Tensor, x: Tensor) -> Tensor {
    dy.kernel(with: x, grain: activationGrain, ck_gelu_tanh_backward)
  }

  package func silu() -> Tensor { kernel(grain: activationGrain, ck_silu) }
  package static func siluBackward(dy: Tensor, x: Tensor) -> Tensor {
    dy.kernel(with: x, grain: activationGrain, ck_silu_backward)
  }

  package func softplus(beta: Float, threshold: Float) -> Tensor {
    kernel(grain: activationGrain) { ck_softplus($0, $1, $2, beta, threshold) }
  }
  package static func softplusBackward(dy: Tensor, x: Tensor, beta: Float, threshold: Float) -> Tensor {
    dy.kernel(with: x, grain: activationGrain) { ck_softplus_backward($0, $1, $2, $3, beta, threshold) }
  }

  package static func sigmoidBackward(dy: Tensor, y: Tensor) -> Tensor {
    dy.kernel(with: y, ck_sigmoid_backward)
  }
  package static func tanhBackward(dy: Tensor, y: Tensor) -> Tensor { dy.kernel(with: y, ck_tanh_backward) }
}
