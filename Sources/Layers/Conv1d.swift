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
  /// The filters, `[O, C/groups, K]`.
  public let weight: Parameter
  /// What is added to each output channel, `[O]`; nil for nothing.
  public let bias: Parameter?
  /// Steps from window to window.
  public let stride: Int
  /// Zeros added at either end.
  public let padding: Int
  /// The distance between neighbouring weights of a filter.
  public let dilation: Int
  /// Into how many parts the channels are split, each with filters of its own.
  public let groups: Int

  /// - Parameters:
  ///   - inChannels: C. PyTorch: `in_channels`.
  ///   - outChannels: O, the number of filters. PyTorch: `out_channels`.
  ///   - kernelSize: K, the width of a filter. PyTorch: `kernel_size`.
  ///   - stride: Steps from window to window.
  ///   - padding: Zeros added at either end; `(K − 1)/2` keeps the length for odd K.
  ///   - dilation: The distance between neighbouring weights of a filter; 1 when they lie side by side.
  ///   - groups: Into how many parts the channels are split; it must divide C and O, or this traps. C groups give
  ///     each channel filters of its own.
  ///   - bias: Whether a number is added to each output channel.
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

  /// Slides the filters over `x`. Traps when its channels are not `inChannels`, or it is shorter than a filter.
  public func callAsFunction(_ x: Variable) -> Variable {
    conv1d(x, weight, bias: bias, stride: stride, padding: padding, dilation: dilation, groups: groups)
  }
}
