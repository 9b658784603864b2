import Tensors

/// Long short-term memory: a cell that gates write to, keep and read.
///
///     iₜ = σ(W_ii xₜ + b_ii + W_hi hₜ₋₁ + b_hi)        input gate
///     fₜ = σ(W_if xₜ + b_if + W_hf hₜ₋₁ + b_hf)        forget gate
///     gₜ = tanh(W_ig xₜ + b_ig + W_hg hₜ₋₁ + b_hg)     candidate
///     oₜ = σ(W_io xₜ + b_io + W_ho hₜ₋₁ + b_ho)        output gate
///     cₜ = fₜ cₜ₋₁ + iₜ gₜ
///     hₜ = oₜ tanh(cₜ)
///
///     backward, from the last step to the first, with dhₜ = dyₜ + W_hhᵀ daₜ₊₁ (da: the gradient at the sums
///     inside the gates):
///       dcₜ = dcₜ₊₁ fₜ₊₁ + dhₜ oₜ (1 − tanh²cₜ)
///       da_i = dcₜ gₜ iₜ (1 − iₜ),  da_f = dcₜ cₜ₋₁ fₜ (1 − fₜ),  da_g = dcₜ iₜ (1 − gₜ²),
///       da_o = dhₜ tanh(cₜ) oₜ (1 − oₜ)
///       dxₜ = W_ihᵀ daₜ,  dW_ih = Σₜ daₜ xₜᵀ,  dW_hh = Σₜ daₜ hₜ₋₁ᵀ,  db_ih = db_hh = Σₜ daₜ
///
/// With several layers, each reads the outputs of the one below. With two directions, the second reads each sequence
/// from its end, and outputs stand side by side. With `lengths`, outputs beyond a sequence's length are zero, its
/// last state is that after its last real step, and the reversed direction begins there.
///
/// - Parameters:
///   - x: `[T, N, D]`, or `[N, T, D]` with `batchFirst`.
///   - initial: The states before the first step, both `[layers·directions, N, H]`; zeros by default.
///   - layers: The parameters, layer by layer, in each the forward direction and, if any, the reversed one.
///   - batchFirst: Whether `x` and the output have the batch as their first axis and not the steps. The states never do.
///   - lengths: How many steps of each sequence are real, 1 to T; all by default.
///   - dropout: How likely an output between two layers is dropped.
/// - Returns: The last layer's `hₜ` at each step, `[T, N, directions·H]` (or `[N, T, …]`); every layer's and
///   direction's last `h` and `c`, `[layers·directions, N, H]`.
/// - PyTorch: `torch.nn.LSTM`'s forward; `lengths` is `pack_padded_sequence` before it and `pad_packed_sequence`
///   after, and dropout's chance is this engine's.
/// - Source: Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9(8), 1997; the forget gate:
///   Gers, Schmidhuber and Cummins, "Learning to forget", Neural Computation 12(10), 2000.
/// - Book: chapter 6.
public func lstm(
  _ x: Variable, initial: (hidden: Variable, cell: Variable)? = nil, layers: [[RecurrentParameters]],
  batchFirst: Bool = false, lengths: [Int]? = nil, dropout: Double = 0
) -> (output: Variable, hidden: Variable, cell: Variable) {
  let op = RecurrentOp(
    name: "lstm", cell: .lstm, layers: layers, batchFirst: batchFirst, lengths: lengths, dropout: dropout)
  let result = op(x, h0: initial?.hidden, c0: initial?.cell)
  return (result.output, result.hidden, result.cell!)
}
