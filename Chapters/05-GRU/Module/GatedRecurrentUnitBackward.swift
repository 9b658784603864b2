import Chapter04FullyConnected

extension GatedRecurrentUnit {
  /// One step backwards. The old state is reached on up to four paths: straight on through the update gate, and
  /// through each of the three sums.
  ///
  ///     dz = dh ⊙ (h₋ − h̃) ⊙ z (1 − z)        d before a gate's name: the gradient at the sum inside it
  ///     dh̃ = dh ⊙ (1 − z) ⊙ (1 − h̃²)
  ///     dr = dh̃ ⊙ (h₋ Uᵀ + c) ⊙ r (1 − r)     and dh̃ ⊙ r goes back through U        (after the product)
  ///     dr = (dh̃ U) ⊙ h₋ ⊙ r (1 − r)          and (dh̃ U) ⊙ r goes back to h₋        (before the product)
  ///     dh₋ = dh ⊙ z + what comes back through U_z, U_r and U_h
  ///
  /// - Book: section 5.5.
  public func stepBackward(_ dh: Matrix<Scalar>, _ step: Step, addingTo gradients: inout Self)
    -> (dx: Matrix<Scalar>, dh: Matrix<Scalar>)
  {
    let (z, r, h) = (step.update, step.reset, step.before)
    let dz = Activation.sigmoid.backward(dh ⊙ (h - step.candidate), output: z)
    let da = Activation.tanh.backward(dh ⊙ (1 - z), output: step.candidate)
    var dx = candidate.inputBackward(da, input: step.x, addingTo: &gradients.candidate)
    var dhBefore = dh ⊙ z

    let dr: Matrix<Scalar>
    switch resetPlace {
    case .afterProduct:
      dr = Activation.sigmoid.backward(da ⊙ candidate.ofState(h), output: r)
      dhBefore = dhBefore + candidate.stateBackward(da ⊙ r, state: h, addingTo: &gradients.candidate)
    case .beforeProduct:
      let back = candidate.stateBackward(da, state: r ⊙ h, addingTo: &gradients.candidate)
      dr = Activation.sigmoid.backward(back ⊙ h, output: r)
      dhBefore = dhBefore + (back ⊙ r)
    }

    dx = dx + update.inputBackward(dz, input: step.x, addingTo: &gradients.update)
    dx = dx + reset.inputBackward(dr, input: step.x, addingTo: &gradients.reset)
    dhBefore = dhBefore + update.stateBackward(dz, state: h, addingTo: &gradients.update)
    dhBefore = dhBefore + reset.stateBackward(dr, state: h, addingTo: &gradients.reset)
    return (dx, dhBefore)
  }
}
