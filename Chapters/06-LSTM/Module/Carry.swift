/// How much of a small change in the cell state is left some steps later, along the direct path: the product of the
/// forget gates between.
///
///     carry_k = Π_{τ = s+1}^{t} f_τk
///
/// The direct path goes from cell state to cell state. The other ways lead through the hidden state and the gates of
/// later steps; `cellJacobian` counts them all.
///
/// - Parameters:
///   - steps: What `lstmForward` gave.
///   - s: The step after which the state is changed, from 0.
///   - t: The step after which it is looked at, `s` or later. Traps otherwise.
/// - Returns: One number for each unit; ones when `t` is `s`.
/// - Book: section 6.4.
public func carry<Scalar: BinaryFloatingPoint & Sendable>(_ steps: [LSTMStep<Scalar>], from s: Int, to t: Int)
  -> [Scalar]
{
  requireSteps(steps.count, s, t, "carry")
  return steps[s + 1..<t + 1].reduce([Scalar](repeating: 1, count: steps[s].cell.count)) { product, step in
    zip(product, step.forgetGate).map { $0 * $1 }
  }
}

/// How the cell state after step `t` changes with the cell state after step `s`, by every path.
///
///     J_jk = ∂c_tj / ∂c_sk
///
/// A change of `c_s` shows in `h_s` too. With `W_hh = 0` only the direct path is left, and `J` is diagonal with `carry`
/// on the diagonal.
///
/// - Parameters: As for `carry`.
/// - Returns: `[H, H]`: row `j` is the way back from unit `j` of the later state.
/// - PyTorch: `torch.autograd.functional.jacobian` of the steps between.
/// - Book: section 6.4.
public func cellJacobian<Scalar: BinaryFloatingPoint & Sendable>(
  _ steps: [LSTMStep<Scalar>], _ w: LSTMWeights<Scalar>, from s: Int, to t: Int
) -> [[Scalar]] {
  requireSteps(steps.count, s, t, "cellJacobian")
  let size = w.hiddenSize
  let zeros = [Scalar](repeating: 0, count: size)
  var unused = LSTMWeights<Scalar>(inputSize: w.inputSize, hiddenSize: size)
  var jacobian = [[Scalar]](repeating: zeros, count: size)
  for j in 0..<size {
    var (dh, dc) = (zeros, zeros)
    dc[j] = 1
    for step in steps[s + 1..<t + 1].reversed() {
      let before = lstmStepBackward(dh: dh, dc: dc, step, w, addingTo: &unused)
      (dh, dc) = (before.dh, before.dc)
    }
    for (k, gradient) in cellGradient(dh: dh, dc: dc, steps[s]).enumerated() { jacobian[j][k] = gradient }
  }
  return jacobian
}

private func requireSteps(_ count: Int, _ s: Int, _ t: Int, _ op: String) {
  if s < 0 || t < s || t >= count { fatalError("\(op): from step \(s) to step \(t) of \(count)") }
}
