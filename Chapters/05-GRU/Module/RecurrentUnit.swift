import Chapter04FullyConnected

/// One step of a recurrent network, and the way back through it: all that a sequence needs.
///
/// - Book: section 5.3.
public protocol RecurrentUnit<Scalar>: Sendable {
  associatedtype Scalar: Real
  /// What a step has computed, kept for the way back.
  associatedtype Step: StepRecord where Step.Scalar == Scalar

  /// How many numbers the state has, H.
  var hiddenSize: Int { get }

  /// The same shapes, and 0 everywhere: where gradients are added up.
  var zeros: Self { get }

  /// One step forwards.
  ///
  /// - Parameters:
  ///   - x: The step's input, `[N, D]`.
  ///   - h: The state before, `[N, H]`.
  func step(_ x: Matrix<Scalar>, _ h: Matrix<Scalar>) -> Step

  /// One step backwards.
  ///
  /// - Parameters:
  ///   - dh: The gradient at the state after the step, `[N, H]`.
  ///   - gradients: What the step adds to the gradients of the weights is added here.
  /// - Returns: The gradients at the step's input, `[N, D]`, and at the state before, `[N, H]`.
  func stepBackward(_ dh: Matrix<Scalar>, _ step: Step, addingTo gradients: inout Self)
    -> (dx: Matrix<Scalar>, dh: Matrix<Scalar>)
}

/// What is kept of a step.
public protocol StepRecord: Sendable {
  associatedtype Scalar: Real
  /// The state after the step, `[N, H]`.
  var state: Matrix<Scalar> { get }
}

/// The gradients of a whole sequence.
public struct TimeGradients<Unit: RecurrentUnit>: Sendable {
  /// Of the weights, in the weights' form; what all steps add together.
  public let weights: Unit
  /// At the inputs, one `[N, D]` for each step.
  public let inputs: [Matrix<Unit.Scalar>]
  /// At the states, one `[N, H]` for each step.
  public let states: [Matrix<Unit.Scalar>]
  /// At the state before the first step, `[N, H]`.
  public let initial: Matrix<Unit.Scalar>
}

extension RecurrentUnit {
  /// A whole sequence, step by step: each step's state is what the next one begins with.
  ///
  /// - Parameters:
  ///   - x: The inputs, one `[N, D]` for each step.
  ///   - initial: The state before the first step, `[N, H]`; nil for zeros.
  /// - PyTorch: `torch.nn.RNN`, `torch.nn.GRU`, of one layer.
  public func callAsFunction(_ x: [Matrix<Scalar>], initial: Matrix<Scalar>? = nil) -> [Step] {
    var h = initial ?? Matrix(rows: x.first?.rows ?? 0, columns: hiddenSize)
    return x.map { x in
      let step = step(x, h)
      h = step.state
      return step
    }
  }

  /// Back-propagation through time: from the last step to the first, each weight's gradient added up over all steps.
  ///
  ///     dhₜ ← dyₜ + what step t + 1 sent back
  ///
  /// - Parameters:
  ///   - dy: What reaches each step's state from outside the network, `[N, H]` each: from a loss at that step, say.
  ///   - steps: What the way forward has kept.
  /// - Source: Werbos, "Backpropagation through time: what it does and how to do it", Proceedings of the IEEE 78(10),
  ///   1990.
  /// - Book: section 5.3.
  public func backThroughTime(_ dy: [Matrix<Scalar>], _ steps: [Step]) -> TimeGradients<Self> {
    if dy.count != steps.count {
      fatalError("backThroughTime: \(dy.count) gradients for \(steps.count) steps")
    }
    var gradients = zeros
    var (dx, states) = (dy, dy)
    var dh = Matrix<Scalar>(rows: dy.first?.rows ?? 0, columns: hiddenSize)
    for t in steps.indices.reversed() {
      states[t] = dy[t] + dh
      (dx[t], dh) = stepBackward(states[t], steps[t], addingTo: &gradients)
    }
    return TimeGradients(weights: gradients, inputs: dx, states: states, initial: dh)
  }
}
