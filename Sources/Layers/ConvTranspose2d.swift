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
  /// The filters, `[C, O/groups, KH, KW]`: the input's channels come first, other than in `Conv2d`.
  public let weight: Parameter
  /// What is added to each output map, `[O]`; nil for nothing.
  public let bias: Parameter?
  /// How far apart neighbouring pixels of the input paint.
  public let stride: Size2d
  /// Rows and columns taken off at either side of the result.
  public let padding: Size2d
  /// Rows and columns added at the end of the result.
  public let outputPadding: Size2d
  /// The distance between neighbouring weights of a filter.
  public let dilation: Size2d
  /// Into how many parts the channels are split, each with filters of its own.
  public let groups: Int

  /// - Parameters:
  ///   - inChannels: C. PyTorch: `in_channels`.
  ///   - outChannels: O. PyTorch: `out_channels`.
  ///   - kernelSize: A filter's height and width. PyTorch: `kernel_size`.
  ///   - stride: How far apart neighbouring pixels of the input paint: 2 doubles height and width.
  ///   - padding: Rows and columns taken off at either side of the result: the padding of the convolution that this
  ///     is the transpose of.
  ///   - outputPadding: Rows and columns added at the end, less than the stride. A convolution with a stride makes
  ///     the same of several sizes; this chooses the one to go back to. PyTorch: `output_padding`.
  ///   - dilation: The distance between neighbouring weights of a filter.
  ///   - groups: Into how many parts the channels are split; it must divide C and O, or this traps.
  ///   - bias: Whether a number is added to each output map.
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

  /// Paints a filter for each pixel of the images. Traps when their channels are not `inChannels`.
  public func callAsFunction(_ x: Variable) -> Variable {
    convTranspose2d(
      x, weight, bias: bias, stride: stride, padding: padding, outputPadding: outputPadding,
      dilation: dilation,
      groups: groups)
  }
}
