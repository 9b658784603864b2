import Autograd
import Foundation
import Layers
import Tensors
internal import CKernels

/// Adam: each weight's step is its gradient's running mean over the root of its running mean square.
///
///     m ← β₁ m + (1 − β₁) g        m̂ = m / (1 − β₁ᵗ)
///     v ← β₂ v + (1 − β₂) g²       v̂ = v / (1 − β₂ᵗ)
///     w ← w − η m̂ / (√v̂ + ε)
///
/// - PyTorch: `torch.optim.Adam`.
/// - Source: Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
/// - Book: chapter 7.
public final class Adam {
  public let parameters: [Parameter]
  public var learningRate: Double
  public let betas: (Double, Double)
  public let epsilon: Double
  private var firstMoments: [Tensor]
  private var secondMoments: [Tensor]
  private var steps = 0

  public init(
    _ parameters: [Parameter], learningRate: Double = 1e-3, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    firstMoments = parameters.map { Tensor.zeros($0.shape) }
    secondMoments = firstMoments
  }

  /// Changes the parameters by their gradients. Parameters without a gradient stay.
  public func step() {
    steps += 1
    let stepSize = Float(learningRate / (1 - pow(betas.0, Double(steps))))
    let root = Float((1 - pow(betas.1, Double(steps))).squareRoot())
    for (i, parameter) in parameters.enumerated() {
      guard !parameter.isFrozen, let gradient = parameter.gradient else { continue }
      gradient.withPointer { g in
        firstMoments[i].withMutablePointer { m in
          secondMoments[i].withMutablePointer { v in
            parameter.update { value in
              let count = value.count
              value.withMutablePointer { w in
                Parallel.forEachRange(of: count, grain: 1 << 15) { range in
                  let at = range.lowerBound
                  ck_adam(
                    w + at, g + at, m + at, v + at, range.count, Float(betas.0), Float(betas.1), stepSize, root,
                    Float(epsilon))
                }
              }
            }
          }
        }
      }
    }
  }

  /// Forgets the gradients, so that the next `backward` starts anew.
  public func clearGradients() {
    for parameter in parameters { parameter.clearGradient() }
  }
}
