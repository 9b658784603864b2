// 3.7  What pooling keeps                                          (the book: chapter 3, section 3.4)
//
// It is often said that pooling does not mind when the image moves a little. Measure it: move an image to the right,
// pool it before and after, and count how many of the pooled numbers have stayed the same.
//
//     x′ᵢⱼ = xᵢ,ⱼ₋ₜ   x moved to the right by t columns, with zeros coming in
//     share = number of places where |y′ᵢⱼ − yᵢⱼ| ≤ 0.00001, divided by the number of all places
//
// Do it three times, with windows of k × k side by side (stride k, rows and columns that fill no window left out):
//
//     max       y is the largest number of each window
//     mean      y is the mean of each window
//     corner    y is the number in the upper left corner of each window, and the others are thrown away
//
//     x   the image    [H, W]
//     k   the window, at most H and W;  t  from 0 to W
//     the result       the three shares in this order, from 0 to 1
//
// For example, k = 2 and t = 1, with H = 2 and W = 4; max and mean keep the first of the two windows:
//
//     x =  5 0 0 1      x′ =  0 5 0 0      max     5 1 → 5 0            share 0.5
//          0 0 0 0            0 0 0 0      mean    1.25 0.25 → 1.25 0   share 0.5
//                                          corner  5 0 → 0 0            share 0.5

import Practice

/// The shares of pooled numbers that stay when the image moves by `t`: for max, mean and corner.
func sharesKept(_ x: Tensor, size k: Int, movedBy t: Int) throws -> [Float] {
  // BEGIN SOLUTION
  let (rows, columns) = (x.shape[0] / k, x.shape[1] / k)
  var kept: [Float] = [0, 0, 0]
  for i in 0..<rows {
    for j in 0..<columns {
      func pooled(movedBy t: Int) -> [Float] {
        var (largest, sum) = (-Float.infinity, Float(0))
        func number(_ row: Int, _ column: Int) -> Float { column < t ? 0 : x[row, column - t] }
        for row in i * k..<(i + 1) * k {
          for column in j * k..<(j + 1) * k {
            largest = max(largest, number(row, column))
            sum += number(row, column)
          }
        }
        return [largest, sum / Float(k * k), number(i * k, j * k)]
      }
      for (way, (before, after)) in zip(pooled(movedBy: 0), pooled(movedBy: t)).enumerated() {
        if abs(after - before) <= 0.00001 { kept[way] += 1 }
      }
    }
  }
  return kept.map { $0 / Float(rows * columns) }
  // END SOLUTION
}
