import Chapter04FullyConnected
import Engine

/// Where a GRU's reset gate acts: on what the state adds to the candidate, or on the state itself.
///
/// - Book: section 5.5.
public enum ResetPlace: Sendable, CaseIterable {
  /// `r ⊙ (h Uᵀ + c)`: PyTorch's, cuDNN's, and the engine's. One product serves both gates and the candidate.
  case afterProduct
  /// `(r ⊙ h) Uᵀ + c`: that of the first paper.
  case beforeProduct
}

/// The gated recurrent unit: the update gate decides what of the old state is kept, the reset gate what of it the
/// candidate for the new one may see.
///
///     z = σ(x W_zᵀ + b_z + h U_zᵀ + c_z)               update gate
///     r = σ(x W_rᵀ + b_r + h U_rᵀ + c_r)               reset gate
///     h̃ = tanh(x W_hᵀ + b_h + r ⊙ (h U_hᵀ + c_h))      candidate state, with `afterProduct`
///     h̃ = tanh(x W_hᵀ + b_h + (r ⊙ h) U_hᵀ + c_h)      candidate state, with `beforeProduct`
///     h ← (1 − z) ⊙ h̃ + z ⊙ h                          final state
///
/// For the way back see `stepBackward`.
///
/// - PyTorch: `torch.nn.GRUCell` is `afterProduct`; its rows are in the order r, z, h̃ (there called n).
/// - Source: Cho et al., "Learning phrase representations using RNN encoder–decoder for statistical machine
///   translation", EMNLP 2014.
/// - Book: section 5.5.
public struct GatedRecurrentUnit<Scalar: Real>: RecurrentUnit, Equatable {
  public var update, reset, candidate: StepWeights<Scalar>
  public let resetPlace: ResetPlace

  /// Traps when the three are not of the same sizes.
  public init(
    update: StepWeights<Scalar>, reset: StepWeights<Scalar>, candidate: StepWeights<Scalar>,
    resetPlace: ResetPlace = .afterProduct
  ) {
    let sizes = [update, reset, candidate].map { [$0.inputSize, $0.hiddenSize] }
    if sizes[0] != sizes[1] || sizes[0] != sizes[2] {
      fatalError(
        "GatedRecurrentUnit: weights for update \(sizes[0]), reset \(sizes[1]), candidate \(sizes[2])")
    }
    (self.update, self.reset, self.candidate, self.resetPlace) = (update, reset, candidate, resetPlace)
  }

  /// The engine's layer, the first if there are several, in this chapter's form.
  public init(_ layer: GRU, resetPlace: ResetPlace = .afterProduct) {
    let parameters = layer.directions[0][0]
    self.init(
      update: StepWeights(parameters, gate: 1), reset: StepWeights(parameters, gate: 0),
      candidate: StepWeights(parameters, gate: 2), resetPlace: resetPlace)
  }

  public var hiddenSize: Int { update.hiddenSize }
  public var parameterCount: Int {
    update.parameterCount + reset.parameterCount + candidate.parameterCount
  }
  public var zeros: Self {
    Self(update: update.zeros, reset: reset.zeros, candidate: candidate.zeros, resetPlace: resetPlace)
  }

  /// What is kept of a step.
  public struct Step: StepRecord {
    public let x, before: Matrix<Scalar>
    /// `z`, `r` and `h̃`
    public let update, reset, candidate: Matrix<Scalar>
    /// The final state.
    public let state: Matrix<Scalar>
  }

  public func step(_ x: Matrix<Scalar>, _ h: Matrix<Scalar>) -> Step {
    let z = Activation.sigmoid(update.sum(x, h))
    let r = Activation.sigmoid(reset.sum(x, h))
    let fromState =
      switch resetPlace {
      case .afterProduct: r ⊙ candidate.ofState(h)
      case .beforeProduct: candidate.ofState(r ⊙ h)
      }
    let candidate = Activation.tanh(candidate.ofInput(x) + fromState)
    return Step(
      x: x, before: h, update: z, reset: r, candidate: candidate, state: (1 - z) ⊙ candidate + z ⊙ h)
  }
}
