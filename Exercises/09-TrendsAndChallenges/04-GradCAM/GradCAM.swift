// 9.4  Grad-CAM                                                    (the book: chapter 9, section 9.4)
//
// Grad-CAM looks at the maps of the last convolution, and not at the pixels. Each map gets a weight: how much the score
// of the class would rise, on average over its places, if the map rose. The weighted maps are added up, and only what
// argues for the class is kept. The result is as coarse as the maps; to lay it over the image it is enlarged.
//
//     w_k     = 1/(H·W) · Σ_{i,j} ∂s_c/∂A_k[i, j]
//     L[i, j] = max( 0, Σ_k w_k A_k[i, j] )
//     E[i, j] = L[i/r, j/r]        divisions rounded down: each number becomes a block of r × r
//
//     A           the maps, after ReLU or before        [C, H, W]
//     gradient    of the score s_c at the maps          [C, H, W]
//     E           the enlarged map                      [rH, rW]
//
// For example, two maps of 1 × 3, enlarged by r = 2:
//
//     A =  1 2 0     gradient =  3 0 6     w =  3      3·1 − 1·4   3·2 − 1·1   3·0 − 1·2
//          4 1 2                −1 −4 2        −1      = −1, so 0  = 5         = −2, so 0
//
//     L = 0 5 0      E = 0 0 5 5 0 0
//                        0 0 5 5 0 0

import Practice

/// The enlarged Grad-CAM map.
func gradCAM(_ a: Tensor, gradient: Tensor, enlargedBy r: Int) throws -> Tensor {
  // BEGIN SOLUTION
  let (channels, height, width) = (a.shape[0], a.shape[1], a.shape[2])
  var sum = Tensor.zeros([height, width])
  for k in 0..<channels {
    let weight = gradient.row(k).scalars.reduce(0, +) / Float(height * width)
    sum += weight * a.row(k)
  }
  var enlarged = Tensor.zeros([r * height, r * width])
  for i in 0..<r * height {
    for j in 0..<r * width { enlarged[i, j] = max(0, sum[i / r, j / r]) }
  }
  return enlarged
  // END SOLUTION
}
