import Tensors

/// What a plain recurrent network does with its sums.
public enum RNNNonlinearity: Sendable {
  /// The hyperbolic tangent: states stay between −1 and 1.
  case tanh
  /// The part above 0: states may grow without limit.
  case relu
}

/// The plain recurrent network: each step mixes the input with the state that the step before left.
///
///     hₜ = f(W_ih xₜ + b_ih + W_hh hₜ₋₁ + b_hh),  f = tanh or ReLU
///
///     backward, from the last step to the first, with dhₜ = dyₜ + W_hhᵀ daₜ₊₁:
///       daₜ = dhₜ · f′,  f′ = 1 − hₜ² for tanh, 1 where hₜ > 0 for ReLU
///       dxₜ = W_ihᵀ daₜ,  dW_ih = Σₜ daₜ xₜᵀ,  dW_hh = Σₜ daₜ hₜ₋₁ᵀ,  db_ih = db_hh = Σₜ daₜ
///
/// Layers, directions, lengths and dropout are as for `lstm`.
///
/// - Parameters:
///   - x: `[T, N, D]`, or `[N, T, D]` with `batchFirst`.
///   - initial: The state before the first step, `[layers·directions, N, H]`; zeros by default.
///   - layers: The parameters, layer by layer, in each the forward direction and, if any, the reversed one.
///   - nonlinearity: `f`, for all layers and steps.
///   - batchFirst: Whether `x` and the output have the batch as their first axis and not the steps. The states never do.
///   - lengths: How many steps of each sequence are real, 1 to T; all by default.
///   - dropout: How likely an output between two layers is dropped.
/// - Returns: The last layer's states at each step, `[T, N, directions·H]` (or `[N, T, …]`); every layer's and
///   direction's last state, `[layers·directions, N, H]`.
/// - PyTorch: `torch.nn.RNN`'s forward.
/// - Source: Elman, "Finding structure in time", Cognitive Science 14(2), 1990.
/// - Book: chapter 5.
public func rnn(
  _ x: Variable, initial: Variable? = nil, layers: [[RecurrentParameters]],
  nonlinearity: RNNNonlinearity = .tanh, batchFirst: Bool = false, lengths: [Int]? = nil, dropout: Double = 0
) -> (output: Variable, hidden: Variable) {
  let op = RecurrentOp(
    name: "rnn", cell: nonlinearity == .tanh ? .tanh : .relu, layers: layers, batchFirst: batchFirst,
    lengths: lengths, dropout: dropout)
  let result = op(x, h0: initial, c0: nil)
  return (result.output, result.hidden)
}
