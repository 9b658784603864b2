// Axes in another order. The numbers are copied: a tensor's numbers always lie row by row.

extension Tensor {
  /// The axes in another order: axis `i` of the result is axis `axes[i]` of this tensor.
  ///
  /// - PyTorch: `x.permute(axes)`, made contiguous.
  public func permuted(_ axes: [Int]) -> Tensor {
    let order = axes.map { resolve(axis: $0, rank: rank, "permuted") }
    if Set(order).count != rank || order.count != rank {
      trap("permuted: \(axes) is not an order of the axes of \(shape)")
    }
    if order == Array(0..<rank) { return self }
    var y = Tensor(uninitialized: order.map { shape[$0] })
    if y.count == 0 { return y }

    // Axes that stay neighbours are one axis; then the last is either still last, and whole rows are copied, or not.
    var groups: [[Int]] = []
    for axis in order where shape[axis] != 1 {
      if let last = groups.last?.last, shape[(last + 1)..<max(axis, last + 1)].allSatisfy({ $0 == 1 }),
        axis > last
      {
        groups[groups.count - 1].append(axis)
      } else {
        groups.append([axis])
      }
    }
    let own = Self.steps(of: shape)
    let sizes = groups.map { $0.reduce(1) { $0 * shape[$1] } }
    let steps = groups.map { own[$0.last!] }
    withPointer { x in
      y.withMutablePointer { y in gather(x, sizes: sizes, steps: steps, into: y) }
    }
    return y
  }

  /// Two axes exchanged; of a matrix, its rows and columns.
  ///
  /// - PyTorch: `x.transpose(a, b)`, made contiguous.
  public func transposed(_ a: Int = -2, _ b: Int = -1) -> Tensor {
    if rank < 2 { trap("transposed: at least two axes are needed: \(shape)") }
    var axes = Array(0..<rank)
    axes.swapAt(resolve(axis: a, rank: rank, "transposed"), resolve(axis: b, rank: rank, "transposed"))
    return permuted(axes)
  }

  /// Copies the numbers at steps `steps` along axes of sizes `sizes` to one after the other.
  private func gather(
    _ x: UnsafePointer<Float>, sizes: [Int], steps: [Int], into y: UnsafeMutablePointer<Float>
  ) {
    let axes = sizes.count
    if axes == 0 {
      y[0] = x[0]
    } else if steps[axes - 1] == 1 {
      let width = sizes[axes - 1]
      let rows = sizes.dropLast().reduce(1, *)
      Parallel.forEachRange(of: rows, grain: max(1, elementwiseGrain / width)) { range in
        Self.forEachOffset(range, sizes: sizes[..<(axes - 1)], steps: steps[..<(axes - 1)]) { row, offset in
          (y + row * width).update(from: x + offset, count: width)
        }
      }
    } else {
      // The axis that lies closest together in memory is read along, the last is written along, in small tiles, so
      // that both stay in the cache.
      let near = steps.indices.min { steps[$0] < steps[$1] }!
      let (columns, columnStep) = (sizes[axes - 1], steps[axes - 1])
      let (rows, rowStep) = (sizes[near], steps[near])
      let outRowStep = sizes[(near + 1)...].reduce(1, *)
      var outerSizes = sizes
      var outerSteps = steps
      var outSteps = Self.steps(of: sizes)
      for axis in [axes - 1, near].sorted(by: >) {
        outerSizes.remove(at: axis)
        outerSteps.remove(at: axis)
        outSteps.remove(at: axis)
      }
      let planes = outerSizes.reduce(1, *)
      let tile = 32
      let bands = (rows + tile - 1) / tile
      Parallel.forEachRange(of: planes * bands, grain: max(1, elementwiseGrain / (tile * columns))) { range in
        for piece in range {
          let (plane, band) = (piece / bands, piece % bands)
          var (rest, source, target) = (plane, 0, 0)
          for axis in outerSizes.indices.reversed() {
            let i = rest % outerSizes[axis]
            rest /= outerSizes[axis]
            source += i * outerSteps[axis]
            target += i * outSteps[axis]
          }
          let rowRange = band * tile..<min(rows, (band + 1) * tile)
          for start in stride(from: 0, to: columns, by: tile) {
            for r in rowRange {
              let from = x + source + r * rowStep
              let to = y + target + r * outRowStep
              for c in start..<min(columns, start + tile) { to[c] = from[c * columnStep] }
            }
          }
        }
      }
    }
  }

  /// Calls `body` with each number of `range` and the offset it stands for, counting over `sizes`.
  private static func forEachOffset(
    _ range: Range<Int>, sizes: ArraySlice<Int>, steps: ArraySlice<Int>, _ body: (Int, Int) -> Void
  ) {
    var index = [Int](repeating: 0, count: sizes.count)
    var (rest, offset) = (range.lowerBound, 0)
    for axis in sizes.indices.reversed() {
      index[axis] = rest % sizes[axis]
      rest /= sizes[axis]
      offset += index[axis] * steps[axis]
    }
    for row in range {
      body(row, offset)
      var axis = sizes.count - 1
      while axis >= 0 {
        index[axis] += 1
        offset += steps[axis]
        if index[axis] < sizes[axis] { break }
        offset -= steps[axis] * sizes[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }
}
