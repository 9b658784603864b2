// 4.6  The backward pass of a linear layer                         (the book: chapter 4, section 4.4)
//
// On the way forward, y = x Wᵀ + b. On the way back comes dy, the upstream gradient: how the loss changes with each
// number of y. Wanted is how it changes with each number of x, of W and of b. By the chain rule, every path from a
// number to the loss counts, and the paths are added:
//
//     dx_ni = Σ_o dy_no w_oi          dx = dy W           [N, D_in]
//     dw_oi = Σ_n dy_no x_ni          dW = dyᵀ x          [D_out, D_in]
//     db_o  = Σ_n dy_no               the sum over the examples          [D_out]
//
//     dy   the upstream gradient    [N, D_out]
//     x    the inputs               [N, D_in]
//     W    the weights              [D_out, D_in]
//
// Each has the shape of what it belongs to: that tells what to multiply with what. If the loss is a mean over the
// examples, the division by N is in dy already.
//
// For example, one number out of two, and two examples:
//
//     dy =  1     x =  3 4     W =  5 6        dx =   5  6      dW = 1·3 + 2·0  1·4 + 2·1 = 3 6      db = 1 + 2 = 3
//           2          0 1                           10 12
//
// Write loops, or use `matmul(a, b)`, `a.transposed()` and `a.sum(axis: 0)`, which adds up the rows.

import Practice

/// The gradients of a linear layer, from the gradient of what came out of it.
func linearBackward(
  _ dy: Tensor, input x: Tensor, weight w: Tensor
) throws -> (dx: Tensor, dw: Tensor, db: Tensor) {
  // BEGIN SOLUTION
  return (matmul(dy, w), matmul(dy.transposed(), x), dy.sum(axis: 0))
  // END SOLUTION
}
