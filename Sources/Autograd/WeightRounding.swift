import Tensors

/// What is done to a weight, and to what it is multiplied with, before they meet: see `Parameter.rounding`.
///
/// `linear`, `conv2d` and the recurrent layers ask it, so a network's own code stays as it is. Of a recurrent layer, it
/// sees the input, not the states.
///
/// - PyTorch: observers and fake-quantize modules of `torch.ao.quantization`.
/// - Book: section 12.6.
public protocol WeightRounding: AnyObject {
  /// What the layer is to use in place of its input `x`.
  func input(_ x: Variable) -> Variable
  /// What the layer is to use in place of its weight.
  func weight(_ weight: Variable) -> Variable
}

/// The input and the weight of a layer, as the weight's rounding wants them.
func rounded(_ x: Variable, _ weight: Variable) -> (Variable, Variable) {
  guard let rounding = (weight as? Parameter)?.rounding else { return (x, weight) }
  return (rounding.input(x), rounding.weight(weight))
}
