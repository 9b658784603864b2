import Tensors

/// The mean of each feature map: `[N, C, H, W]` → `[N, C]`.
///
/// - PyTorch: `x.mean([2, 3])`; `adaptive_avg_pool2d(x, 1)` with its axes of size 1 taken off.
/// - Source: Lin, Chen, Yan, "Network in network", ICLR 2014.
/// - Book: chapter 3.
public func globalAvgPool2d(_ x: Variable) -> Variable {
  if x.rank != 4 { trap("globalAvgPool2d: an input [N, C, H, W] is needed: \(x.shape)") }
  return x.mean(axes: [2, 3])
}

/// The largest number of each feature map: `[N, C, H, W]` → `[N, C]`.
///
/// - PyTorch: `x.amax([2, 3])`, but the gradient goes to the first among equals.
/// - Book: chapter 3.
public func globalMaxPool2d(_ x: Variable) -> Variable {
  if x.rank != 4 { trap("globalMaxPool2d: an input [N, C, H, W] is needed: \(x.shape)") }
  return x.flattened(from: 2).maximum(axis: 2)
}
