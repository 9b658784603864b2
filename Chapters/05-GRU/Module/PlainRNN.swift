import Chapter04FullyConnected
import Engine

/// The plain recurrent network: the new state is a squashed sum of the input and of the state before.
///
///     hₜ = tanh(xₜ Wᵀ + b + hₜ₋₁ Uᵀ + c)
///
///     backward:  da = dhₜ (1 − hₜ²)     dxₜ = da W     dhₜ₋₁ = da U
///                dW += daᵀ xₜ     dU += daᵀ hₜ₋₁     db, dc += the sum of da over the examples
///
/// - PyTorch: `torch.nn.RNNCell`.
/// - Source: Elman, "Finding structure in time", Cognitive Science 14(2), 1990.
/// - Book: sections 5.1 and 5.3.
public struct PlainRNN<Scalar: Real>: RecurrentUnit, Equatable {
  public var weights: StepWeights<Scalar>

  public init(_ weights: StepWeights<Scalar>) { self.weights = weights }

  /// The engine's layer, the first if there are several, in this chapter's form.
  public init(_ layer: RNN) { self.init(StepWeights(layer.directions[0][0], gate: 0)) }

  public var hiddenSize: Int { weights.hiddenSize }
  public var zeros: Self { Self(weights.zeros) }

  /// What is kept of a step: what went in, and what came out.
  public struct Step: StepRecord {
    public let x, before, state: Matrix<Scalar>
  }

  public func step(_ x: Matrix<Scalar>, _ h: Matrix<Scalar>) -> Step {
    Step(x: x, before: h, state: Activation.tanh(weights.sum(x, h)))
  }

  public func stepBackward(_ dh: Matrix<Scalar>, _ step: Step, addingTo gradients: inout Self)
    -> (dx: Matrix<Scalar>, dh: Matrix<Scalar>)
  {
    let da = Activation.tanh.backward(dh, output: step.state)
    return (
      weights.inputBackward(da, input: step.x, addingTo: &gradients.weights),
      weights.stateBackward(da, state: step.before, addingTo: &gradients.weights)
    )
  }
}
