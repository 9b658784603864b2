import Engine

/// The upper left number of each window, the others thrown away: what a stride looks at.
///
/// - Parameter x: Maps of `rows.count` × `columns.count` numbers, row by row, one after the other.
/// - PyTorch: `x[:, :, ::s, ::s]`, for windows without padding.
/// - Book: section 3.4.
public func corners<Scalar>(_ x: [Scalar], rows: Windows, columns: Windows) -> [Scalar] {
  let (height, width) = (rows.count, columns.count)
  return (0..<mapCount(x.count, height, width, "corners")).flatMap { map in
    rows.spans.flatMap { row in
      columns.spans.map { column in
        x[map * height * width + row.lowerBound * width + column.lowerBound]
      }
    }
  }
}

/// A map of the old size, in which every place has its window's number: the simplest guess at what was pooled.
///
/// - Parameters:
///   - y: One number for each window.
///   - rows: Windows side by side: where they overlap, the last one counts; what no window holds is 0.
/// - Book: section 3.4.
public func spreadOut<Scalar: FloatingPoint>(_ y: [Scalar], rows: Windows, columns: Windows) -> [Scalar] {
  let (height, width) = (rows.count, columns.count)
  let maps = mapCount(y.count, rows.spans.count, columns.spans.count, "spreadOut")
  var x = [Scalar](repeating: 0, count: maps * height * width)
  var window = 0
  for map in 0..<maps {
    for rowSpan in rows.spans {
      for columnSpan in columns.spans {
        for row in rowSpan {
          for column in columnSpan { x[(map * height + row) * width + column] = y[window] }
        }
        window += 1
      }
    }
  }
  return x
}

/// How much of the differences in `x` the numbers of `z` can account for: the squared correlation.
///
///     ρ² = (Σ (xᵢ − x̄)(zᵢ − z̄))² / (Σ (xᵢ − x̄)² · Σ (zᵢ − z̄)²)
///
/// 1 when `x` can be computed from `z` by a factor and an addend, 0 when that is no better than the mean of `x`.
///
/// - Returns: From 0 to 1; 0 where one of the two is even, and tells nothing.
/// - PyTorch: `torch.corrcoef(torch.stack((x, z)))[0, 1] ** 2`.
/// - Book: section 3.4.
public func squaredCorrelation<Scalar: FloatingPoint>(_ x: [Scalar], _ z: [Scalar]) -> Scalar {
  guard x.count == z.count, !x.isEmpty else {
    fatalError("squaredCorrelation: \(x.count) and \(z.count) numbers")
  }
  let (meanX, meanZ) = (x.reduce(0, +) / Scalar(x.count), z.reduce(0, +) / Scalar(z.count))
  var (xx, zz, xz): (Scalar, Scalar, Scalar) = (0, 0, 0)
  for (a, b) in zip(x, z) {
    xx += (a - meanX) * (a - meanX)
    zz += (b - meanZ) * (b - meanZ)
    xz += (a - meanX) * (b - meanZ)
  }
  return xx > 0 && zz > 0 ? xz * xz / (xx * zz) : 0
}

/// Images moved by whole pixels, with zeros coming in.
///
///     x′_ij = x_{i − down, j − right}
///
/// - Parameter images: `[…, H, W]`
/// - PyTorch: `torch.roll`, but what leaves on one side does not come back on the other.
/// - Book: section 3.4.
public func moved(_ images: Tensor, down: Int, right: Int) -> Tensor {
  let (height, width) = (images.shape[images.rank - 2], images.shape[images.rank - 1])
  let x = images.scalars
  var y = [Float](repeating: 0, count: x.count)
  let rows = max(0, down)..<max(min(height, height + down), max(0, down))
  let columns = max(0, right)..<max(min(width, width + right), max(0, right))
  for image in 0..<(height * width == 0 ? 0 : x.count / (height * width)) {
    for row in rows {
      let (to, from) = ((image * height + row) * width, (image * height + row - down) * width - right)
      for column in columns { y[to + column] = x[from + column] }
    }
  }
  return Tensor(y, shape: images.shape)
}
