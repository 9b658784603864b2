/// The windows of an average pooling: which rows and columns each place of the output averages over, and what their
/// sum is divided by.
///
/// - Book: chapter 3.
package struct AverageWindows: Sendable {
  let height: Int
  let width: Int
  let rows: [Range<Int>]
  let columns: [Range<Int>]
  /// What a row range, and a column range, contribute to the divisor.
  let rowSizes: [Int]
  let columnSizes: [Int]
  /// What all sums are divided by, if not by their own window.
  let divisor: Int?

  package var outputHeight: Int { rows.count }
  package var outputWidth: Int { columns.count }

  /// Windows of one size. With `includesPadding` a place outside the image counts as a 0, as far as the padding goes.
  package init(_ g: PoolingGeometry, includesPadding: Bool, divisor: Int? = nil) {
    func windows(_ count: Int, _ size: Int, _ kernel: Int, _ stride: Int, _ padding: Int) -> (
      [Range<Int>], [Int]
    ) {
      var (ranges, sizes): ([Range<Int>], [Int]) = ([], [])
      for i in 0..<count {
        let start = i * stride - padding
        let end = min(start + kernel, size + padding)
        let inside = max(start, 0)..<max(min(end, size), max(start, 0))
        ranges.append(inside)
        sizes.append(includesPadding ? end - start : inside.count)
      }
      return (ranges, sizes)
    }
    height = g.height
    width = g.width
    (rows, rowSizes) = windows(g.outputHeight, g.height, g.kernel.height, g.stride.height, g.padding.height)
    (columns, columnSizes) = windows(g.outputWidth, g.width, g.kernel.width, g.stride.width, g.padding.width)
    self.divisor = divisor
  }

  /// Windows that share the image out over an output of the given size, as evenly as can be: place `i` of `n` covers
  /// `⌊i·H/n⌋ ..< ⌈(i+1)·H/n⌉`.
  package init(adaptingTo output: Size2d, input: [Int]) {
    if input.count != 4 { trap("adaptiveAvgPool2d: an input [N, C, H, W] is needed: \(input)") }
    if output.height < 1 || output.width < 1 || input[2] < 1 || input[3] < 1 {
      trap("adaptiveAvgPool2d: output size \(output) for input \(input)")
    }
    func windows(_ count: Int, _ size: Int) -> [Range<Int>] {
      (0..<count).map { $0 * size / count..<(($0 + 1) * size + count - 1) / count }
    }
    height = input[2]
    width = input[3]
    rows = windows(output.height, height)
    columns = windows(output.width, width)
    rowSizes = rows.map(\.count)
    columnSizes = columns.map(\.count)
    divisor = nil
  }

  private func scale(_ i: Int, _ j: Int) -> Float { 1 / Float(divisor ?? rowSizes[i] * columnSizes[j]) }
  private var grain: Int { max(1, (1 << 15) / max(height * width, 1)) }

  package func forward(_ x: Tensor) -> Tensor {
    var y = Tensor(uninitialized: [x.shape[0], x.shape[1], outputHeight, outputWidth])
    x.withPointer { x_ in
      y.withMutablePointer { y in
        Parallel.forEachRange(of: x.shape[0] * x.shape[1], grain: grain) { range in
          for plane in range {
            let image = x_ + plane * height * width
            let out = y + plane * outputHeight * outputWidth
            for (i, rows) in rows.enumerated() {
              for (j, columns) in columns.enumerated() {
                let top = image + columns.lowerBound
                let total = sum(top, rows, columns.count)
                out[i * outputWidth + j] = total * scale(i, j)
              }
            }
          }
        }
      }
    }
    return y
  }

  /// The sum of the first `count` numbers of each of `rows`. Large windows are summed row by row: one number after the
  /// other, a million of them would lose several per cent.
  private func sum(_ x: UnsafePointer<Float>, _ rows: Range<Int>, _ count: Int) -> Float {
    if rows.count * count <= 64 {
      var total: Float = 0
      for row in rows {
        for column in 0..<count { total += x[row * width + column] }
      }
      return total
    }
    var total = 0.0
    for row in rows { total += Double(pairwiseSum(x + row * width, count)) }
    return Float(total)
  }

  /// Each place of a window gets its share of the window's gradient.
  package func backward(_ dy: Tensor) -> Tensor {
    var dx = Tensor.zeros([dy.shape[0], dy.shape[1], height, width])
    dy.withPointer { dy_ in
      dx.withMutablePointer { dx in
        Parallel.forEachRange(of: dy.shape[0] * dy.shape[1], grain: grain) { range in
          for plane in range {
            let image = dx + plane * height * width
            let up = dy_ + plane * outputHeight * outputWidth
            for (i, rows) in rows.enumerated() {
              for (j, columns) in columns.enumerated() {
                let share = up[i * outputWidth + j] * scale(i, j)
                for row in rows {
                  for column in columns { image[row * width + column] += share }
                }
              }
            }
          }
        }
      }
    }
    return dx
  }
}
