import Tensors

/// The mean of each window.
///
///     backward:  each place of a window gets an equal share of its dy
///
/// - Parameters:
///   - x: `[N, C, H, W]`
///   - kernelSize: The window.
///   - stride: From window to window; the kernel's size when nil.
///   - padding: Zeros around, at most half of the kernel.
///   - ceilMode: Whether a last, partial window is added.
///   - includesPadding: Whether padded zeros count in the mean.
///   - divisor: What the sums are divided by, instead of the windows' sizes.
/// - Returns: `[N, C, OH, OW]`
/// - PyTorch: `torch.nn.functional.avg_pool2d(…, count_include_pad, divisor_override)`.
/// - Book: chapter 3.
public func avgPool2d(
  _ x: Variable, kernelSize: some Size2dConvertible, stride: (any Size2dConvertible)? = nil,
  padding: some Size2dConvertible = 0, ceilMode: Bool = false, includesPadding: Bool = true,
  divisor: Int? = nil
) -> Variable {
  let geometry = PoolingGeometry(
    "avgPool2d", input: x.shape, kernel: kernelSize.asSize2d, stride: stride?.asSize2d,
    padding: padding.asSize2d,
    ceilMode: ceilMode)
  let windows = AverageWindows(geometry, includesPadding: includesPadding, divisor: divisor)
  return Variable(windows.forward(x.value), op: "avgPool2d", cost: .perInput(), inputs: [x]) { dy in
    [windows.backward(dy)]
  }
}

/// The mean of windows that share the image out over an output of the given size.
///
///     backward:  each place of a window gets an equal share of its dy
///
/// - Parameters:
///   - x: `[N, C, H, W]`
///   - outputSize: OH and OW; one number for both. 1 takes the mean of each channel.
/// - Returns: `[N, C, OH, OW]`
/// - PyTorch: `torch.nn.functional.adaptive_avg_pool2d`.
/// - Book: chapter 3.
public func adaptiveAvgPool2d(_ x: Variable, outputSize: some Size2dConvertible) -> Variable {
  let windows = AverageWindows(adaptingTo: outputSize.asSize2d, input: x.shape)
  return Variable(windows.forward(x.value), op: "adaptiveAvgPool2d", cost: .perInput(), inputs: [x]) { dy in
    [windows.backward(dy)]
  }
}
