// Parts of a tensor along an axis, and tensors joined. Along an axis a tensor is `outer` blocks of `size` rows of
// `inner` numbers; see `split(at:)`.

extension Tensor {
  /// The places `range` along `axis`.
  ///
  /// - PyTorch: `x.narrow(axis, start, length)`; `x[:, a:b]` for axis 1.
  public func sliced(_ range: Range<Int>, axis: Int) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "sliced")
    if rank == 0 || range.lowerBound < 0 || range.upperBound > shape[axis] {
      trap("sliced: \(range) is out of range along axis \(axis) of shape \(shape)")
    }
    let (outer, size, inner) = split(at: axis)
    var newShape = shape
    newShape[axis] = range.count
    var y = Tensor(uninitialized: newShape)
    let width = range.count * inner
    withPointer { x in
      y.withMutablePointer { y in
        for o in 0..<outer {
          (y + o * width).update(from: x + (o * size + range.lowerBound) * inner, count: width)
        }
      }
    }
    return y
  }

  /// The place `index` along `axis`, without that axis: the last step of every sequence, say. Negative places count
  /// from the end.
  ///
  /// - PyTorch: `x.select(axis, index)`; `x[:, -1]` for axis 1.
  public func selected(_ index: Int, axis: Int) -> Tensor {
    let axis = resolve(axis: axis, rank: rank, "selected")
    if rank == 0 || index < -shape[axis] || index >= shape[axis] {
      trap("selected: index \(index) is out of range along axis \(axis) of shape \(shape)")
    }
    let place = index < 0 ? index + shape[axis] : index
    var newShape = shape
    newShape.remove(at: axis)
    return sliced(place..<place + 1, axis: axis).reshaped(newShape)
  }

  /// Zeros, with these numbers at `range` along `axis`: the backward of slicing.
  package func padded(to size: Int, at start: Int, axis: Int) -> Tensor {
    let (outer, width, inner) = split(at: axis)
    var newShape = shape
    newShape[axis] = size
    var y = Tensor(uninitialized: newShape)
    withPointer { x in
      y.withMutablePointer { y in
        for o in 0..<outer {
          let row = y + o * size * inner
          row.update(repeating: 0, count: start * inner)
          (row + start * inner).update(from: x + o * width * inner, count: width * inner)
          (row + (start + width) * inner).update(repeating: 0, count: (size - start - width) * inner)
        }
      }
    }
    return y
  }

  /// The parts of sizes `sizes` along `axis`, in order.
  ///
  /// - PyTorch: `x.split(sizes, axis)`.
  public func split(sizes: [Int], axis: Int) -> [Tensor] {
    let axis = resolve(axis: axis, rank: rank, "split")
    if rank == 0 || sizes.reduce(0, +) != shape[axis] || sizes.contains(where: { $0 < 0 }) {
      trap("split: sizes \(sizes) do not add up along axis \(axis) of shape \(shape)")
    }
    var start = 0
    return sizes.map { size in
      defer { start += size }
      return sliced(start..<start + size, axis: axis)
    }
  }

  /// `parts` parts of equal size along `axis`.
  ///
  /// - PyTorch: `x.chunk(parts, axis)`, where the parts come out equal; others trap here.
  public func split(into parts: Int, axis: Int) -> [Tensor] {
    let axis = resolve(axis: axis, rank: rank, "split")
    if rank == 0 || parts < 1 || shape[axis] % parts != 0 {
      trap("split: axis \(axis) of shape \(shape) does not divide into \(parts) parts")
    }
    return split(sizes: Array(repeating: shape[axis] / parts, count: parts), axis: axis)
  }

  /// The same numbers with a new axis of size 1 at `axis`.
  ///
  /// - PyTorch: `x.unsqueeze(axis)`.
  public func expandingAxis(_ axis: Int) -> Tensor {
    let place = resolve(axis: axis, rank: rank + 1, "expandingAxis")
    var newShape = shape
    newShape.insert(1, at: place)
    return reshaped(newShape)
  }
}

/// The shape of `shapes` joined along `axis`. Traps when they differ elsewhere.
package func concatenatedShape(_ shapes: [[Int]], axis: Int) -> (shape: [Int], axis: Int) {
  guard var shape = shapes.first else { trap("concatenate: nothing to join") }
  let axis = resolve(axis: axis, rank: shape.count, "concatenate")
  if shape.isEmpty { trap("concatenate: scalars have no axis to be joined along; see stack") }
  for other in shapes.dropFirst() {
    var fitted = other
    if fitted.count == shape.count { fitted[axis] = shape[axis] }
    if fitted != shape {
      trap("concatenate: shapes differ beyond axis \(axis): \(shapes[0]) and \(other)")
    }
  }
  shape[axis] = shapes.reduce(0) { $0 + $1[axis] }
  return (shape, axis)
}

/// Tensors joined along an axis; they may differ in size along it alone.
///
/// - PyTorch: `torch.cat(tensors, axis)`.
public func concatenate(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  let (shape, axis) = concatenatedShape(tensors.map(\.shape), axis: axis)
  var y = Tensor(uninitialized: shape)
  let (outer, size, inner) = y.split(at: axis)
  y.withMutablePointer { y in
    var start = 0
    for tensor in tensors {
      let width = tensor.shape[axis] * inner
      tensor.withPointer { x in
        for o in 0..<outer { (y + o * size * inner + start).update(from: x + o * width, count: width) }
      }
      start += width
    }
  }
  return y
}

/// Tensors of one shape laid side by side along a new axis.
///
/// - PyTorch: `torch.stack(tensors, axis)`.
public func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
  guard let shape = tensors.first?.shape else { trap("stack: nothing to join") }
  if let other = tensors.first(where: { $0.shape != shape }) {
    trap("stack: shapes differ: \(shape) and \(other.shape)")
  }
  let axis = resolve(axis: axis, rank: shape.count + 1, "stack")
  return concatenate(tensors.map { $0.expandingAxis(axis) }, axis: axis)
}
