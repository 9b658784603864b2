import Autograd
import Tensors

/// A convolution layer: a bank of filters that slide over images.
///
/// Parameters: `weight`, `[O, C/groups, KH, KW]`; `bias`, `[O]`. Both begin as numbers drawn evenly from
/// `±1/√(C/groups · KH · KW)`.
///
/// - Shape: `[N, C, H, W]` → `[N, O, OH, OW]`; see `ConvolutionGeometry`.
/// - PyTorch: `torch.nn.Conv2d`; padding by numbers only, and always with zeros.
/// - Book: chapter 2.
public final class Conv2d: Module, Layer {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: Size2d
  public let padding: Size2d
  public let dilation: Size2d
  public let groups: Int

  public init(
    inChannels: Int, outChannels: Int, kernelSize: some Size2dConvertible, stride: some Size2dConvertible = 1,
    padding: some Size2dConvertible = 0, dilation: some Size2dConvertible = 1, groups: Int = 1,
    bias: Bool = true
  ) {
    if groups < 1 || inChannels % groups != 0 || outChannels % groups != 0 {
      trap("Conv2d: \(inChannels) and \(outChannels) channels do not divide into \(groups) groups")
    }
    let kernel = kernelSize.asSize2d
    let shape = [outChannels, inChannels / groups, kernel.height, kernel.width]
    weight = Parameter(Initial.uniformByFanIn(shape: shape, fanIn: shape[1...].reduce(1, *)))
    self.bias =
      bias ? Parameter(Initial.uniformByFanIn(shape: [outChannels], fanIn: shape[1...].reduce(1, *))) : nil
    self.stride = stride.asSize2d
    self.padding = padding.asSize2d
    self.dilation = dilation.asSize2d
    self.groups = groups
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    conv2d(x, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}
