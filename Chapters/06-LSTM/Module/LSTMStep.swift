import Foundation

/// One step of an LSTM, with all that was computed on the way: the way back needs it.
///
/// - Book: section 6.2.
public struct LSTMStep<Scalar: BinaryFloatingPoint & Sendable>: Sendable {
  /// The input `xₜ`, and the states before the step, `hₜ₋₁` and `cₜ₋₁`.
  public let x, hiddenBefore, cellBefore: [Scalar]
  /// The input gate `iₜ`, the forget gate `fₜ`, the candidate `gₜ` and the output gate `oₜ`.
  public let inputGate, forgetGate, candidate, outputGate: [Scalar]
  /// The states after the step, `cₜ` and `hₜ`.
  public let cell, hidden: [Scalar]
}

/// One step of an LSTM: the input gate lets something new into the cell, the forget gate keeps what is there, and the
/// output gate shows some of it.
///
///     iₜ = σ(W_ii xₜ + b_ii + W_hi hₜ₋₁ + b_hi)        input gate
///     fₜ = σ(W_if xₜ + b_if + W_hf hₜ₋₁ + b_hf)        forget gate
///     gₜ = tanh(W_ig xₜ + b_ig + W_hg hₜ₋₁ + b_hg)     candidate
///     oₜ = σ(W_io xₜ + b_io + W_ho hₜ₋₁ + b_ho)        output gate
///     cₜ = fₜ ⊙ cₜ₋₁ + iₜ ⊙ gₜ                         cell state
///     hₜ = oₜ ⊙ tanh(cₜ)                               final hidden state
///
/// - Parameters:
///   - x: `xₜ`, `D` numbers.
///   - hidden: `hₜ₋₁`, `H` numbers.
///   - cell: `cₜ₋₁`, `H` numbers.
/// - Returns: The step. Traps when the sizes do not fit.
/// - PyTorch: `torch.nn.LSTMCell`.
/// - Book: section 6.2.
public func lstmStep<Scalar: BinaryFloatingPoint & Sendable>(
  _ x: [Scalar], hidden: [Scalar], cell: [Scalar], _ w: LSTMWeights<Scalar>
) -> LSTMStep<Scalar> {
  let size = w.hiddenSize
  if x.count != w.inputSize || hidden.count != size || cell.count != size {
    fatalError(
      "lstmStep: \(x.count) inputs and states of \(hidden.count) and \(cell.count), "
        + "for a layer from \(w.inputSize) to \(size)")
  }
  /// W x + b + W h + b, for the `H` rows of one part.
  func sums(_ part: Int) -> [Scalar] {
    (part * size..<(part + 1) * size).map { row in
      var sum = w.inputBias[row] + w.hiddenBias[row]
      for j in x.indices { sum += w.inputHidden[row][j] * x[j] }
      for j in hidden.indices { sum += w.hiddenHidden[row][j] * hidden[j] }
      return sum
    }
  }
  let i = sums(0).map { sigmoid($0) }
  let f = sums(1).map { sigmoid($0) }
  let g = sums(2).map { tanh($0) }
  let o = sums(3).map { sigmoid($0) }
  let c: [Scalar] = (0..<size).map { f[$0] * cell[$0] + i[$0] * g[$0] }
  let h = (0..<size).map { o[$0] * tanh(c[$0]) }
  return LSTMStep(
    x: x, hiddenBefore: hidden, cellBefore: cell, inputGate: i, forgetGate: f, candidate: g, outputGate: o,
    cell: c, hidden: h)
}

