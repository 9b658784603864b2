// 5.7  One step of the first paper's GRU, backwards                (the book: chapter 5, section 5.5)
//
// In the GRU of the first paper the reset gate acts on the state before the product:
//
//     h̃ = tanh( x W_hᵀ + b_h + (r ⊙ h₋) U_hᵀ )          h = (1 − z) ⊙ h̃ + z ⊙ h₋
//
// Given is the gradient dh at the state after the step. Wanted is the gradient at h₋, the state before it. There are
// four paths from h₋ to h, and what comes back on them is added:
//
//     straight on      dh ⊙ z
//     through z        dz U_z      dz = dh ⊙ (h₋ − h̃) ⊙ z ⊙ (1 − z)
//     through h̃        v ⊙ r       v  = da U_h,    da = dh ⊙ (1 − z) ⊙ (1 − h̃ ⊙ h̃)
//     through r        dr U_r      dr = v ⊙ h₋ ⊙ r ⊙ (1 − r)
//
//     dh, h₋, z, r, h̃   [N, H] each          U_z, U_r, U_h   [H, H] each          the result   [N, H]
//
// For example, one number everywhere: dh = 2, h₋ = 1, z = 0.5, r = 0.25, h̃ = 0, U_z = 4, U_r = −2, U_h = 3:
//
//     straight on 2·0.5 = 1          dz = 2·(1 − 0)·0.25 = 0.5, times 4: 2
//     da = 2·0.5·1 = 1, v = 3, times r: 0.75          dr = 3·1·0.1875 = 0.5625, times −2: −1.125
//     together 1 + 2 + 0.75 − 1.125 = 2.625
//
// You may use matmul; `*` of two tensors is number by number.

import Practice

/// The gradient at the state before the step.
func gruStepBackward(
  _ dh: Tensor, before h: Tensor, update z: Tensor, reset r: Tensor, candidate: Tensor,
  updateWeight uz: Tensor, resetWeight ur: Tensor, candidateWeight uh: Tensor
) throws -> Tensor {
  // BEGIN SOLUTION
  let dz = dh * (h - candidate) * z * (1 - z)
  let da = dh * (1 - z) * (1 - candidate * candidate)
  let v = matmul(da, uh)
  let dr = v * h * r * (1 - r)
  return dh * z + matmul(dz, uz) + v * r + matmul(dr, ur)
  // END SOLUTION
}
