// 3.5  Adaptive pooling                                            (the book: chapter 3, section 3.3)
//
// Global pooling makes one number of a map of any size. Adaptive pooling makes m numbers, for any n it is given. There
// is no stride to choose; instead, each result is told from where to where it looks:
//
//     firstᵢ = ⌊ i n / m ⌋        endᵢ = ⌈ (i + 1) n / m ⌉        i = 0 … m − 1
//
// Result i is the mean of the numbers firstᵢ … endᵢ − 1. ⌊ ⌋ rounds down and ⌈ ⌉ rounds up, so no number is left out;
// where n is no multiple of m, windows differ in length or overlap. For example, n = 7 and m = 3:
//
//     i = 0:  ⌊0⌋   = 0 … ⌈7/3⌉  = 3        x₀ x₁ x₂
//     i = 1:  ⌊7/3⌋ = 2 … ⌈14/3⌉ = 5              x₂ x₃ x₄
//     i = 2:  ⌊14/3⌋ = 4 … ⌈7⌉   = 7                    x₄ x₅ x₆
//
// In two dimensions, rows and columns each have their own windows; m may also be larger than n.
//
//     x   the maps     [C, H, W]
//     m   the sizes    [m_H, m_W]
//     y   the means    [C, m_H, m_W]

import Practice

/// From where to where result `i` of `m` looks at `n` numbers: the first, and the one behind the last.
func adaptiveWindow(_ i: Int, of m: Int, input n: Int) throws -> (first: Int, end: Int) {
  // BEGIN SOLUTION
  (i * n / m, ((i + 1) * n + m - 1) / m)
  // END SOLUTION
}

/// The means of `m[0]` × `m[1]` windows that cover each map.
func adaptiveAveragePool(_ x: Tensor, to m: [Int]) throws -> Tensor {
  // BEGIN SOLUTION
  var y = Tensor.zeros([x.shape[0], m[0], m[1]])
  for i in 0..<m[0] {
    let rows = try adaptiveWindow(i, of: m[0], input: x.shape[1])
    for j in 0..<m[1] {
      let columns = try adaptiveWindow(j, of: m[1], input: x.shape[2])
      let count = (rows.end - rows.first) * (columns.end - columns.first)
      for c in 0..<x.shape[0] {
        var sum: Float = 0
        for row in rows.first..<rows.end {
          for column in columns.first..<columns.end { sum += x[c, row, column] }
        }
        y[c, i, j] = sum / Float(count)
      }
    }
  }
  return y
  // END SOLUTION
}
