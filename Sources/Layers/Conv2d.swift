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
  /// The filters, `[O, C/groups, KH, KW]`.
  public let weight: Parameter
  /// What is added to each output map, `[O]`; nil for nothing.
  public let bias: Parameter?
  /// Steps from window to window.
  public let stride: Size2d
  /// Zeros added at either side.
  public let padding: Size2d
  /// The distance between neighbouring weights of a filter.
  public let dilation: Size2d
  /// Into how many parts the channels are split, each with filters of its own.
  public let groups: Int

  /// Wherever a size is wanted, a number stands for a square, and `Size2d(height, width)` for anything else.
  ///
  /// - Parameters:
  ///   - inChannels: C, the maps of an input. PyTorch: `in_channels`.
  ///   - outChannels: O, the number of filters, and so of maps that come out. PyTorch: `out_channels`.
  ///   - kernelSize: KH and KW, a filter's height and width. PyTorch: `kernel_size`.
  ///   - stride: Steps from window to window; 2 halves height and width.
  ///   - padding: Zeros added at either side; `(K − 1)/2` keeps height and width for odd K.
  ///   - dilation: The distance between neighbouring weights of a filter; 1 when they lie side by side.
  ///   - groups: Into how many parts the channels are split; it must divide C and O, or this traps. C groups give
  ///     each map filters of its own: a depthwise convolution.
  ///   - bias: Whether a number is added to each output map; pointless ahead of a batch norm, which takes it off
  ///     again.
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

  /// Slides the filters over the images. Traps when their channels are not `inChannels`, or they are smaller than a
  /// filter.
  public func callAsFunction(_ x: Variable) -> Variable {
    conv2d(x, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}
