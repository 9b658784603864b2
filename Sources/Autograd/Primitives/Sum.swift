import Tensors

extension Variable {
  /// The sum of all numbers, a single number `[]`.
  ///
  ///     backward:  dx = dy everywhere
  ///
  /// - PyTorch: `x.sum()`.
  public func sum() -> Variable {
    let old = shape
    return Variable(Tensor(value.sum()), op: "sum", cost: .perInput(), inputs: [self]) { dy in
      [Tensor(repeating: dy.scalar, shape: old)]
    }
  }

  /// The mean of all numbers, a single number `[]`.
  ///
  ///     backward:  dx = dy / n everywhere
  ///
  /// - PyTorch: `x.mean()`.
  public func mean() -> Variable {
    let (old, count) = (shape, Float(value.count))
    return Variable(Tensor(value.mean()), op: "mean", cost: .perInput(), inputs: [self]) { dy in
      [Tensor(repeating: dy.scalar / count, shape: old)]
    }
  }

  /// The sum over some axes.
  ///
  ///     backward:  dx = dy, the same along those axes
  ///
  /// - PyTorch: `x.sum(axes, keepdim)`.
  public func sum(axes: [Int], keepingAxes keep: Bool = false) -> Variable {
    let old = shape
    let y = value.sum(axes: axes, keepingAxes: keep)
    let kept = keptShape(without: axes)
    return Variable(y, op: "sum", cost: .perInput(), inputs: [self]) { dy in
      [dy.reshaped(kept).broadcast(to: old)]
    }
  }

  /// The mean over some axes.
  ///
  ///     backward:  dx = dy / n, the same along those axes
  ///
  /// - PyTorch: `x.mean(axes, keepdim)`.
  public func mean(axes: [Int], keepingAxes keep: Bool = false) -> Variable {
    let old = shape
    let y = value.mean(axes: axes, keepingAxes: keep)
    let kept = keptShape(without: axes)
    let share = Float(kept.reduce(1, *)) / Float(value.count)
    return Variable(y, op: "mean", cost: .perInput(), inputs: [self]) { dy in
      [(dy * share).reshaped(kept).broadcast(to: old)]
    }
  }

  /// The sum along `axis`. PyTorch: `x.sum(axis, keepdim)`.
  public func sum(axis: Int, keepingAxis keep: Bool = false) -> Variable {
    sum(axes: [axis], keepingAxes: keep)
  }

  /// The mean along `axis`. PyTorch: `x.mean(axis, keepdim)`.
  public func mean(axis: Int, keepingAxis keep: Bool = false) -> Variable {
    mean(axes: [axis], keepingAxes: keep)
  }

  /// The shape with the given axes at size 1.
  private func keptShape(without axes: [Int]) -> [Int] {
    var kept = shape
    for axis in axes {
      let place = resolve(axis: axis, rank: rank, "sum")
      // A single number has no axis to put a 1 at.
      if !kept.isEmpty { kept[place] = 1 }
    }
    return kept
  }
}
