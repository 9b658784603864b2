import Tensors

// Layers whose weight is kept in eight bits. Their gradients are those of the layer with its weight widened: the rounding
// of the input counts as if it were not there. The weight gets none.

/// `y = x Wᵀ + b` in whole numbers.
///
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

/// A convolution in whole numbers.
///
///     backward:  dx = Wᵀ dy, each window added back to where it came from;  db = Σ dy
func conv2d(
  _ x: Variable, _ weight: Variable, _ integers: IntegerWeight, bias: Variable?, _ g: ConvolutionGeometry
) -> Variable {
  let value = x.value
  let products = g.inChannels * g.kernel.height * g.kernel.width
  return Variable(
    integers.convolve(g, value, bias: bias?.value), op: "conv2d, int8",
    cost: .perResult(2 * products - (bias == nil ? 1 : 0)), inputs: [x, weight] + (bias.map { [$0] } ?? [])
  ) { dy in
    let d = convolveBackward(
      g, dy: dy, x: value, weight: integers.dequantized(), needsInput: true, needsWeight: false,
      needsBias: bias != nil)
    return [d.dx, nil] + (bias == nil ? [] : [d.db])
  }
}
