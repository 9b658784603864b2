import Autograd
import Foundation
import Tensors

/// Shrinks all gradients together so that their norm, taken as one long vector, is at most `maximum`.
///
///     g ← g · min(1, maximum / (norm + 10⁻⁶))
///
/// - Parameters:
///   - parameters: Whose gradients; those without one are left out.
///   - maximum: The largest norm, from 0.
///   - order: Which norm, `(Σ |g|ᵖ)^(1/p)`: 2 for the length, `.infinity` for the largest magnitude.
/// - Returns: The norm before.
/// - PyTorch: `torch.nn.utils.clip_grad_norm_(parameters, max_norm, norm_type)`.
/// - Source: Pascanu, Mikolov, Bengio, "On the difficulty of training recurrent neural networks", ICML 2013.
/// - Book: chapter 8.
@discardableResult
public func clipGradients(of parameters: [Parameter], toNorm maximum: Double, order: Double = 2) -> Double {
  if !(maximum >= 0) { trap("clipGradients: the largest norm must not be negative, given \(maximum)") }
  if !(order > 0) { trap("clipGradients: the order of the norm must be above 0, given \(order)") }
  let norm = gradientNorm(of: parameters, order: order)
  let scale = maximum / (norm + 1e-6)
  if scale >= 1 { return norm }
  for parameter in parameters { parameter.changeGradient { $0 *= Float(scale) } }
  return norm
}

/// The norm of all gradients, taken as one long vector.
///
/// - PyTorch: `torch.nn.utils.get_total_norm`.
public func gradientNorm(of parameters: [Parameter], order: Double = 2) -> Double {
  var total = 0.0
  for gradient in parameters.compactMap(\.gradient) {
    gradient.withPointer { g in
      for i in 0..<gradient.count {
        let magnitude = Double(abs(g[i]))
        if order == .infinity {
          total = magnitude > total || magnitude.isNaN ? magnitude : total
        } else {
          total += order == 2 ? magnitude * magnitude : order == 1 ? magnitude : pow(magnitude, order)
        }
      }
    }
  }
  return order == .infinity || order == 1 ? total : order == 2 ? total.squareRoot() : pow(total, 1 / order)
}

/// Holds each number of the gradients within `±limit`.
///
/// - PyTorch: `torch.nn.utils.clip_grad_value_(parameters, clip_value)`.
/// - Book: chapter 8.
public func clipGradients(of parameters: [Parameter], toValue limit: Float) {
  if !(limit >= 0) { trap("clipGradients: the limit must not be negative, given \(limit)") }
  for parameter in parameters {
    parameter.changeGradient { $0 = $0 > limit ? limit : $0 < -limit ? -limit : $0 }
  }
}

extension Parameter {
  /// Changes each number of the gradient in place.
  fileprivate func changeGradient(_ change: (inout Float) -> Void) {
    guard var gradient else { return }
    setGradient(nil)  // so that changing `gradient` copies nothing
    let count = gradient.count
    gradient.withMutablePointer { g in
      for i in 0..<count { change(&g[i]) }
    }
    setGradient(gradient)
  }
}
