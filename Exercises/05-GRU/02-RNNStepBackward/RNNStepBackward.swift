// 5.2  One step of an RNN, backwards                               (the book: chapter 5, section 5.3)
//
// Forwards, one step was h = tanh(a) with a = x Wᵀ + h₋ Uᵀ + b, where h₋ is the state before. Backwards comes dh, the
// gradient at the state after the step. It goes through tanh first, whose slope is 1 − h², and then through the sum:
//
//     da  = dh ⊙ (1 − h ⊙ h)          [N, H]       ⊙: number by number
//     dx  = da W                      [N, D]
//     dh₋ = da U                      [N, H]       what the step hands on to the step before it
//     dU  = daᵀ h₋                    [H, H]       what the step adds to the gradient of U
//
//     dh   the upstream gradient   [N, H]        x    the input            [N, D]      W   [H, D]
//     h    the state after         [N, H]        h₋   the state before     [N, H]      U   [H, H]
//
// For example, one number everywhere: dh = 2, h = 0.5, h₋ = −1, W = 4, U = 3:
//
//     da = 2·(1 − 0.25) = 1.5      dx = 1.5·4 = 6      dh₋ = 1.5·3 = 4.5      dU = 1.5·(−1) = −1.5
//
// Of the step's own gradients only dU is asked for; dW and db are made like it. You may use matmul and transposed().

import Practice

/// The gradients at the input and at the state before, and what the step adds to the gradient of U.
func rnnStepBackward(
  _ dh: Tensor, before: Tensor, after h: Tensor, w: Tensor, u: Tensor
) throws -> (dx: Tensor, dBefore: Tensor, du: Tensor) {
  // BEGIN SOLUTION
  let da = dh * (1 - h * h)
  return (matmul(da, w), matmul(da, u), matmul(da.transposed(), before))
  // END SOLUTION
}
