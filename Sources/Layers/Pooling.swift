import Autograd
import Tensors

/// The largest number of each window; see `maxPool2d`.
///
/// - Shape: `[N, C, H, W]` → `[N, C, OH, OW]`
/// - PyTorch: `torch.nn.MaxPool2d`.
/// - Book: chapter 3.
public final class MaxPool2d: Module, Layer {
  /// The window.
  public let kernelSize: Size2d
  /// Steps from window to window.
  public let stride: Size2d
  /// Places added at either side, which never win.
  public let padding: Size2d
  /// The distance between neighbouring places of a window.
  public let dilation: Size2d
  /// Whether a last, partial window is added.
  public let ceilMode: Bool

  /// - Parameters:
  ///   - kernelSize: The window; a number stands for a square. PyTorch: `kernel_size`.
  ///   - stride: Steps from window to window; the window's size when nil, so that windows lie side by side.
  ///   - padding: Places added at either side, at most half a window; they never win.
  ///   - dilation: The distance between neighbouring places of a window.
  ///   - ceilMode: Whether a last, partial window is added, where the windows do not fill the image. PyTorch:
  ///     `ceil_mode`.
  public init(
    kernelSize: some Size2dConvertible, stride: (any Size2dConvertible)? = nil,
    padding: some Size2dConvertible = 0,
    dilation: some Size2dConvertible = 1, ceilMode: Bool = false
  ) {
    self.kernelSize = kernelSize.asSize2d
    self.stride = stride?.asSize2d ?? kernelSize.asSize2d
    self.padding = padding.asSize2d
    self.dilation = dilation.asSize2d
    self.ceilMode = ceilMode
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    maxPool2d(
      x, kernelSize: kernelSize, stride: stride, padding: padding, dilation: dilation, ceilMode: ceilMode)
  }
}

/// The mean of each window; see `avgPool2d`.
///
/// - Shape: `[N, C, H, W]` → `[N, C, OH, OW]`
/// - PyTorch: `torch.nn.AvgPool2d`; `includesPadding` is `count_include_pad`.
/// - Book: chapter 3.
public final class AvgPool2d: Module, Layer {
  /// The window.
  public let kernelSize: Size2d
  /// Steps from window to window.
  public let stride: Size2d
  /// Zeros added at either side.
  public let padding: Size2d
  /// Whether a last, partial window is added.
  public let ceilMode: Bool
  /// Whether padded zeros count in the mean.
  public let includesPadding: Bool

  /// - Parameters:
  ///   - kernelSize: The window; a number stands for a square. PyTorch: `kernel_size`.
  ///   - stride: Steps from window to window; the window's size when nil, so that windows lie side by side.
  ///   - padding: Zeros added at either side, at most half a window.
  ///   - ceilMode: Whether a last, partial window is added, where the windows do not fill the image. PyTorch:
  ///     `ceil_mode`.
  ///   - includesPadding: Whether padded zeros count in the mean: then maps become darker at the edge. PyTorch:
  ///     `count_include_pad`.
  public init(
    kernelSize: some Size2dConvertible, stride: (any Size2dConvertible)? = nil,
    padding: some Size2dConvertible = 0,
    ceilMode: Bool = false, includesPadding: Bool = true
  ) {
    self.kernelSize = kernelSize.asSize2d
    self.stride = stride?.asSize2d ?? kernelSize.asSize2d
    self.padding = padding.asSize2d
    self.ceilMode = ceilMode
    self.includesPadding = includesPadding
  }

  public func callAsFunction(_ x: Variable) -> Variable {
    avgPool2d(
      x, kernelSize: kernelSize, stride: stride, padding: padding, ceilMode: ceilMode,
      includesPadding: includesPadding)
  }
}

/// The mean of windows that share the image out over an output of the given size; see `adaptiveAvgPool2d`.
///
/// - Shape: `[N, C, H, W]` → `[N, C, OH, OW]`
/// - PyTorch: `torch.nn.AdaptiveAvgPool2d`.
/// - Book: chapter 3.
public final class AdaptiveAvgPool2d: Module, Layer {
  /// Height and width of the result.
  public let outputSize: Size2d

  /// - Parameter outputSize: Height and width of the result, whatever the image's are; a number stands for a square.
  ///   PyTorch: `output_size`, where `None` keeps a side as it is.
  public init(outputSize: some Size2dConvertible) { self.outputSize = outputSize.asSize2d }

  public func callAsFunction(_ x: Variable) -> Variable { adaptiveAvgPool2d(x, outputSize: outputSize) }
}

/// The mean of each feature map.
///
/// - Shape: `[N, C, H, W]` → `[N, C]`
/// - PyTorch: `torch.nn.AdaptiveAvgPool2d(1)` and `torch.nn.Flatten()`.
/// - Book: chapter 3.
public final class GlobalAvgPool2d: Module, Layer {
  public func callAsFunction(_ x: Variable) -> Variable { globalAvgPool2d(x) }
}
