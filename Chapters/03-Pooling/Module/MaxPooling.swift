/// The largest number of each window, and its place.
///
///     y_ij = max over r, t of  x_rt           [r, t] in window [i, j]
///
/// Every map is pooled by itself. What lies in the border takes no part, as if it were −∞. Among equals the first in the
/// order of reading wins; what is not a number (NaN) wins over everything, so that it is noticed.
///
/// - Parameters:
///   - x: Maps of `rows.count` × `columns.count` numbers, row by row, one after the other: `[N, C, H, W]`, say.
///   - rows: The windows' rows.
///   - columns: The windows' columns.
/// - Returns: For each map, row by row, the largest number of each window; and where it stands in its map,
///   `row · W + column`.
/// - PyTorch: `max_pool2d(x, …, return_indices=True)`.
/// - Book: section 3.1.
public func maxPool<Scalar: FloatingPoint>(
  _ x: [Scalar], rows: Windows, columns: Windows
) -> (values: [Scalar], places: [Int]) {
  let (height, width) = (rows.count, columns.count)
  var (values, places): ([Scalar], [Int]) = ([], [])
  for map in 0..<mapCount(x.count, height, width, "maxPool") {
    let corner = map * height * width
    for rowSpan in rows.spans {
      for columnSpan in columns.spans {
        var best = rowSpan.lowerBound * width + columnSpan.lowerBound
        for row in rowSpan {
          for column in columnSpan {
            let number = x[corner + row * width + column]
            if number > x[corner + best] || number.isNaN { best = row * width + column }
          }
        }
        values.append(x[corner + best])
        places.append(best)
      }
    }
  }
  return (values, places)
}

/// Sends each gradient to the place its maximum came from. A place that won in several windows gets the sum.
///
///     dx_rt = Σ dy_ij over those windows [i, j] whose largest number stood at [r, t]
///
/// - Parameters:
///   - dy: One number for each window, as `maxPool` returns them.
///   - places: The places that `maxPool` returned.
/// - Returns: The maps' gradient, of the size of `x`.
/// - Book: section 3.5.
public func maxPoolGradient<Scalar: FloatingPoint>(
  _ dy: [Scalar], places: [Int], rows: Windows, columns: Windows
) -> [Scalar] {
  guard dy.count == places.count else {
    fatalError("maxPoolGradient: \(dy.count) gradients for \(places.count) places")
  }
  let windows = rows.spans.count * columns.spans.count
  let size = rows.count * columns.count
  var dx = [Scalar](
    repeating: 0,
    count: mapCount(dy.count, rows.spans.count, columns.spans.count, "maxPoolGradient") * size)
  for (window, place) in places.enumerated() {
    dx[window / windows * size + place] += dy[window]
  }
  return dx
}
