import Autograd
import Tensors

/// The largest number of each window; see `maxPool2d`.
///
/// - Shape: `[N, C, H, W]` → `[N, C, OH, OW]`
/// - PyTorch: `torch.nn.MaxPool2d`.
/// - Book: chapter 3.
public final class MaxPool2d: Module, Layer {
  public let kernelSize: Size2d
  public let stride: Size2d
  public let padding: Size2d
  public let dilation: Size2d
  public let ceilMode: Bool

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
  public let kernelSize: Size2d
  public let stride: Size2d
  public let padding: Size2d
  public let ceilMode: Bool
  public let includesPadding: Bool

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
  public let outputSize: Size2d

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
