import Foundation

/// A plain recurrent layer in plain loops: what the cost of attention is compared with.
///
///     hₜ = tanh(W x_t + U hₜ₋₁ + b)
///
/// With `D` numbers at each step and in the state, a step is `2·D²` products, and the sequence `2·n·D²`, one step after the
/// other. One head of attention over it is `2·n²·D` products, all steps at once: as many where `n = D`.
///
/// - Parameters:
///   - x: `[n, D]`
///   - inputWeight: W, `[D, D]`.
///   - stateWeight: U, `[D, D]`.
/// - Returns: The states, `[n, D]`.
/// - PyTorch: `torch.nn.RNN`, with one bias.
/// - Book: section 10.8; the layer itself: chapter 5.
public func plainRecurrence<Scalar: BinaryFloatingPoint>(
  _ x: [[Scalar]], inputWeight: [[Scalar]], stateWeight: [[Scalar]], bias: [Scalar]
) -> [[Scalar]] {
  var state = [Scalar](repeating: 0, count: bias.count)
  return x.map { step in
    state = bias.indices.map { i in
      Scalar(tanh(Double(bias[i] + dot(inputWeight[i], step) + dot(stateWeight[i], state))))
    }
    return state
  }
}
