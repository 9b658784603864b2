import Tensors

/// The rectifier with a small slope below 0: `y = x` for positive `x`, else `slope · x`.
///
///     backward:  dx = dy where x > 0, else slope · dy
///
/// - PyTorch: `torch.nn.functional.leaky_relu(x, negative_slope)`.
/// - Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.
/// - Book: chapter 4.
public func leakyReLU(_ x: Variable, slope: Float = 0.01) -> Variable {
  let value = x.value
  return Variable(value.leakyReLU(slope: slope), op: "leakyReLU", cost: .perResult(), inputs: [x]) { dy in
    [Tensor.leakyReLUBackward(dy: dy, x: value, slope: slope)]
  }
}
