// 2.7  How much does a number see?                                 (the book: chapter 2, section 2.8)
//
// A number behind one layer is made of k numbers of the input. Behind two layers it is made of several such numbers,
// and sees more. How many numbers of the input lie between the first and the last that it depends on, both counted, is
// its receptive field r.
//
//     r₀ = 1,  j₀ = 1
//     r_l = r_{l−1} + d_l (k_l − 1) · j_{l−1}
//     j_l = j_{l−1} · s_l
//
//     k_l, s_l, d_l   kernel, stride and dilation of layer l = 1 … L
//     j_l             the jump: how far apart two neighbours behind layer l look at the input
//     r_l             the receptive field behind layer l
//
// For example, two layers with kernels of 3, the first of them with stride 2:
//
//     input     ● ● ● ● ● ● ●        r₁ = 1 + (3 − 1) · 1 = 3     j₁ = 1 · 2 = 2
//     layer 1     ●   ●   ●          r₂ = 3 + (3 − 1) · 2 = 7     j₂ = 2 · 1 = 2
//     layer 2         ●
//
// Padding moves a receptive field, but does not change its size. For an image, count rows and columns apart.

import Practice

/// The receptive field behind each layer, `[r₁, …, r_L]`.
func receptiveFields(kernels k: [Int], strides s: [Int], dilations d: [Int]) throws -> [Int] {
  // BEGIN SOLUTION
  var (field, jump) = (1, 1)
  var fields: [Int] = []
  for layer in k.indices {
    field += d[layer] * (k[layer] - 1) * jump
    jump *= s[layer]
    fields.append(field)
  }
  return fields
  // END SOLUTION
}
