import Autograd
import Tensors

/// Merges the axes from `axis` on into one.
///
/// - Shape: `[N, C, H, W]` → `[N, C·H·W]`
/// - PyTorch: `torch.nn.Flatten`.
/// - Book: chapter 4.
public final class Flatten: Module, Layer {
  /// The first axis that is merged.
  public let axis: Int

  /// - Parameter axis: The first axis that is merged; 1 leaves the batch alone. PyTorch: `start_dim`, the same
  ///   default.
  public init(from axis: Int = 1) { self.axis = axis }

  public func callAsFunction(_ x: Variable) -> Variable { x.flattened(from: axis) }
}
