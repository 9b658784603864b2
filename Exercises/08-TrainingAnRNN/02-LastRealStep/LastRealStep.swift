// 8.2  The last real step, and its gradient                        (the book: chapter 8, section 8.4)
//
// A batch of N texts is as wide as its longest, T steps; the shorter ones are padded at their end. The network gives an
// output for every step, padding included. The classifier must judge each text by the output of its own last real step:
//
//     y_n = o_{n, l_n − 1}          l_n is the length of text n, from 1 to T; steps are counted from 0
//
//     o    outputs      [N, T, H]      lengths    N whole numbers      y    [N, H]
//
// And on the way back, from the gradient dy at y: the gradient do at o, which is as large as o. An output that y was not
// taken from has no influence on the loss.
//
// For example, two texts of lengths 1 and 3, H = 1:
//
//     o = 5 7 9      lengths 1 3      y = 5      dy = 2      do = 2 0 0
//         1 2 3                           3           4           0 0 4

import Practice

/// The outputs of the last real steps.
func lastRealSteps(_ o: Tensor, lengths: [Int]) throws -> Tensor {
  // BEGIN SOLUTION
  var y = Tensor.zeros([o.shape[0], o.shape[2]])
  for n in 0..<o.shape[0] {
    for h in 0..<o.shape[2] { y[n, h] = o[n, lengths[n] - 1, h] }
  }
  return y
  // END SOLUTION
}

/// The gradient at `o`, of shape `[N, T, H]`, where `steps` is T.
func lastRealStepsGradient(_ dy: Tensor, lengths: [Int], steps: Int) throws -> Tensor {
  // BEGIN SOLUTION
  var d = Tensor.zeros([dy.shape[0], steps, dy.shape[1]])
  for n in 0..<dy.shape[0] {
    for h in 0..<dy.shape[1] { d[n, lengths[n] - 1, h] = dy[n, h] }
  }
  return d
  // END SOLUTION
}
