// 7.13  Batch norm, in training and in use                         (the book: chapter 7, section 7.9)
//
// Batch norm brings each channel to mean 0 and variance 1, and then gives it a scale w and a shift b of its own. What it
// takes for mean and variance depends on what the network is doing.
//
// While it is trained, they are those of the batch: over all n = N·H·W numbers of the channel. They also go into two
// running statistics, m and v, by a share a. There the variance is divided by n − 1, everywhere else by n:
//
//     μ = Σ x / n        σ² = Σ (x − μ)² / n
//     y = (x − μ) / √(σ² + ε) · w + b
//     m ← (1 − a) m + a μ
//     v ← (1 − a) v + a σ² n / (n − 1)
//
// When it is used, they are the running statistics, which stay as they are:
//
//     y = (x − m) / √(v + ε) · w + b
//
//     x, y   [N, C, H, W]        w, b, m, v   [C]
//
// For example, N = 2, C = 1, H = 1, W = 2 and ε = 0: x = 1 3 and 5 7, so n = 4, μ = 4, σ² = (9 + 1 + 1 + 9)/4 = 5. With
// w = 2 and b = 1 the first number becomes (1 − 4)/√5 · 2 + 1 = −1.683. With a = 0.5, m = 0 becomes 0.5·4 = 2, and v = 1
// becomes 0.5·1 + 0.5·5·4/3 = 3.833.

import Practice

/// The result, and the running statistics after it.
func batchNorm(
  _ x: Tensor, weight w: Tensor, bias b: Tensor, runningMean m: Tensor, runningVariance v: Tensor,
  share a: Float, epsilon: Float, isTraining: Bool
) throws -> (y: Tensor, runningMean: Tensor, runningVariance: Tensor) {
  // BEGIN SOLUTION
  var (y, newMean, newVariance) = (x, m, v)
  let (images, height, width) = (x.shape[0], x.shape[2], x.shape[3])
  let n = Float(images * height * width)
  for c in 0..<x.shape[1] {
    var (mean, variance) = (m[c], v[c])
    if isTraining {
      var numbers: [Float] = []
      for i in 0..<images {
        for r in 0..<height {
          for q in 0..<width { numbers.append(x[i, c, r, q]) }
        }
      }
      mean = numbers.reduce(0, +) / n
      variance = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
      newMean[c] = (1 - a) * m[c] + a * mean
      newVariance[c] = (1 - a) * v[c] + a * variance * n / (n - 1)
    }
    for i in 0..<images {
      for r in 0..<height {
        for q in 0..<width {
          y[i, c, r, q] = (x[i, c, r, q] - mean) / (variance + epsilon).squareRoot() * w[c] + b[c]
        }
      }
    }
  }
  return (y, newMean, newVariance)
  // END SOLUTION
}
