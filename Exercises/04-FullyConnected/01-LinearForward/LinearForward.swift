// 4.1  The linear layer                                            (the book: chapter 4, section 4.1)
//
// Each number that comes out is a weighted sum of all numbers that go in, and a bias:
//
//     y_no = Σᵢ x_ni w_oi + b_o            for all examples at once:   y = x Wᵀ + b
//
//     x   the inputs     [N, D_in]         N examples, one in each row
//     W   the weights    [D_out, D_in]     one row for each number that comes out
//     b   the biases     [D_out]           or nil: then nothing is added
//     y   the outputs    [N, D_out]
//
// For example:
//
//     x =  1 2 3      W =  1 0 −1      b =  10       y =  1·1 + 2·0 + 3·(−1) + 10   1·2 + 2·1 + 3·0 + 20  =   8 24
//          0 1 0           2 1  0           20            0·1 + 1·0 + 0·(−1) + 10   0·2 + 1·1 + 0·0 + 20     10 21
//
// A tensor's numbers are x[n, i]; its shape is an array, so x.shape[0] is N.

import Practice

/// The linear layer, for a batch.
func linearForward(_ x: Tensor, weight w: Tensor, bias b: Tensor?) throws -> Tensor {
  // BEGIN SOLUTION
  var y = Tensor.zeros([x.shape[0], w.shape[0]])
  for n in 0..<x.shape[0] {
    for o in 0..<w.shape[0] {
      var sum = b?[o] ?? 0
      for i in 0..<x.shape[1] { sum += x[n, i] * w[o, i] }
      y[n, o] = sum
    }
  }
  return y
  // END SOLUTION
}
