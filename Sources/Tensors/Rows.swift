// Tensors as lists of rows: parts of a batch, and tensors joined.

extension Tensor {
  /// The parts `range` along the first axis: images 10 to 20 of a batch, say.
  ///
  /// - PyTorch: `x[a:b]`.
  public func rows(_ range: Range<Int>) -> Tensor {
    guard rank > 0, range.lowerBound >= 0, range.upperBound <= shape[0] else {
      trap("rows: \(range) is out of range for shape \(shape)")
    }
    let width = shape.dropFirst().reduce(1, *)
    var y = Tensor(uninitialized: [range.count] + shape.dropFirst())
    withPointer { x in
      y.withMutablePointer { $0.update(from: x + range.lowerBound * width, count: range.count * width) }
    }
    return y
  }

  /// The parts with the given places along the first axis, in the given order.
  ///
  /// - PyTorch: `x[indices]`.
  public func rows(_ indices: [Int]) -> Tensor {
    if let bad = indices.first(where: { rank == 0 || $0 < 0 || $0 >= shape[0] }) {
      trap("rows: index \(bad) is out of range for shape \(shape)")
    }
    let width = shape.dropFirst().reduce(1, *)
    var y = Tensor(uninitialized: [indices.count] + shape.dropFirst())
    withPointer { x in
      y.withMutablePointer { y in
        for (i, index) in indices.enumerated() {
          (y + i * width).update(from: x + index * width, count: width)
        }
      }
    }
    return y
  }

  /// One part along the first axis, without that axis: image 3 of a batch, say.
  ///
  /// - PyTorch: `x[i]`.
  public func row(_ index: Int) -> Tensor {
    rows(index..<index + 1).reshaped(Array(shape.dropFirst()))
  }
}

extension Tensor {
  /// Adds `row` to every row of a matrix, in place.
  package mutating func addToRows(_ row: Tensor) {
    let (rows, width) = (shape[0], shape[1])
    row.withPointer { b in
      withMutablePointer { y in
        Parallel.forEachRange(of: rows, grain: max(1, elementwiseGrain / max(width, 1))) { range in
          for r in range {
            let out = y + r * width
            for j in 0..<width { out[j] += b[j] }
          }
        }
      }
    }
  }
}
