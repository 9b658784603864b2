/// The mean of each window.
///
///     y_ij = 1/m · Σ x_rt           [r, t] in window [i, j]
///
/// Every map is pooled by itself. `m` is how many numbers are counted: all places of the window where the border's zeros
/// count, or only those inside the map.
///
/// With `Windows.whole` this is global average pooling, with `Windows.adaptive` adaptive average pooling.
///
/// - Parameters:
///   - x: Maps of `rows.count` × `columns.count` numbers, row by row, one after the other: `[N, C, H, W]`, say.
///   - rows: The windows' rows.
///   - columns: The windows' columns.
///   - countsPadding: Whether the border's zeros count.
/// - Returns: For each map, row by row, the mean of each window.
/// - PyTorch: `avg_pool2d(x, …, count_include_pad=countsPadding)`; `x.mean([2, 3])`; `adaptive_avg_pool2d`.
/// - Book: sections 3.2 and 3.3.
public func averagePool<Scalar: FloatingPoint>(
  _ x: [Scalar], rows: Windows, columns: Windows, countsPadding: Bool = true
) -> [Scalar] {
  let (height, width) = (rows.count, columns.count)
  var y: [Scalar] = []
  for map in 0..<mapCount(x.count, height, width, "averagePool") {
    let corner = map * height * width
    for i in rows.spans.indices {
      for j in columns.spans.indices {
        var sum: Scalar = 0
        for row in rows.spans[i] {
          for column in columns.spans[j] { sum += x[corner + row * width + column] }
        }
        y.append(sum / Scalar(divisor(rows, i, columns, j, countsPadding)))
      }
    }
  }
  return y
}

/// Gives each place of a window an equal share of the window's gradient. A place that lies in several windows gets the
/// sum.
///
///     dx_rt = Σ dy_ij / m over those windows [i, j] that hold [r, t]
///
/// - Parameter dy: One number for each window, as `averagePool` returns them.
/// - Returns: The maps' gradient, of the size of `x`.
/// - Book: section 3.5.
public func averagePoolGradient<Scalar: FloatingPoint>(
  _ dy: [Scalar], rows: Windows, columns: Windows, countsPadding: Bool = true
) -> [Scalar] {
  let (height, width) = (rows.count, columns.count)
  let maps = mapCount(dy.count, rows.spans.count, columns.spans.count, "averagePoolGradient")
  var dx = [Scalar](repeating: 0, count: maps * height * width)
  var window = 0
  for map in 0..<maps {
    let corner = map * height * width
    for i in rows.spans.indices {
      for j in columns.spans.indices {
        let share = dy[window] / Scalar(divisor(rows, i, columns, j, countsPadding))
        for row in rows.spans[i] {
          for column in columns.spans[j] { dx[corner + row * width + column] += share }
        }
        window += 1
      }
    }
  }
  return dx
}

/// How many numbers window [i, j] counts, `m`.
private func divisor(_ rows: Windows, _ i: Int, _ columns: Windows, _ j: Int, _ countsPadding: Bool) -> Int {
  countsPadding ? rows.lengths[i] * columns.lengths[j] : rows.spans[i].count * columns.spans[j].count
}
