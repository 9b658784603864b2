// Single numbers by their place. Bounds are checked axis by axis, because an index that is one too large in a row
// would otherwise quietly read from the next row.

extension Tensor {
  /// The number at `i` of a vector.
  @inlinable
  public subscript(_ i: Int) -> Float {
    get {
      check(i)
      return withExtendedLifetime(storage) { storage.pointer[i] }
    }
    set {
      check(i)
      makeUnique()
      storage.pointer[i] = newValue
    }
  }

  /// The number at row `i`, column `j` of a matrix.
  @inlinable
  public subscript(_ i: Int, _ j: Int) -> Float {
    get {
      let offset = offset(i, j)
      return withExtendedLifetime(storage) { storage.pointer[offset] }
    }
    set {
      let offset = offset(i, j)
      makeUnique()
      storage.pointer[offset] = newValue
    }
  }

  /// The number at `[i, j, k]` of a tensor of rank 3, such as channel, row, column of one image.
  @inlinable
  public subscript(_ i: Int, _ j: Int, _ k: Int) -> Float {
    get {
      let offset = offset(i, j, k)
      return withExtendedLifetime(storage) { storage.pointer[offset] }
    }
    set {
      let offset = offset(i, j, k)
      makeUnique()
      storage.pointer[offset] = newValue
    }
  }

  /// The number at `[n, c, i, j]` of a tensor of rank 4: image, channel, row, column.
  @inlinable
  public subscript(_ n: Int, _ c: Int, _ i: Int, _ j: Int) -> Float {
    get {
      let offset = offset(n, c, i, j)
      return withExtendedLifetime(storage) { storage.pointer[offset] }
    }
    set {
      let offset = offset(n, c, i, j)
      makeUnique()
      storage.pointer[offset] = newValue
    }
  }

  @inlinable
  func check(_ i: Int) {
    if shape.count != 1 || i < 0 || i >= shape[0] { badIndex([i]) }
  }

  @inlinable
  func offset(_ i: Int, _ j: Int) -> Int {
    if shape.count != 2 || i < 0 || i >= shape[0] || j < 0 || j >= shape[1] { badIndex([i, j]) }
    return i &* shape[1] &+ j
  }

  @inlinable
  func offset(_ i: Int, _ j: Int, _ k: Int) -> Int {
    if shape.count != 3 || i < 0 || i >= shape[0] || j < 0 || j >= shape[1] || k < 0 || k >= shape[2] {
      badIndex([i, j, k])
    }
    return (i &* shape[1] &+ j) &* shape[2] &+ k
  }

  @inlinable
  func offset(_ n: Int, _ c: Int, _ i: Int, _ j: Int) -> Int {
    if shape.count != 4 || n < 0 || n >= shape[0] || c < 0 || c >= shape[1] || i < 0 || i >= shape[2] || j < 0
      || j >= shape[3]
    {
      badIndex([n, c, i, j])
    }
    return ((n &* shape[1] &+ c) &* shape[2] &+ i) &* shape[3] &+ j
  }

  @usableFromInline
  func badIndex(_ index: [Int]) -> Never {
    trap("subscript: index \(index) is out of range for shape \(shape)")
  }
}
