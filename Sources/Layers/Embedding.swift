import Autograd
import Tensors

/// A table of vectors, one for each id: words become vectors that are learned.
///
/// Parameters: `weight`, `[V, D]`, drawn from the normal distribution; the padding row, if there is one, begins at 0
/// and stays there.
///
/// - Shape: ids `[…]` → `[…, D]`
/// - PyTorch: `torch.nn.Embedding`.
/// - Book: chapter 8.
public final class Embedding: Module {
  public let weight: Parameter
  public let paddingIndex: Int?

  public init(count: Int, dimension: Int, paddingIndex: Int? = nil) {
    if let paddingIndex, paddingIndex < 0 || paddingIndex >= count {
      trap("Embedding: padding index \(paddingIndex) is not in a table of \(count)")
    }
    var table = Initial.normal(shape: [count, dimension])
    if let row = paddingIndex {
      for i in 0..<dimension { table[row, i] = 0 }
    }
    weight = Parameter(table)
    self.paddingIndex = paddingIndex
  }

  public func callAsFunction(_ ids: IntTensor) -> Variable {
    embedding(ids, weight, paddingIndex: paddingIndex)
  }
}
