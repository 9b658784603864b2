/// A whole sequence, step after step, each with the states that the one before left.
///
/// - Parameters:
///   - xs: The inputs, one for each step.
///   - initial: `h₀` and `c₀`; zeros by default.
/// - Returns: The steps, for the outputs, the pictures and the way back.
/// - PyTorch: `torch.nn.LSTM` on one sequence.
/// - Book: section 6.2.
public func lstmForward<Scalar: BinaryFloatingPoint & Sendable>(
  _ xs: [[Scalar]], initial: (hidden: [Scalar], cell: [Scalar])? = nil, _ w: LSTMWeights<Scalar>
) -> [LSTMStep<Scalar>] {
  let zeros = [Scalar](repeating: 0, count: w.hiddenSize)
  var (h, c) = initial ?? (zeros, zeros)
  return xs.map { x in
    let step = lstmStep(x, hidden: h, cell: c, w)
    (h, c) = (step.hidden, step.cell)
    return step
  }
}

/// Back-propagation through time: the steps backwards, from the last to the first.
///
/// - Parameters:
///   - dhs: For each step, the gradient of its `hₜ` from the loss alone; zeros where the loss does not look.
///   - last: The gradients of the states after the last step, `h_T` and `c_T`; zeros by default.
///   - steps: What `lstmForward` gave.
/// - Returns: The gradients of the weights, of every input, and of `h₀` and `c₀`.
/// - PyTorch: what autograd does at `torch.nn.LSTM`.
/// - Book: section 6.3.
public func lstmBackward<Scalar: BinaryFloatingPoint & Sendable>(
  _ dhs: [[Scalar]], last: (dh: [Scalar], dc: [Scalar])? = nil, _ steps: [LSTMStep<Scalar>],
  _ w: LSTMWeights<Scalar>
) -> (weights: LSTMWeights<Scalar>, dxs: [[Scalar]], dh0: [Scalar], dc0: [Scalar]) {
  if dhs.count != steps.count {
    fatalError("lstmBackward: \(dhs.count) gradients for \(steps.count) steps")
  }
  var gradients = LSTMWeights<Scalar>(inputSize: w.inputSize, hiddenSize: w.hiddenSize)
  var dxs: [[Scalar]] = []
  let zeros = [Scalar](repeating: 0, count: w.hiddenSize)
  var (dh, dc) = last ?? (zeros, zeros)
  for (step, fromLoss) in zip(steps, dhs).reversed() {
    let before = lstmStepBackward(
      dh: zip(dh, fromLoss).map { $0 + $1 }, dc: dc, step, w, addingTo: &gradients)
    dxs.append(before.dx)
    (dh, dc) = (before.dh, before.dc)
  }
  return (gradients, dxs.reversed(), dh, dc)
}
