import Tensors

/// A linear layer whose weight is kept in eight bits. Its gradients are those of the layer with its weight widened: the
/// rounding of the input counts as if it were not there. The weight gets none.
///
///     y = x Wᵀ + b
///     backward:  dx = dy W,  db = Σ dy over all rows
func linear(_ x: Variable, _ weight: Variable, _ integers: IntegerWeight, bias: Variable?) -> Variable {
  let (shape, width, outputs) = (x.shape, integers.shape[1], integers.shape[0])
  let y = integers.product(x.value.reshaped([-1, width]), bias: bias?.value)
  return Variable(
    y.reshaped(shape.dropLast() + [outputs]), op: "linear, int8",
    cost: .perResult(2 * width - (bias == nil ? 1 : 0)), inputs: [x, weight] + (bias.map { [$0] } ?? [])
  ) { dy in
    let rows = dy.reshaped([-1, outputs])
    return [matmul(rows, integers.dequantized()).reshaped(shape), nil]
      + (bias == nil ? [] : [rows.sum(axis: 0)])
  }
}
