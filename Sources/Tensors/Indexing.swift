// Numbers picked by whole-number places, and their way back.

extension Tensor {
  /// The given places along `axis`, in the given order, repeats allowed.
  ///
  /// - PyTorch: `x.index_select(axis, indices)`.
  public func selecting(_ indices: [Int], axis: Int) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "selecting")
    checkPlaces(indices, axis: axis, "selecting")
    let (outer, size, inner) = split(at: axis)
    var newShape = shape
    newShape[axis] = indices.count
    var y = Tensor(uninitialized: newShape)
    withPointer { x in
      y.withMutablePointer { y in
        indices.withUnsafeBufferPointer { indices in
          let grain = max(1, elementwiseGrain / max(inner, 1))
          for o in 0..<outer {
            Parallel.forEachRange(of: indices.count, grain: grain) { range in
              for i in range {
                let from = x + (o * size + indices[i]) * inner
                (y + (o * indices.count + i) * inner).update(from: from, count: inner)
              }
            }
          }
        }
      }
    }
    return y
  }

  /// Adds each part of `source` along `axis` to the place `indices` names, in order: the backward of `selecting`.
  ///
  /// - PyTorch: `x.index_add(axis, indices, source)`.
  public func adding(_ source: Tensor, at indices: [Int], axis: Int) -> Tensor {
    var y = self
    y.add(source, at: indices, axis: axis)
    return y
  }

  /// `adding` in place.
  package mutating func add(_ source: Tensor, at indices: [Int], axis: Int) {
    let axis = resolve(axis: axis, rank: rank, "adding")
    checkPlaces(indices, axis: axis, "adding")
    var expected = shape
    expected[axis] = indices.count
    if source.shape != expected {
      trap("adding: source \(source.shape) where \(expected) is needed for \(shape)")
    }
    let (outer, size, inner) = split(at: axis)
    // Cut by columns: each number gets what is added to it in the order of the indices.
    let columns = source.count < elementwiseGrain ? inner : max(64, (inner + 7) / 8)
    source.withPointer { x in
      withMutablePointer { y in
        indices.withUnsafeBufferPointer { indices in
          for o in 0..<outer {
            Parallel.forEachRange(of: inner, grain: max(1, columns)) { range in
              for (i, index) in indices.enumerated() {
                let (from, to) = (x + (o * indices.count + i) * inner, y + (o * size + index) * inner)
                for j in range { to[j] += from[j] }
              }
            }
          }
        }
      }
    }
  }

  private func checkPlaces(_ indices: [Int], axis: Int, _ op: String) {
    if rank == 0 { trap("\(op): a scalar has no axis to choose from") }
    if let bad = indices.first(where: { $0 < 0 || $0 >= shape[axis] }) {
      trap("\(op): index \(bad) is out of range along axis \(axis) of shape \(shape)")
    }
  }

  /// One number for each place of `indices`: the one that lies there along `axis`, and at the same place otherwise.
  ///
  ///     y[i][j] = x[i][ indices[i][j] ]      for axis 1
  ///
  /// - Parameters:
  ///   - indices: Of this tensor's rank, and no larger along the other axes.
  ///   - axis: The axis that the indices count along; a negative one counts from the last.
  /// - Returns: Of the shape of `indices`.
  /// - PyTorch: `x.gather(axis, indices)`.
  public func gathered(_ indices: IntTensor, axis: Int) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "gathered")
    var y = Tensor(uninitialized: indices.shape)
    withPointer { x in
      y.withMutablePointer { y in
        forEachPlace(indices, axis: axis, "gathered") { i, place in y[i] = x[place] }
      }
    }
    return y
  }

  /// These numbers with each number of `source` put where `indices` says along `axis`; the last to come stays.
  ///
  /// - PyTorch: `x.scatter(axis, indices, source)`.
  public func scattering(_ source: Tensor, at indices: IntTensor, axis: Int) -> Tensor {
    scatter(source, indices, axis: axis, "scattering") { $0 = $1 }
  }

  /// These numbers with each number of `source` added where `indices` says along `axis`, in order: the backward of
  /// `gathered`.
  ///
  /// - PyTorch: `x.scatter_add(axis, indices, source)`.
  public func scatterAdding(_ source: Tensor, at indices: IntTensor, axis: Int) -> Tensor {
    scatter(source, indices, axis: axis, "scatterAdding") { $0 += $1 }
  }

  private func scatter(
    _ source: Tensor, _ indices: IntTensor, axis: Int, _ op: String, _ change: (inout Float, Float) -> Void
  ) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, op)
    if source.shape != indices.shape {
      trap("\(op): source and indices differ: \(source.shape) and \(indices.shape)")
    }
    var y = self
    source.withPointer { x in
      y.withMutablePointer { y in
        forEachPlace(indices, axis: axis, op) { i, place in change(&y[place], x[i]) }
      }
    }
    return y
  }

  /// Calls `body` with each place in `indices` and the place in this tensor that it stands for.
  private func forEachPlace(_ indices: IntTensor, axis: Int, _ op: String, _ body: (Int, Int) -> Void) {
    let fits =
      indices.rank == rank && rank > 0
      && zip(indices.shape, shape).enumerated().allSatisfy { i, sizes in
        i == axis || sizes.0 <= sizes.1
      }
    if !fits { trap("\(op): indices \(indices.shape) do not fit shape \(shape) along axis \(axis)") }
    let steps = Self.steps(of: shape)
    var index = [Int](repeating: 0, count: rank)
    var base = 0  // the place of `index` with axis `axis` left out
    for (i, place) in indices.scalars.enumerated() {
      if place < 0 || place >= shape[axis] {
        trap("\(op): index \(place) is out of range along axis \(axis) of shape \(shape)")
      }
      body(i, base + place * steps[axis])
      var a = rank - 1
      while a >= 0 {
        let step = a == axis ? 0 : steps[a]
        index[a] += 1
        base += step
        if index[a] < indices.shape[a] { break }
        base -= step * indices.shape[a]
        index[a] = 0
        a -= 1
      }
    }
  }
}
