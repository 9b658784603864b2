import Engine

/// A ReLU whose way back lets positive gradients pass only: the trick of guided back-propagation. Its maps are sharp and
/// look convincing; section 9.5 shows that they hardly depend on what the network has learned.
///
///     y = max(x, 0)
///     backward:  dx = dy where x > 0 and dy > 0, else 0: no derivative of anything
///
/// - Source: Springenberg, Dosovitskiy, Brox, Riedmiller, "Striving for simplicity: the all convolutional net", ICLR
///   workshop 2015.
/// - Book: section 9.5.
public func guidedReLU(_ x: Variable) -> Variable {
  let y = x.value.relu()
  return Variable(y, op: "guidedReLU", inputs: [x]) { dy in
    let passes = Tensor(y .> 0) * Tensor(dy .> 0)
    return [dy * passes]
  }
}
