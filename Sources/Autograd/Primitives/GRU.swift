import Tensors

/// The gated recurrent unit: two gates decide what of the old state is kept.
///
///     rₜ = σ(W_ir xₜ + b_ir + W_hr hₜ₋₁ + b_hr)        reset
///     zₜ = σ(W_iz xₜ + b_iz + W_hz hₜ₋₁ + b_hz)        update
///     qₜ = W_hn hₜ₋₁ + b_hn
///     nₜ = tanh(W_in xₜ + b_in + rₜ qₜ)                candidate
///     hₜ = (1 − zₜ) nₜ + zₜ hₜ₋₁
///
///     backward, from the last step to the first, with dhₜ = dyₜ + what step t + 1 sent back (d ahead of a gate
///     is the gradient at the sum inside it):
///       dn = dhₜ (1 − zₜ)(1 − nₜ²),  dq = dn rₜ,  dr = dn qₜ rₜ (1 − rₜ),  dz = dhₜ (hₜ₋₁ − nₜ) zₜ (1 − zₜ)
///       dhₜ₋₁ ← dhₜ zₜ + W_hrᵀ dr + W_hzᵀ dz + W_hnᵀ dq
///       dxₜ = W_irᵀ dr + W_izᵀ dz + W_inᵀ dn;  dW_i• = Σₜ d• xₜᵀ;  dW_h• = Σₜ d• hₜ₋₁ᵀ, for n with dq
///
/// The reset gate acts after the product with `W_hn`, as in PyTorch and cuDNN; the first paper has it before.
/// Layers, directions, lengths and dropout are as for `lstm`.
///
/// - Parameters:
///   - x: `[T, N, D]`, or `[N, T, D]` with `batchFirst`.
///   - initial: The state before the first step, `[layers·directions, N, H]`; zeros by default.
///   - layers: The parameters, layer by layer, in each the forward direction and, if any, the reversed one.
///   - batchFirst: Whether `x` and the output have the batch as their first axis and not the steps. The states never do.
///   - lengths: How many steps of each sequence are real, 1 to T; all by default.
///   - dropout: How likely an output between two layers is dropped.
/// - Returns: The last layer's states at each step, `[T, N, directions·H]` (or `[N, T, …]`); every layer's and
///   direction's last state, `[layers·directions, N, H]`.
/// - PyTorch: `torch.nn.GRU`'s forward.
/// - Source: Cho et al., "Learning phrase representations using RNN encoder–decoder", EMNLP 2014.
/// - Book: chapter 5.
public func gru(
  _ x: Variable, initial: Variable? = nil, layers: [[RecurrentParameters]], batchFirst: Bool = false,
  lengths: [Int]? = nil, dropout: Double = 0
) -> (output: Variable, hidden: Variable) {
  let op = RecurrentOp(
    name: "gru", cell: .gru, layers: layers, batchFirst: batchFirst, lengths: lengths, dropout: dropout)
  let result = op(x, h0: initial, c0: nil)
  return (result.output, result.hidden)
}
