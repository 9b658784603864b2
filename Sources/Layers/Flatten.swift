import Autograd
import Tensors

/// Merges the axes from `axis` on into one.
///
/// - Shape: `[N, C, H, W]` → `[N, C·H·W]`
/// - PyTorch: `torch.nn.Flatten`.
/// - Book: chapter 4.
public final class Flatten: Module, Layer {
  public let axis: Int

  public init(from axis: Int = 1) { self.axis = axis }

  public func callAsFunction(_ x: Variable) -> Variable { x.flattened(from: axis) }
}
