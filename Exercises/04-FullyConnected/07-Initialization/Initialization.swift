// 4.7  The first weights: Xavier and He                            (the book: chapter 4, section 4.5)
//
// Weights begin as random numbers. If they are too large, the numbers grow from layer to layer, and if they are too
// small, they die out. How large is right depends on how many numbers each sum has:
//
//     fan-in     how many numbers go into one number of the result
//     fan-out    how many numbers of the result one number goes into
//
//                                                 fan-in            fan-out
//     linear         W [D_out, D_in]              D_in              D_out
//     convolution    W [C_out, C_in, K_H, K_W]    C_in K_H K_W      C_out K_H K_W
//
// Xavier, also called Glorot, for tanh and the like: uniform between −a and a, which has the variance a²/3, and a is
// such that this is 2 / (fan-in + fan-out). He, for ReLU, which lets only half of the numbers through: normal, with the
// variance 2 / fan-in.
//
//     Xavier    w = (2u − 1) a        a = √(6 / (fan-in + fan-out))        u   uniform between 0 and 1
//     He        w = z σ               σ = √(2 / fan-in)                    z   normal, mean 0 and variance 1
//
//     u, z, w   all of the shape of W; the drawn numbers u and z are given
//
// For example, W [2, 4]:            fan-in 4, fan-out 2, a = √(6/6) = 1;   u = 0.75 gives w = 0.5, u = 0 gives w = −1
//              W [5, 2, 2, 2]:      fan-in 2·2·2 = 8, σ = √(2/8) = 0.5;    z = −3 gives w = −1.5

import Practice

/// Weights by Xavier's rule, from numbers drawn uniformly between 0 and 1.
func xavierUniform(_ u: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  let kernel = u.shape.dropFirst(2).reduce(1, *)
  let fans = kernel * (u.shape[0] + u.shape[1])
  return (2 * u - 1) * (6 / Float(fans)).squareRoot()
  // END SOLUTION
}

/// Weights by He's rule, from numbers drawn from the normal distribution.
func heNormal(_ z: Tensor) throws -> Tensor {
  // BEGIN SOLUTION
  let fanIn = z.shape.dropFirst().reduce(1, *)
  return z * (2 / Float(fanIn)).squareRoot()
  // END SOLUTION
}
