import Tensors

/// The error function, `y = 2/√π ∫₀ˣ exp(−t²) dt`.
///
///     backward:  dx = dy · 2/√π · exp(−x²)
///
/// - PyTorch: `torch.erf`.
public func erf(_ x: Variable) -> Variable {
  let value = x.value
  return Variable(value.erf(), op: "erf", cost: .perResult(), inputs: [x]) { dy in
    [dy * (-(value * value)).exp() * 1.128_379_2]
  }
}