/// The way back through one step: from the gradients of its two states to those of all that went in.
///
///     dc  = dcₜ + dhₜ oₜ (1 − tanh²cₜ)                       all that reaches the cell
///     da_i = dc gₜ iₜ (1 − iₜ)      da_f = dc cₜ₋₁ fₜ (1 − fₜ)
///     da_g = dc iₜ (1 − gₜ²)        da_o = dhₜ tanh(cₜ) oₜ (1 − oₜ)
///     dcₜ₋₁ = dc fₜ      dhₜ₋₁ = W_hhᵀ da      dxₜ = W_ihᵀ da
///     dW_ih += da xₜᵀ    dW_hh += da hₜ₋₁ᵀ     db_ih += da      db_hh += da
///
/// `da` are the gradients of the sums inside the four parts, one below the other.
///
/// - Parameters:
///   - dh: The gradient of `hₜ`: from the loss at this step, and from the step after.
///   - dc: The gradient of `cₜ`, from the step after.
///   - step: What the step computed.
///   - gradients: To these the weights' gradients are added.
/// - Returns: The gradients of `xₜ`, `hₜ₋₁` and `cₜ₋₁`.
/// - PyTorch: what autograd does at `torch.nn.LSTMCell`.
/// - Book: section 6.3.
public func lstmStepBackward<Scalar: BinaryFloatingPoint & Sendable>(
  dh: [Scalar], dc: [Scalar], _ step: LSTMStep<Scalar>, _ w: LSTMWeights<Scalar>,
  addingTo gradients: inout LSTMWeights<Scalar>
) -> (dx: [Scalar], dh: [Scalar], dc: [Scalar]) {
  let size = w.hiddenSize
  let dc = cellGradient(dh: dh, dc: dc, step)
  var da = [Scalar](repeating: 0, count: 4 * size)
  for k in 0..<size {
    let (i, f, g, o) = (step.inputGate[k], step.forgetGate[k], step.candidate[k], step.outputGate[k])
    da[k] = dc[k] * g * i * (1 - i)
    da[size + k] = dc[k] * step.cellBefore[k] * f * (1 - f)
    da[2 * size + k] = dc[k] * i * (1 - g * g)
    da[3 * size + k] = dh[k] * tanh(step.cell[k]) * o * (1 - o)
  }
  var dx = [Scalar](repeating: 0, count: w.inputSize)
  var dhBefore = [Scalar](repeating: 0, count: size)
  for row in da.indices {
    gradients.inputBias[row] += da[row]
    gradients.hiddenBias[row] += da[row]
    for j in dx.indices {
      dx[j] += w.inputHidden[row][j] * da[row]
      gradients.inputHidden[row][j] += da[row] * step.x[j]
    }
    for j in dhBefore.indices {
      dhBefore[j] += w.hiddenHidden[row][j] * da[row]
      gradients.hiddenHidden[row][j] += da[row] * step.hiddenBefore[j]
    }
  }
  return (dx, dhBefore, (0..<size).map { dc[$0] * step.forgetGate[$0] })
}

/// All that reaches the cell state: what comes straight from the step after, and what comes through `hₜ`.
///
///     dcₜ + dhₜ oₜ (1 − tanh²cₜ)
///
/// - Book: section 6.3.
public func cellGradient<Scalar: BinaryFloatingPoint & Sendable>(
  dh: [Scalar], dc: [Scalar], _ step: LSTMStep<Scalar>
) -> [Scalar] {
  if dh.count != step.cell.count || dc.count != step.cell.count {
    fatalError("cellGradient: \(dh.count) and \(dc.count) gradients for states of \(step.cell.count)")
  }
  return dc.indices.map { k in
    let shown = tanh(step.cell[k])
    return dc[k] + dh[k] * step.outputGate[k] * (1 - shown * shown)
  }
}

/// The logistic function, `1 / (1 + e⁻ˣ)`: from 0, shut, to 1, open. Computed in Double, whatever the type.
func sigmoid<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar { Scalar(1 / (1 + exp(-Double(x)))) }

/// The hyperbolic tangent, computed in Double, whatever the type.
func tanh<Scalar: BinaryFloatingPoint>(_ x: Scalar) -> Scalar { Scalar(Foundation.tanh(Double(x))) }
