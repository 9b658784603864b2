import Autograd
import Tensors

/// A convolution layer over sequences.
///
/// Parameters: `weight`, `[O, C/groups, K]`; `bias`, `[O]`. Both begin as numbers drawn evenly from `±1/√(C/groups · K)`.
///
/// - Shape: `[N, C, L]` → `[N, O, OL]`
/// - PyTorch: `torch.nn.Conv1d`; padding by numbers only, and always with zeros.
/// - Book: chapter 2.
public final class Conv1d: Module, Layer {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: Int
  public let padding: Int
  public let dilation: Int
  public let groups: Int

  public init(
    inChannels: Int, outChannels: Int, kernelSize: Int, stride: Int = 1, padding: Int = 0, dilation: Int = 1,
    groups: Int = 1, bias: Bool = true
  ) {
    if groups < 1 || inChannels % groups != 0 || outChannels % groups != 0 {
      trap("Conv1d: \(inChannels) and \(outChannels) channels do not divide into \(groups) groups")
    }
    let shape = [outChannels, inChannels / groups, kernelSize]
    weight = Parameter(Initial.uniformByFanIn(shape: shape, fanIn: shape[1] * shape[2]))
    self.bias =
      bias ? Parameter(Initial.uniformByFanIn(shape: [outChannels], fanIn: shape[1] * shape[2])) : nil
    self.stride = stride
    self.padding = padding
    self.dilation = dilation
    self.groups = groups
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    conv1d(x, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}
