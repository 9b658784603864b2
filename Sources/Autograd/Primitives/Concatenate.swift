import Tensors

/// Variables joined along an axis; they may differ in size along it alone.
///
///     backward:  each gets its own part of dy
///
/// - PyTorch: `torch.cat(variables, axis)`.
public func concatenate(_ variables: [Variable], axis: Int = 0) -> Variable {
  let y = concatenate(variables.map(\.value), axis: axis)
  let place = resolve(axis: axis, rank: y.rank, "concatenate")
  let sizes = variables.map { $0.shape[place] }
  return Variable(y, op: "concatenate", cost: .free, inputs: variables) { dy in
    dy.split(sizes: sizes, axis: place)
  }
}
