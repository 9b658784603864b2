import Autograd
import Tensors

/// A transposed convolution layer: images become larger.
///
/// Parameters: `weight`, `[C, O/groups, KH, KW]`; `bias`, `[O]`. Both begin as numbers drawn evenly from
/// `±1/√(O/groups · KH · KW)`.
///
/// - Shape: `[N, C, H, W]` → `[N, O, OH, OW]`; see `convTranspose2d`.
/// - PyTorch: `torch.nn.ConvTranspose2d`.
/// - Book: chapter 2.
public final class ConvTranspose2d: Module, Layer {
  public let weight: Parameter
  public let bias: Parameter?
  public let stride: Size2d
  public let padding: Size2d
  public let outputPadding: Size2d
  public let dilation: Size2d
  public let groups: Int

  public init(
    inChannels: Int, outChannels: Int, kernelSize: some Size2dConvertible, stride: some Size2dConvertible = 1,
    padding: some Size2dConvertible = 0, outputPadding: some Size2dConvertible = 0,
    dilation: some Size2dConvertible = 1, groups: Int = 1, bias: Bool = true
  ) {
    if groups < 1 || inChannels % groups != 0 || outChannels % groups != 0 {
      trap("ConvTranspose2d: \(inChannels) and \(outChannels) channels do not divide into \(groups) groups")
    }
    let kernel = kernelSize.asSize2d
    let shape = [inChannels, outChannels / groups, kernel.height, kernel.width]
    let fanIn = shape[1...].reduce(1, *)
    weight = Parameter(Initial.uniformByFanIn(shape: shape, fanIn: fanIn))
    self.bias = bias ? Parameter(Initial.uniformByFanIn(shape: [outChannels], fanIn: fanIn)) : nil
    self.stride = stride.asSize2d
    self.padding = padding.asSize2d
    self.outputPadding = outputPadding.asSize2d
    self.dilation = dilation.asSize2d
    self.groups = groups
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    convTranspose2d(
      x, weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation,
      groups: groups)
  }
}
