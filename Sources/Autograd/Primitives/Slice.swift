import Tensors

extension Variable {
  /// The places `range` along `axis`.
  ///
  ///     backward:  dx = dy at those places, 0 elsewhere
  ///
  /// - PyTorch: `x.narrow(axis, start, length)`; `x[:, a:b]` for axis 1.
  public func sliced(_ range: Range<Int>, axis: Int) -> Variable {
    let old = shape
    let y = value.sliced(range, axis: axis)
    let place = resolve(axis: axis, rank: rank, "sliced")
    return Variable(y, op: "sliced", cost: .free, inputs: [self]) { dy in
      [dy.padded(to: old[place], at: range.lowerBound, axis: place)]
    }
  }

  /// The place `index` along `axis`, without that axis; negative places count from the end.
  ///
  ///     backward:  dx = dy at that place, 0 elsewhere
  ///
  /// - PyTorch: `x.select(axis, index)`; `x[:, -1]` for axis 1.
  public func selected(_ index: Int, axis: Int) -> Variable {
    let old = shape
    let y = value.selected(index, axis: axis)
    let place = resolve(axis: axis, rank: rank, "selected")
    return Variable(y, op: "selected", cost: .free, inputs: [self]) { dy in
      [
        dy.expandingAxis(place).padded(
          to: old[place], at: index < 0 ? index + old[place] : index, axis: place)
      ]
    }
  }
}
